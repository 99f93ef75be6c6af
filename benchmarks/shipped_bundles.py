"""What the bundles that come along know, by their own cards: a table for docs/results.md.

Nothing is measured anew: `make starter` measured them as served, on pictures that neither learned from.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks.results_page import RESULTS, fill
from benchmarks.servers import ROOT
from benchmarks.table import markdown
from ml.serving.bundle import Bundle, read_bundle

HEADINGS = (
    "bundle",
    "network",
    "MB",
    "held out",
    "pictures",
    "top-1",
    "top-5",
    "log-loss",
    "ECE",
    "called in the catalogue",
)
NAMES = {"images/test": "demo world", "sneakers50": "sneakers50"}


def main() -> int:
    """Print the table. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shipped_bundles", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/results.md too")
    chosen = parser.parse_args()
    page = page_of(shipped_bundles())
    print(page)
    if chosen.write:
        fill("shipped bundles", page)
        print(f"{RESULTS} holds the table", file=sys.stderr)
    return 0


def shipped_bundles() -> list[Bundle]:
    """The bundles of the repository, the starter first."""
    folders = sorted((card.parent for card in (ROOT / "bundles").glob("*/card.json")), reverse=True)
    return [read_bundle(folder) for folder in folders]


def page_of(bundles: Sequence[Bundle]) -> str:
    """The table, and a paragraph about each bundle."""
    table = markdown(HEADINGS, [row for bundle in bundles for row in _rows(bundle)])
    return "\n\n".join([table, *map(_sentence, bundles)])


def _sentence(bundle: Bundle) -> str:
    test = bundle.card.metrics["test"]
    refused = f"{test['refused']:.1%} of {test['negatives']} pictures without a shoe refused"
    return f"`{bundle.folder.name}` is {bundle.card.id}: {refused}. {bundle.card.provenance}"


def _rows(bundle: Bundle) -> Iterator[tuple[str, ...]]:
    megabytes = sum(file.stat().st_size for file in bundle.folder.iterdir()) / 1e6
    for folder, numbers in bundle.card.metrics["test by folder"].items():
        yield (
            *(bundle.folder.name, bundle.card.network, f"{megabytes:.1f}", NAMES.get(folder, folder)),
            str(numbers["pictures"]),
            *(f"{numbers[name]:.3f}" for name in ("accuracy", "top5", "log_loss", "calibration_error", "kept")),
        )


if __name__ == "__main__":
    sys.exit(main())
