"""All that a site keeps, in one value: whoever says that nothing has changed compares two of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from webapp.database import db

NOT_KEPT = {"api_tokens": {"last_used_at"}}
"""Columns that tell of the asking itself."""


def everything(app: Flask) -> dict[str, str]:
    """A digest of each table, of the published bundles' history, and of the names of all pictures."""
    settings = app.extensions["settings"]
    with app.app_context():
        kept = {}
        for table in db.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in NOT_KEPT.get(table.name, ())]
            rows = sorted(str(tuple(row)) for row in db.session.execute(select(*columns)))
            kept[table.name] = _digest("\n".join(rows))
        db.session.rollback()
    history = settings.bundles_folder / "history.jsonl"
    kept["history of bundles"] = history.read_text() if history.is_file() else ""
    kept["pictures"] = _digest("\n".join(sorted(_files(settings.instance / "images"))))
    return kept


def _files(folder: Path) -> list[str]:
    return [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()] if folder.is_dir() else []


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
