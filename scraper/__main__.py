"""`python -m scraper SITE --out listings.jsonl`: read a shop into a file of listings with its pictures beside it.

`python -m scraper sites` prints what there is to know of each shop.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher, Manners
from scraper.journal import Journal, JournalError
from scraper.listing import write_listings
from scraper.permission import why_not
from scraper.sites import SITES, Site
from scraper.tally import CrawlStats

FAILURES_PRINTED = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one crawl; 0 when it is complete, 1 when the shop failed (the old file stays), 2 for wrong arguments."""
    if list(sys.argv[1:] if arguments is None else arguments) == ["sites"]:
        print(json.dumps([site.as_facts() for site in SITES.values()], indent=2))
        return 0
    parser = _parser()
    asked = parser.parse_args(arguments)
    console = Console(stderr=True)
    site = SITES[asked.site]
    stats = CrawlStats()
    if refusal := _refusal(console, site, asked):
        parser.error(refusal)
    try:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        ) as bar:
            count = _scrape(site, asked, stats, _progress_on(bar, site))
    except (CrawlError, JournalError) as error:
        _write_facts(asked.facts, stats, str(error))
        console.print(f"{error}", style="red", highlight=False, markup=False, soft_wrap=True)
        console.print(f"{asked.out} was not written.", highlight=False, markup=False, soft_wrap=True)
        return 1
    except (OSError, sqlite3.Error) as error:
        console.print(f"Cannot write: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Broken off. The same command goes on from here.", highlight=False)
        return 130
    _write_facts(asked.facts, stats, "")
    _report(console, stats, asked.out, count)
    return 0


def _scrape(site: Site, asked: argparse.Namespace, stats: CrawlStats, progress: Callable[[CrawlStats], None]) -> int:
    """Crawl into the file; returns the number of listings."""
    out: Path = asked.out
    start_urls = tuple(asked.start_url or site.start_urls)
    manners = Manners(
        delay_s=site.delay_s,
        at_least_s=asked.delay,
        most_requests=asked.most_requests,
        most_bytes=asked.most_mb * 1_000_000,
    )
    key = json.dumps([site.name, start_urls])
    with (
        Journal(out.parent / ".state" / out.name, key) as journal,
        Fetcher(manners, journal=journal, contact=asked.contact) as fetcher,
    ):
        listings = crawl(
            site,
            fetcher,
            start_urls=start_urls,
            images_folder=None if asked.no_images else out.parent / "images",
            limit=asked.limit,
            progress=progress,
            stats=stats,
            confirmed=asked.i_may,
            trust_starts=bool(asked.start_url) or site.is_ours,
        )
        count = write_listings(out, listings)
        journal.finish()
    return count


def _refusal(console: Console, site: Site, asked: argparse.Namespace) -> str:
    """Why the crawl does not begin, "" where it may. A person at the terminal is asked whether they may."""
    start_urls = tuple(asked.start_url or site.start_urls)
    if not start_urls:
        return f"{site.name} has no pages of its own to start at: give some with --start-url."
    refusal = why_not(site, start_urls, asked.i_may)
    if refusal and sys.stdin.isatty():
        terms = f"Its terms: {site.terms}\n" if site.terms else ""
        console.print(f"{terms}Have you read them, and may you scrape {site.title}? [y/N] ", end="", markup=False)
        asked.i_may = sys.stdin.readline().strip().lower() in ("y", "yes")
        refusal = why_not(site, start_urls, asked.i_may)
    return f"{refusal} If you may, say so with --i-may." if refusal else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scraper", description="Read a shop into a file of listings.")
    parser.add_argument("site", metavar="SITE", choices=sorted(SITES), help=f"one of: {', '.join(sorted(SITES))}")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file of listings to write")
    parser.add_argument("--start-url", action="append", metavar="URL", help="a listing page; may be given often")
    parser.add_argument(
        "--delay", type=_seconds, default=0.0, metavar="S", help="wait at least so long between requests"
    )
    parser.add_argument("--limit", type=_count, metavar="N", help="stop after so many listings")
    parser.add_argument(
        "--i-may",
        action="store_true",
        help="I have read the shop's terms of use, and may scrape it (else you are asked)",
    )
    parser.add_argument(
        "--most-requests", type=_count, default=Manners.most_requests, metavar="N", help="of one host, in one run"
    )
    parser.add_argument(
        "--most-mb", type=_count, default=Manners.most_bytes // 1_000_000, metavar="N", help="from one host, in one run"
    )
    parser.add_argument("--facts", type=Path, metavar="FILE", help="write the run's numbers there, as JSON")
    parser.add_argument("--no-images", action="store_true", help="leave the pictures where they are")
    parser.add_argument(
        "--contact",
        default=os.environ.get("SOLESCOPE_CONTACT", ""),
        metavar="URL",
        help="who we are, told to the shop in the User-Agent (default: $SOLESCOPE_CONTACT)",
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("expected seconds between 0 and 3600")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return count


def _progress_on(bar: Progress, site: Site) -> Callable[[CrawlStats], None]:
    """A callback that draws the crawl's numbers."""
    task = bar.add_task(f"Reading {site.name}", total=None)

    def draw(stats: CrawlStats) -> None:
        done = stats.products.got + stats.products.failed
        words = f"Reading {site.name}: {stats.listing_pages} pages, {stats.pictures.got} pictures"
        bar.update(task, completed=done, total=stats.expected or None, description=words)

    return draw


def _write_facts(path: Path | None, stats: CrawlStats, failure: str) -> None:
    """The numbers of a run that came to its end, one way or the other."""
    if path is None:
        return
    try:
        path.write_text(json.dumps({"failure": failure, **stats.as_facts()}, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        print(f"Cannot write the run's numbers: {error}", file=sys.stderr)


def _report(console: Console, stats: CrawlStats, out: Path, count: int) -> None:
    for sentence in stats.failures[:FAILURES_PRINTED]:
        console.print(f"Left out: {sentence}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    more = stats.products.failed + stats.pictures.failed + stats.pictures.missing - FAILURES_PRINTED
    if more > 0:
        console.print(f"... and {more} more.", style="yellow", highlight=False)
    console.print(f"{stats.summary()}.", highlight=False, markup=False, soft_wrap=True)
    console.print(f"{count} listings are in {out}.", highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
