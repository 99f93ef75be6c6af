"""`make results`: the whole path on real shop pages and real pictures, beside linear probes on ImageNet features.

Foot Locker's saved pages are served by a local shop, scraped, taken into a catalogue, frozen as a snapshot and trained
on; held-out pictures are pasted on real backgrounds and identified as uploads are. `sneakers50` is trained on as class
folders.
The table goes to docs/results.md between its two marks. Everything lies in the work folder and is not done twice.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

from benchmarks.footlocker_scrape import cents
from benchmarks.footlocker_shop import read_labels, running_footlocker_shop
from benchmarks.probes import mobilenet_features, probe, scores, squeezenet_features
from benchmarks.results_page import RESULTS, fill
from benchmarks.servers import ROOT
from demo.starter import real_pictures
from ml.datasets.division import SplitPlan, divide
from ml.datasets.snapshot import Snapshot, SnapshotImage, read_class_folders, read_snapshot

MINIMUM, SEED, PHOTO_SIDE = 10, 0, 640
console = Console(width=140, highlight=False)


@dataclass(frozen=True)
class Line:
    """One line of a table: what was tried, and its numbers on held-out pictures."""

    what: str
    top1: float
    top5: float
    log_loss: float

    def __str__(self) -> str:
        return f"| {self.what} | {self.top1:.3f} | {self.top5:.3f} | {self.log_loss:.2f} |"


def main() -> int:
    """Run what is missing and write the page. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_input", description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "real")
    parser.add_argument("--trunk", type=Path, default=ROOT / "runs" / "starter" / "trunk.weights.h5")
    chosen = parser.parse_args()
    data = real_pictures()
    if not (data / "footlocker").is_dir():
        print(f"There are no real pictures at {data}: set SOLESCOPE_SHARED_DATA.", file=sys.stderr)
        return 2
    if not chosen.trunk.is_file():
        print(f"{chosen.trunk} is missing: `make starter` trains it.", file=sys.stderr)
        return 2
    chosen.work.mkdir(parents=True, exist_ok=True)
    parts = [*_footlocker(data, chosen.work, chosen.trunk), *_sneakers50(data, chosen.work, chosen.trunk)]
    fill("make results", "\n".join(parts))
    console.print(f"{RESULTS} holds the tables")
    return 0


def _footlocker(data: Path, work: Path, trunk: Path) -> Iterator[str]:
    """Pages to catalogue to bundle to photos on backgrounds."""
    instance, snapshot_folder = work / "instance", work / "footlocker"
    if not snapshot_folder.exists():
        with running_footlocker_shop(data) as shop:
            starts = [argument for url in shop.start_urls for argument in ("--start-url", url)]
            _python(["scraper", "footlocker", "--out", str(work / "listings.jsonl"), "--delay", "0", *starts])
        for command in (["db", "upgrade"], ["catalogue", "intake", str(work / "listings.jsonl")]):
            _flask(command, instance)
        _flask(["catalogue", "snapshot", str(snapshot_folder)], instance)
    yield "### Foot Locker: from the saved pages to identified photos\n"
    yield _catalogue_sentence(data, instance) + "\n"
    snapshot = _divided(_common_labels(read_snapshot(snapshot_folder)), work)
    yield from _compare(snapshot, snapshot_folder, data, work / "runs-footlocker", trunk)
    yield _pasted_sentence(snapshot, data, work / "runs-footlocker" / "fine-tuned" / "bundle") + "\n"


def _sneakers50(data: Path, work: Path, trunk: Path) -> Iterator[str]:
    yield "### sneakers50: class-named folders\n"
    snapshot = _divided(read_class_folders(data / "sneakers50"), work)
    yield from _compare(snapshot, data / "sneakers50", data, work / "runs-sneakers50", trunk)


def _divided(snapshot: Snapshot, work: Path) -> Snapshot:
    """The split that `python -m ml train` makes by itself, so that probes and networks are asked about the same."""
    return divide(snapshot, SplitPlan(seed=SEED), work / "cache").snapshot


def _common_labels(snapshot: Snapshot) -> Snapshot:
    """The labels with MINIMUM pictures or more, as `python -m ml train --minimum` keeps them."""
    counts = {label: sum(image.label == label for image in snapshot.images) for label in snapshot.labels}
    kept = tuple(image for image in snapshot.images if counts.get(image.label, 0) >= MINIMUM)
    return replace(snapshot, images=kept)


def _catalogue_sentence(data: Path, instance: Path) -> str:
    """How many products with a saved picture came through with SKU, title and price right, and with their picture."""
    labels = read_labels(data)
    expected = {sku: one for sku, one in labels.items() if (data / "footlocker" / "images" / one.picture).is_file()}
    with sqlite3.connect(instance / "solescope.sqlite") as database:
        rows = database.execute(
            "SELECT style_code, brand, name, price_cents, EXISTS"
            " (SELECT 1 FROM product_images WHERE product_images.product_id = products.id) FROM products"
        ).fetchall()
    products = {style_code: rest for style_code, *rest in rows}
    found = {sku: products[sku] for sku in expected if sku in products}
    right = sum(_is_right(row, expected[sku].title, expected[sku].price) for sku, row in found.items())
    pictured = sum(bool(row[3]) for row in found.values())
    return (
        f"Of {len(expected)} products of `labels.csv` whose picture was saved, {len(found)} are in the catalogue, "
        f"{right} with title, SKU and price right, {pictured} with their picture. "
        f"The catalogue holds {len(products)} products."
    )


