"""What was promised of the scrapers, row by row: `python -m benchmarks scraping`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import scrape_kills, scrape_pace
from benchmarks.bad_shops import BAD_SHOPS, what_is_said_of
from benchmarks.footlocker_scrape import pages_per_second, plain_pages_per_second, scrape_and_score
from benchmarks.forbidden_addresses import every_spelling, try_all
from benchmarks.table import Row
from demo.starter import real_pictures

KILLS = 30


def measure() -> Iterator[Row]:
    """Every row; those about the saved pages only where they are."""
    if (real_pictures() / "footlocker" / "labels.csv").is_file():
        yield from _saved_pages(real_pictures())
    yield _kills()
    yield _bad_shops()
    yield _forbidden()
    yield _pace()


def _saved_pages(data: Path) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        score = scrape_and_score(data, Path(scratch))
    right = score.all_right / score.labels
    ours = f"{score.found:,} of {score.labels:,} found; SKU, title and price of {right:.2%} right"
    what = "the 20 saved Foot Locker pages through a local server"
    yield Row(what, "", ours, "", "all found, 99.5 % right", score.found == score.labels and right >= 0.995)
    plain, speed = plain_pages_per_second(data), pages_per_second(data)
    yield Row(
        "parsing these pages, pages a second on one core", f"html.parser: {plain:.1f}", f"{speed:.1f}",
        f"{speed / plain:.1f} x", "10", speed >= 10,
    )  # fmt: skip


def _kills() -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        outcome = scrape_kills.scrape_killed(KILLS, seed=7, products=150, angles=8, folder=Path(scratch))
    good = outcome.is_the_same and outcome.share_again <= 0.05 and outcome.rows_without_file == 0
    asked = "the same files, 5 % again, no row without a file"
    return Row("kill -9 at 30 random moments of a scrape", "", str(outcome), "", asked, good and outcome.kills == KILLS)


def _bad_shops() -> Row:
    told = 0
    for bad in BAD_SHOPS.values():
        with tempfile.TemporaryDirectory() as scratch:
            told += bad.words in what_is_said_of(bad, Path(scratch))
    ours = f"{told} of {len(BAD_SHOPS)} told why, the old file as it was"
    return Row("shops that turn bad", "", ours, "", "all told why", told == len(BAD_SHOPS))


def _forbidden() -> Row:
    outcome = try_all(every_spelling())
    opened = len(outcome.connections) + outcome.accepted
    reached = opened == 0 and not outcome.let_through and outcome.tried >= 60
    return Row("redirects to private addresses", "", str(outcome), "", "60 spellings, no connection", reached)


def _pace() -> Row:
    outcome = scrape_pace.measure()
    asked = "never quicker than robots.txt"
    return Row("requests to one host", "", str(outcome), "", asked, outcome.shortest_s >= scrape_pace.CRAWL_DELAY_S)
