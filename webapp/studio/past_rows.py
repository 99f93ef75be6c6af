"""The campaign rows that a conversion model learned from, kept in its folder: what evidence is shown from.

past.npz    rows (like ones merged) and their pictures, as arrays; never a pickle
past.json   its SHA-256, and how many rows there were
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from ml.conversions.rows import CampaignRows, Pictures
from ml.serving.bundle import file_digest

ROWS_FILE, FACTS_FILE = "past.npz", "past.json"


class PastRowsError(ValueError):
    """Kept rows that are damaged. The message says what does not agree."""


def write_past(folder: Path, rows: CampaignRows) -> None:
    """Keep the rows in a model's folder, without the pictures that no row is about."""
    few, _ = rows.merged()
    used, place = np.unique(few.picture, return_inverse=True)
    columns = {field.name: getattr(few, field.name) for field in fields(CampaignRows) if field.name != "pictures"}
    pictures = {f"pictures_{field.name}": getattr(few.pictures, field.name)[used] for field in fields(Pictures)}
    np.savez(folder / ROWS_FILE, **(columns | {"picture": place.astype(np.int64)} | pictures))
    facts = {"sha256": file_digest(folder / ROWS_FILE), "rows": len(rows), "merged": len(few)}
    (folder / FACTS_FILE).write_text(json.dumps(facts) + "\n", encoding="utf-8")


def read_past(folder: Path) -> CampaignRows | None:
    """The rows kept in a model's folder; None where none were. Raises PastRowsError where they are damaged."""
    if not (folder / FACTS_FILE).exists():
        return None
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        if file_digest(folder / ROWS_FILE) != facts["sha256"]:
            raise PastRowsError(
                f"{folder}/{ROWS_FILE} is not the file that {FACTS_FILE} speaks of: its SHA-256 differs"
            )
        with np.load(folder / ROWS_FILE, allow_pickle=False) as kept:
            pictures = Pictures(**{field.name: kept[f"pictures_{field.name}"] for field in fields(Pictures)})
            names = [field.name for field in fields(CampaignRows) if field.name != "pictures"]
            return CampaignRows(pictures, **{name: kept[name] for name in names})
    except (OSError, KeyError, ValueError) as error:
        if isinstance(error, PastRowsError):
            raise
        raise PastRowsError(f"{folder}/{ROWS_FILE} cannot be read: {error}") from error
