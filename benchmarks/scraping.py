"""What was promised of the scrapers, row by row: `python -m benchmarks.scraping [PART ...] [--write]`.

The same rows are the part "scraping" of `make bench`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks import bad_shops, footlocker_scrape, forbidden_addresses, scrape_kills, scrape_pace
from benchmarks.scraper_table import Finding, report
from benchmarks.table import Row
from demo.starter import real_pictures

PARTS: Mapping[str, Callable[[], Iterator[Finding]]] = {
    "footlocker": lambda: footlocker_scrape.measure(real_pictures()),
    "kills": scrape_kills.measure,
    "bad-shops": bad_shops.measure,
    "addresses": forbidden_addresses.measure,
    "pace": scrape_pace.measure,
}


def measure() -> Iterator[Row]:
    """Every row; those about the saved pages only where they are."""
    return (finding.as_row() for finding in findings(list(PARTS)))


def findings(parts: Sequence[str]) -> Iterator[Finding]:
    """The rows of some parts."""
    for part in parts:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        yield from PARTS[part]()


def main() -> int:
    """Print the table; 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scraping", description="Measure the scrapers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all of {', '.join(PARTS)} without any")

    def measured(asked: argparse.Namespace) -> Iterator[Finding]:
        if unknown := set(asked.parts) - PARTS.keys():
            parser.error(f"unknown part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
        return findings(asked.parts or list(PARTS))

    return report(parser, measured)


if __name__ == "__main__":
    sys.exit(main())
