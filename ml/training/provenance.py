"""Where a bundle's knowledge comes from: the pictures that it learned from, and what its first layers knew before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from ml.datasets.snapshot import Snapshot
from ml.networks.published_files import PUBLISHED
from ml.networks.served_weights import SUFFIX
from ml.serving.bundle import BundleError, Card, read_bundle
from ml.training.run_folder import RunFolder, folder_of_pretraining

_WHAT_ITS_START_KNEW = re.compile(r"(?<=, starting from )(the [^.,(]+ of bundle \S+) .*", re.DOTALL)


def in_words(snapshot: Snapshot, title: str, weights: str) -> str:
    """A sentence about a network called `title` that began with `weights` and learned from the snapshot."""
    learned = sum(image.split == "train" for image in snapshot.images)
    pictures = f"{learned} of {len(snapshot.images)} pictures ({snapshot.source})"
    return f"Learned from {pictures}, starting from {start_in_words(title, weights)}."


def start_in_words(title: str, weights: str) -> str:
    """What the first layers knew before: bundles, and weight files that we pretrained, say on which pictures.

    A bundle that began with another names it, and does not say again what that one knew: trainings that follow each
    other would tell a longer story every time.
    """
    if weights in ("none", "imagenet"):
        return {"none": "random weights", "imagenet": "ImageNet weights"}[weights]
    if card := _served_card(weights):
        known = _WHAT_ITS_START_KNEW.sub(r"\1", card.provenance).rstrip(".")
        return f"the {card.network} of bundle {card.id} ({known})"
    pretraining = RunFolder(folder_of_pretraining(Path(weights))).settings()
    if "snapshot" not in pretraining:
        known = "ImageNet weights" if Path(weights).name in PUBLISHED else "the weights"
        return f"{known} of {Path(weights).name}"
    teachers, seed = pretraining.get("teachers") or (), pretraining.get("seed_from") or ""
    taught = f", taught by ImageNet's {' and '.join(teachers)}" if teachers else ""
    begun = f"from {start_in_words(title, seed)}" if Path(seed).suffix else f"from {seed}" if seed else "from scratch"
    return f"{title} weights that were pretrained {begun} ({pretraining['snapshot']}{taught})"


def start_by_name(weights: str) -> str:
    """The start without its folder, which is nobody else's business: a bundle's id, or a file's name."""
    card = _served_card(weights)
    return card.id if card else Path(weights).name


def shops_learned_from(snapshot: Snapshot, weights: str) -> dict[str, Any]:
    """What a card says of the shops behind the snapshot, and behind the bundle that the training began with.

    `sites` counts the pictures of each, or is None where there is no shop; `sites_at` tells when the first of them
    were taken from the catalogue, as ISO 8601: a shop that is removed later is one that the bundle still knows.
    """
    return shops_taught(_served_card(weights), snapshot)


def shops_taught(card: Card | None, snapshot: Snapshot) -> dict[str, Any]:
    """The same for a bundle with this card, once it has learned from the snapshot as well."""
    known: Mapping[str, int] = (card and card.settings.get("sites")) or {}
    known_at = {site: card.settings.get("sites_at", {}).get(site, card.created_at) for site in known} if card else {}
    return {
        "sites": {**known, **(snapshot.facts.get("sites") or {})} or None,
        "sites_at": earliest(known_at, snapshot.facts.get("sites_at") or {}),
    }


def earliest(*moments: Mapping[str, str]) -> dict[str, str]:
    """The first moment of each name, all of them as ISO 8601."""
    named = chain.from_iterable(one.items() for one in moments)
    found: dict[str, str] = {}
    for name, moment in named:
        found[name] = min(found.get(name, moment), moment, key=datetime.fromisoformat)
    return found


def _served_card(weights: str) -> Card | None:
    """The card of the bundle whose graph is the start."""
    if Path(weights).suffix != SUFFIX:
        return None
    try:
        return read_bundle(Path(weights).parent).card
    except BundleError:
        return None
