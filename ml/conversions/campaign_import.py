"""A marketer's own results from a CSV file: good rows, bad rows by line and reason, and nothing twice.

A table with a column of recipients or delivered e-mails holds a send in each row; one without holds a recipient in
each. Every good row has a digest of what it says; of rows that say the same in one file (recipients with the same
fate), the second has another digest than the first, so that importing a file again, or a longer one, adds only what is
new.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ml.conversions.columns import FIELDS, check_mapping, proposed_mapping
from ml.conversions.contexts import CONTEXT_FIELDS, Context, code_of
from ml.conversions.numbers import NumberError, parse_cents, parse_count, parse_rate
from ml.conversions.rows import COUNTS, IMPORTED, UNKNOWN, CampaignRows, Pictures
from ml.conversions.targets import UnknownNameError
from ml.datasets.csv_table import RowFault, Table, TableRow, decoded, parse_table

TOLD_EVERY = 1000
_FORMULA = re.compile(r"(?<![\s\0\u200b\ufeff;|])[\s\0\u200b\ufeff;|]*+(?=[=+\-@＝＋－＠])")
"""The blanks and separators before what could begin a formula. Each run of them is looked at once, however long."""
NESTED = (
    *(("bounces", "recipients"), ("opens", "delivered"), ("clicks", "delivered"), ("carts", "delivered")),
    *(("abandoned_carts", "carts"), ("purchases", "delivered"), ("conversions", "delivered")),
    *(("unsubscribes", "delivered"), ("clicks", "opens")),
)
"""The first count of each pair cannot exceed the second, where both are known."""
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class ImportedRow:
    """A good row: its line, digest, picture and augment as written, context, and the counts that are known."""

    line: int
    digest: str
    picture: str
    augment: str
    context: Context
    counts: Mapping[str, int]
    campaign: str = ""
    sent_at: str = ""


@dataclass(frozen=True)
class CampaignImport:
    """What a table holds: good rows, bad ones by line, and how many good ones were imported before."""

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    rows: tuple[ImportedRow, ...]
    faults: tuple[RowFault, ...]
    known_before: int


def read_campaign_table(content: bytes, name: str) -> Table:
    """The table in a file's bytes; encoding and separator are found out.

    Raises ml.datasets.snapshot.SnapshotError, a ValueError with a sentence, where it is no table: empty, in no known
    encoding, with a column's name twice.
    """
    return parse_table(decoded(content, Path(name)), Path(name))


def import_campaigns(
    table: Table,
    pictures: Collection[str],
    usual: Context,
    *,
    mapping: Mapping[str, str] | None = None,
    known: Collection[str] = (),
    told: Told | None = None,
) -> CampaignImport:
    """Read a table by a mapping of fields to columns, the proposed one where none is given.

    `pictures` are the names that a row may give its picture, in lower case; `usual` is the context of rows that do not
    tell theirs; `known` the digests of rows that were imported before. `told` is called with rows done and rows in all;
    what it raises ends the import. Raises MappingError where the mapping cannot be read by.
    """
    chosen = dict(proposed_mapping(table.columns) if mapping is None else mapping)
    check_mapping(chosen, table.columns)
    rows, faults, repeats, before = [], list(table.faults), Counter[str](), 0
    for done, row in enumerate(table.rows):
        if told and done % TOLD_EVERY == 0:
            told(done, len(table.rows))
        try:
            imported = _row(row, chosen, pictures, usual)
        except (NumberError, UnknownNameError) as error:
            faults.append(RowFault(row.line, str(error)))
            continue
        repeats[imported.digest] += 1
        imported = replace(imported, digest=_digest(imported.digest, repeats[imported.digest]))
        if imported.digest in known:
            before += 1
        else:
            rows.append(imported)
    faults.sort(key=lambda fault: fault.line)
    return CampaignImport(table.columns, chosen, tuple(rows), tuple(faults), before)


def campaign_rows(
    rows: Sequence[ImportedRow], pictures: Pictures, place_of: Callable[[ImportedRow], int | None]
) -> CampaignRows:
    """Imported rows as a table over `pictures`; rows whose picture `place_of` does not find there are left out."""
    placed = [(row, place) for row in rows if (place := place_of(row)) is not None]
    codes = np.array([row.context.codes() for row, _ in placed], np.int64).reshape(-1, len(CONTEXT_FIELDS))
    counts = [[row.counts.get(name, UNKNOWN) for name in COUNTS] for row, _ in placed]
    return CampaignRows(
        pictures,
        picture=np.array([place for _, place in placed], np.int64),
        campaign_type=codes[:, 0],
        industry=codes[:, 1],
        sneaker_type=codes[:, 2],
        counts=np.array(counts, np.int64).reshape(-1, len(COUNTS)),
        provenance=np.full(len(placed), IMPORTED, np.int64),
    )


def neutralised(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before =, +, -, @, whatever blanks precede them.

    After OWASP's advice on CSV injection. The same behind a semicolon, a tab or a line's end inside of the cell, where
    spreadsheets of some countries begin the next one. Numbers stay as they are.
    """
    return cell if _is_number(cell) else _FORMULA.sub(_with_apostrophes, cell)


