"""Kill a scrape at random moments, again and again, and see whether anybody could tell from what it leaves.

`python -m benchmarks.scrape_kills [--kills 30] [--seed 7]` scrapes a whole shop twice, once undisturbed and once killed
with SIGKILL at random moments, and compares files, byte for byte, and the requests that the shop has seen.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.scraper_table import Finding, report
from benchmarks.servers import ROOT
from scraper.listing import read_listings
from tests.scraper.local_shop import LocalShop, running_shop
from tests.scraper.small_shop import open_small_shop

KILLS = 30
ANGLES = 8
CRAWL_DELAY_S = 0.002  # what the small shop's robots.txt asks for
THINKS_S = 0.004  # so long each answer takes: many kills meet a request under way
MOST_LATER = 10  # requests that a scrape may go on for where its killer is late
LATEST_S = 0.02  # a kill comes up to so long after its request, so that it meets files half written, too


@dataclass(frozen=True)
class Outcome:
    """`requests` the undisturbed scrape made, `again` how many were made more than once by the killed one; `shortest_s`
    is the shortest time between two requests at the shop, in seconds."""

    kills: int
    requests: int
    again: int
    is_the_same: bool
    rows_without_file: int
    shortest_s: float

    @property
    def share_again(self) -> float:
        """The share of requests that were made again."""
        return self.again / self.requests

    def __str__(self) -> str:
        same = "the same files, byte for byte" if self.is_the_same else "OTHER FILES"
        again = f"{self.again} of {self.requests:,} requests made again ({self.share_again:.1%})"
        return f"{self.kills} kills: {same}; {again}; {self.rows_without_file} rows without a file"


def scrape_killed(kills: int, seed: int, products: int, angles: int, folder: Path) -> Outcome:
    """Scrape a shop of `products` shoes with `angles` pictures each, killed `kills` times."""
    with running_shop() as shop:
        open_small_shop(shop, products=products, per_page=48, angles=angles)
        shop.thinks_s = THINKS_S
        chance = random.Random(seed)
        _run(shop, folder / "whole")
        undisturbed = Counter(asked.path for asked in shop.asked)
        shop.asked.clear()
        moments = sorted(chance.randrange(1, undisturbed.total()) for _ in range(kills))
        done = 0
        for moment in moments:
            shop.most_answers = min(moment + MOST_LATER, undisturbed.total() - 1)  # it cannot end before it is killed
            done += _run_until(shop, folder / "killed", moment, chance.uniform(0, LATEST_S))
            shop.most_answers = math.inf
        _run(shop, folder / "killed")
        asked = Counter(one.path for one in shop.asked)
        gaps = [after.at - before.at for before, after in pairwise(shop.asked)]
    return Outcome(
        kills=done,
        requests=undisturbed.total(),
        again=(asked - undisturbed).total(),
        is_the_same=shown(folder / "whole") == shown(folder / "killed") and not (undisturbed - asked),
        rows_without_file=rows_without_file(folder / "killed"),
        shortest_s=min(gaps),
    )


def shown(folder: Path) -> dict[str, bytes]:
    """All files that people see of a scrape, by their path in the folder."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".state" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def rows_without_file(folder: Path) -> int:
    """How many pictures of listings.jsonl have no file, or one whose bytes are not those that its name tells."""
    files = {image.file for listing in read_listings(folder / "listings.jsonl") for image in listing.images}
    return sum(file is None or not _is_whole(folder / file) for file in files)


def _is_whole(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def _start(shop: LocalShop, folder: Path) -> subprocess.Popen[bytes]:
    out = str(folder / "listings.jsonl")
    command = [sys.executable, "-m", "scraper", "demo", "--out", out, "--start-url", shop.at("/")]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run(shop: LocalShop, folder: Path) -> None:
    if _start(shop, folder).wait() != 0:
        raise RuntimeError("the undisturbed scrape failed")


def _run_until(shop: LocalShop, folder: Path, moment: int, later_s: float) -> bool:
    """Scrape until `later_s` after the shop has seen `moment` requests in all, then kill; whether there was still
    something to kill."""
    process = _start(shop, folder)
    while len(shop.asked) < moment and process.poll() is None:
        time.sleep(0.001)
    time.sleep(later_s)
    process.kill()
    return process.wait() == -signal.SIGKILL


def measure(kills: int = KILLS, seed: int = 7, products: int = 150) -> Iterator[Finding]:
    """The row of the table."""
    with tempfile.TemporaryDirectory() as scratch:
        outcome = scrape_killed(kills, seed, products, ANGLES, Path(scratch))
    good = outcome.is_the_same and outcome.share_again <= 0.05 and outcome.rows_without_file == 0
    asked = f"{KILLS} kills: the same files, at most 5 % again, no row without a file"
    yield Finding(
        "kill -9 at random moments of a scrape, then go on", str(outcome), asked, good and outcome.kills >= KILLS
    )


def main() -> int:
    """Print what came of it; 1 where anybody could tell."""
    parser = argparse.ArgumentParser(description="Kill a scrape at random moments and let it go on.")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--products", type=int, default=150, help=f"each has {ANGLES} pictures")
    return report(parser, lambda asked: measure(asked.kills, asked.seed, asked.products))


if __name__ == "__main__":
    sys.exit(main())
