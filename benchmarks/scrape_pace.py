"""How quickly a host is asked, measured at the host: never quicker than its robots.txt allows.

`python -m benchmarks.scrape_pace` scrapes a shop that redirects, throttles and breaks, is killed on the way and goes
on, and prints the shortest time between two requests.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.servers import ROOT
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop, picture

CRAWL_DELAY_S = 0.25


@dataclass(frozen=True)
class Outcome:
    """The shortest time between two of `requests` requests, in seconds, over `kills` kills."""

    requests: int
    kills: int
    shortest_s: float

    def __str__(self) -> str:
        shortest = f"the shortest pause was {self.shortest_s * 1000:.0f} ms"
        asked = f"robots.txt asks for {CRAWL_DELAY_S * 1000:g} ms"
        return f"{self.requests} requests, {self.kills} kills: {asked}, {shortest}"


def measure() -> Outcome:
    """Scrape, be killed twice, go on."""
    with tempfile.TemporaryDirectory() as scratch, running_shop() as shop:
        open_small_shop(shop, products=8, per_page=4, angles=3)
        shop["/robots.txt"] = Reply(body=f"User-agent: *\nCrawl-delay: {CRAWL_DELAY_S}".encode())
        shop["/pictures/1-0.png"] = Reply(301, headers={"Location": "/pictures/1-20.png"})
        shop["/pictures/2-0.png"] = [Reply(503), Reply(429, headers={"Retry-After": "0"}), picture("2-0")]
        shop["/pictures/3-0.png"] = Reply(404)
        kills = sum(_run(shop, Path(scratch), until) for until in (9, 21))
        _run(shop, Path(scratch), None)
        gaps = [after.at - before.at for before, after in pairwise(shop.asked)]
    return Outcome(len(gaps) + 1, kills, min(gaps))


def _run(shop: LocalShop, folder: Path, until: int | None) -> bool:
    """Scrape to the end, or until the shop has seen so many requests; whether it was killed."""
    out = str(folder / "listings.jsonl")
    command = [sys.executable, "-m", "scraper", "demo", "--out", out, "--start-url", shop.at("/")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and (until is None or len(shop.asked) < until):
        time.sleep(0.005)
    process.kill()
    return process.wait() < 0


def main() -> int:
    """Print the outcome; 1 where the shop was asked too quickly."""
    outcome = measure()
    print(outcome)
    return int(outcome.shortest_s < CRAWL_DELAY_S)


if __name__ == "__main__":
    sys.exit(main())
