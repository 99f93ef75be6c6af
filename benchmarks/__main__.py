"""`make bench`: measure everything that was promised and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from benchmarks.servers import ROOT
from benchmarks.table import Row, print_table

STARTER = ROOT / "bundles" / "starter"


def _identification() -> Iterator[Row]:
    from benchmarks.identification import measure
    from benchmarks.large_bundle import large_bundle

    yield from measure(STARTER, "starter bundle")
    with large_bundle() as folder:
        yield from measure(folder, "VGG16 at 224 px, int8")


def _fine_tuning() -> Iterator[Row]:
    from benchmarks.fine_tuning import measure

    yield from measure()


def _search() -> Iterator[Row]:
    from benchmarks.search import measure

    yield from measure()


def _browse() -> Iterator[Row]:
    from benchmarks.browse import measure

    yield from measure()


def _demo_photos() -> Iterator[Row]:
    from benchmarks.demo_photos import measure

    yield from measure(STARTER)


def _cutouts() -> Iterator[Row]:
    from benchmarks.cutouts import measure

    yield from measure()


PARTS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "identification": _identification,
    "fine-tuning": _fine_tuning,
    "search": _search,
    "browse": _browse,
    "demo-photos": _demo_photos,
    "cutouts": _cutouts,
}


def main() -> int:
    """Run the parts that are asked for; the exit status is 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all of {', '.join(PARTS)} without any")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"unknown part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    rows = []
    for name in chosen:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += list(PARTS[name]())
    print_table(rows, f"Solescope, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}")
    return int(any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
