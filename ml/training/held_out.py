"""The held-out answers of a run, kept so that every number about them can be computed again without the network.

    answers.npz   labels, and for each picture: path, split, target, angle, logits; compressed
    pictures.json what was learned from: source, digest, pictures of each label in each split, products by pairs sold

The logits are those of serving: the mean over the views of an upload, before temperature.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.snapshot import Snapshot
from ml.training.as_served import Answers
from ml.training.calibration import Floats, softmax
from ml.training.popularity import popular_products
from ml.training.run_folder import RunError, write_json

ANSWERS_FILE, PICTURES_FILE = "answers.npz", "pictures.json"
NO_ANGLE = -1


@dataclass(frozen=True)
class HeldOut:
    """Row i of `logits` (N, labels) is about the picture `paths[i]`.

    `targets` are positions in `labels`, -1 for negatives; `angles_deg` is -1 where nobody knows. `facts` say which
    bundle answered, at which temperature, on which machine, and which pictures could not be read.
    """

    labels: tuple[str, ...]
    paths: tuple[str, ...]
    splits: tuple[str, ...]
    targets: NDArray[np.int64]
    angles_deg: NDArray[np.int64]
    logits: Floats
    facts: Mapping[str, Any]

    def rows(self, split: str) -> NDArray[np.intp]:
        """Where the labelled pictures of a split lie."""
        return np.nonzero((np.array(self.splits) == split) & (self.targets >= 0))[0]

    def probabilities(self, temperature: float | None = None) -> Floats:
        """(N, labels): what is served, or what another temperature would give; 1 is the network's own opinion."""
        return softmax(self.logits / (temperature or float(self.facts["temperature"])))


def held_out_of(answers: Answers, labels: tuple[str, ...], facts: Mapping[str, Any]) -> HeldOut:
    """The answers in the form that is kept."""
    images = answers.images
    angles = [NO_ANGLE if image.angle_deg is None else image.angle_deg % 360 for image in images]
    return HeldOut(
        labels,
        tuple(image.path for image in images),
        tuple(image.split for image in images),
        answers.targets(labels),
        np.array(angles, np.int64),
        answers.logits,
        facts,
    )


def save_held_out(held_out: HeldOut, folder: Path) -> Path:
    """Write answers.npz into a run's folder in one rename; returns the file."""
    file = folder / ANSWERS_FILE
    unfinished = folder / f".{os.getpid()}-{ANSWERS_FILE}"
    with unfinished.open("wb") as written:
        np.savez_compressed(
            written,
            labels=np.array(held_out.labels, np.str_),
            paths=np.array(held_out.paths, np.str_),
            splits=np.array(held_out.splits, np.str_),
            targets=held_out.targets.astype(np.int32),
            angles_deg=held_out.angles_deg.astype(np.int16),
            logits=held_out.logits.astype(np.float32),
            facts=np.array(json.dumps(dict(held_out.facts))),
        )
    unfinished.replace(file)
    return file


def read_held_out(folder: Path) -> HeldOut:
    """The answers of a run; raises RunError where it has none yet, or where the file is damaged."""
    file = folder / ANSWERS_FILE
    try:
        with np.load(file, allow_pickle=False) as kept:
            return HeldOut(
                tuple(kept["labels"].tolist()),
                tuple(kept["paths"].tolist()),
                tuple(kept["splits"].tolist()),
                kept["targets"].astype(np.int64),
                kept["angles_deg"].astype(np.int64),
                kept["logits"],
                json.loads(str(kept["facts"])),
            )
    except FileNotFoundError:
        raise RunError(
            f"{folder} holds no {ANSWERS_FILE}: a report is made of a run that `python -m ml train` has finished"
        ) from None
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise RunError(
            f"{file} cannot be read ({error}): remove {folder / 'bundle'} and train again; it only measures anew"
        ) from error


def save_pictures(snapshot: Snapshot, folder: Path) -> None:
    """Write pictures.json: what a report says of the pictures, and where they lie for its thumbnails."""
    splits = sorted({image.split for image in snapshot.images})
    counts = {split: Counter(image.label for image in snapshot.images if image.split == split) for split in splits}
    facts = {
        "source": snapshot.source,
        "digest": snapshot.digest,
        "folder": str(snapshot.folder.resolve()),
        "groups": len({image.group for image in snapshot.images}),
        "negatives": {split: counts[split].pop("", 0) for split in splits},
        "pictures_per_label": {split: dict(sorted(counts[split].items())) for split in splits},
        "popular": [product.as_json() for product in popular_products(snapshot)],
    }
    write_json(folder / PICTURES_FILE, facts)
