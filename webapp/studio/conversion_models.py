"""The conversion model in service: read once a process, swapped while the site serves, published by one rename.

<instance>/conversions/<id>/            models, whole or not there
<instance>/conversions/current          a link to the one in service
<instance>/conversions/history.jsonl    what was in service since when

Whoever asks gets one model from beginning to end: a recommendation under way keeps the one that it began with.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from ml.conversions.model import ConversionModel
from ml.conversions.model_folder import ConversionCard, ConversionModelError, load_model, read_card
from ml.conversions.rows import PROVENANCES, CampaignRows
from ml.conversions.targets import Target
from ml.serving.bundle import Bundle
from webapp.database import now
from webapp.settings import current_settings
from webapp.studio.past_rows import PastRowsError, read_past

__all__ = [
    "ConversionModelError",
    "Loaded",
    "Served",
    "current_conversions",
    "history",
    "publish_conversions",
    "roll_back",
]

FOLDER, CURRENT, HISTORY = "conversions", "current", "history.jsonl"
KEPT = 12
"""So many of the models that served last stay on the disk, to go back to."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """A model in service, its card, and the rows that it learned from (None where they were not kept)."""

    model: ConversionModel
    card: ConversionCard
    past: CampaignRows | None

    def knows(self, bundle: Bundle) -> bool:
        """Whether it was trained on what this bundle sees."""
        return self.model.bundle == bundle.card.id

    def past_of(self, target: Target) -> CampaignRows | None:
        """The rows that a target was learned from: where imported ones trained it, simulated ones are no evidence."""
        if self.past is None or target.name not in self.model.targets:
            return None
        provenance = PROVENANCES.index(self.model.targets[target.name].facts.provenance)
        return self.past.chosen(self.past.provenance == provenance)


@dataclass(frozen=True)
class Served:
    """One entry of the history: which model served since when; `card` is None where its folder is gone."""

    model: str
    since: datetime
    card: ConversionCard | None


def conversions_folder() -> Path:
    """Where the models of the app at work lie."""
    return current_settings().instance / FOLDER


def current_conversions() -> Loaded | None:
    """The model in service; None where none was published yet. Costs a look at a link unless it has changed."""
    models: _Models = current_app.extensions.setdefault("conversion_models", _Models(conversions_folder()))
    return models.current()


def publish_conversions(folder: Path) -> ConversionCard:
    """Copy a model's folder, check the copy, and put it into service; what is too old is deleted.

    Raises ConversionModelError where the folder is no whole model, or another model has its id.
    """
    to = conversions_folder()
    name = read_card(folder).id
    if not name or Path(name).name != name or name in {CURRENT, HISTORY} or name.startswith("."):
        raise ConversionModelError(f"{name!r} cannot be a folder's name: give the model another id")
    to.mkdir(parents=True, exist_ok=True)
    if not (to / name).exists():
        draft = to / f".{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(folder, draft)
        _load(draft)
        draft.rename(to / name)
    elif read_card(to / name) != read_card(folder):
        raise ConversionModelError(f"{to / name} holds another model of the same id: train anew")
    _put_into_service(to, name)
    _forget_old(to)
    return read_card(to / name)


def roll_back() -> ConversionCard:
    """Put the model that served before the one in service back; raises ConversionModelError where there is none.

    Again goes one further back: what was left is not returned to.
    """
    to = conversions_folder()
    before = _before(to)
    if before is None:
        raise ConversionModelError("There is no earlier model to go back to.")
    _load(to / before)
    _put_into_service(to, before, left=_target(to))
    return read_card(to / before)


def in_service() -> ConversionCard | None:
    """The card of the model in service, read alone: cheap for who does not predict. None where there is none."""
    to = conversions_folder()
    name = _target(to)
    return _card_of(to / name) if name else None


def can_roll_back() -> bool:
    """Whether there is an earlier model to go back to."""
    return _before(conversions_folder()) is not None


def history() -> list[Served]:
    """What served and since when, the latest first."""
    to = conversions_folder()
    return [
        Served(entry["model"], datetime.fromisoformat(entry["since"]), _card_of(to / entry["model"]))
        for entry in reversed(_entries(to))
    ]


class _Models:
    """The model that the link leads to, kept in memory. Safe from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loading = threading.Lock()
        self._name: str | None = None
        self._loaded: Loaded | None = None

    def current(self) -> Loaded | None:
        name = _target(self._folder)
        if name == self._name:
            return self._loaded
        if not self._loading.acquire(blocking=self._loaded is None):
            return self._loaded  # somebody reads the new one already: the old one serves until then
        try:
            if name != self._name:
                self._swap(name)
        finally:
            self._loading.release()
        return self._loaded

    def _swap(self, name: str | None) -> None:
        try:
            self._loaded = _load(self._folder / name) if name else None
        except ConversionModelError:
            log.exception("conversion model %s cannot be read; the one before it stays", name)
        else:
            log.info("conversion model %s is in service", name)
        self._name = name  # one that cannot be read is not tried again with each request


def _load(folder: Path) -> Loaded:
    try:
        return Loaded(*load_model(folder), read_past(folder))
    except PastRowsError as error:
        raise ConversionModelError(str(error)) from error


def _target(folder: Path) -> str | None:
    """The name that the link leads to."""
    try:
        return (folder / CURRENT).readlink().name
    except OSError:
        return None


def _put_into_service(to: Path, name: str, left: str | None = None) -> None:
    link = to / f".{CURRENT}.{os.getpid()}.{threading.get_ident()}"
    link.unlink(missing_ok=True)
    link.symlink_to(name, target_is_directory=True)
    link.replace(to / CURRENT)
    entry = {"model": name, "since": now().isoformat(timespec="seconds")} | ({"left": left} if left else {})
    with (to / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def _before(to: Path) -> str | None:
    """The model that served before the one in service and was not left by going back."""
    served: list[str] = []
    for entry in _entries(to):
        name = entry["model"]
        if "left" in entry:
            while served and served[-1] != name:
                served.pop()
        elif name in served:
            served.remove(name)
        if not served or served[-1] != name:
            served.append(name)
    there = [name for name in served[:-1] if _card_of(to / name) is not None]
    return there[-1] if there else None


def _forget_old(to: Path) -> None:
    """Delete the models that served longest ago. One that a request still works with is in its memory already."""
    names = list(dict.fromkeys(entry["model"] for entry in reversed(_entries(to))))
    for name in names[KEPT:]:
        if name != _target(to):
            shutil.rmtree(to / name, ignore_errors=True)


def _entries(to: Path) -> list[dict[str, str]]:
    try:
        lines = (to / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def _card_of(folder: Path) -> ConversionCard | None:
    try:
        return read_card(folder)
    except ConversionModelError:
        return None
