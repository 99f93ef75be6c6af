"""The table of what was promised of the scrapers. Each of their benchmarks prints its rows, and can put them on a page.

On the page it is one table: a benchmark replaces its own rows there and leaves those of the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.results_page import RESULTS, fill, when_and_where
from benchmarks.table import Row, markdown

SECTION = "scrapers"
HEADINGS = ("what", "measured", "asked", "reached")


@dataclass(frozen=True)
class Finding:
    """One promise, and what was measured of it. `what` names the row, so it holds no numbers that differ by run."""

    what: str
    measured: str
    asked: str
    reached: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the table, by HEADINGS."""
        return (self.what, self.measured, self.asked, "yes" if self.reached else "NO")

    def as_row(self) -> Row:
        """The same as a row of `make bench`."""
        what, measured, asked, reached = astuple(self)
        return Row(what, "", measured, "", asked, reached)


def report(parser: argparse.ArgumentParser, measure: Callable[[argparse.Namespace], Iterable[Finding]]) -> int:
    """Measure, print the table, and write it where that is asked for; 1 where something is not reached."""
    parser.add_argument("--write", action="store_true", help="put the rows into docs/results.md too")
    asked = parser.parse_args()
    findings = list(measure(asked))
    print_findings(findings, when_and_where())
    if asked.write:
        write_findings(findings)
    return int(not findings or not all(finding.reached for finding in findings))


def print_findings(findings: Iterable[Finding], title: str) -> None:
    """Print the table on the terminal."""
    table = Table(*HEADINGS, title=title, title_justify="left", show_lines=True)
    for finding in findings:
        table.add_row(*finding.cells)
    Console(width=150).print(table)


def write_findings(findings: Sequence[Finding], page: Path = RESULTS) -> None:
    """Put the rows into their table on the results page; those of the same name are replaced."""
    rows = {cells[0]: cells for cells in _rows_of(page)} | {finding.what: finding.cells for finding in findings}
    fill(SECTION, f"{markdown(HEADINGS, rows.values())}\n\nLast measured on {when_and_where()}.", page)


def _rows_of(page: Path) -> list[tuple[str, ...]]:
    """The rows that the page has already."""
    section = page.read_text(encoding="utf-8").partition(f"<!-- {SECTION}: begin -->")[2]
    lines = section.partition(f"<!-- {SECTION}: end -->")[0].splitlines()
    cells = [tuple(line.strip("| ").split(" | ")) for line in lines if line.startswith("| ")]
    return [row for row in cells if len(row) == len(HEADINGS) and row != HEADINGS and row[0] != "---"]
