"""`make bench`: measure everything that was promised and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.results_page import fill
from benchmarks.servers import ROOT
from benchmarks.table import Row, markdown, print_table

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


def processor() -> str:
    """The processor's name, where the system tells."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> int:
    """Run the parts that are asked for; the exit status is 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all of {', '.join(PARTS)} without any")
    parser.add_argument("--write", action="store_true", help="put the table into docs/results.md too")
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"unknown part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    rows = []
    for name in chosen:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += list(PARTS[name]())
    title = f"{datetime.now(UTC):%Y-%m-%d}, {processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print_table(rows, title)
    if arguments.write:
        fill("make bench", markdown(rows, f"Measured on {title}."))
    return int(any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
