"""The whole path, from the bytes of photos to an answer, with a real pool and a real, tiny graph."""

from __future__ import annotations

import numpy as np
import pytest

from ml.imaging.cutout import whole_picture
from ml.imaging.decode import DecodeError
from ml.imaging.pool import PhotoPool
from ml.serving.alternates import EmbeddingIndex
from ml.serving.bundle import Threshold
from ml.serving.pipeline import LabelMatch, answer_set, catalogue_score, combine, identify, views_of
from ml.serving.runtime import Recogniser
from ml.training.calibration import softmax
from tests.serving.photos import COLOURS, photo, shoe


@pytest.fixture(scope="session")
def index(recogniser: Recogniser) -> EmbeddingIndex:
    """Products 100, 101 and 102: the shop's pictures of the three shoes."""
    embeddings, _ = recogniser.embed([shoe(colour) for colour in COLOURS.values()])
    return EmbeddingIndex(embeddings, np.array([100, 101, 102]))


@pytest.mark.parametrize(("row", "label"), list(enumerate(COLOURS)))
def test_a_photo_of_a_known_shoe(
    pool: PhotoPool, recogniser: Recogniser, index: EmbeddingIndex, row: int, label: str
) -> None:
    found = identify([photo(COLOURS[label])], pool, recogniser, index)
    assert found.in_catalogue and found.score >= 0
    assert found.matches[0].label == label
    probabilities = [match.probability for match in found.matches]
    assert probabilities == sorted(probabilities, reverse=True) and sum(probabilities) == pytest.approx(1, abs=1e-4)
    assert found.answer_set[0] == label
    assert found.alternates[0].product_id == 100 + row and found.alternates[0].similarity > 0.9
    assert not found.photos[0].cutout.fallback
    assert np.linalg.norm(found.embedding) == pytest.approx(1, abs=1e-5)
    assert found.timings_ms.keys() == {"decode", "cutout", "embed", "search"}


def test_several_photos_of_one_shoe_multiply_their_opinions(
    pool: PhotoPool, recogniser: Recogniser, index: EmbeddingIndex
) -> None:
    red, blue = photo(COLOURS["red_dart"]), photo(COLOURS["blue_dart"])
    alone = identify([red], pool, recogniser, index)
    both = identify([red, blue], pool, recogniser, index)
    assert len(both.photos) == 2
    probability = {match.label: match.probability for match in both.matches}
    other = {match.label: match.probability for match in identify([blue], pool, recogniser, index).matches}
    first = {match.label: match.probability for match in alone.matches}
    opinions = {label: np.sqrt(first[label] * other[label]) for label in first}
    total = sum(opinions.values())
    assert probability == pytest.approx({label: opinion / total for label, opinion in opinions.items()}, abs=1e-4)


def test_a_photo_is_seen_whole_close_up_and_cut_out_and_only_whole_where_no_shoe_was_found(pool: PhotoPool) -> None:
    found = pool.prepare(photo(COLOURS["red_dart"]))
    whole, close, alone = views_of(found.image, found.cutout)
    assert whole is found.image and close.size < whole.size
    assert alone.shape[0] == alone.shape[1] and (alone[0] == 255).all()
    nothing = whole_picture(found.image, "nothing there")
    assert [view.shape for view in views_of(found.image, nothing)] == [found.image.shape]


def test_temperature_commutes_with_combining() -> None:
    logits = np.random.default_rng(0).normal(0, 2, (3, 4)).astype(np.float32)
    embeddings = np.eye(3, 5, dtype=np.float32)
    served = combine(embeddings, np.log(softmax(logits / 0.4)))[1]
    assert softmax(served[None]) == pytest.approx(softmax(combine(embeddings, logits)[1][None] / 0.4), abs=1e-6)


def test_a_photo_that_cannot_be_used_is_refused(pool: PhotoPool, recogniser: Recogniser, index: EmbeddingIndex) -> None:
    with pytest.raises(DecodeError):
        identify([photo(COLOURS["red_dart"]), b"nonsense"], pool, recogniser, index)
    with pytest.raises(ValueError, match="no photo"):
        identify([], pool, recogniser, index)


@pytest.mark.parametrize(("quantile", "expected"), [(0.0, "a"), (0.5, "a"), (0.7, "ab"), (0.95, "abc"), (1.1, "abcd")])
def test_the_answer_set_stops_where_the_quantile_is_reached(quantile: float, expected: str) -> None:
    matches = [
        LabelMatch(label, probability) for label, probability in zip("abcd", (0.5, 0.3, 0.15, 0.05), strict=True)
    ]
    assert answer_set(matches, quantile) == tuple(expected)


def test_the_score_is_the_cards_formula() -> None:
    threshold = Threshold(probability_weight=2.0, similarity_weight=3.0, intercept=-1.0, fitted_on="")
    prototypes = np.eye(2, dtype=np.float32)
    score = catalogue_score(threshold, np.float32([0.75, 0.25]), np.float32([0.6, 0.8]), prototypes)
    assert score == pytest.approx(2 * np.log(3) + 3 * 0.8 - 1, rel=1e-5)
    certain = catalogue_score(threshold, np.float32([1, 0]), np.float32([0.6, 0.8]), prototypes)
    assert np.isfinite(certain)
