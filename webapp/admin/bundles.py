"""Bundles, as they lie in their folders: those that come with the code, those published before, those of the runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.serving.bundle import Bundle, BundleError, Card, read_bundle
from ml.serving.publish import history, publish, rollback
from webapp.accounts.audit import recorded_around
from webapp.accounts.models import User
from webapp.admin.trainings import find_trainings
from webapp.recognition import current_recognition
from webapp.settings import Settings, current_settings

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


class UnknownBundleError(LookupError):
    """A bundle that is not there, or not whole. The message is a sentence."""


class PublishError(ValueError):
    """A bundle that could not be put into service. The message is a sentence."""


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


def find_bundle(settings: Settings, bundle_id: str) -> Candidate:
    """The whole bundle of this id; raises UnknownBundleError."""
    for one in find_bundles(settings):
        if one.card.id == bundle_id:
            return one
    raise UnknownBundleError(f"There is no bundle {bundle_id[:200]!r}.")


def put_into_service(bundle_id: str, who: User) -> None:
    """Publish a bundle; the site takes it at once. Raises UnknownBundleError and PublishError."""
    settings = current_settings()
    found = find_bundle(settings, bundle_id)
    with recorded_around(who, "publish bundle", bundle_id):
        try:
            publish(found.bundle.folder, settings.bundles_folder)
        except (BundleError, OSError) as error:
            raise PublishError(f"{bundle_id} was not published: {error}") from error
    current_recognition().refresh()


def roll_back(who: User) -> str:
    """Put the bundle that served before into service again, which is named; raises PublishError where there is none."""
    with recorded_around(who, "roll back bundle", f"from {on_duty_id() or 'nothing'}") as details:
        try:
            details["to"] = rollback(current_settings().bundles_folder).card.id
        except (BundleError, OSError) as error:
            raise PublishError(f"Nothing was rolled back: {error}") from error
    current_recognition().refresh()
    return str(details["to"])


def on_duty_id() -> str:
    """The id of the bundle that answers photos; empty where there is none."""
    bundle = current_recognition().bundle
    return bundle.card.id if bundle else ""


@dataclass(frozen=True)
class Served:
    """A bundle's time in service; `until` is None where it serves now."""

    bundle: str
    since: datetime
    until: datetime | None


def served_since(settings: Settings) -> list[Served]:
    """What was in service and when, the latest first."""
    entries = [(entry["bundle"], datetime.fromisoformat(entry["since"])) for entry in history(settings.bundles_folder)]
    ends = [*(since for _, since in entries), None][1:]
    return [Served(name, since, until) for (name, since), until in zip(entries, ends, strict=True)][::-1]


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
        if (training.bundle_folder / "card.json").is_file():
            yield training.bundle_folder, f"training {training.name}"


def _inside(place: Path) -> list[Path]:
    """The bundle folders of a place; the link to the one in service is no further bundle."""
    if not place.is_dir():
        return []
    folders = (folder for folder in sorted(place.iterdir()) if not folder.is_symlink())
    return [folder for folder in folders if (folder / "card.json").is_file()]
