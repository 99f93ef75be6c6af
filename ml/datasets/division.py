"""How pictures are divided into train, validation and test: a plan that can be named, written down and repeated.

    80/20       80 % to learn from, 20 % to test; a tenth of the 80 validates, since a test that chose the epoch is none
    72/18/10    train, validation, test
    fold:K      five-fold: the K-th fifth tests, a tenth of the rest validates; K from 1 to 5

A split that came with the pictures stays. Near-duplicates are kept on one side, unless the plan says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ml.datasets.near_duplicates import NearDuplicate, find_near_duplicates, merge_groups
from ml.datasets.pictures import Progress, load_pictures
from ml.datasets.snapshot import Snapshot
from ml.datasets.split import (
    FOLDS,
    PUBLISHED_THREE_WAY,
    Divided,
    fill_splits,
    split_by_fold,
    split_by_group,
)
from ml.imaging.perceptual_hash import SIDE

SPLIT_NAMES = ("80/20", "72/18/10", *(f"fold:{fold}" for fold in range(1, FOLDS + 1)))
PLAN_FACT = "split"
"""Under which name a divided snapshot's facts, and a bundle's settings, keep the plan."""


@dataclass(frozen=True)
class SplitPlan:
    """What decides a split. Raises ValueError where the name is none of SPLIT_NAMES."""

    name: str = SPLIT_NAMES[0]
    seed: int = 0
    near_duplicates: bool = True

    def __post_init__(self) -> None:
        if self.name not in SPLIT_NAMES:
            raise ValueError(f"a split is one of {', '.join(SPLIT_NAMES)}, not {self.name!r}")


@dataclass(frozen=True)
class Division:
    """A divided snapshot, and the near-duplicates that were kept together, by their paths."""

    snapshot: Snapshot
    near_duplicates: tuple[tuple[str, str, NearDuplicate], ...] = ()


def divide(snapshot: Snapshot, plan: SplitPlan, cache: Path, progress: Progress | None = None) -> Division:
    """The snapshot with every split that training needs; its facts hold the plan.

    The pictures are decoded at 64 px into `cache` to find the near-duplicates among those without a split; once.
    Raises SnapshotError where they cannot be read.
    """
    loose = [image for image in snapshot.images if not image.split]
    pairs: tuple[tuple[str, str, NearDuplicate], ...] = ()
    if plan.near_duplicates and loose:
        merged, pairs = keep_near_duplicates_together(replace(snapshot, images=tuple(loose)), cache, progress)
        group_of = {image.path: image.group for image in merged.images}
        images = tuple(replace(image, group=group_of.get(image.path, image.group)) for image in snapshot.images)
        snapshot = replace(snapshot, images=images)
    images = split_by_plan(snapshot.images, plan)
    return Division(replace(snapshot, images=images, facts={**snapshot.facts, PLAN_FACT: asdict(plan)}), pairs)


def split_by_plan(images: Divided, plan: SplitPlan) -> Divided:
    """The pictures with every split set, by the plan's name and seed; splits that are set stay."""
    loose = [image for image in images if not image.split]
    if any(image.split and image.label for image in images) or not loose or plan.name == "80/20":
        # What comes with splits of its own only has its gaps filled.
        return fill_splits(images, seed=plan.seed)
    if fold := re.fullmatch(r"fold:(\d)", plan.name):
        tested = split_by_fold(loose, int(fold[1]), seed=plan.seed)
    else:
        tested = split_by_group(loose, PUBLISHED_THREE_WAY, seed=plan.seed)
    split_of = {image.path: image.split for image in tested}
    return fill_splits(
        tuple(replace(image, split=split_of.get(image.path, image.split)) for image in images), seed=plan.seed
    )


def keep_near_duplicates_together(
    snapshot: Snapshot, cache: Path, progress: Progress | None = None
) -> tuple[Snapshot, tuple[tuple[str, str, NearDuplicate], ...]]:
    """The snapshot with the groups of near-duplicates merged, and the pairs with their paths."""
    pictures = load_pictures(snapshot, SIDE, cache, progress)
    pairs = find_near_duplicates(pictures.pixels)
    merged = {image.path: image for image in merge_groups(pictures.images, pairs)}
    images = tuple(merged.get(image.path, image) for image in snapshot.images)
    named = tuple((pictures.images[pair.first].path, pictures.images[pair.second].path, pair) for pair in pairs)
    return replace(snapshot, images=images), named


def plan_of(settings: Mapping[str, Any]) -> SplitPlan:
    """The plan that a bundle's settings hold; without near-duplicates where it is older than the plans."""
    held = settings.get(PLAN_FACT)
    if not isinstance(held, Mapping):
        return SplitPlan(seed=int(settings.get("seed", 0)), near_duplicates=False)
    return SplitPlan(str(held["name"]), int(held["seed"]), bool(held["near_duplicates"]))