def _with_apostrophes(found: re.Match[str]) -> str:
    """The blanks before a formula with an apostrophe wherever a cell begins among them."""
    before = found[0]
    start = max(before.rfind(";"), before.rfind("|")) + 1
    begins = "'" if start or not found.start() else ""
    return before[:start] + begins + re.sub(r"[\t\r\n]", r"\g<0>'", before[start:])


def _row(row: TableRow, mapping: Mapping[str, str], pictures: Collection[str], usual: Context) -> ImportedRow:
    cells = {field: row.values[column].strip() for field, column in mapping.items()}
    picture = cells["picture"].lower()
    if not picture:
        raise NumberError("it names no picture")
    if picture not in pictures:
        raise NumberError(f"there is no picture {cells['picture']!r}: write it as the catalogue does")
    counts = _counts({field: cell for field, cell in cells.items() if cell and FIELDS[field].kind in _PARSERS})
    said = "\n".join(f"{field}={cells[field]}" for field in sorted(cells))
    return ImportedRow(
        line=row.line,
        digest=_digest(said, 0),
        picture=picture,
        augment=cells.get("augment", "").lower() or "original",
        context=_context(cells, usual),
        counts=counts,
        campaign=cells.get("campaign", ""),
        sent_at=cells.get("sent_at", ""),
    )


_PARSERS: Mapping[str, Callable[[str], int | float]] = {
    "count": parse_count,
    "rate": parse_rate,
    "money": parse_cents,
}


def _counts(cells: Mapping[str, str]) -> dict[str, int]:
    """The counts of a row, rates among them turned into counts. Raises NumberError where they contradict each other."""
    parsed: dict[str, int | float] = {}
    for name, cell in cells.items():
        try:
            parsed[name] = _PARSERS[FIELDS[name].kind](cell)
        except NumberError as error:
            raise NumberError(f"{FIELDS[name].title}: {error}") from None
    counts = {name: int(number) for name, number in parsed.items() if FIELDS[name].kind != "rate"}
    if "recipients" not in counts:
        counts["recipients"] = counts["delivered"] + counts.get("bounces", 0) if "delivered" in counts else 1
    if "delivered" in counts and "bounces" not in counts:
        counts["bounces"] = counts["recipients"] - counts["delivered"]
    if counts["recipients"] < 1:
        raise NumberError("it has no recipients")
    # Bounces first, which tell how many were delivered, and opens before what is a share of them.
    for name in sorted((name for name in parsed if FIELDS[name].kind == "rate"), key=_order_of_rates):
        field = FIELDS[name]
        among = _among(counts, field.among)
        if field.of not in counts and among is not None:
            counts[field.of] = round(float(parsed[name]) * among)
    _refuse_contradictions(counts)
    return {name: count for name, count in counts.items() if name in COUNTS}


def _order_of_rates(name: str) -> int:
    return ("bounce_rate", "open_rate").index(name) if name in ("bounce_rate", "open_rate") else 2


def _among(counts: Mapping[str, int], name: str) -> int | None:
    if name == "delivered":
        return counts.get("delivered", counts["recipients"] - counts.get("bounces", 0))
    return counts.get(name)


def _refuse_contradictions(counts: Mapping[str, int]) -> None:
    for name, number in counts.items():
        if number < 0:
            raise NumberError(f"{FIELDS[name].title}: {number} is negative")
    for less, more in NESTED:
        limit = _among(counts, more)
        if less in counts and limit is not None and counts[less] > limit:
            titles = FIELDS[less].title.lower(), FIELDS[more].title.lower()
            raise NumberError(
                f"{counts[less]} {titles[0]} of {limit} {titles[1]}: a rate over 1, count each e-mail once"
            )


def _context(cells: Mapping[str, str], usual: Context) -> Context:
    told = {name: CONTEXT_FIELDS[name][code_of(name, cells[name])] for name in CONTEXT_FIELDS if cells.get(name)}
    return replace(usual, **told)


def _digest(said: str, repeat: int) -> str:
    return hashlib.sha256(f"{repeat}\n{said}".encode()).hexdigest()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
