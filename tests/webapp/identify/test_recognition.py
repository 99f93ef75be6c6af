"""The door to the models: loads in the background, follows what is published, starts anew after a fork."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import psutil
import pytest
from flask import Flask

from ml.serving.bundle import Bundle
from ml.serving.runtime import Recogniser
from tests.drawn_shoes import SHOES, draw_shoe, photo_of
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.identify.conftest import add_product
from webapp.recognition import NotReady, Recognition
from webapp.settings import Settings


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def publish(settings: Settings, name: str, labels: tuple[str, ...] = tuple(SHOES)) -> Bundle:
    """Publish a bundle as `python -m ml publish` does: write it beside, then turn the link by one rename."""
    bundle = write_tiny_bundle(settings.bundles_folder / name, labels)
    draft = settings.bundles_folder / ".current"
    draft.symlink_to(name, target_is_directory=True)
    draft.rename(settings.bundles_folder / "current")
    return bundle


@pytest.fixture
def door(settings: Settings) -> Iterator[Recognition]:
    """A door of its own, not started."""
    recognition = Recognition(settings)
    yield recognition
    recognition.close()


def test_nothing_is_loaded_before_the_start(door: Recognition) -> None:
    assert door.bundle is None
    assert not door.ready
    with pytest.raises(NotReady):
        door.embed([draw_shoe(SHOES["kumo_drift"])])


def test_starting_loads_in_the_background(
    door: Recognition, shoe_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_load = threading.Event()

    def load(bundle: Bundle, threads: int) -> Recogniser:
        may_load.wait(60)
        return Recogniser(bundle, threads=threads)

    monkeypatch.setattr("webapp.recognition.Recogniser", load)
    door.start()
    door.start()
    assert not door.ready
    may_load.set()
    until(lambda: door.ready)
    assert door.bundle == shoe_bundle


def test_the_first_photo_waits_for_the_models(door: Recognition) -> None:
    assert door.identify([photo_of("kumo_drift")]).identification.matches[0].label == "kumo_drift"


def test_without_any_bundle_a_photo_is_told_so(settings: Settings) -> None:
    door = Recognition(replace(settings, starter_bundle=settings.instance / "none"))
    with pytest.raises(NotReady):
        door.identify([photo_of("kumo_drift")])
    door.close()


def test_a_published_bundle_comes_on_duty_and_the_old_one_goes(door: Recognition, settings: Settings) -> None:
    first = publish(settings, "first")
    door.refresh()
    assert door.bundle == first
    on_duty = door._on_duty
    assert on_duty is not None
    old = weakref.ref(on_duty.recogniser)
    second = publish(settings, "second")
    assert door.bundle == first
    door.refresh()
    assert door.bundle == second
    assert old() is not None  # a request may still be using it
    del on_duty
    gc.collect()
    assert old() is None


def test_the_watching_thread_follows_by_itself(door: Recognition, settings: Settings) -> None:
    door.start()
    until(lambda: door.ready)
    bundle = publish(settings, "newer")
    until(lambda: door.bundle == bundle)


def test_a_damaged_bundle_is_refused_and_the_old_one_stays(door: Recognition, settings: Settings) -> None:
    good = publish(settings, "good")
    door.refresh()
    bad = publish(settings, "bad", ("kumo_drift", "vello_dart_low"))
    bad.model_file.write_bytes(b"not what the card speaks of")
    door.refresh()
    assert door.bundle == good
    better = publish(settings, "better")
    door.refresh()
    assert door.bundle == better


def test_embeddings_have_length_one(door: Recognition) -> None:
    door.refresh()
    embeddings = door.embed([draw_shoe(colours) for colours in SHOES.values()])
    assert embeddings.shape[0] == len(SHOES)
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-3)


def test_the_shelf_follows_the_catalogue(app: Flask, recognition: Recognition, products: dict[str, int]) -> None:
    photo = photo_of("kumo_drift")
    assert recognition.identify([photo]).products["kumo_drift"] == products["kumo_drift-A"]
    with app.app_context():
        add_product(recognition.bundle, "extra-C", "kumo_drift", draw_shoe(SHOES["kumo_drift"]))
    recognition.refresh_shelf()
    ids = {alternate.product_id for alternate in recognition.identify([photo]).identification.alternates}
    assert len(ids) == len(products) + 1


def test_alternates_of_a_product_leave_it_out(recognition: Recognition, products: dict[str, int]) -> None:
    alternates = recognition.alternates_of(products["vello_dart_low-A"], 3)
    assert len(alternates) == 3
    assert products["vello_dart_low-A"] not in {alternate.product_id for alternate in alternates}
    assert recognition.alternates_of(999_999) == []


def test_embeddings_of_another_bundle_are_not_compared(
    app: Flask, recognition: Recognition, products: dict[str, int], settings: Settings
) -> None:
    publish(settings, "other")
    recognition.refresh()
    recognition.refresh_shelf()
    assert recognition.alternates_of(products["vello_dart_low-A"]) == []


def test_closing_ends_the_children(door: Recognition) -> None:
    door.identify([photo_of("kumo_drift")])
    assert door._pool is not None
    children = door._pool.process_ids
    assert children
    door.close()
    until(lambda: not any(psutil.pid_exists(child) for child in children))
