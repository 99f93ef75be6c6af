"""What marketers send with the campaigns' pages: a file, and what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Request
from werkzeug.datastructures import MultiDict

from ml.conversions.columns import FIELDS, MappingError

FILE_FIELD = "results"


def sent_file(sent: Request) -> tuple[str, bytes]:
    """The name and the bytes of the file; raises ValueError with a sentence where there is none."""
    part = sent.files.get(FILE_FIELD)
    if part is None or not part.filename:
        raise ValueError("There was no file. Choose the CSV file with your results.")
    name = part.filename.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[-120:] or "results.csv", part.stream.read()


def chosen_mapping(form: MultiDict[str, str], columns: Sequence[str]) -> dict[str, str]:
    """Field -> column, from one choice for each column (`column-0` and so on). Raises MappingError."""
    mapping: dict[str, str] = {}
    for place, column in enumerate(columns):
        name = form.get(f"column-{place}", "")
        if not name:
            continue
        if name not in FIELDS:
            raise MappingError(f"there is no field {name!r}: choose one of the list")
        if name in mapping:
            title = FIELDS[name].title
            raise MappingError(f"{mapping[name]!r} and {column!r} are both chosen for {title}: keep one of them")
        mapping[name] = column
    return mapping


def chosen_usual(form: MultiDict[str, str]) -> dict[str, str]:
    """The context of rows that do not tell theirs."""
    return {name: form.get(name, "") for name in ("campaign_type", "industry")}
