"""docs/results.md: each command fills the part between its own two marks and leaves the rest alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.servers import ROOT
from ml.training.machine import describe_machine

RESULTS = ROOT / "docs" / "results.md"


def when_and_where() -> str:
    """The date, and the machine that the numbers were measured on."""
    machine = describe_machine()
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine['processor']}, {machine['cores']} cores, Python {machine['python']}"


def fill(command: str, text: str, page: Path = RESULTS) -> None:
    """Put `text` between the marks of `command`; raises ValueError where the page has none."""
    begin, end = f"<!-- {command}: begin -->", f"<!-- {command}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page} has no marks {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")
