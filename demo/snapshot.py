"""A training snapshot of the demo world: shop pictures, phone photos, what an identifier sees of them, and non-shoes.

An identifier looks at a photo three times: whole, close up, and cut out on white. Training pictures are such views,
made by the cut-out that serves; held-out pictures are whole photos, which evaluation sends the way of an upload.

    images/train/<label>/...   images/validation/...   images/test/...
    images/unseen_colorway/<label>/...   split "test", where the plan keeps one colorway of each model from training
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

from demo.models import MODELS, ShoeModel, style_code
from demo.noise import Picture
from demo.nonshoes import non_shoe
from demo.phone_camera import encode_jpeg
from demo.photos import phone_photo
from demo.render import render
from ml.datasets.snapshot import Snapshot, SnapshotImage, write_snapshot
from ml.imaging.cutout import Cutout, close_up, cut_out, from_alpha, on_white

JPEG_QUALITY = 88
VIEWS = ("photo", "close_up", "cutout")
SHOP_SHARE = 0.2  # the rest are views of phone photos, of each kind as many
LEAST_OVERLAP = 0.3  # a training picture that misses the shoe teaches nothing about it
PHOTOS_OF_UNSEEN = 8
BATCH = 40
SOURCE = "the demo world: invented shoes, rendered pictures"


@dataclass(frozen=True)
class Plan:
    """How many pictures of what: `per_model` and `negatives` for training, `held_out` per model in each other split.

    `unseen_colorway` pictures per model show a colorway that training never sees; 0 lets training see all of them.
    `models` takes only that many from the start of the line-up. `size` is the long side of training pictures in
    pixels, `photo_size` that of held-out photos and of those that the views are taken from.
    """

    per_model: int = 130
    held_out: int = 12
    unseen_colorway: int = 0
    negatives: int = 1400
    held_out_negatives: int = 240
    size: int = 128
    photo_size: int = 320
    seed: int = 7
    models: int = len(MODELS)


@dataclass(frozen=True)
class Shot:
    """One picture to be made. `kind`: shop, photo, close_up or cutout; `model`: place in MODELS, -1 for a non-shoe."""

    kind: str
    split: str
    path: str
    model: int = -1
    colorway: int = 0
    angle_deg: int | None = None

    def entry(self) -> SnapshotImage:
        """Its line in the snapshot. Shop pictures belong to their product, all else to nothing but itself."""
        if self.model < 0:
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
    names = {model.slug: {"brand": model.brand, "name": model.name} for model in MODELS[: plan.models]}
    facts = {"plan": asdict(plan), "made_by": "python -m demo snapshot", "label_names": names}
    return write_snapshot(folder, SOURCE, [shot.entry() for shot in shots], **facts)


def plan_shots(plan: Plan) -> Iterator[Shot]:
    """Every picture of the plan, in the order of the snapshot's table."""
    for index, model in enumerate(MODELS[: plan.models]):
        yield from _shots_of(plan, index, model)
    counts = {"train": plan.negatives, "validation": plan.held_out_negatives, "test": plan.held_out_negatives}
    for split, count in counts.items():
        for number in range(count):
            kind = VIEWS[number % len(VIEWS)] if split == "train" else "photo"
            yield Shot(kind, split, f"images/{split}/no_shoe/{kind}-{number:04d}.jpg")


def unseen_colorway(plan: Plan, index: int) -> int | None:
    """Which colorway of model number `index` training never sees; None where it sees all of them."""
    return (plan.seed + index) % len(MODELS[index].colorways) if plan.unseen_colorway else None


def _shots_of(plan: Plan, index: int, model: ShoeModel) -> Iterator[Shot]:
    unseen = unseen_colorway(plan, index)
    seen = [number for number in range(len(model.colorways)) if number != unseen]
    rng = np.random.default_rng((plan.seed, index))
    sides = [(colorway, angle) for colorway in seen for angle in range(0, 360, 10)]
    shop = min(len(sides), round(plan.per_model * SHOP_SHARE))
    for colorway, angle in (sides[chosen] for chosen in sorted(rng.permutation(len(sides))[:shop].tolist())):
        name = f"shop-{style_code(model, model.colorways[colorway])}-{angle:03d}.jpg"
        yield Shot("shop", "train", f"images/train/{model.slug}/{name}", index, colorway, angle)
    for number in range(plan.per_model - shop):
        kind = VIEWS[number % len(VIEWS)]
        path = f"images/train/{model.slug}/{kind}-{number:03d}.jpg"
        yield Shot(kind, "train", path, index, seen[number // len(VIEWS) % len(seen)])
    for split in ("validation", "test"):
        for number in range(plan.held_out):
            path = f"images/{split}/{model.slug}/photo-{number:03d}.jpg"
            yield Shot("photo", split, path, index, seen[number % len(seen)])
    if unseen is not None:
        for number in range(plan.unseen_colorway):
            yield Shot("photo", "test", f"images/unseen_colorway/{model.slug}/photo-{number:03d}.jpg", index, unseen)


def make_picture(plan: Plan, shot: Shot) -> Picture:
    """The picture of a shot; depends on nothing but the plan's seed and sizes, and the shot."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{plan.seed}/{shot.path}".encode()).digest()[:8]))
    if shot.kind == "shop":
        model = MODELS[shot.model]
        size = (plan.size, plan.size * 2 // 3)
        return render(model, model.colorways[shot.colorway], shot.angle_deg or 0, size=size).image
    image, mask = _photo(plan, shot, rng)
    if shot.split != "train":
        return image
    return _at_most(plan.size, _view(shot.kind, image, mask))


def _photo(plan: Plan, shot: Shot, rng: np.random.Generator) -> tuple[Picture, Picture | None]:
    """A photo, lying or upright, of the shot's shoe with its true mask, or of no shoe."""
    across, down = plan.photo_size, plan.photo_size * 3 // 4
    size = (across, down) if rng.random() < 0.75 else (down, across)
    if shot.model < 0:
        return non_shoe(rng, size), None
    model = MODELS[shot.model]
    photo = phone_photo(model, model.colorways[shot.colorway], rng, size)
    return photo.image, photo.mask


def _view(kind: str, image: Picture, mask: Picture | None) -> Picture:
    """What serving would see of a photo; by the true mask where the cut-out misses the shoe."""
    if kind == "photo":
        return image
    found = cut_out(image)
    if found.fallback:
        return image
    if mask is not None and _overlap(found, mask) < LEAST_OVERLAP:
        found = from_alpha(mask) or found
    return close_up(image, found) if kind == "close_up" else on_white(image, found)


def _overlap(found: Cutout, mask: Picture) -> float:
    """Intersection over union of a found and the true mask."""
    ours, true = found.mask > 127, mask > 127
    return float((ours & true).sum() / max(1, (ours | true).sum()))


def _at_most(side: int, picture: Picture) -> Picture:
    """The picture with a long side of at most `side` pixels."""
    scale = side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    smaller = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA), np.uint8)


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
