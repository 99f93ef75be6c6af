"""Campaign rows: which picture was sent in which context, to how many, and what came of it. Columns of numpy arrays.

One row is a send (counts over its recipients) or a single recipient (counts of 0 and 1): both are the same table. A
count that nobody reported is UNKNOWN, and the row then says nothing about the targets that need it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import CONTEXT_FIELDS
from ml.conversions.targets import Target

COUNTS = (
    *("recipients", "bounces", "opens", "clicks", "carts", "abandoned_carts", "conversions", "purchases"),
    *("unsubscribes", "revenue_cents"),
)
UNKNOWN = -1
PROVENANCES = ("simulated", "imported")
SIMULATED, IMPORTED = range(2)

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Embeddings = NDArray[np.float32]


@dataclass(frozen=True)
class Pictures:
    """The pictures (P) that rows point at.

    `groups` names what must not straddle a split: the product, so that all its views and augments stay together.
    `embeddings` (P, D) float32, all from one bundle; `augment_probabilities` (P, A) float32 from the recogniser;
    `augments` the names of what was done to each picture, for people and for evidence: models see the probabilities.
    """

    ids: NDArray[np.str_]
    groups: NDArray[np.str_]
    augments: NDArray[np.str_]
    embeddings: Embeddings
    augment_probabilities: Embeddings

    def __post_init__(self) -> None:
        sizes = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(sizes.values())) > 1 or self.embeddings.ndim != 2 or self.augment_probabilities.ndim != 2:
            raise ValueError(f"columns of pictures differ in length or shape: {sizes}")

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class CampaignRows:
    """N rows over `pictures`: `picture` is each row's place there, context columns hold codes, `counts` (N, COUNTS).

    `provenance` is SIMULATED or IMPORTED.
    """

    pictures: Pictures
    picture: Integers
    campaign_type: Integers
    industry: Integers
    sneaker_type: Integers
    counts: Integers
    provenance: Integers

    def __post_init__(self) -> None:
        if self.counts.shape != (len(self.picture), len(COUNTS)):
            raise ValueError(f"counts are {self.counts.shape}, not {(len(self.picture), len(COUNTS))}")
        for name, values in CONTEXT_FIELDS.items():
            codes = getattr(self, name)
            if len(codes) != len(self) or (len(codes) and not 0 <= codes.min() <= codes.max() < len(values)):
                raise ValueError(f"{name} holds codes outside 0 to {len(values) - 1}, or not one a row")
        if len(self) and not 0 <= self.picture.min() <= self.picture.max() < len(self.pictures):
            raise ValueError(f"rows point outside the {len(self.pictures)} pictures")

    def __len__(self) -> int:
        return len(self.picture)

    @property
    def groups(self) -> Integers:
        """(N,): the group of each row's picture, as its place among the sorted names of groups."""
        return np.unique(self.pictures.groups, return_inverse=True)[1].astype(np.int64)[self.picture]

    def count(self, name: str) -> Integers:
        """One column of counts; `delivered` is what was sent less what bounced, all of it where bounces are unknown."""
        if name == "delivered":
            recipients = self.count("recipients")
            delivered = recipients - np.maximum(self.count("bounces"), 0)
            return np.where(recipients == UNKNOWN, UNKNOWN, delivered)
        return self.counts[:, COUNTS.index(name)]

    def outcomes(self, target: Target) -> tuple[Floats, Floats]:
        """(N,) how often the target happened and among how many; both 0 where the row says nothing about it."""
        happened, among = self.count(target.happened), self.count(target.among)
        known = (happened != UNKNOWN) & (among > 0)
        return np.where(known, happened, 0).astype(np.float64), np.where(known, among, 0).astype(np.float64)

    def chosen(self, which: NDArray[np.bool_] | Integers) -> CampaignRows:
        """The rows that a mask or places choose; the pictures stay as they are."""
        columns = {field.name: getattr(self, field.name)[which] for field in fields(self) if field.name != "pictures"}
        return CampaignRows(self.pictures, **columns)

    def merged(self) -> tuple[CampaignRows, Integers]:
        """Rows of the same picture, context and provenance as one, their counts summed; and which each row went to.

        Exact for every model on them, and a table of one row a recipient becomes one of sends. Rows that know other
        counts stay apart.
        """
        knows = (self.counts != UNKNOWN) @ (1 << np.arange(len(COUNTS)))
        columns = (self.picture, self.campaign_type, self.industry, self.sneaker_type, self.provenance, knows)
        alike, first, place = np.unique(np.stack(columns), axis=1, return_index=True, return_inverse=True)
        summed = np.zeros((alike.shape[1], len(COUNTS)), np.int64)
        np.add.at(summed, place, self.counts)
        few = self.chosen(first)
        counts = np.where(few.counts == UNKNOWN, UNKNOWN, summed)
        picture, campaign_type, industry, sneaker_type, provenance, _ = alike
        return CampaignRows(self.pictures, picture, campaign_type, industry, sneaker_type, counts, provenance), place

    def digest(self) -> str:
        """SHA-256 over everything that is learned from: the same rows give the same digest."""
        told = hashlib.sha256()
        for name in ("ids", "groups"):
            told.update("\n".join(getattr(self.pictures, name).tolist()).encode())
        columns: list[NDArray[Any]] = [self.pictures.embeddings, self.pictures.augment_probabilities]
        columns += [getattr(self, field.name) for field in fields(self) if field.name != "pictures"]
        for column in columns:
            told.update(f"{column.shape}{column.dtype}".encode() + np.ascontiguousarray(column).tobytes())
        return told.hexdigest()


def counts_of(columns: Mapping[str, NDArray[np.generic] | int], rows: int) -> Integers:
    """(rows, COUNTS) from the columns that are known; the others are UNKNOWN."""
    return np.stack(
        [np.broadcast_to(np.asarray(columns.get(name, UNKNOWN), np.int64), (rows,)) for name in COUNTS], axis=1
    )


def joined(tables: Sequence[CampaignRows]) -> CampaignRows:
    """Several tables as one, their pictures one after the other. Raises ValueError where embeddings differ in width."""
    if not tables:
        raise ValueError("there are no rows to join")
    starts = np.cumsum([0, *(len(table.pictures) for table in tables[:-1])])
    pictures = Pictures(
        **{
            field.name: np.concatenate([getattr(table.pictures, field.name) for table in tables])
            for field in fields(Pictures)
        }
    )
    columns = {
        field.name: np.concatenate([getattr(table, field.name) for table in tables])
        for field in fields(CampaignRows)
        if field.name not in ("pictures", "picture")
    }
    places = np.concatenate([table.picture + start for table, start in zip(tables, starts, strict=True)])
    return CampaignRows(pictures, picture=places, **columns)
