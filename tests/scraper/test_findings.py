"""The table of what was promised: each benchmark replaces its own rows; its exit status says what is not reached."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import scraper_table
from benchmarks.results_page import RESULTS
from benchmarks.scraper_table import Finding, report, write_findings

KILLS = Finding("kills", "30 kills", "the same files", True)
PACE = Finding("pace", "250 ms", "never quicker", True)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "results.md"
    page.write_text("before\n<!-- scrapers: begin -->\n\nNot measured yet.\n\n<!-- scrapers: end -->\nafter\n")
    return page


def rows(page: Path) -> list[str]:
    return [line for line in page.read_text().splitlines() if line.startswith("|")][2:]


def test_a_benchmark_replaces_its_own_rows_only(page: Path) -> None:
    write_findings([KILLS, PACE], page)
    write_findings([Finding("kills", "31 kills", "the same files", False)], page)
    assert rows(page) == ["| kills | 31 kills | the same files | NO |", "| pace | 250 ms | never quicker | yes |"]
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert text.count("Last measured on") == 1
    assert "Not measured yet" not in text


def test_the_page_has_a_place_for_it() -> None:
    assert "<!-- scrapers: begin -->" in RESULTS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("found", "status"), [([KILLS, PACE], 0), ([KILLS, Finding("pace", "2 ms", "250 ms", False)], 1), ([], 1)]
)
def test_what_is_not_reached_is_an_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: Path, found: list[Finding], status: int
) -> None:
    written: list[Finding] = []
    monkeypatch.setattr(scraper_table, "write_findings", written.extend)
    for arguments in ([], ["--write"]):
        monkeypatch.setattr("sys.argv", ["measure", *arguments])
        assert report(argparse.ArgumentParser(), lambda _: _each(found)) == status
        assert bool(written) == bool(arguments and found)
    assert "what" in capsys.readouterr().out


def _each(found: list[Finding]) -> Iterator[Finding]:
    yield from found
