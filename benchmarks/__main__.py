"""`make bench`: measure everything that was promised and print one table."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor

from benchmarks.parts import PARTS, rows_of
from benchmarks.results_page import fill, when_and_where
from benchmarks.table import HEADINGS, Row, markdown, print_table


def measure_apart(part: str) -> list[Row]:
    """The rows of a part, from a process of its own: what one leaves in memory is no other's; what fails is a row."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        try:
            return process.submit(rows_of, part).result()
        except Exception as error:
            traceback.print_exc()
            return [Row(part, "", f"failed: {type(error).__name__}", "", "", False)]


def main() -> int:
    """Run the parts that are asked for; the exit status is 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all of {', '.join(PARTS)} without any")
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the table into docs/results.md too, which has a place for it where these parts have one",
    )
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"unknown part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    rows: list[Row] = []
    for name in chosen:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += measure_apart(name)
    title = when_and_where()
    print_table(rows, title)
    if arguments.write:
        table = markdown(HEADINGS, [row.cells for row in rows])
        fill(" ".join(["make bench", *arguments.parts]), f"Measured on {title}.\n\n{table}")
    return int(any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
