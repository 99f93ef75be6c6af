"""The rows that a benchmark gives, and the table that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measurement beside the plain way. `reached` is None where nothing was asked."""

    what: str
    plain: str
    ours: str
    ratio: str
    asked: str
    reached: bool | None


def print_table(rows: Iterable[Row], title: str) -> None:
    """Print the rows as the table of the README and docs/results.md."""
    table = Table(title=title, title_justify="left", show_lines=False)
    for heading in ("", "plain way, same run", "ours", "ratio", "asked", "reached"):
        table.add_column(heading)
    for row in rows:
        verdict = {True: "yes", False: "NO", None: ""}[row.reached]
        table.add_row(row.what, row.plain, row.ours, row.ratio, row.asked, verdict)
    Console(width=150).print(table)
