"""The conversion model in service: swapped without a restart, published whole or not at all, taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.webapp.studio.models_of_conversions import tiny_rows, write_tiny_model
from webapp.studio import conversion_models
from webapp.studio.conversion_models import (
    ConversionModelError,
    can_roll_back,
    conversions_folder,
    current_conversions,
    history,
    publish_conversions,
    roll_back,
)

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder, trained once for these tests."""
    folder = tmp_path_factory.mktemp("trained") / "first"
    write_tiny_model(folder, "first")
    return folder


def named(trained: Path, folder: Path, name: str) -> Path:
    """A copy of the model under another id."""
    shutil.copytree(trained, folder / name)
    card = json.loads((folder / name / "card.json").read_text())
    (folder / name / "card.json").write_text(json.dumps(card | {"id": name}))
    return folder / name


def in_service() -> str:
    loaded = current_conversions()
    assert loaded is not None
    return loaded.card.id


def test_a_published_model_is_read_once_and_swapped_when_another_is_published(trained: Path, tmp_path: Path) -> None:
    assert current_conversions() is None
    assert publish_conversions(trained).id == "first"
    loaded = current_conversions()
    assert loaded is not None and loaded is current_conversions()
    assert loaded.card.id == "first" and loaded.model.bundle == "tiny"
    publish_conversions(named(trained, tmp_path, "second"))
    assert in_service() == "second"
    assert [(served.model, served.card is not None) for served in history()] == [("second", True), ("first", True)]


def test_the_rows_that_it_learned_from_come_with_it(trained: Path) -> None:
    publish_conversions(trained)
    loaded = current_conversions()
    assert loaded is not None and loaded.past is not None
    merged, _ = tiny_rows().merged()
    assert np.array_equal(loaded.past.counts, merged.counts)
    assert (loaded.past.pictures.ids[loaded.past.picture] == merged.pictures.ids[merged.picture]).all()


def test_going_back_twice_goes_two_back(trained: Path, tmp_path: Path) -> None:
    assert not can_roll_back()
    with pytest.raises(ConversionModelError, match="no earlier model"):
        roll_back()
    for name in ("first", "second", "third"):
        publish_conversions(named(trained, tmp_path, name))
    assert roll_back().id == in_service() == "second"
    assert roll_back().id == in_service() == "first"
    assert not can_roll_back()
    publish_conversions(tmp_path / "third")
    assert roll_back().id == "first"
    assert [served.model for served in history()[:3]] == ["first", "third", "first"]


def test_a_damaged_model_is_refused_and_the_one_in_service_stays(trained: Path, tmp_path: Path) -> None:
    publish_conversions(trained)
    damaged = named(trained, tmp_path, "damaged")
    (damaged / "mean.npy").write_bytes(b"half")
    with pytest.raises(ConversionModelError, match="SHA-256"):
        publish_conversions(damaged)
    assert in_service() == "first"
    torn = named(trained, tmp_path, "torn")
    (torn / "past.npz").write_bytes(b"half")
    with pytest.raises(ConversionModelError, match=r"past\.npz"):
        publish_conversions(torn)
    assert [served.model for served in history()] == ["first"]


def test_one_that_is_damaged_while_it_waits_leaves_the_old_one_in_service(trained: Path, tmp_path: Path) -> None:
    publish_conversions(trained)
    assert in_service() == "first"
    publish_conversions(named(trained, tmp_path, "second"))
    (conversions_folder() / "second" / "mean.npy").unlink()
    assert in_service() == "first"


def test_an_id_belongs_to_one_model(trained: Path, tmp_path: Path) -> None:
    publish_conversions(trained)
    other = named(trained, tmp_path, "first")
    card = json.loads((other / "card.json").read_text())
    (other / "card.json").write_text(json.dumps(card | {"created_at": "2026-05-05T00:00:00+00:00"}))
    with pytest.raises(ConversionModelError, match="same id"):
        publish_conversions(other)
    with pytest.raises(ConversionModelError, match="cannot be a folder's name"):
        publish_conversions(named_badly(trained, tmp_path))


def named_badly(trained: Path, folder: Path) -> Path:
    shutil.copytree(trained, folder / "bad")
    card = json.loads((folder / "bad" / "card.json").read_text())
    (folder / "bad" / "card.json").write_text(json.dumps(card | {"id": "../elsewhere"}))
    return folder / "bad"


def test_only_the_last_models_stay_on_the_disk(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion_models, "KEPT", 2)
    for name in ("first", "second", "third"):
        publish_conversions(named(trained, tmp_path, name))
    assert {folder.name for folder in conversions_folder().iterdir() if folder.is_dir()} == {
        "second",
        "third",
        "current",
    }
    assert [served.card is None for served in history()] == [False, False, True]
