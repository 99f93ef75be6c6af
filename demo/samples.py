"""The sample photos of the identify page: a dozen phone photos of different shoes, from easy to hard."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from demo.models import MODELS, ShoeModel
from demo.noise import Picture
from demo.phone_camera import encode_jpeg
from demo.photos import PhonePhoto, phone_photo
from demo.poses import strike_pose

SIZE = (1000, 750)
PREVIEW_SIZE = (320, 240)
MOST_BYTES = 120_000
EASIEST, HARDEST = 0.15, 0.6
PLACES = {"standing": "on the floor", "lying": "lying flat, seen from above", "held": "held up in a hand"}
CAPTIONS = {"standing": "On the floor", "lying": "From above", "held": "In a hand"}


def make_samples(folder: Path, count: int, seed: int) -> list[dict[str, str]]:
    """Write `count` photos, their previews and samples.json into `folder`; the same seed gives the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("sample-*.jpg"):
        stale.unlink()
    entries = [_make_one(folder, number, count, seed) for number in range(count)]
    (folder / "samples.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    return entries


def _make_one(folder: Path, number: int, count: int, seed: int) -> dict[str, str]:
    rng = np.random.default_rng((seed, number))
    model = _model_for(number, count)
    colorway = model.colorways[number % len(model.colorways)]
    hardness = EASIEST + (HARDEST - EASIEST) * number / max(1, count - 1)
    pose = strike_pose(rng, hardness, _telling_angle(rng))
    photo = phone_photo(model, colorway, rng, SIZE, hardness, pose)
    name = f"sample-{number + 1:02d}.jpg"
    (folder / name).write_bytes(_fitting_jpeg(photo.image))
    preview = np.asarray(cv2.resize(photo.image, PREVIEW_SIZE, interpolation=cv2.INTER_AREA), np.uint8)
    (folder / f"sample-{number + 1:02d}-small.jpg").write_bytes(encode_jpeg(preview, 80))
    return {
        "file": name,
        "preview": f"sample-{number + 1:02d}-small.jpg",
        "label": photo.slug,
        "colorway": photo.colorway,
        "caption": CAPTIONS[photo.pose.staging],
        "alt": _alt(photo, model),
    }


def _model_for(number: int, count: int) -> ShoeModel:
    """Models spread over the whole line-up, so that the samples look different from each other."""
    return MODELS[(number * len(MODELS) // count + 1) % len(MODELS)]


def _telling_angle(rng: Generator) -> float:
    """A side or three-quarter view, from which people recognise a shoe."""
    return float((rng.uniform(-50, 50) + (0 if rng.random() < 0.6 else 180)) % 360)


def _alt(photo: PhonePhoto, model: ShoeModel) -> str:
    kind = model.category.replace("-", " ")
    return f"Phone photo of a sneaker ({kind}) {PLACES[photo.pose.staging]}"


def _fitting_jpeg(picture: Picture) -> bytes:
    """The picture as a JPEG of at most MOST_BYTES, as good as that allows."""
    for quality in range(88, 30, -6):
        encoded = encode_jpeg(picture, quality)
        if len(encoded) <= MOST_BYTES:
            return encoded
    return encoded
