"""How well shoes are cut out: shop pictures with their own exact masks, pasted into photos of rooms.

GrabCut started from a box with a margin of 5 %, at 256 pixels, is the plain way. Needs the real pictures.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.table import Row
from demo.starter import real_pictures
from ml.imaging.pool import PhotoPool

PHOTOS, SEED, SIZE, PLAIN_SIDE, ASKED = 120, 20_261_121, (512, 384), 256, 0.7
SHOES = ("footlocker/images/*/*.png", "restocks7/*/*.png", "views360/*/*.png")
Picture = NDArray[np.uint8]


def measure() -> Iterator[Row]:
    """Mean intersection over union of masks, and the time that a cut-out takes; nothing without the pictures."""
    folder = real_pictures()
    if not (folder / "backgrounds").is_dir():
        return
    ours, plain = [], []
    with PhotoPool(seconds=60) as pool:
        for image, truth in pasted_shoes(folder, np.random.default_rng(SEED)):
            prepared = pool.prepare(_as_png(image))
            ours.append((_overlap(prepared.cutout.mask, truth), prepared.timings_ms["cutout"]))
            started = time.perf_counter()
            mask = _plain(image)
            plain.append((_overlap(mask, truth), 1000 * (time.perf_counter() - started)))
    our_iou, plain_iou = np.mean(ours, axis=0)[0], np.mean(plain, axis=0)[0]
    (our_median, our_ms), (plain_median, plain_ms) = np.median(ours, axis=0), np.median(plain, axis=0)
    what = f"{PHOTOS} shoes pasted into rooms, mean IoU of the cut-out"
    yield Row(what, f"{plain_iou:.3f}", f"{our_iou:.3f}", "", f"{ASKED}", bool(our_iou >= ASKED))
    yield Row("  median", f"{plain_median:.3f}", f"{our_median:.3f}", "", "", None)
    ratio = f"{plain_ms / our_ms:.1f} x"
    yield Row("  time, p50", f"{plain_ms:.0f} ms", f"{our_ms:.0f} ms", ratio, "at most 60 ms", bool(our_ms <= 60))


def pasted_shoes(folder: Path, rng: np.random.Generator) -> Iterator[tuple[Picture, NDArray[np.bool_]]]:
    """Photos (H, W, 3) of one shoe each, anywhere and of any size in a room, and where the shoe is (H, W)."""
    rooms = sorted((folder / "backgrounds").glob("*.jpg"))[1::2]  # the constants of ml.imaging.find saw the others
    sources = [sorted(folder.glob(pattern))[1::2] for pattern in SHOES]
    for number in range(PHOTOS):
        source = sources[number % len(sources)]
        room = _cropped(Image.open(rooms[rng.integers(len(rooms))]).convert("RGB"), rng)
        shoe = Image.open(source[rng.integers(len(source))]).convert("RGBA")
        shoe = shoe.crop(shoe.getchannel("A").point(lambda opacity: 255 * (opacity > 128)).getbbox())
        scale = min(rng.uniform(0.35, 0.85) * SIZE[0] / shoe.width, 0.75 * SIZE[1] / shoe.height)
        shoe = shoe.resize(
            (max(8, int(shoe.width * scale)), max(8, int(shoe.height * scale))), Image.Resampling.BICUBIC
        )
        shoe = shoe.rotate(rng.normal(0, 8), Image.Resampling.BICUBIC, expand=True)
        left = int(np.clip(rng.normal(0.5, 0.22), 0, 1) * (SIZE[0] - shoe.width))
        top = int(np.clip(rng.normal(0.55, 0.22), 0, 1) * (SIZE[1] - shoe.height))
        room.paste(shoe, (left, top), shoe)
        mask = Image.new("L", SIZE)
        mask.paste(shoe.getchannel("A"), (left, top))
        noisy = np.asarray(room) + rng.normal(0, 4, (SIZE[1], SIZE[0], 3))
        yield noisy.clip(0, 255).astype(np.uint8), np.asarray(mask) > 128


def _cropped(room: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A part of a room, SIZE large."""
    scale = max(SIZE[0] / room.width, SIZE[1] / room.height) * rng.uniform(1, 1.6)
    room = room.resize((int(room.width * scale) + 1, int(room.height * scale) + 1))
    left, top = rng.integers(room.width - SIZE[0] + 1), rng.integers(room.height - SIZE[1] + 1)
    return room.crop((int(left), int(top), int(left) + SIZE[0], int(top) + SIZE[1]))


def _as_png(image: Picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _overlap(mask: Picture, truth: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    shoe = mask > 127
    return float((shoe & truth).sum() / (shoe | truth).sum())


def _plain(image: Picture) -> Picture:
    scale = PLAIN_SIDE / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    labels, ground, figure = np.zeros((height, width), np.uint8), np.zeros((1, 65)), np.zeros((1, 65))
    box = (int(0.05 * width), int(0.05 * height), int(0.9 * width), int(0.9 * height))
    cv2.grabCut(small, labels, box, ground, figure, 5, cv2.GC_INIT_WITH_RECT)
    shoe = np.where(labels % 2 == 1, 255, 0).astype(np.uint8)
    return np.asarray(cv2.resize(shoe, image.shape[1::-1]), np.uint8)
