"""Pictures are decoded once, in order; a bad one is named and left out; a killed run leaves no half cache."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ml.datasets.pictures import load_pictures, read_picture
from ml.datasets.snapshot import Snapshot, SnapshotError, SnapshotImage, read_snapshot, write_snapshot
from tests.training.shapes import write_shapes


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return write_shapes(tmp_path / "shapes", per_label=5, negatives=2)


def test_rows_are_the_snapshots_pictures(snapshot: Snapshot, tmp_path: Path) -> None:
    pictures = load_pictures(snapshot, 32, tmp_path / "cache")
    assert pictures.pixels.shape == (17, 32, 32, 3)
    assert pictures.pixels.dtype == np.uint8
    assert pictures.images == snapshot.images
    assert pictures.unreadable == ()
    assert (pictures.pixels[3] == read_picture(snapshot.file(snapshot.images[3]), 32)).all()
    assert set(pictures.targets(snapshot.labels)) == {-1, 0, 1, 2}
    assert len(pictures.rows("test")) == 3
    assert len(pictures.rows("train", negatives=True)) == 2


def test_a_second_time_nothing_is_decoded(snapshot: Snapshot, tmp_path: Path) -> None:
    load_pictures(snapshot, 32, tmp_path / "cache")
    calls: list[int] = []
    load_pictures(snapshot, 32, tmp_path / "cache", lambda done, _: calls.append(done))
    assert calls == []


def test_bad_pictures_are_named_and_left_out(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.file(snapshot.images[2]).write_bytes(b"not a picture")
    snapshot.file(snapshot.images[4]).unlink()
    pictures = load_pictures(snapshot, 32, tmp_path / "cache")
    assert [picture.path for picture in pictures.unreadable] == [snapshot.images[2].path, snapshot.images[4].path]
    assert "photo" in pictures.unreadable[0].reason
    assert len(pictures.pixels) == len(pictures.images) == 15
    assert snapshot.images[2] not in pictures.images


def test_a_changed_picture_is_decoded_anew(snapshot: Snapshot, tmp_path: Path) -> None:
    before = load_pictures(snapshot, 32, tmp_path / "cache")
    changed = snapshot.file(snapshot.images[0])
    changed.write_bytes(snapshot.file(snapshot.images[-1]).read_bytes())
    os.utime(changed, ns=(1, 1))
    after = load_pictures(snapshot, 32, tmp_path / "cache")
    assert after.digest != before.digest
    assert (after.pixels[0] == after.pixels[-1]).all()


def test_other_splits_need_no_decoding(snapshot: Snapshot, tmp_path: Path) -> None:
    before = load_pictures(snapshot, 32, tmp_path / "cache")
    images = [SnapshotImage(image.path, image.label, image.group, "test") for image in snapshot.images]
    after = load_pictures(write_snapshot(snapshot.folder, "moved", images), 32, tmp_path / "cache")
    assert after.digest == before.digest
    assert len(after.rows("test")) == 15


def test_a_stopped_run_leaves_no_half_cache(snapshot: Snapshot, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_pictures(snapshot, 32, tmp_path / "cache", stop)
    assert list((tmp_path / "cache").iterdir()) == []
    assert len(load_pictures(snapshot, 32, tmp_path / "cache").pixels) == 17


def test_no_readable_picture_at_all_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    write_snapshot(folder, "broken", [SnapshotImage("gone.jpg", "shoe", "gone")])
    with pytest.raises(SnapshotError, match="no picture that can be read"):
        load_pictures(read_snapshot(folder), 32, tmp_path / "cache")
