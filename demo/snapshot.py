"""A training snapshot of the demo world: shop pictures, phone photos, close-ups and cut-outs of them, and non-shoes.

Close-ups and cut-outs are what an identifier looks at when a photo is served: held-out pictures are such views alone.

    images/train/<label>/...   images/validation/...   images/test/...
    images/unseen_colorway/<label>/...   split "test", in the one colorway of each model that training never sees
    images/<split>/no_shoe/...           label ""

Every picture follows from the plan's seed and its own path, so that an interrupted run goes on where it stopped, and
the same plan always gives the same pictures.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import cv2
import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from demo.colours import Colorway
from demo.models import MODELS, ShoeModel, style_code
from demo.noise import Picture
from demo.nonshoes import non_shoe
from demo.phone_camera import encode_jpeg
from demo.photos import close_up_view, cut_out_view, phone_photo
from demo.render import render
from ml.datasets.snapshot import Snapshot, SnapshotImage, write_snapshot

JPEG_QUALITY = 88
SERVED_VIEWS = ("close_up", "cutout")
SHOP_SHARE, PHOTO_SHARE, CLOSE_UP_SHARE = 0.2, 0.1, 0.35  # the rest are cut-outs
BATCH = 40


@dataclass(frozen=True)
class Plan:
    """How many pictures of what: `per_model` and `negatives` for training, `held_out` per model in each other split.

    `models` takes only that many from the start of the line-up; `size` is the long side in pixels.
    """

    per_model: int = 120
    held_out: int = 12
    unseen_colorway: int = 8
    negatives: int = 1200
    held_out_negatives: int = 240
    size: int = 128
    seed: int = 7
    models: int = len(MODELS)


@dataclass(frozen=True)
class Shot:
    """One picture to be made. `kind`: shop, photo, close_up, cutout or non_shoe; `model` its place in MODELS or -1."""

    kind: str
    split: str
    path: str
    model: int = -1
    colorway: int = 0
    angle_deg: int | None = None

    def entry(self) -> SnapshotImage:
        """Its line in the snapshot. Shop pictures belong to their product, all else to nothing but itself."""
        if self.kind == "non_shoe":
            return SnapshotImage(self.path, "", self.path, self.split)
        model = MODELS[self.model]
        group = style_code(model, model.colorways[self.colorway]) if self.kind == "shop" else self.path
        return SnapshotImage(self.path, model.slug, group, self.split, self.angle_deg)


def write_demo_snapshot(folder: Path, plan: Plan, processes: int = 2) -> Snapshot:
    """Make every picture of the plan that is not there yet, then the table; shows its progress on the terminal."""
    shots = list(plan_shots(plan))
    todo = [shot for shot in shots if not (folder / shot.path).exists()]
    for place in {(folder / shot.path).parent for shot in todo}:
        place.mkdir(parents=True, exist_ok=True)
    # Renderings share a model's geometry, so a batch never mixes models; the longest work first, non-shoes last.
    batches = [
        (folder, plan, own[start : start + BATCH])
        for _, group in groupby(sorted(todo, key=_turn), key=attrgetter("model"))
        for own in [list(group)]
        for start in range(0, len(own), BATCH)
    ]
    columns = (TextColumn("pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress, multiprocessing.get_context("spawn").Pool(processes) as pool:
        bar = progress.add_task("pictures", total=len(shots), completed=len(shots) - len(todo))
        for made in pool.imap_unordered(_make_batch, batches):
            progress.advance(bar, made)
    facts = {"plan": asdict(plan), "made_by": "python -m demo snapshot"}
    return write_snapshot(folder, "the demo world", [shot.entry() for shot in shots], **facts)


def plan_shots(plan: Plan) -> Iterator[Shot]:
    """Every picture of the plan, in the order of the snapshot's table."""
    for index, model in enumerate(MODELS[: plan.models]):
        yield from _shots_of(plan, index, model)
    counts = {"train": plan.negatives, "validation": plan.held_out_negatives, "test": plan.held_out_negatives}
    for split, count in counts.items():
        for number in range(count):
            yield Shot("non_shoe", split, f"images/{split}/no_shoe/{number:04d}.jpg")


def unseen_colorway(plan: Plan, index: int) -> int:
    """Which colorway of model number `index` training never sees."""
    return (plan.seed + index) % len(MODELS[index].colorways)


def _shots_of(plan: Plan, index: int, model: ShoeModel) -> Iterator[Shot]:
    unseen = unseen_colorway(plan, index)
    seen = [number for number in range(len(model.colorways)) if number != unseen]
    rng = np.random.default_rng((plan.seed, index))
    shop = round(plan.per_model * SHOP_SHARE)
    views = [(colorway, angle) for colorway in seen for angle in range(0, 360, 10)]
    for colorway, angle in (views[chosen] for chosen in sorted(rng.permutation(len(views))[:shop].tolist())):
        name = f"shop-{style_code(model, model.colorways[colorway])}-{angle:03d}.jpg"
        yield Shot("shop", "train", f"images/train/{model.slug}/{name}", index, colorway, angle)
    photos, close_ups = round(plan.per_model * PHOTO_SHARE), round(plan.per_model * CLOSE_UP_SHARE)
    kinds = ["photo"] * photos + ["close_up"] * close_ups
    kinds += ["cutout"] * (plan.per_model - min(shop, len(views)) - len(kinds))
    for number, kind in enumerate(kinds):
        path = f"images/train/{model.slug}/{kind}-{number:03d}.jpg"
        yield Shot(kind, "train", path, index, seen[number % len(seen)])
    for split in ("validation", "test"):
        for number in range(plan.held_out):
            kind = SERVED_VIEWS[number % 2]
            path = f"images/{split}/{model.slug}/{kind}-{number:03d}.jpg"
            yield Shot(kind, split, path, index, seen[number // 2 % len(seen)])
    for number in range(plan.unseen_colorway):
        kind = SERVED_VIEWS[number % 2]
        yield Shot(kind, "test", f"images/unseen_colorway/{model.slug}/{kind}-{number:03d}.jpg", index, unseen)


def make_picture(plan: Plan, shot: Shot) -> Picture:
    """The picture of a shot; depends on nothing but the plan's seed and size, and the shot."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{plan.seed}/{shot.path}".encode()).digest()[:8]))
    size = (plan.size, plan.size * 3 // 4) if rng.random() < 0.75 else (plan.size * 3 // 4, plan.size)
    if shot.kind == "non_shoe":
        return non_shoe(rng, size)
    model = MODELS[shot.model]
    colorway: Colorway = model.colorways[shot.colorway]
    if shot.kind == "shop":
        return render(model, colorway, shot.angle_deg or 0, size=(plan.size, plan.size * 2 // 3)).image
    if shot.kind == "close_up":
        return close_up_view(model, colorway, rng, plan.size)
    if shot.kind == "cutout":
        return cut_out_view(model, colorway, rng, plan.size)
    return phone_photo(model, colorway, rng, size).image


def _turn(shot: Shot) -> tuple[int, int]:
    return (shot.model < 0, shot.model)


def _make_batch(batch: tuple[Path, Plan, list[Shot]]) -> int:
    """Make the pictures of a batch in this process; returns how many."""
    folder, plan, shots = batch
    cv2.setNumThreads(1)
    for shot in shots:
        path = folder / shot.path
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(encode_jpeg(make_picture(plan, shot), JPEG_QUALITY))
        unfinished.replace(path)
    return len(shots)
