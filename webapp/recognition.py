"""The one door to the models: admission, decode pool, published bundle, hot swap.

`Recognition` is made with the app and holds nothing until `start()`, which loads in the background; gunicorn has forked
by then (see gunicorn.conf.py). A thread looks once a second whether another bundle was published or the catalogue's
embeddings have changed, and swaps what is on duty as a whole: a request sees one bundle from its beginning to its end,
and the old one goes when its last request has.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import Flask, current_app
from numpy.typing import NDArray

from ml.imaging.decode import Limits
from ml.imaging.pool import PhotoPool, PreparedPhoto
from ml.serving import pipeline
from ml.serving.alternates import Alternate
from ml.serving.bundle import Bundle, BundleError, Card, read_bundle
from ml.serving.runtime import Recogniser, Seen
from webapp.admission import Admission, Busy, NotReady
from webapp.settings import Settings, current_settings
from webapp.shelf import Shelf, ShelfReader

__all__ = ["Busy", "NotReady", "Recognised", "Recognition", "current_recognition"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
FIRST_LOOK_S = 8.0


@dataclass(frozen=True)
class OnDuty:
    """What answers at this moment; replaced as a whole."""

    recogniser: Recogniser
    shelf: Shelf

    @property
    def bundle(self) -> Bundle:
        return self.recogniser.bundle


@dataclass(frozen=True)
class Recognised:
    """What the models say about some photos, which bundle said it, which product stands for each matched label, and
    what looks like the photos beside the product that they show."""

    identification: pipeline.Identification
    bundle: Bundle
    products: Mapping[str, int]
    alternates: Sequence[Alternate]


class Recognition:
    """Identify photos and embed pictures with the published bundle. Safe to use from many threads."""

    def __init__(self, settings: Settings, shelf_reader: ShelfReader | None = None) -> None:
        self.admission = Admission(settings.identify_slots, settings.identify_queue)
        self.shelf_reader = shelf_reader
        self._settings = settings
        self._on_duty: OnDuty | None = None
        self._pool: PhotoPool | None = None
        self._watcher: threading.Thread | None = None
        self._changing = threading.RLock()
        self._stopped = threading.Event()
        self._looked = threading.Event()
        self._refused: Path | None = None
        self._read_shelf_again_at = 0.0

    def start(self) -> None:
        """Load in the background and follow changes from now on. Cheap to repeat; call it after forks, never before."""
        if self._watcher is not None:
            return
        with self._changing:
            if self._watcher is None:
                self._stopped, self._looked = threading.Event(), threading.Event()
                watcher = threading.Thread(target=self._watch, args=(self._stopped,), name="recognition", daemon=True)
                watcher.start()
                self._watcher = watcher
                atexit.register(self.close)

    def close(self) -> None:
        """Stop looking and end the children; `start()` begins anew."""
        self._stopped.set()
        atexit.unregister(self.close)
        with self._changing:
            pool, self._pool, self._on_duty = self._pool, None, None
            self._watcher = None
        if pool is not None:
            pool.close()

    @property
    def ready(self) -> bool:
        """Whether a photo would be answered now."""
        return self._on_duty is not None and self._pool is not None

    @property
    def bundle(self) -> Bundle | None:
        """The bundle on duty."""
        return self._on_duty.bundle if self._on_duty else None

    def identify(self, photos: Iterable[bytes]) -> Recognised:
        """Say which shoe the photos (1 to 4, of one shoe) show.

        Draws `photos` one by one, and only when a place is free: waiting uploads need not lie in memory.
        Raises Busy where none is, NotReady before a bundle is loaded, DecodeError where a photo cannot be used.
        """
        self.start()
        with self.admission.place():
            if self._on_duty is None:
                self._looked.wait(FIRST_LOOK_S)  # the first photo after a start waits for the models
            on_duty, pool = self._on_duty, self._pool or self._open_pool()
            if on_duty is None:
                raise NotReady
            identification = pipeline.identify(photos, pool, on_duty.recogniser, on_duty.shelf.index)
            return _recognised(identification, on_duty)

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit embeddings (N, D) of RGB pictures of any size; raises NotReady before a bundle is loaded."""
        if self._on_duty is None:
            raise NotReady
        return self._on_duty.recogniser.embed(images)[0]

    def see(self, images: Sequence[NDArray[np.uint8]]) -> tuple[Bundle, Seen]:
        """All that the bundle on duty sees in RGB pictures of any size, and which bundle that is.

        Raises NotReady before one is loaded.
        """
        on_duty = self._on_duty
        if on_duty is None:
            raise NotReady
        return on_duty.bundle, on_duty.recogniser.see(images)

    def prepare(self, photo: bytes) -> PreparedPhoto:
        """Open a picture and cut its shoe out, in a child process; raises DecodeError where it cannot be used."""
        return (self._pool or self._open_pool()).prepare(photo)

    def decode(self, picture: bytes) -> NDArray[np.uint8]:
        """Open a picture in a child process, as uploads are; raises DecodeError where it cannot be used."""
        return (self._pool or self._open_pool()).decode(picture)

    def nearest(self, embedding: NDArray[np.float32], count: int = 8) -> list[Alternate]:
        """The products that look most like a unit embedding (D,) by the bundle on duty; none before it is loaded."""
        return self._on_duty.shelf.index.nearest(embedding, count) if self._on_duty else []

    def wait_until_looked(self) -> None:
        """Start, and give the models the time that they usually need to be there."""
        self.start()
        if self._on_duty is None:
            self._looked.wait(FIRST_LOOK_S)

    def alternates_of(self, product_id: int, count: int = 8) -> list[Alternate]:
        """The products that look most like this one; none before a bundle is loaded or the product embedded."""
        self.start()
        return self._on_duty.shelf.alternates_of(product_id, count) if self._on_duty else []

    def refresh(self) -> None:
        """Take the bundle that is published now. The watching thread does so each second; what only embeds pictures
        calls this where a change matters, and needs no `start()`."""
        with self._changing:
            self._swap_bundle(with_shelf=False)

    def refresh_shelf(self) -> None:
        """Take the catalogue's embeddings of now, as the watching thread does after each `refresh()`."""
        with self._changing:
            self._swap_shelf()

    def _watch(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            try:
                with self._changing:
                    if not stopped.is_set():
                        self._open_pool()
                        self._swap_bundle(with_shelf=True)
                        if time.monotonic() >= self._read_shelf_again_at:
                            self._swap_shelf()
            except Exception:
                log.exception("looking for changes failed; what is on duty stays")
            self._looked.set()
            stopped.wait(LOOK_EVERY_S)

    def _open_pool(self) -> PhotoPool:
        """The pool of children that open photos, made where there is none yet."""
        with self._changing:
            if self._pool is None:
                settings = self._settings
                self._pool = PhotoPool(
                    settings.decode_workers,
                    memory_mb=settings.decode_memory_mb,
                    seconds=settings.decode_seconds,
                    limits=Limits(max_bytes=settings.max_photo_bytes),
                )
            return self._pool

    def _published_folder(self) -> Path | None:
        """Where the bundle to serve from lies: the published one, else the starter bundle, else none."""
        for folder in (self._settings.bundles_folder / "current", self._settings.starter_bundle):
            if (folder / "card.json").is_file():
                return folder.resolve()
        return None

    def _swap_bundle(self, *, with_shelf: bool) -> None:
        folder = self._published_folder()
        if folder is None or folder == self._refused or (self._on_duty and self._on_duty.bundle.folder == folder):
            return
        try:
            recogniser = Recogniser(read_bundle(folder), threads=self._settings.model_threads)
        except BundleError as error:
            self._refused = folder
            log.error("the published bundle is refused, what is on duty stays: %s", error)
            return
        self._refused, card = None, recogniser.bundle.card
        shelf = self._read_shelf(card) if with_shelf else Shelf.empty(card.embedding_dimensions)
        self._on_duty = OnDuty(recogniser, shelf)
        log.info("bundle %s is on duty", card.id)

    def _swap_shelf(self) -> None:
        on_duty = self._on_duty
        if on_duty is None or self.shelf_reader is None:
            return
        card = on_duty.bundle.card
        if self.shelf_reader.version(card.id) != on_duty.shelf.version:
            self._on_duty = OnDuty(on_duty.recogniser, self._read_shelf(card))

    def _read_shelf(self, card: Card) -> Shelf:
        """The catalogue's embeddings by this bundle; the longer reading them takes, the later they are read again,
        since a catalogue that fills changes all the time."""
        if self.shelf_reader is None:
            return Shelf.empty(card.embedding_dimensions)
        started = time.monotonic()
        shelf = self.shelf_reader.read(card.id, card.embedding_dimensions)
        self._read_shelf_again_at = time.monotonic() + 10 * (time.monotonic() - started)
        return shelf


def _recognised(said: pipeline.Identification, on_duty: OnDuty) -> Recognised:
    """What was said, with the catalogue's products: of each label the one in the colorway that the photos show."""
    shelf = on_duty.shelf
    found = {match.label: shelf.product_of(match.label, said.embedding) for match in said.matches}
    products = {label: product_id for label, product_id in found.items() if product_id is not None}
    alternates, shown = list(said.alternates), products.get(said.matches[0].label)
    if said.in_catalogue and shown in {alternate.product_id for alternate in alternates}:
        alternates = shelf.index.nearest(said.embedding, len(alternates), exclude=(shown,))
    return Recognised(said, on_duty.bundle, products, alternates)


def register(app: Flask) -> None:
    """Give the app its door to the models. Nothing is loaded: the web server's process calls `start()`, and else the
    first request that needs it does."""
    with app.app_context():
        app.extensions["recognition"] = Recognition(current_settings())


def current_recognition() -> Recognition:
    """The door of the app at work."""
    recognition: Recognition = current_app.extensions["recognition"]
    return recognition
