"""The catalogue frozen as training data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from ml.datasets.snapshot import read_snapshot
from tests.webapp.shoes import listing
from webapp.catalogue.intake import take_in
from webapp.catalogue.snapshot import SnapshotFolderError, write_catalogue_snapshot
from webapp.image_store import current_images
from webapp.jobs.progress import JobCancelled

pytestmark = pytest.mark.usefixtures("app_context")


def test_every_picture_goes_with_its_label_and_style_code(tmp_path: Path) -> None:
    take_in([listing(tmp_path, number, angles=3) for number in range(4)], tmp_path, current_images())
    folder = tmp_path / "snapshots" / "first"
    written = write_catalogue_snapshot(folder, current_images())
    read = read_snapshot(folder)
    assert read.digest == written.digest
    assert len(read.images) == 12
    assert read.labels == ("kestrel_dart_0", "norda_dart_0", "ondine_dart_1", "vello_dart_0")
    assert {image.group for image in read.images} == {f"T-{number:05}" for number in range(4)}
    assert {image.angle_deg for image in read.images} == {0, 120, 240}
    assert all(read.file(image).read_bytes() for image in read.images)


def test_a_picture_that_two_products_share_is_written_once(tmp_path: Path) -> None:
    shoe = listing(tmp_path, 1)
    take_in([shoe, replace(shoe, style_code="twin", name="Twin")], tmp_path, current_images())
    written = write_catalogue_snapshot(tmp_path / "snapshot", current_images())
    assert [image.label for image in written.images] == ["norda_dart_0"]


def test_one_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    take_in([listing(tmp_path, number) for number in range(4)], tmp_path, current_images())
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        write_catalogue_snapshot(tmp_path / "snapshots" / "first", current_images(), tell)
    assert told == [(0, 4), (1, 4), (2, 4)]
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    take_in([listing(tmp_path, 1)], tmp_path, current_images())
    with pytest.raises(SnapshotFolderError, match="is there already"):
        write_catalogue_snapshot(tmp_path / "images", current_images())


def test_an_empty_catalogue_is_no_snapshot(app: Flask, tmp_path: Path) -> None:
    refused = app.test_cli_runner().invoke(args=["catalogue", "snapshot", str(tmp_path / "snapshot")])
    assert refused.exit_code == 1
    assert "no pictures" in refused.output
    assert not (tmp_path / "snapshot").exists()
    assert list(tmp_path.glob(".*")) == []
