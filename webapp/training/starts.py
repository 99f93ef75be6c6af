"""What a training can begin with: weight files, and the VGG16s of bundles, the one in service before all others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ml.serving.bundle import Bundle, BundleError, read_bundle
from ml.serving.publish import published
from webapp.catalogue.removal import removed_sources
from webapp.settings import Settings

GIVES_ITS_WEIGHTS = "VGG16"
"""The network, as cards name it, whose weights can be read out of a bundle."""

TAKES_THEM = ("vgg16", "vgg16-dense")


def starting_weights(settings: Settings) -> list[str]:
    """Everything that a training can begin with, by name."""
    place = settings.weights_folder
    files = sorted(entry.name for entry in place.iterdir() if entry.is_file()) if place.is_dir() else []
    bundles = {bundle.card.id for bundle in _bundles(settings) if _may_be_begun_with(bundle)}
    return ["imagenet", "none", *(name for name in files if not name.startswith(".")), *sorted(bundles)]


def usual_start(settings: Settings, network: str) -> str | None:
    """The bundle in service where it suits the network; else whatever is usual for `python -m ml`."""
    if network not in TAKES_THEM:
        return None
    try:
        bundle = published(settings.bundles_folder) or read_bundle(settings.starter_bundle)
    except BundleError:
        return None
    return bundle.card.id if _may_be_begun_with(bundle) else None


def start_of(settings: Settings, name: str) -> str:
    """How `python -m ml` is told of it. Raises BundleError where the bundle is gone."""
    if name in ("imagenet", "none"):
        return name
    file = settings.weights_folder / name
    return str(file if file.is_file() else known_bundle(settings, name).model_file)


def known_bundle(settings: Settings, bundle_id: str) -> Bundle:
    """The whole bundle of this id, published, from a run, or ours. Raises BundleError where there is none."""
    for bundle in _bundles(settings):
        if bundle.card.id == bundle_id:
            return bundle
    raise BundleError(f"There is no bundle {bundle_id}.")


def _bundles(settings: Settings) -> Iterator[Bundle]:
    cards: list[Path] = []
    for place in (settings.bundles_folder, settings.starter_bundle.parent):
        cards += place.glob("*/card.json")
    for card in [*cards, *settings.runs_folder.glob("**/bundle/card.json")]:
        try:
            yield read_bundle(card.parent.resolve())
        except BundleError:
            continue


def _may_be_begun_with(bundle: Bundle) -> bool:
    """Whether it has what is wanted, and knows nothing of a shop that was removed."""
    return bundle.card.network == GIVES_ITS_WEIGHTS and not removed_sources(bundle.card)
