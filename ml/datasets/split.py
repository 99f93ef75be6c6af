"""Splits by group, alike in every label, the same for the same seed; and how balanced the labels are.

All pictures of one group (a product, the views of one shoe, near-duplicates) lie on one side of a split: otherwise the
trainer is asked about what it has seen.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ml.datasets.snapshot import SnapshotImage

TRAIN_VALIDATION_TEST: Mapping[str, float] = {"train": 0.72, "validation": 0.08, "test": 0.2}
PUBLISHED_THREE_WAY: Mapping[str, float] = {"train": 0.72, "validation": 0.18, "test": 0.1}
TRAIN_VALIDATION: Mapping[str, float] = {"train": 0.9, "validation": 0.1}
FOLDS = 5
Divided = tuple[SnapshotImage, ...]


def split_by_group(images: Sequence[SnapshotImage], shares: Mapping[str, float], *, seed: int = 0) -> Divided:
    """The pictures, in their order, with `split` set so that each label is divided by `shares` as nearly as groups let.

    A group with several labels counts for its first. Large groups are placed first, so that small ones even out what
    they leave. The first split named gets a label's only group, so that no label is tested that was never trained.
    Where labels have so few groups that a split would stay empty, it takes single groups from some of them.
    Raises ValueError where the shares are not positive or do not sum to 1.
    """
    if not shares or min(shares.values()) <= 0 or not math.isclose(sum(shares.values()), 1, abs_tol=1e-6):
        raise ValueError(f"the shares of a split are positive and sum to 1, not {dict(shares)}")
    sizes = Counter(image.group for image in images)
    split_of_group: dict[str, str] = {}
    for groups in _groups_by_label(images).values():
        split_of_group |= _divide(_drawn(groups, sizes, seed), sizes, shares)
    split_of_group |= _for_empty_splits(split_of_group, _groups_by_label(images), sizes, shares, seed)
    return tuple(replace(image, split=split_of_group[image.group]) for image in images)


def split_by_fold(images: Sequence[SnapshotImage], fold: int, *, folds: int = FOLDS, seed: int = 0) -> Divided:
    """The pictures with `split` test where they belong to fold number `fold` (from 1), train elsewhere.

    The folds of one seed part the pictures: each is tested once. Every label is spread over the folds as evenly as its
    groups let. A label's only group is never tested, since nothing would be left to learn it from. Raises ValueError
    where there is no such fold.
    """
    if not 1 <= fold <= folds:
        raise ValueError(f"there are folds 1 to {folds}, not {fold}")
    sizes = Counter(image.group for image in images)
    fold_of_group: dict[str, int] = {}
    for label, groups in _groups_by_label(images).items():
        # Each label begins with another fold, or the first folds would hold all the odd pictures.
        first = int.from_bytes(_lot(seed, label)[:4]) % folds
        names = [str((first + step) % folds + 1) for step in range(folds)]
        chosen = _divide(_drawn(groups, sizes, seed), sizes, dict.fromkeys(names, 1 / folds))
        if len(groups) > 1:
            fold_of_group |= {group: int(name) for group, name in chosen.items()}
    return tuple(
        replace(image, split="test" if fold_of_group.get(image.group) == fold else "train") for image in images
    )


def fill_splits(images: Sequence[SnapshotImage], *, seed: int = 0) -> Divided:
    """The pictures with every split that training needs: what a snapshot fixed stays, the rest is divided.

    Where nothing is fixed: 72 % train, 8 % validation, 20 % test. Where only validation is missing, a tenth of train
    becomes it. Pictures without a split in a snapshot that has some are divided 72/8/20 among themselves.
    """
    loose = [image for image in images if not image.split]
    assigned = {image.path: image.split for image in split_by_group(loose, TRAIN_VALIDATION_TEST, seed=seed)}
    filled = [replace(image, split=assigned.get(image.path, image.split)) for image in images]
    if any(image.split == "validation" and image.label for image in filled):
        return tuple(filled)
    trained = [image for image in filled if image.split == "train"]
    assigned = {image.path: image.split for image in split_by_group(trained, TRAIN_VALIDATION, seed=seed)}
    return tuple(replace(image, split=assigned.get(image.path, image.split)) for image in filled)


def balance(labels: Iterable[str]) -> float:
    """H / log C: the entropy of the labels over the greatest that their number allows. 1 is even, near 0 lopsided."""
    counts = Counter(labels)
    total = sum(counts.values())
    if len(counts) < 2:
        return 1.0
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    return entropy / math.log(len(counts))


def _groups_by_label(images: Iterable[SnapshotImage]) -> dict[str, list[str]]:
    label_of_group: dict[str, str] = {}
    for image in images:
        label_of_group.setdefault(image.group, image.label)
    groups: dict[str, list[str]] = defaultdict(list)
    for group, label in label_of_group.items():
        groups[label].append(group)
    return groups


def _drawn(groups: Iterable[str], sizes: Mapping[str, int], seed: int) -> list[str]:
    """The groups, large ones first, those of one size in an order that the seed draws."""
    return sorted(groups, key=lambda group: (-sizes[group], _lot(seed, group)))


def _lot(seed: int, group: str) -> bytes:
    """A group's place in the draw: depends on the seed and its own name, not on the order of the pictures."""
    return hashlib.sha256(f"{seed}\t{group}".encode()).digest()


def _divide(groups: Sequence[str], sizes: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, str]:
    """Give each group in turn to the split that lacks the most pictures of its share; the largest share starts."""
    held = dict.fromkeys(shares, 0)
    total = sum(sizes[group] for group in groups)
    chosen = {}
    for group in groups:
        split = max(shares, key=lambda name: shares[name] * total - held[name])
        held[split] += sizes[group]
        chosen[group] = split
    return chosen


def _for_empty_splits(
    split_of_group: Mapping[str, str],
    groups_by_label: Mapping[str, Sequence[str]],
    sizes: Mapping[str, int],
    shares: Mapping[str, float],
    seed: int,
) -> dict[str, str]:
    """Groups for splits that hold no label: one of each label that can spare it, until the share is reached."""
    first = next(iter(shares))
    labels = sorted(filter(None, groups_by_label), key=lambda label: _lot(seed, label))
    labelled = [group for label in labels for group in groups_by_label[label]]
    total, filled = sum(sizes[group] for group in labelled), {split_of_group[group] for group in labelled}
    moved: dict[str, str] = {}
    for split in (split for split in shares if split not in filled):
        held = 0
        for label in labels:
            spare = [group for group in groups_by_label[label] if split_of_group[group] == first and group not in moved]
            if len(spare) > 1 and held < shares[split] * total:
                group = _drawn(spare, sizes, seed)[-1]
                moved[group] = split
                held += sizes[group]
    return moved
