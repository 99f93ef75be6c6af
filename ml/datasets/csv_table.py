"""Tables from shops and notebooks as they really are: odd encodings, other separators, commas that nobody quoted.

Every row keeps its line number, so that a bad one can be named; bad rows never stop a table with good ones.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ml.datasets.snapshot import SnapshotError

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
SEPARATORS = ",;\t"
LINES_OF_A_ROW = 20
"""A row over more lines than this is a quotation mark that was never closed, not a long text."""


@dataclass(frozen=True)
class TableRow:
    """One row: the line of the file that it begins in, and its values by column."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class RowFault:
    """Why the row that begins in a line was mended or left out."""

    line: int
    reason: str


@dataclass(frozen=True)
class Table:
    """The good rows of a CSV file, and what was wrong with those that were mended or left out."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    faults: tuple[RowFault, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence about each fault."""
        return tuple(f"{self.file.name} line {fault.line}: {fault.reason}" for fault in self.faults)


def normalised(column: str) -> str:
    """A column's name without case, spaces and marks: "Style ID", "style_id" and "styleId" are one."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def column_named(columns: Collection[str], *names: str) -> str | None:
    """The column that the first of these names fits, or None."""
    found = {normalised(column): column for column in columns}
    return next((found[normalised(name)] for name in names if normalised(name) in found), None)


def read_table(file: Path, *, free_text: Collection[str] = ()) -> Table:
    """Read a CSV file with a header line; encoding and separator are found out.

    A row with too many fields is mended where the last column is free text (one of `free_text`): the commas were part
    of it. Other rows of a wrong length are left out. Raises SnapshotError where the file cannot be read as a table.
    """
    return parse_table(read_text(file), file, free_text=free_text)


def parse_table(text: str, file: Path, *, free_text: Collection[str] = ()) -> Table:
    """What read_table does with a file's text; `file` is only named."""
    header, _, _ = text.partition("\n")
    separator = max(SEPARATORS, key=header.count)
    lines = _lines(file, text, separator)
    try:
        columns = tuple(name.strip() for name in next(lines)[1])
    except StopIteration:
        raise SnapshotError(f"{file} is empty: its first line must name the columns") from None
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if doubled:
        raise SnapshotError(f"{file} has more than one column {', '.join(map(repr, doubled))}: give each its own name")
    last_is_text = normalised(columns[-1]) in {normalised(name) for name in free_text}
    rows, faults = [], []
    for line, fields in lines:
        if not any(field.strip() for field in fields):
            continue
        values, problem = _fit(fields, columns, separator if last_is_text else "")
        if problem:
            faults.append(RowFault(line, problem))
        if values:
            rows.append(TableRow(line, dict(zip(columns, values, strict=True))))
    return Table(file, columns, tuple(rows), tuple(faults))


def read_text(file: Path) -> str:
    """A text in UTF-8 (with or without mark), UTF-16 or Windows' cp1252, its line ends as "\\n".

    Raises SnapshotError where it is in none of them.
    """
    return decoded(file.read_bytes(), file)


def decoded(content: bytes, file: Path) -> str:
    """What read_text does with a file's bytes; `file` is only named."""
    try:
        return content.decode(_encoding(content)).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise SnapshotError(
            f"{file} is neither UTF-8, UTF-16 nor cp1252 (byte {error.start}): save it as UTF-8"
        ) from error


def _encoding(content: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    start = content[:1000]
    if b"\0" in start:
        # Latin letters in UTF-16 have a zero byte each: before the letter in big-endian order, behind it in the other.
        return "utf-16-be" if start[::2].count(0) > start[1::2].count(0) else "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _lines(file: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the lines that they begin in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begin = 1
    try:
        for fields in reader:
            if reader.line_num - begin > LINES_OF_A_ROW:
                raise SnapshotError(f'{file} line {begin} opens a quotation mark (") that is not closed: close it')
            yield begin, fields
            begin = reader.line_num + 1
    except csv.Error as error:
        raise SnapshotError(f"{file} line {begin} cannot be read as a table row: {error}") from error


def _fit(fields: list[str], columns: tuple[str, ...], separator: str) -> tuple[list[str], str]:
    """The values of a row, none where it is of no use, and what was wrong with it; `separator` may join the tail."""
    expected, found = len(columns), len(fields)
    problem = ""
    if found > expected and not any(field.strip() for field in fields[expected:]):
        fields = fields[:expected]
    elif found > expected and separator:
        fields = [*fields[: expected - 1], separator.join(fields[expected - 1 :])]
        problem = f"{found} fields instead of {expected}; the surplus was taken as part of {columns[-1]}"
    elif found != expected:
        return [], f"left out: {found} fields instead of {expected}"
    return [field.strip() for field in fields], problem
