"""Bundles, as they lie in their folders: those that come with the code, those published before, those of the runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.serving.bundle import Bundle, BundleError, Card, read_bundle
from ml.serving.publish import history
from webapp.admin.trainings import find_trainings
from webapp.settings import Settings

MEASURES = {
    "accuracy": ("Accuracy", max),
    "top5": ("Top-5", max),
    "macro_f1": ("Macro-F1", max),
    "log_loss": ("Log-loss", min),
    "calibration_error": ("Calibration error (ECE)", min),
    "kept": ("Shoes kept", max),
    "refused": ("Non-shoes refused", max),
}
"""Key on a card -> its name, and which of two numbers is the better one."""


@dataclass(frozen=True)
class Candidate:
    """A bundle that can be put into service, and where it was found."""

    bundle: Bundle
    found_in: str

    @property
    def card(self) -> Card:
        return self.bundle.card

    @property
    def megabytes(self) -> float:
        """What the network weighs."""
        return self.bundle.model_file.stat().st_size / 1e6

    def numbers(self, split: str) -> dict[str, Any]:
        """The card's numbers of a split; none where it was not measured."""
        return dict(self.card.metrics.get(split) or {})


def find_bundles(settings: Settings) -> list[Candidate]:
    """All whole bundles, each once, the latest first. Folders that are no whole bundle are left out."""
    found: dict[str, Candidate] = {}
    for folder, place in _folders(settings):
        try:
            bundle = read_bundle(folder)
        except BundleError:
            continue
        found.setdefault(bundle.card.id, Candidate(bundle, place))
    return sorted(found.values(), key=lambda one: one.card.created_at, reverse=True)


def served_since(settings: Settings) -> list[tuple[str, datetime]]:
    """What was put into service and when, the latest first."""
    entries = reversed(history(settings.bundles_folder))
    return [(entry["bundle"], datetime.fromisoformat(entry["since"])) for entry in entries]


def measured(candidates: list[Candidate], split: str) -> list[str]:
    """The measures that at least one of the bundles has of a split."""
    return [measure for measure in MEASURES if any(measure in one.numbers(split) for one in candidates)]


def best_of(candidates: list[Candidate], split: str, measure: str) -> float | None:
    """The best number of a measure; None unless two or more were measured on the same pictures and differ."""
    cards = [(one.numbers(split).get(measure), one.card.snapshot_digest) for one in candidates]
    numbers = [number for number, _ in cards if number is not None]
    alike = len({digest for number, digest in cards if number is not None}) == 1
    if len(numbers) < 2 or not alike or len(set(numbers)) == 1:
        return None
    best: float = MEASURES[measure][1](numbers)
    return best


def _folders(settings: Settings) -> Iterator[tuple[Path, str]]:
    for folder in _inside(settings.bundles_folder):
        yield folder, "published before"
    for folder in _inside(settings.starter_bundle.parent):
        yield folder, "comes with Solescope"
    for training in find_trainings(settings.runs_folder):
        if (training.folder / "bundle" / "card.json").is_file():
            yield training.folder / "bundle", f"training {training.name}"


def _inside(place: Path) -> list[Path]:
    """The bundle folders of a place; the link to the one in service is no further bundle."""
    if not place.is_dir():
        return []
    folders = (folder for folder in sorted(place.iterdir()) if not folder.is_symlink())
    return [folder for folder in folders if (folder / "card.json").is_file()]