def _is_right(row: Sequence[object], title: str, price: str) -> bool:
    brand, name, price_cents = row[:3]
    return " ".join(title.rpartition(" - ")[0].split()) == f"{brand} {name}" and price_cents == cents(price)


def _compare(snapshot: Snapshot, folder: Path, data: Path, runs: Path, trunk: Path) -> Iterator[str]:
    """Random choice, three probes and our two models on one split."""
    count = len(snapshot.labels)
    held_out = sum(image.split == "test" for image in snapshot.images)
    yield f"{count} labels, {len(snapshot.images)} pictures, {held_out} of them held out by product.\n"
    yield "| model | top-1 | top-5 | log-loss |\n|---|---|---|---|"
    yield str(Line("random choice", 1 / count, 5 / count, float(np.log(count))))
    for what, features in _features(snapshot, data / "weights", runs).items():
        yield str(_probe_line(f"linear probe on frozen ImageNet {what}", snapshot, features))
    for what, epochs in (("bottleneck", "0"), ("fine-tuned", "15")):
        run = runs / what
        options = ["--weights", str(trunk), "--minimum", str(MINIMUM), "--seed", str(SEED), "--epochs-fine", epochs]
        _python(["ml", "train", str(folder), "--out", str(run), *options])
        served = json.loads((run / "metrics.json").read_text())["served"]["test"]
        yield str(Line(f"our VGG16, {what}", served["accuracy"], served["top5"], served["log_loss"]))
    yield ""


def _features(snapshot: Snapshot, weights: Path, runs: Path) -> Mapping[str, NDArray[np.float32]]:
    files = [snapshot.file(image) for image in snapshot.images]
    runs.mkdir(parents=True, exist_ok=True)
    kept = runs / f"features-{snapshot.digest[:12]}.npz"
    if not kept.exists():
        console.print(f"ImageNet features of {len(files)} pictures ...")
        np.savez(kept, squeezenet=squeezenet_features(files, weights), mobilenet=mobilenet_features(files, weights))
    loaded = np.load(kept)
    both = np.hstack([loaded["squeezenet"], loaded["mobilenet"]])
    return {"SqueezeNet": loaded["squeezenet"], "MobileNetV2": loaded["mobilenet"], "both, concatenated": both}


def _probe_line(what: str, snapshot: Snapshot, features: NDArray[np.float32]) -> Line:
    labels = np.array([snapshot.labels.index(image.label) for image in snapshot.images])
    is_train = np.array([image.split != "test" for image in snapshot.images])
    reached = scores(probe(features, labels, is_train), labels[~is_train])
    return Line(what, reached["top-1"], reached["top-5"], reached["log-loss"])


def _pasted_sentence(snapshot: Snapshot, data: Path, bundle_folder: Path) -> str:
    """Held-out pictures on real backgrounds, through the path that uploads take."""
    from ml.imaging.pool import PhotoPool
    from ml.serving.alternates import EmbeddingIndex
    from ml.serving.bundle import read_bundle
    from ml.serving.pipeline import identify
    from ml.serving.runtime import Recogniser

    recogniser = Recogniser(read_bundle(bundle_folder))
    index = EmbeddingIndex(recogniser.prototypes, np.arange(len(recogniser.prototypes)))
    backgrounds = sorted((data / "backgrounds").glob("*.jp*g")) or sorted((data / "backgrounds").iterdir())
    rng = np.random.default_rng(SEED)
    held_out = [image for image in snapshot.images if image.split == "test"]
    ranks: list[int] = []
    whole = 0
    pool = PhotoPool()
    try:
        for image in held_out:
            photo = _paste(snapshot, image, backgrounds[int(rng.integers(len(backgrounds)))], rng)
            answer = identify([photo], pool, recogniser, index)
            ranks.append([match.label for match in answer.matches].index(image.label))
            whole += answer.photos[0].cutout.fallback
    finally:
        pool.close()
    top1, top5 = float(np.mean(np.array(ranks) < 1)), float(np.mean(np.array(ranks) < 5))
    return (
        f"The same {len(held_out)} held-out pictures, pasted on `backgrounds/` and sent through decoding, cut-out and "
        f"identification: top-1 {top1:.3f}, top-5 {top5:.3f}; the cut-out fell back to the whole photo {whole} times."
    )


def _paste(snapshot: Snapshot, image: SnapshotImage, background: Path, rng: np.random.Generator) -> bytes:
    """The shoe, by its own transparency, somewhere on a background: a JPEG."""
    import io

    scene = Image.open(background).convert("RGB")
    scale = PHOTO_SIDE / max(scene.size)
    scene = scene.resize((round(scene.width * scale), round(scene.height * scale)))
    shoe = Image.open(snapshot.file(image)).convert("RGBA")
    width = round(scene.width * rng.uniform(0.4, 0.75))
    shoe = shoe.resize((width, max(1, round(shoe.height * width / shoe.width))))
    left, top = (int(rng.integers(0, max(1, room))) for room in (scene.width - width, scene.height - shoe.height))
    scene.paste(shoe, (left, top), shoe)
    stream = io.BytesIO()
    scene.save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _python(arguments: Sequence[str]) -> None:
    console.print(f"python -m {' '.join(arguments[:2])} ...")
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=True)


def _flask(arguments: Sequence[str], instance: Path) -> None:
    environment = {**os.environ, "SOLESCOPE_INSTANCE": str(instance)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
