"""Names of labels are read from a table that somebody typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.datasets.label_names import read_label_names, with_label_names
from ml.datasets.snapshot import Snapshot, SnapshotError, SnapshotImage

TABLE = "label,brand,name,note\nvello_dart,Vello,Dart,\nbrask_tower,Brask,Tower '79,tall\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (file := tmp_path / "names.csv").write_text(TABLE, encoding="utf-8")
    return file


def snapshot_of(*labels: str, **facts: object) -> Snapshot:
    images = tuple(SnapshotImage(path=f"{label}/1.jpg", label=label, group=label) for label in labels)
    return Snapshot(folder=Path(), source="drawn", images=images, facts=facts)


def test_brand_and_name_by_label_and_what_else_is_said(file: Path) -> None:
    assert read_label_names(file) == {
        "vello_dart": {"brand": "Vello", "name": "Dart"},
        "brask_tower": {"brand": "Brask", "name": "Tower '79", "note": "tall"},
    }


def test_only_labels_of_the_pictures_are_named_and_the_others_keep_theirs(file: Path) -> None:
    known = {"ondara_monk": {"brand": "Ondara", "name": "Monk"}}
    named = with_label_names(snapshot_of("vello_dart", "ondara_monk", label_names=known), file)
    assert named.facts["label_names"] == {"vello_dart": {"brand": "Vello", "name": "Dart"}, **known}


def test_a_table_of_other_labels_is_refused(file: Path) -> None:
    with pytest.raises(SnapshotError, match="names none of the labels, such as ondara_monk"):
        with_label_names(snapshot_of("ondara_monk"), file)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("label,brand\na,B\n", "lacks the column name"),
        ("label,brand,name\na,,C\n", "line 2: it has no brand"),
        ("label,brand,name\na,B,C\na,B,D\n", "line 3: a has a name already"),
        ("label,brand,name\na,B\n", "line 2"),
    ],
)
def test_a_table_with_a_hole_says_where(tmp_path: Path, table: str, sentence: str) -> None:
    (file := tmp_path / "names.csv").write_text(table, encoding="utf-8")
    with pytest.raises(SnapshotError, match=sentence):
        read_label_names(file)
