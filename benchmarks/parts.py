"""What `make bench` measures, part by part. Each part imports only when it runs what it measures with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from benchmarks.servers import ROOT
from benchmarks.table import Row

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


def _conversions() -> Iterator[Row]:
    from benchmarks.conversions import measure

    yield from measure(threads=2)


def _studio() -> Iterator[Row]:
    from benchmarks.studio import measure

    yield from measure()


def _scraping() -> Iterator[Row]:
    from benchmarks.scraping import measure

    yield from measure()


def _intake() -> Iterator[Row]:
    from benchmarks.intake import measure

    yield from measure()


def _writers() -> Iterator[Row]:
    from benchmarks.writers import measure

    yield from measure()


def _beside_a_training() -> Iterator[Row]:
    from benchmarks.identify_while_training import measure

    yield from measure()


PARTS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "identification": _identification,
    "fine-tuning": _fine_tuning,
    "search": _search,
    "browse": _browse,
    "demo-photos": _demo_photos,
    "cutouts": _cutouts,
    "conversions": _conversions,
    "studio": _studio,
    "scraping": _scraping,
    "intake": _intake,
    "writers": _writers,
    "beside-a-training": _beside_a_training,
}


def rows_of(part: str) -> list[Row]:
    """All rows of a part."""
    return list(PARTS[part]())
