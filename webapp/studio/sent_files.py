"""Files of results that marketers send: checked before anything is kept, kept until they are imported, then deleted.

They may hold addresses of recipients. What is imported of those is a digest of the row, and nothing else is kept.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path

from ml.conversions.campaign_import import read_campaign_table
from ml.datasets.csv_table import Table, decoded, parse_table
from ml.datasets.snapshot import SnapshotError
from webapp.settings import MEGABYTE, current_settings

MOST_BYTES = 64 * MEGABYTE
MOST_ROWS = 200_000
HEAD_LINES = 40
KEPT_FOR_S = 7 * 24 * 3600
_OTHER_FORMATS = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of an older Excel",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
}


class SentFileError(ValueError):
    """A file that is no table of results. The message says what to send instead."""


def read_head(content: bytes, name: str) -> tuple[Table, int]:
    """The first rows of a table, and how many lines it has; raises SentFileError where it is none."""
    _refuse_others(content, name)
    try:
        text = decoded(content, Path(name))
    except SnapshotError as error:
        raise SentFileError(_sentence(error)) from error
    if "\0" in text[:100_000]:
        raise SentFileError(f"{name} is no text: export your results as CSV and send that file.")
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines - 1 > MOST_ROWS:
        raise SentFileError(
            f"{name} has {lines - 1:,} rows, and at most {MOST_ROWS:,} are read at a time: "
            "split it and send the parts one after another."
        )
    head = "\n".join(text.split("\n", HEAD_LINES)[:HEAD_LINES])
    try:
        table = parse_table(head, Path(name))
    except SnapshotError as error:
        raise SentFileError(_sentence(error)) from error
    if not table.rows and not table.faults:
        raise SentFileError(f"{name} has a first line and no rows below it: send the file with its results.")
    if len(table.columns) < 2:
        raise SentFileError(
            f"{name} has only the column {table.columns[0][:60]!r}: separate columns by commas, semicolons or tabs."
        )
    return table, lines


def read_whole(sha256: str, name: str) -> Table:
    """All rows of a kept file; raises SentFileError where it is gone or no table."""
    try:
        return read_campaign_table(_place(sha256).read_bytes(), name)
    except FileNotFoundError as error:
        raise SentFileError(f"{name} is not kept any more: send it again.") from error
    except SnapshotError as error:
        raise SentFileError(_sentence(error)) from error


def read_kept_head(sha256: str, name: str) -> Table:
    """The first rows of a kept file; raises SentFileError where it is gone."""
    try:
        return read_head(_place(sha256).read_bytes(), name)[0]
    except FileNotFoundError as error:
        raise SentFileError(f"{name} is not kept any more: send it again.") from error


def keep(content: bytes) -> str:
    """Keep a file, readable by this site only; its SHA-256. Files that nobody imported for a week are deleted."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = _place(sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    _sweep(place.parent)
    draft = place.with_name(f".{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(place)
    return sha256


def forget(sha256: str) -> None:
    """Delete a kept file."""
    _place(sha256).unlink(missing_ok=True)


def is_kept(sha256: str) -> bool:
    """Whether a file is there still."""
    return _place(sha256).is_file()


def _place(sha256: str) -> Path:
    return current_settings().instance / "campaigns" / f"{sha256}.csv"


def _sweep(folder: Path) -> None:
    for file in folder.iterdir():
        if time.time() - file.stat().st_mtime > KEPT_FOR_S:
            file.unlink(missing_ok=True)


def _refuse_others(content: bytes, name: str) -> None:
    if not content.strip():
        raise SentFileError(f"{name} is empty: send the file with your results.")
    if len(content) > MOST_BYTES:
        raise SentFileError(
            f"{name} has over {MOST_BYTES // MEGABYTE} MB: split it and send the parts one after another."
        )
    for start, what in _OTHER_FORMATS.items():
        if content.startswith(start):
            raise SentFileError(f"{name} is {what}, not CSV: save or export the table as CSV and send that file.")


def _sentence(error: Exception) -> str:
    words = str(error)
    return words if words.endswith(".") else f"{words}."
