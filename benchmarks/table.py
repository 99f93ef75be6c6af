"""The rows that a benchmark gives, and the table that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the table, by HEADINGS."""
        verdict = {True: "yes", False: "NO", None: ""}[self.reached]
        return (self.what, self.plain, self.ours, self.ratio, self.asked, verdict)


HEADINGS = ("", "plain way, same run", "ours", "ratio", "asked", "reached")


def print_table(rows: Iterable[Row], title: str) -> None:
    """Print the rows on the terminal."""
    table = Table(title=title, title_justify="left", show_lines=False)
    for heading in HEADINGS:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row.cells)
    Console(width=150).print(table)


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Headings and rows of cells as a table for a page."""
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
