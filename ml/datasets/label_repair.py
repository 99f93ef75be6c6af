"""Labels for pictures in a category that says nothing ("Others"), by the words of their display name.

As a published classifier of fashion pictures did it: a product in an ambiguous category gets the category whose name is
nearest to the product's display name, by the cosine between their bags of words. Words are weighted by TF-IDF over the
categories' names, so that a word of many categories ("Shoes") decides less than one of few ("Sports").
A plural "s" does not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.datasets.csv_table import column_named
from ml.datasets.snapshot import Snapshot, SnapshotError
from ml.datasets.table_layouts import NAME_COLUMNS

AMBIGUOUS = ("Others", "Other")


@dataclass(frozen=True)
class Repair:
    """One picture whose label was looked for. `found` is the old label where no word of its name is in any label."""

    path: str
    name: str
    before: str
    found: str
    similarity: float

    def __str__(self) -> str:
        if self.found == self.before:
            return f"{self.path}: stays {self.before!r}: no label shares a word with {self.name!r}"
        return f"{self.path}: {self.before!r} -> {self.found!r} ({self.similarity:.2f}), by {self.name!r}"


def repair_labels(snapshot: Snapshot, ambiguous: Sequence[str] = AMBIGUOUS) -> tuple[Snapshot, tuple[Repair, ...]]:
    """The snapshot with labels for its ambiguous pictures, and every picture that was looked at.

    The repairs are added to the snapshot's `problems` too, as sentences. Of equally near labels the first in the
    alphabet is taken. Raises SnapshotError where there are no display names or no label is left to choose.
    """
    unclear = [image for image in snapshot.images if image.label in ambiguous]
    labels = [label for label in snapshot.labels if label not in ambiguous]
    if not unclear:
        return snapshot, ()
    if len(labels) < 2:
        raise SnapshotError(f"all pictures but those of {len(labels)} label(s) are in {', '.join(ambiguous)}")
    names = [_display_name(snapshot, image.path) for image in unclear]
    nearest, similarity = _nearest(names, labels)
    repairs = tuple(
        Repair(image.path, name, image.label, labels[place] if near > 0 else image.label, float(near))
        for image, name, place, near in zip(unclear, names, nearest, similarity, strict=True)
    )
    found = {repair.path: repair.found for repair in repairs}
    images = tuple(replace(image, label=found.get(image.path, image.label)) for image in snapshot.images)
    sentences = tuple(f"label repaired: {repair}" for repair in repairs)
    return replace(snapshot, images=images, problems=snapshot.problems + sentences), repairs


def words(text: str) -> list[str]:
    """The words of a text in lower case, without a plural "s"."""
    return [re.sub(r"(?<=[a-z]{2}[^s])s$", "", word) for word in re.findall(r"[a-z0-9]+", text.lower())]


def _nearest(names: Sequence[str], labels: Sequence[str]) -> tuple[list[int], list[float]]:
    """For each name the place of the label with the highest cosine similarity, and that similarity."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigh = TfidfVectorizer(analyzer=words)
    of_labels = weigh.fit_transform(labels)
    # Both sides are unit vectors, so the product is the cosine.
    similarity = np.asarray((weigh.transform(names) @ of_labels.T).todense())
    nearest = similarity.argmax(axis=1)
    return nearest.tolist(), similarity.max(axis=1).tolist()


def _display_name(snapshot: Snapshot, path: str) -> str:
    said = snapshot.attributes.get(path, {})
    column = column_named(list(said), *NAME_COLUMNS)
    if column is None:
        raise SnapshotError(
            f"labels are repaired by display names, and {snapshot.folder} has none: "
            f"a table with one of the columns {', '.join(NAME_COLUMNS)} is needed"
        )
    return said[column]
