"""How quickly a host is asked, measured at the host: never quicker than its robots.txt allows.

`python -m benchmarks.scrape_pace` scrapes a shop that redirects, throttles and breaks, by two crawls at once that know
nothing of each other; one of them is killed on the way and goes on. The table has the shortest time between two
requests, whatever they were for: robots.txt, pages, pictures, redirects, second attempts.
"""

from __future__ import annotations

import argparse
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
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop, picture

CRAWL_DELAY_S = 0.25
KILLED_AT = (9, 31)  # requests that the shop has seen


@dataclass(frozen=True)
class Outcome:
    """`shortest_s` is the shortest time between two of `requests` requests, of which `redirects` were answered with a
    redirect; `kills` is how often one of the two crawls was killed."""

    requests: int
    redirects: int
    kills: int
    shortest_s: float

    def __str__(self) -> str:
        asked = f"{self.requests} requests of two crawls at once, {self.redirects} redirected, {self.kills} kills"
        return f"{asked}: shortest pause {self.shortest_s * 1000:.1f} ms"


def scrape_twice_at_once(delay_s: float = CRAWL_DELAY_S) -> Outcome:
    """One crawl that is left alone, and one that is killed twice and goes on."""
    with tempfile.TemporaryDirectory() as scratch, running_shop() as shop:
        open_moody_shop(shop, delay_s)
        other = _start(shop, Path(scratch) / "other")
        kills = sum(_run(shop, Path(scratch) / "killed", until) for until in KILLED_AT)
        _run(shop, Path(scratch) / "killed", None)
        if other.wait() != 0:
            raise RuntimeError("the crawl that was left alone failed")
        gaps = [after.at - before.at for before, after in pairwise(shop.asked)]
        redirects = Counter(one.path for one in shop.asked)["/pictures/1-0.png"]
    return Outcome(len(shop.asked), redirects, kills, min(gaps))


def open_moody_shop(shop: LocalShop, delay_s: float) -> None:
    """A small shop that asks for a pause, and whose pictures redirect, throttle, break and are not there."""
    open_small_shop(shop, products=8, per_page=4, angles=3)
    shop["/robots.txt"] = Reply(body=f"User-agent: *\nCrawl-delay: {delay_s}".encode())
    shop["/pictures/1-0.png"] = Reply(301, headers={"Location": "/pictures/1-20.png"})
    shop["/pictures/2-0.png"] = [Reply(503), Reply(429, headers={"Retry-After": "0"}), picture("2-0")]
    shop["/pictures/3-0.png"] = Reply(404)


def measure() -> Iterator[Finding]:
    """The row of the table."""
    outcome = scrape_twice_at_once()
    reached = outcome.shortest_s >= CRAWL_DELAY_S and outcome.kills > 0 and outcome.redirects > 0
    asked = f"never quicker than robots.txt allows ({CRAWL_DELAY_S * 1000:g} ms)"
    yield Finding("requests to one host, measured at the server", str(outcome), asked, reached)


def _start(shop: LocalShop, folder: Path) -> subprocess.Popen[bytes]:
    out = str(folder / "listings.jsonl")
    command = [sys.executable, "-m", "scraper", "demo", "--out", out, "--start-url", shop.at("/")]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run(shop: LocalShop, folder: Path, until: int | None) -> bool:
    """Scrape to the end, or until the shop has seen so many requests; whether it was killed."""
    process = _start(shop, folder)
    while process.poll() is None and (until is None or len(shop.asked) < until):
        time.sleep(0.005)
    process.kill()
    return process.wait() < 0


def main() -> int:
    """Print the outcome; 1 where the shop was asked too quickly."""
    return report(argparse.ArgumentParser(description="Measure the pause between two requests."), lambda _: measure())


if __name__ == "__main__":
    sys.exit(main())
