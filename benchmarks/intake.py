"""100,000 listings of a shop, new and once more: `python -m benchmarks.intake [listings]`.

They are read as a run reads them: staged, judged, and merged in one transaction. Each has a picture, which is one of a
few files: opening pictures is measured elsewhere, looking after them is not. The numbers are those of one process that
does nothing else; the time of the processor stands beside the time by the clock.
"""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.table import Row, print_table
from scraper.listing import GENDERS, Listing, ListingImage
from webapp import Settings, create_app
from webapp.catalogue.intake import Intake
from webapp.catalogue.merging import merge_run
from webapp.catalogue.plausible import doubts_about
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.runs import usual_listings
from webapp.catalogue.staging import stage
from webapp.database import db, now, write_transaction
from webapp.image_store import current_images

LISTINGS, FILES = 100_000, 100
ASKED_NEW_S, ASKED_AGAIN_S, ASKED_MB = 90.0, 45.0, 300.0
WORDS = ("Air", "Runner", "Dart", "Low", "Mid", "High", "Club", "Court", "Wave", "Zoom", "Flow", "Trail", "Pro")
CATEGORIES = ("low", "mid", "high", "runner", "skate", "slip-on", "chunky", "trail")


def measure(number: int = LISTINGS) -> Iterator[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory(prefix="solescope-intake-") as scratch:
        folder = Path(scratch)
        app = create_app(Settings(instance=folder, secret_key="benchmark", rate_limits=False))
        app.test_cli_runner().invoke(args=["db", "upgrade"], catch_exceptions=False)
        with app.app_context():
            for kind, asked_s in (("new", ASKED_NEW_S), ("unchanged", ASKED_AGAIN_S)):
                yield _row(folder, number, kind, asked_s)
            db.engine.dispose()
        app.extensions["recognition"].close()


def _row(folder: Path, number: int, kind: str, asked_s: float) -> Row:
    started, worked = time.perf_counter(), time.process_time()
    run, merged_s = read_all(folder, number)
    seconds, worked_s = time.perf_counter() - started, time.process_time() - worked
    if getattr(run, kind) != number:
        raise AssertionError(f"{getattr(run, kind)} of {number} listings are {kind}")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row(
        f"intake of {number:,} {kind} listings, staged, judged and merged",
        "",
        f"{seconds:.0f} s ({merged_s:.0f} s in one transaction, {worked_s:.0f} s of one core), {megabytes:.0f} MB",
        "",
        f"at most {asked_s:.0f} s, {ASKED_MB:.0f} MB",
        seconds <= asked_s and megabytes <= ASKED_MB,
    )


def read_all(folder: Path, number: int) -> tuple[ScrapeRun, float]:
    """Read `number` listings as a run does; the run, and the seconds of the transaction that published it."""
    with write_transaction() as session:
        run = ScrapeRun(site="benchmark", state="running", read_at=now())
        session.add(run)
    intake = Intake()
    stage(run.id, listings(folder, number), folder, current_images(), intake)
    if doubts := doubts_about(intake.totals, usual_listings(run)):
        raise AssertionError(" ".join(doubts))
    staged = time.perf_counter()
    merge_run(run)
    return run, time.perf_counter() - staged


def listings(folder: Path, number: int) -> Iterator[Listing]:
    """The same listings each time; their pictures lie below `folder`."""
    dice, files = random.Random(1), _files(folder)
    for one in range(number):
        yield Listing(
            site="benchmark",
            style_code=f"B-{one}",
            url=f"https://shop.example/{one}",
            brand=f"Brand {int(60 * dice.random() ** 2)}",
            name=f"{' '.join(dice.sample(WORDS, 3))} {dice.randrange(400)}",
            colorway=dice.choice(("Chalk / Ink", "Rose / Umber", "Black")),
            gender=dice.choice(GENDERS),
            category=dice.choice(CATEGORIES),
            price_cents=dice.choice((None, *range(5000, 25000, 500))),
            images=(ListingImage(f"https://shop.example/{one}.png", file=files[one % len(files)]),),
        )


def _files(folder: Path) -> list[str]:
    """A few pictures as the scraper leaves them: named by their content."""
    place = folder / "images-read"
    place.mkdir(exist_ok=True)
    names = []
    for number in range(FILES):
        picture = Image.new("RGB", (120, 80), "white")
        ImageDraw.Draw(picture).rectangle((10, 40, 20 + number, 70), fill=(number * 2, 90, 200 - number))
        draft = place / "draft.png"
        picture.save(draft)
        name = f"{hashlib.sha256(draft.read_bytes()).hexdigest()}.png"
        draft.rename(place / name)
        names.append(f"{place.name}/{name}")
    return names


if __name__ == "__main__":
    rows = list(measure(int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS))
    print_table(rows, "intake")
    sys.exit(int(any(row.reached is False for row in rows)))
