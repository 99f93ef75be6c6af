"""What training would make of pictures, before it does: labels, balance, groups, splits, near-duplicates, problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ml.datasets.csv_table import column_named
from ml.datasets.division import Division, SplitPlan, divide, split_by_plan
from ml.datasets.pictures import load_pictures
from ml.datasets.snapshot import Snapshot
from ml.datasets.split import balance
from ml.datasets.table_layouts import LABEL_COLUMNS
from ml.imaging.perceptual_hash import SIDE
from ml.training.loading import without_rare_labels

SHOWN = 20
"""Problems, pairs and labels that are printed; `--json` has all."""
Numbers = Mapping[str, Any]


def describe(snapshot: Snapshot, plan: SplitPlan, cache: Path, console: Console, *, minimum: int = 1) -> dict[str, Any]:
    """The facts as numbers and names that JSON can hold.

    The split and the near-duplicates are those of all pictures; `dropped` says what `minimum` would leave out. Raises
    SnapshotError where the pictures cannot be read.
    """
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading pictures", total=len(snapshot.images))
        unreadable = load_pictures(snapshot, SIDE, cache, lambda done, _: bar.update(task, completed=done)).unreadable
    division = divide(snapshot, plan, cache)
    kept = without_rare_labels(snapshot, minimum)
    counts = Counter(image.label for image in snapshot.images if image.label)
    return {
        "source": snapshot.source,
        "pictures": len(snapshot.images),
        "negatives": sum(image.is_negative for image in snapshot.images),
        "labels": len(counts),
        "groups": len({image.group for image in snapshot.images}),
        "angles": len({image.angle_deg for image in snapshot.images} - {None}),
        "pictures_per_label": dict(counts.most_common()),
        "balance": _balances(snapshot),
        "split": {"plan": plan.name, "own": any(image.split for image in snapshot.images), **_splits(division)},
        "near_duplicates": _near_duplicates(snapshot, division, plan),
        "dropped": {
            "minimum": minimum,
            "labels": sorted(set(snapshot.labels) - set(kept.labels)),
            "pictures": len(snapshot.images) - len(kept.images),
        },
        "unreadable": [f"{picture.path}: {picture.reason}" for picture in unreadable],
        "problems": list(snapshot.problems),
    }


def print_description(numbers: Numbers, console: Console) -> None:
    """The same for people: tables on the terminal."""
    counts = list(numbers["pictures_per_label"].values())
    negatives = f", {numbers['negatives']} negatives" if numbers["negatives"] else ""
    angles = f", {numbers['angles']} angles" if numbers["angles"] else ""
    console.print(
        f"{numbers['source']}: {numbers['pictures']} pictures of {numbers['labels']} labels{negatives}, "
        f"{numbers['groups']} groups{angles}; {min(counts)} to {max(counts)} a label, median {median(counts):g}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(_table("column", "values", "balance H / log C", "largest", rows=_balance_rows(numbers)))
    console.print(_table("label", "pictures", "share", rows=_label_rows(numbers)))
    console.print(_table("split", "pictures", "labels", "groups", rows=_split_rows(numbers)))
    for line in _sentences(numbers):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _balances(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """H / log C of the label, and of every column of the table that could be one."""
    labelled = [image for image in snapshot.images if image.label]
    columns = {"label": [image.label for image in labelled]}
    some = snapshot.attributes.get(labelled[0].path, {}) if labelled else {}
    for name in LABEL_COLUMNS:
        column = column_named(list(some), name)
        if column and column not in columns:
            columns[column] = [snapshot.attributes[image.path][column] or "(empty)" for image in labelled]
    balances = {}
    for column, values in columns.items():
        name, count = Counter(values).most_common(1)[0]
        largest = {"name": name, "pictures": count}
        balances[column] = {"values": len(set(values)), "balance": round(balance(values), 4), "largest": largest}
    return balances


def _splits(division: Division) -> dict[str, dict[str, int]]:
    parts = {}
    for split in ("train", "validation", "test"):
        images = [image for image in division.snapshot.images if image.split == split and image.label]
        groups, labels = {image.group for image in images}, {image.label for image in images}
        parts[split] = {"pictures": len(images), "labels": len(labels), "groups": len(groups)}
    return parts


def _near_duplicates(snapshot: Snapshot, division: Division, plan: SplitPlan) -> dict[str, Any]:
    """The pairs, how many of them have two labels, and how many a split would part that knows nothing of them."""
    naive = split_by_plan(snapshot.images, replace(plan, near_duplicates=False))
    at = {image.path: image for image in naive}
    pairs = [(at[first], at[second], pair) for first, second, pair in division.near_duplicates]
    tested = [{first.split, second.split} for first, second, _ in pairs]
    return {
        "looked_for": plan.near_duplicates and any(not image.split for image in snapshot.images),
        "pairs": len(pairs),
        "pictures": len({image.path for first, second, _ in pairs for image in (first, second)}),
        "two_labels": sum(first.label != second.label for first, second, _ in pairs),
        "mirrored": sum(pair.mirrored for _, _, pair in pairs),
        "parted_by_a_naive_split": sum(len(splits) > 1 for splits in tested),
        "found": [[first.path, second.path, pair.bits, pair.difference] for first, second, pair in pairs],
    }


def _balance_rows(numbers: Numbers) -> list[list[str]]:
    return [
        [
            column,
            str(one["values"]),
            f"{one['balance']:.3f}",
            f"{one['largest']['name']} ({one['largest']['pictures']})",
        ]
        for column, one in numbers["balance"].items()
    ]


def _label_rows(numbers: Numbers) -> list[list[str]]:
    total = sum(numbers["pictures_per_label"].values())
    rows = [[label, str(count), f"{count / total:.1%}"] for label, count in numbers["pictures_per_label"].items()]
    if len(rows) <= SHOWN:
        return rows
    half = SHOWN // 2
    return [*rows[:half], [f"... {len(rows) - 2 * half} more ...", "", ""], *rows[-half:]]


def _split_rows(numbers: Numbers) -> list[list[str]]:
    parts = {name: part for name, part in numbers["split"].items() if isinstance(part, Mapping)}
    return [[name, str(part["pictures"]), str(part["labels"]), str(part["groups"])] for name, part in parts.items()]


def _sentences(numbers: Numbers) -> list[str]:
    lines = ["split: the pictures' own" if numbers["split"]["own"] else f"split: {numbers['split']['plan']}, by group"]
    twins, dropped = numbers["near_duplicates"], numbers["dropped"]
    if twins["looked_for"]:
        lines.append(
            f"near-duplicates: {twins['pairs']} pairs among {twins['pictures']} pictures, {twins['two_labels']} "
            f"of them with two labels; a naive split would have parted {twins['parted_by_a_naive_split']}"
        )
        lines += [
            f"  {first} = {second} ({bits} bits, {apart} levels)" for first, second, bits, apart in twins["found"]
        ]
    if dropped["minimum"] > 1:
        lines.append(
            f"--minimum {dropped['minimum']} would leave out {len(dropped['labels'])} labels, "
            f"{dropped['pictures']} pictures"
        )
    lines += [f"unreadable: {picture}" for picture in numbers["unreadable"]]
    lines += [f"table: {problem}" for problem in numbers["problems"]]
    return [*lines[:SHOWN], *([f"... {len(lines) - SHOWN} more lines: see --json"] if len(lines) > SHOWN else [])]


def _table(*columns: str, rows: list[list[str]]) -> Table:
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    return table
