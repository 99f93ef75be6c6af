"""Two trainings side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from webapp.admin.bundles import MEASURES
from webapp.admin.trainings import Training


@dataclass(frozen=True)
class Beside:
    """A measure of both runs; `better` is 0 or 1, or None where neither is, or where they cannot be compared."""

    measure: str
    title: str
    numbers: tuple[float | None, float | None]
    better: int | None


def numbers_beside(one: Training, other: Training) -> list[Beside]:
    """The measures that at least one of the runs has. Nothing is better where they saw different pictures."""
    alike = one.split == other.split and one.settings.get("snapshot_digest") == other.settings.get("snapshot_digest")
    rows = []
    for measure, (title, best) in MEASURES.items():
        first, second = one.numbers.get(measure), other.numbers.get(measure)
        better = None
        if alike and first is not None and second is not None and first != second:
            better = 0 if best((first, second)) == first else 1
        if first is not None or second is not None:
            rows.append(Beside(measure, title, (first, second), better))
    return rows


def settings_that_differ(one: Training, other: Training) -> list[tuple[str, Any, Any]]:
    """Each setting that is not the same in both, by its name."""
    names = sorted({*one.settings, *other.settings})
    pairs = [(name, one.settings.get(name), other.settings.get(name)) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]
