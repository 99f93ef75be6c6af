"""Groups and viewing angles out of file names, by regular expressions that the caller gives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ml.datasets.snapshot import SnapshotError, SnapshotImage

FULL_TURN_DEG = 360


def group_by_name(images: Sequence[SnapshotImage], pattern: str) -> tuple[SnapshotImage, ...]:
    """The pictures, grouped by what the pattern's brackets catch in their paths (several: joined), within each label.

    A picture that the pattern does not fit keeps its group. Raises SnapshotError where the pattern is none, has no
    brackets, or fits no picture.
    """
    found = _search(images, pattern, "--group-pattern")
    grouped = []
    for image, match in zip(images, found, strict=True):
        caught = " ".join(part for part in match.groups() if part) if match else ""
        grouped.append(replace(image, group=f"{image.label}/{caught}") if caught else image)
    return tuple(grouped)


def angle_by_name(images: Sequence[SnapshotImage], pattern: str) -> tuple[SnapshotImage, ...]:
    """The pictures with the angle that the pattern's first brackets catch, in degrees.

    Brackets named `frame`, as in `image_(?P<frame>\\d+)`, catch the number of a view instead: a folder's numbers, from
    the lowest to the highest, make a full turn in even steps. Raises SnapshotError as `group_by_name` does, and where
    something other than a whole number is caught.
    """
    found = _search(images, pattern, "--angle-pattern")
    numbers = [_whole_number(match, image.path) for image, match in zip(images, found, strict=True)]
    if "frame" in re.compile(pattern).groupindex:
        numbers = _degrees_of_frames(images, numbers)
    return tuple(
        image if number is None else replace(image, angle_deg=number % FULL_TURN_DEG)
        for image, number in zip(images, numbers, strict=True)
    )


def split_by_angle(images: Sequence[SnapshotImage], every: int) -> tuple[SnapshotImage, ...]:
    """The pictures with `split` set: every `every`-th angle of each label trains, beginning with the lowest.

    The other angles test. Pictures without an angle train. Raises SnapshotError where no picture has an angle, or
    where `every` leaves nothing to test.
    """
    if every < 2:
        raise SnapshotError(f"to train on every {every}. angle leaves none to test: take 2 or more")
    angles: dict[str, set[int]] = defaultdict(set)
    for image in images:
        if image.angle_deg is not None:
            angles[image.label].add(image.angle_deg)
    if not angles:
        raise SnapshotError("no picture has an angle: --angle-pattern says where in the file names it stands")
    trained = {label: set(sorted(own)[::every]) for label, own in angles.items()}
    return tuple(
        replace(image, split="train" if image.angle_deg in {None, *trained.get(image.label, ())} else "test")
        for image in images
    )


def _search(images: Sequence[SnapshotImage], pattern: str, option: str) -> list[re.Match[str] | None]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise SnapshotError(f"{option} {pattern!r} is not a regular expression: {error}") from error
    if not compiled.groups:
        raise SnapshotError(f"{option} {pattern!r} catches nothing: put what is wanted in round brackets")
    found = [compiled.search(image.path) for image in images]
    if not any(found):
        raise SnapshotError(f"{option} {pattern!r} fits none of {len(images)} pictures, such as {images[0].path}")
    return found


def _whole_number(match: re.Match[str] | None, path: str) -> int | None:
    if match is None:
        return None
    caught = next((part for part in match.groups() if part), "")
    if not re.fullmatch(r"-?\d+", caught):
        raise SnapshotError(f"--angle-pattern catches {caught!r} in {path}, which is not a whole number")
    return int(caught)


def _degrees_of_frames(images: Sequence[SnapshotImage], frames: Sequence[int | None]) -> list[int | None]:
    of_folder: dict[str, list[int]] = defaultdict(list)
    folders = [image.path.rpartition("/")[0] for image in images]
    for folder, frame in zip(folders, frames, strict=True):
        if frame is not None:
            of_folder[folder].append(frame)
    degrees: list[int | None] = []
    for folder, frame in zip(folders, frames, strict=True):
        if frame is None:
            degrees.append(None)
            continue
        first, last = min(of_folder[folder]), max(of_folder[folder])
        degrees.append(round((frame - first) * FULL_TURN_DEG / (last - first + 1)))
    return degrees
