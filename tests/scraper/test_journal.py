"""The journal: what it keeps, for how long, and who may write in it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from scraper.journal import Entry, Journal, JournalError

PAGE = Entry(0, 200, "http://shop/1", "text/html", '"v1"', "", "")


def age(folder: Path, seconds: float) -> None:
    """Let the runs in `folder` have begun so long ago."""
    with sqlite3.connect(folder / "journal.sqlite") as index:
        index.execute("UPDATE runs SET started_at = ?", (time.time() - seconds,))
    index.close()


def resumed(folder: Path, key: str) -> bool:
    with Journal(folder, key) as journal:
        return journal.resumed


def test_an_unfinished_run_goes_on_for_a_day(tmp_path: Path) -> None:
    assert not resumed(tmp_path, "a")
    assert resumed(tmp_path, "a")
    age(tmp_path, 23 * 3600)
    assert resumed(tmp_path, "a")
    age(tmp_path, 25 * 3600)
    assert not resumed(tmp_path, "a")


def test_another_key_is_another_run(tmp_path: Path) -> None:
    assert not resumed(tmp_path, "a")
    assert not resumed(tmp_path, "b")
    assert resumed(tmp_path, "a")


def test_a_finished_run_is_over_and_forgets_what_it_did_not_meet(tmp_path: Path) -> None:
    with Journal(tmp_path, "a") as journal:
        journal.keep("http://shop/1", PAGE, b"one")
        journal.keep("http://shop/2", PAGE, b"two")
        journal.finish()
    with Journal(tmp_path, "a") as journal:
        assert not journal.resumed
        one = journal.recall("http://shop/1")
        assert one is not None
        assert not journal.is_of_this_run(one)
        assert journal.body(one) == b"one"
        journal.confirm("http://shop/1")
        journal.finish()
        assert journal.recall("http://shop/2") is None
    assert len(list((tmp_path / "bodies").glob("*/*"))) == 1


def test_runs_that_never_end_do_not_fill_the_disk(tmp_path: Path) -> None:
    """What the last whole run has is good for asking "changed since?", what the last one has, too; no more is kept."""
    with Journal(tmp_path, "a") as journal:
        journal.keep("http://shop/whole", PAGE, b"whole")
        journal.finish()
    for day in range(5):
        with Journal(tmp_path, "a") as journal:
            assert not journal.resumed
            journal.keep("http://shop/", PAGE, b"front page of day %d" % day)
            journal.keep(f"http://shop/{day}", PAGE, b"product of day %d" % day)
        age(tmp_path, 25 * 3600)
    with Journal(tmp_path, "a") as journal:
        kept = [journal.recall(f"http://shop/{name}") for name in ("whole", "", *range(5))]
        assert [entry and journal.body(entry) for entry in kept] == [
            *(b"whole", b"front page of day 4"),
            *(None, None, None, None, b"product of day 4"),
        ]
    assert len(list((tmp_path / "bodies").glob("*/*"))) == 3


def test_what_is_forgotten_is_not_recalled(tmp_path: Path) -> None:
    with Journal(tmp_path, "a") as journal:
        kept = journal.keep("http://shop/1", PAGE, b"one")
        assert journal.recall("http://shop/1") == kept
        journal.forget("http://shop/1")
        assert journal.recall("http://shop/1") is None


def test_only_one_at_a_time(tmp_path: Path) -> None:
    with Journal(tmp_path, "a"), pytest.raises(JournalError, match="Another crawl is writing here"):
        Journal(tmp_path, "a")
    assert resumed(tmp_path, "a")


def test_a_lost_or_damaged_body_is_none(tmp_path: Path) -> None:
    with Journal(tmp_path, "a") as journal:
        kept = journal.keep("http://shop/1", PAGE, b"one")
        journal.body_path(kept.sha256).write_bytes(b"eno")
        assert journal.body(kept) is None
        journal.body_path(kept.sha256).unlink()
        assert journal.body(kept) is None
        journal.keep("http://shop/1", PAGE, b"one")
        assert journal.body(kept) == b"one"
