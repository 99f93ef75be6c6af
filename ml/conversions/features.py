"""What a model sees of a picture in a context: embedding, reduced; augment probabilities; three categories.

The reduction is a principal component analysis of the embeddings of the pictures that the rows are about: at most
MOST_DIMENSIONS directions, as many as hold KEPT_VARIANCE of the variance, and never more than a quarter of the
pictures. Categories are XGBoost's own (sets of values on either side of a split), numbered as in
`ml.conversions.contexts`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import CONTEXT_FIELDS
from ml.conversions.rows import CampaignRows, Embeddings, Pictures

MOST_DIMENSIONS = 24
KEPT_VARIANCE = 0.97
SEEN_PICTURES = 4000
"""So many pictures are remembered, to tell how far a new one lies from all of them."""
FAR_QUANTILE = 0.99
KINDS = ("image", "augment", "context")


@dataclass(frozen=True)
class FeatureSpace:
    """What was learned about pictures: `mean` (D,), `components` (k, D), and the pictures `seen` (M, k + 1).

    `reach`: 99 of 100 seen pictures lie at most so far from the nearest one of another group. `contexts` tells for
    each field which of its values occurred.
    """

    mean: Embeddings
    components: Embeddings
    seen: Embeddings
    reach: float
    augments: int
    contexts: dict[str, tuple[bool, ...]]

    @property
    def dimensions(self) -> int:
        """How many numbers are left of an embedding."""
        return len(self.components)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each column of the matrix tells of: image, augment or context."""
        return ("image",) * self.dimensions + ("augment",) * self.augments + ("context",) * len(CONTEXT_FIELDS)

    @property
    def types(self) -> list[str]:
        """XGBoost's type of each column: q for a quantity, c for a category."""
        return ["c" if kind == "context" else "q" for kind in self.kinds]

    def reduced(self, embeddings: Embeddings) -> Embeddings:
        """(P, D) -> (P, k). Raises ValueError where the embeddings have another width."""
        if embeddings.ndim != 2 or embeddings.shape[1] != len(self.mean):
            raise ValueError(
                f"the model was trained on embeddings of {len(self.mean)} numbers, these have {embeddings.shape[-1]}: "
                "use the bundle that the model's card names, or retrain"
            )
        return np.asarray((embeddings - self.mean) @ self.components.T, np.float32)

    def matrix(self, embeddings: Embeddings, augment_probabilities: Embeddings, codes: NDArray[np.int64]) -> Embeddings:
        """(N, columns) float32 from embeddings (N, D), augment probabilities (N, A) and context codes (N, 3)."""
        if augment_probabilities.shape != (len(embeddings), self.augments):
            raise ValueError(
                f"augment probabilities are {augment_probabilities.shape}, not {(len(embeddings), self.augments)}"
            )
        return np.concatenate([self.reduced(embeddings), augment_probabilities, codes], axis=1, dtype=np.float32)

    def matrix_of(self, rows: CampaignRows) -> Embeddings:
        """(N, columns) float32 for campaign rows; each picture is reduced once."""
        pictures = rows.pictures
        described = np.concatenate([self.reduced(pictures.embeddings), pictures.augment_probabilities], axis=1)
        codes = np.stack([getattr(rows, name) for name in CONTEXT_FIELDS], axis=1)
        return np.concatenate([described[rows.picture], codes], axis=1, dtype=np.float32)

    def distances(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """(P,): how far each picture lies from the nearest one seen, in units of `reach`; over 1 is extrapolating."""
        places = _with_remainder(embeddings, self.mean, self.components)
        nearest = np.sqrt(_squared(places, self.seen).min(axis=1))
        return np.asarray(nearest / max(self.reach, 1e-12), np.float64)


def fit_space(rows: CampaignRows, *, seed: int = 0) -> FeatureSpace:
    """Learn the space of the pictures that the rows are about. Raises ValueError where there are no rows."""
    if not len(rows):
        raise ValueError("there are no campaign rows to learn from")
    used = np.unique(rows.picture)
    embeddings = rows.pictures.embeddings[used]
    mean = embeddings.mean(axis=0)
    components = _principal(embeddings - mean)
    if len(used) > SEEN_PICTURES:
        used = np.sort(np.random.default_rng(seed).choice(used, SEEN_PICTURES, replace=False))
    seen = _with_remainder(rows.pictures.embeddings[used], mean, components)
    contexts = {
        name: tuple(bool(found) for found in np.bincount(getattr(rows, name), minlength=len(values)))
        for name, values in CONTEXT_FIELDS.items()
    }
    reach = _reach(seen, rows.pictures, used)
    return FeatureSpace(mean, components, seen, reach, rows.pictures.augment_probabilities.shape[1], contexts)


def _principal(centred: Embeddings) -> Embeddings:
    """(k, D): the directions of greatest variance."""
    variances, directions = np.linalg.eigh(centred.T.astype(np.float64) @ centred / len(centred))
    variances, directions = variances[::-1], directions[:, ::-1]
    shares = np.cumsum(variances) / max(float(variances.sum()), 1e-12)
    wanted = int(np.searchsorted(shares, KEPT_VARIANCE)) + 1
    kept = max(1, min(wanted, MOST_DIMENSIONS, len(centred) // 4, centred.shape[1]))
    return np.ascontiguousarray(directions[:, :kept].T, np.float32)


def _with_remainder(embeddings: Embeddings, mean: Embeddings, components: Embeddings) -> Embeddings:
    """(P, k + 1): the place in the space, and how far beside it the picture lies."""
    centred = embeddings - mean
    places = centred @ components.T
    beside = np.sqrt(np.maximum((centred**2).sum(axis=1) - (places**2).sum(axis=1), 0))
    return np.concatenate([places, beside[:, None]], axis=1, dtype=np.float32)


def _reach(seen: Embeddings, pictures: Pictures, used: NDArray[np.int64]) -> float:
    """The distance that FAR_QUANTILE of the seen pictures keep to the nearest one of another group."""
    groups = pictures.groups[used]
    probes = np.random.default_rng(0).permutation(len(used))[:1000]
    squared = _squared(seen[probes], seen)
    squared[groups[probes][:, None] == groups[None, :]] = np.inf
    nearest = squared.min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    return float(np.sqrt(np.quantile(nearest, FAR_QUANTILE))) if len(nearest) else 0.0


def _squared(left: Embeddings, right: Embeddings) -> NDArray[np.float64]:
    """(L, R) squared Euclidean distances."""
    product = left.astype(np.float64) @ right.T.astype(np.float64)
    squared = (left.astype(np.float64) ** 2).sum(1)[:, None] + (right.astype(np.float64) ** 2).sum(1) - 2 * product
    return np.asarray(np.maximum(squared, 0), np.float64)
