"""Ask for a training, a search for settings, a measurement, or for a bundle to be put into service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.settings import Settings, current_settings
from webapp.training.orders import CATALOGUE, OrderError, order_of
from webapp.training.starts import starting_weights, usual_start

_WORDS = {"train": "Waiting to train {network}.", "tune": "Waiting to tune {network}."}


def ask_training(sent: Mapping[str, Any], owner: str | None = None) -> Job:
    """Have the worker train a network; `sent` names options of `orders.TRAINING`. Raises OrderError."""
    return _ask("train", sent, owner)


def ask_tuning(sent: Mapping[str, Any], owner: str | None = None) -> Job:
    """Have the worker search for better settings; options of `orders.TUNING`. Raises OrderError."""
    return _ask("tune", sent, owner)


def ask_evaluation(sent: Mapping[str, Any], owner: str | None = None) -> Job:
    """Have the worker measure a bundle; options of `orders.EVALUATION`. Raises OrderError."""
    return _ask("evaluate", sent, owner)


def ask_publishing(folder: str, bundle_id: str, owner: str | None = None) -> Job:
    """Have the worker put the bundle in `folder` into service."""
    options = {"folder": folder, "bundle": bundle_id}
    return current_jobs().enqueue("publish", options, f"Waiting to publish {bundle_id}.", owner)


def picture_sets(settings: Settings) -> list[str]:
    """What can be trained on: the catalogue, and the folders of data sets."""
    place = settings.pictures_folder
    folders = sorted(entry.name for entry in place.iterdir() if entry.is_dir()) if place.is_dir() else []
    return [CATALOGUE, *(name for name in folders if not name.startswith("."))]


def _ask(kind: str, sent: Mapping[str, Any], owner: str | None) -> Job:
    order, settings = order_of(kind, sent), current_settings()
    if order["pictures"] not in (sets := picture_sets(settings)):
        raise OrderError(f"pictures must be one of {', '.join(sets)[:300]}, not {order['pictures']!r}.")
    if (weights := order.get("weights")) and weights not in (known := starting_weights(settings)):
        raise OrderError(f"weights must be one of {', '.join(known)[:300]}, not {weights!r}.")
    if not weights and (start := usual_start(settings, order.get("network", ""))):
        order["weights"] = start
    words = _WORDS.get(kind, "Waiting to measure a bundle.").format(**order)
    return current_jobs().enqueue(kind, order, words, owner)
