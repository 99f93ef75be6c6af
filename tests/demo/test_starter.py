"""What the bundles that come along are made from, without making them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo import starter
from demo.__main__ import main
from demo.starter import NAMES, ROOT, SETS, colorway_pattern, real_pictures
from ml.datasets.importers import ImportOptions
from ml.datasets.label_names import read_label_names
from ml.training.pretraining.picture_sets import orders_of
from webapp.catalogue.known_models import LISTED, WITHOUT_PICTURES
from webapp.catalogue.labels import label_of, spelled


def test_a_shop_that_sells_a_real_model_meets_its_label() -> None:
    names = read_label_names(NAMES)
    assert len(names) == 50
    assert {label: label_of(said["brand"], said["name"]) for label, said in names.items()} == {
        label: spelled(label) for label in names
    }


def test_real_models_are_listed_before_a_shop_brings_them() -> None:
    assert {said[LISTED] for said in read_label_names(NAMES).values()} == {WITHOUT_PICTURES}


def test_the_real_pictures_lie_where_the_environment_says_or_beside_the_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOLESCOPE_SHARED_DATA", "/elsewhere")
    assert real_pictures() == Path("/elsewhere")
    monkeypatch.delenv("SOLESCOPE_SHARED_DATA")
    assert real_pictures() == ROOT.parent / "shared" / "data"


def test_the_colorway_of_a_real_picture_is_read_as_the_pages_say() -> None:
    found = [
        re.search(colorway_pattern(), f"/{name}") for name in ("nike-ab1234-100-x.png", "nike-dunk-2021-w-3-400.png")
    ]
    assert [one and one.groups() for one in found] == [("ab1234-100", None), (None, "dunk")]
    assert colorway_pattern() in (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")


@pytest.mark.data
def test_the_names_are_those_of_the_real_pictures(shared_data: Path) -> None:
    folders = {folder.name for folder in (shared_data / "sneakers50").iterdir() if folder.is_dir()}
    assert read_label_names(NAMES).keys() == folders


def test_the_sets_of_the_trunk_can_be_read() -> None:
    names = [order.path.name for order in orders_of([SETS], ImportOptions())]
    assert names == ["sneakers50", "footlocker", "restocks7", "fashion_shoes"]


def test_without_the_real_pictures_it_says_what_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOLESCOPE_SHARED_DATA", str(tmp_path / "nowhere"))
    assert main(["starter", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "bundles")]) == 1
    said = capsys.readouterr().err
    assert "sneakers50 is missing" in said
    assert "--demo-only" in said
    assert not (tmp_path / "work").exists()


def test_what_is_needed_at_the_end_is_asked_for_before_hours_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "FOOTLOCKER", tmp_path / "runs" / "footlocker")
    for place in ("sneakers50", "restocks7", "backgrounds", starter.MOBILENET):
        (tmp_path / place).mkdir(parents=True)
    with pytest.raises(starter.PicturesMissingError, match=r"footlocker is missing.*make results"):
        starter.make_bundles(tmp_path / "work", tmp_path / "bundles", tmp_path)
    assert not (tmp_path / "work").exists()
