"""From photos to an answer: decode, cut out, identify, find alternates."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.imaging.cutout import Cutout, close_up, on_white
from ml.imaging.fit import Picture
from ml.imaging.pool import PhotoPool, PreparedPhoto
from ml.serving.alternates import Alternate, EmbeddingIndex
from ml.serving.bundle import Threshold
from ml.serving.runtime import Recogniser

ALTERNATES = 8
SMALLEST_PROBABILITY = 1e-12
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LabelMatch:
    """A label with its calibrated probability."""

    label: str
    probability: float


@dataclass(frozen=True, eq=False)
class Identification:
    """What some photos of one shoe show. `matches` holds every label, the likeliest first.

    `score` is at least 0 where the shoe is in the catalogue. `answer_set` holds the fewest labels that contain the
    right one as often as the card's `answer_set_coverage` says, for photos like those that it was fitted on.
    """

    in_catalogue: bool
    score: float
    matches: tuple[LabelMatch, ...]
    answer_set: tuple[str, ...]
    alternates: tuple[Alternate, ...]
    photos: tuple[PreparedPhoto, ...]
    embedding: Floats
    timings_ms: dict[str, float]


def identify(photos: Iterable[bytes], pool: PhotoPool, recogniser: Recogniser, index: EmbeddingIndex) -> Identification:
    """Say which label 1 or more photos of the same shoe show, how sure that is, and which products look like it.

    Raises DecodeError for the first photo that cannot be used, ValueError where there is none.
    """
    prepared = tuple(pool.prepare(photo) for photo in photos)
    if not prepared:
        raise ValueError("there is no photo to identify")
    started = time.perf_counter()
    embedding, probabilities = read(prepared, recogniser)
    embedded = time.perf_counter()
    score = catalogue_score(recogniser.bundle.card.threshold, probabilities, embedding, recogniser.prototypes)
    matches = ranked(recogniser.bundle.card.labels, probabilities)
    alternates = tuple(index.nearest(embedding, ALTERNATES))
    searched = time.perf_counter()
    return Identification(
        in_catalogue=score >= 0,
        score=score,
        matches=matches,
        answer_set=answer_set(matches, recogniser.bundle.card.answer_set_quantile),
        alternates=alternates,
        photos=prepared,
        embedding=embedding,
        timings_ms={
            "decode": sum(photo.timings_ms["decode"] for photo in prepared),
            "cutout": sum(photo.timings_ms["cutout"] for photo in prepared),
            "embed": 1000 * (embedded - started),
            "search": 1000 * (searched - embedded),
        },
    )


def read(photos: Sequence[PreparedPhoto], recogniser: Recogniser) -> tuple[Floats, Floats]:
    """Unit embedding (D,) and probabilities (L,) of one shoe, from all views of all its photos."""
    views = [view for photo in photos for view in views_of(photo.image, photo.cutout)]
    embeddings, probabilities = recogniser.embed(views)
    embedding, logits = combine(embeddings, np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)))
    raised = np.exp(logits - logits.max())
    return embedding, raised / raised.sum()


def combine(embeddings: Floats, logits: Floats) -> tuple[Floats, Floats]:
    """One unit embedding (D,) and one row of logits (L,) out of those of several views (V, D) and (V, L): their means.

    Averaging logits, or log-probabilities, multiplies the views' opinions (a logarithmic opinion pool: Genest and
    Zidek, "Combining Probability Distributions", 1986): a label that one view rules out is out. It commutes with a
    temperature, which is therefore fitted on what is served.
    """
    middle = embeddings.mean(axis=0)
    return middle / max(float(np.linalg.norm(middle)), 1e-12), logits.mean(axis=0)


def views_of(image: Picture, cutout: Cutout) -> list[Picture]:
    """What the network looks at: the whole photo, the close-up with its background, and the cut-out on white.

    The first two survive a bad mask. Only the whole photo where no shoe was found.
    """
    if cutout.fallback:
        return [image]
    return [image, close_up(image, cutout), on_white(image, cutout)]


def catalogue_score(threshold: Threshold, probabilities: Floats, embedding: Floats, prototypes: Floats) -> float:
    """The score of the card's threshold: at least 0 where this is a shoe of the catalogue."""
    highest = float(np.clip(probabilities.max(), 1e-6, 1 - 1e-6))
    log_odds = float(np.log(highest / (1 - highest)))
    similarity = float((prototypes @ embedding).max())
    return threshold.probability_weight * log_odds + threshold.similarity_weight * similarity + threshold.intercept


def ranked(labels: Sequence[str], probabilities: Floats) -> tuple[LabelMatch, ...]:
    """The labels by falling probability."""
    order = np.argsort(-probabilities, kind="stable")
    return tuple(LabelMatch(labels[row], float(probabilities[row])) for row in order)


def answer_set(matches: Sequence[LabelMatch], quantile: float) -> tuple[str, ...]:
    """The likeliest labels until their probabilities reach the conformal quantile; at least one.

    Adaptive prediction sets: Romano, Sesia and Candes, "Classification with Valid and Adaptive Coverage", 2020.
    """
    reached, chosen = 0.0, []
    for match in matches:
        chosen.append(match.label)
        reached += match.probability
        if reached >= quantile:
            break
    return tuple(chosen)
