"""Phone photos, cut-outs and non-shoes: true masks, the same from the same seed, and all different."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demo import backgrounds
from demo.masks import on_white, patch_mask, worn
from demo.models import MODELS
from demo.nonshoes import non_shoe
from demo.photos import phone_photo
from demo.poses import Pose, strike_pose
from demo.samples import MOST_BYTES, make_samples

MODEL = MODELS[1]
COLORWAY = MODEL.colorways[0]
STANDING = Pose("standing", angle_deg=20, elevation_deg=15, roll_deg=0, share=0.6)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_same_seed_gives_the_same_photo() -> None:
    first, again, other = (phone_photo(MODEL, COLORWAY, rng(seed), (160, 120)) for seed in (3, 3, 4))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.mask, again.mask)
    assert first.pose == again.pose != other.pose
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("seed", range(12))
def test_a_photo_shows_its_shoe(seed: int) -> None:
    photo = phone_photo(MODEL, COLORWAY, rng(seed), (160, 120))
    assert (photo.image.shape, photo.image.dtype, photo.mask.shape) == ((120, 160, 3), np.uint8, (120, 160))
    assert (photo.slug, photo.colorway, photo.angle_deg) == (MODEL.slug, COLORWAY.slug, photo.pose.angle_deg)
    assert 0.01 < (photo.mask > 128).mean() < 0.75


@pytest.mark.parametrize("staging", ["standing", "lying"])
def test_the_mask_lies_on_the_shoe(staging: str) -> None:
    """The same photo of another colorway differs within the mask and hardly outside it."""
    pose = Pose(staging, angle_deg=0, elevation_deg=20, roll_deg=5, share=0.7)
    other = MODEL.colorways[1]
    first = phone_photo(MODEL, COLORWAY, rng(5), (320, 240), 0.0, pose)
    second = phone_photo(MODEL, other, rng(5), (320, 240), 0.0, pose)
    change = np.abs(first.image.astype(int) - second.image).mean(axis=2)
    assert np.array_equal(first.mask, second.mask)
    assert change[first.mask > 250].mean() > 6
    assert change[first.mask == 0].mean() < 1


def test_the_shoe_takes_the_share_of_the_width_that_its_pose_says() -> None:
    photo = phone_photo(MODEL, COLORWAY, rng(), (320, 240), 0.0, STANDING)
    columns = np.flatnonzero((photo.mask > 128).any(axis=0))
    assert (columns[-1] - columns[0]) / 320 == pytest.approx(0.6, abs=0.05)


def test_a_hand_covers_a_part_but_not_the_whole_shoe() -> None:
    held = Pose("held", 0, 10, 0, 0.7)
    covered = phone_photo(MODEL, COLORWAY, rng(1), (160, 120), 0.2, held)
    free = phone_photo(MODEL, COLORWAY, rng(1), (160, 120), 0.0, Pose("lying", 0, 10, 0, 0.7))
    share = (covered.mask > 128).sum() / (free.mask > 128).sum()
    assert 0.7 < share < 0.995


def test_poses_stay_within_what_people_do() -> None:
    source = rng(2)
    for hardness in np.linspace(0, 1, 60):
        pose = strike_pose(source, float(hardness))
        assert 0 <= pose.angle_deg < 360
        assert 0 <= pose.elevation_deg <= 50
        assert abs(pose.roll_deg) <= 35
        assert 0.25 <= pose.share <= 0.95


def test_hard_photos_are_exposed_worse_than_easy_ones() -> None:
    def spread(hardness: float) -> float:
        photos = [phone_photo(MODEL, COLORWAY, rng(seed), (160, 120), hardness, STANDING).image for seed in range(8)]
        return float(np.std([photo.mean() for photo in photos]))

    assert spread(1.0) > spread(0.0)


def test_wear_changes_a_mask_by_as_much_as_asked() -> None:
    mask = np.zeros((120, 160), np.uint8)
    mask[40:90, 30:130] = 255

    def overlap(wear: float) -> float:
        found = [worn(rng(seed), mask, wear) > 128 for seed in range(12)]
        return float(np.mean([(one & (mask > 0)).sum() / (one | (mask > 0)).sum() for one in found]))

    assert overlap(0.0) > 0.97
    assert 0.5 < overlap(0.8) < overlap(0.3) < overlap(0.0)


def test_nothing_found_gives_an_empty_sheet() -> None:
    photo = np.zeros((40, 60, 3), np.uint8)
    assert (on_white(rng(), photo, np.zeros((40, 60), np.uint8), (50, 50)) == 255).all()
    assert patch_mask(rng(), (40, 60)).shape == (40, 60)


def test_non_shoes_are_the_asked_size_the_same_by_seed_and_all_different() -> None:
    pictures = [non_shoe(rng(seed), (96, 72)) for seed in range(60)]
    assert {(picture.shape, picture.dtype.name) for picture in pictures} == {((72, 96, 3), "uint8")}
    assert np.array_equal(pictures[7], non_shoe(rng(7), (96, 72)))
    assert len({picture.tobytes() for picture in pictures}) == 60
    means = np.array([picture.mean(axis=(0, 1)) for picture in pictures])
    assert means.std(axis=0).min() > 25, "they all have about the same colour"


@pytest.mark.parametrize("kind", backgrounds.PLACES[1:], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("shape", [(30, 40), (120, 90), (375, 500)])
def test_every_place_is_made_in_any_shape(kind: backgrounds.Place, shape: tuple[int, int]) -> None:
    for seed in range(2):
        scene = kind(rng(seed), shape, 0.8)
        assert (scene.shape, scene.dtype) == ((*shape, 3), np.float32)
        assert np.isfinite(scene).all()


def test_samples_come_with_what_the_identify_page_needs(tmp_path: Path) -> None:
    (tmp_path / "sample-99.jpg").write_bytes(b"of an earlier, longer set")
    make_samples(tmp_path, 1, seed=1)
    entries = json.loads((tmp_path / "samples.json").read_text())
    assert {file.name for file in tmp_path.glob("*.jpg")} == {e[k] for e in entries for k in ("file", "preview")}
    for entry in entries:
        assert Image.open(tmp_path / entry["file"]).size == (1000, 750)
        assert (tmp_path / entry["file"]).stat().st_size <= MOST_BYTES
        assert entry["label"] in {model.slug for model in MODELS}
        assert entry["alt"] and entry["caption"]
