"""What the conversion model is told about a variant: what a bundle recognised, in our order, or what was made."""

from __future__ import annotations

import numpy as np

from ml.conversions.contexts import RECOGNISED_AUGMENTS
from ml.imaging.augments.table import PUBLISHED
from webapp.studio.augment_probabilities import in_our_order, made


def test_the_recogniser_and_the_conversion_model_speak_of_the_same_six() -> None:
    assert RECOGNISED_AUGMENTS == PUBLISHED


def test_the_columns_of_a_bundle_come_in_our_order() -> None:
    theirs = tuple(reversed(RECOGNISED_AUGMENTS))
    recognised = np.arange(12, dtype=np.float32).reshape(2, 6)
    ours = in_our_order(recognised, theirs)
    assert ours is not None and ours.tolist() == recognised[:, ::-1].tolist()


def test_a_bundle_that_tells_others_apart_or_none_says_nothing() -> None:
    recognised = np.full((1, 2), 0.5, np.float32)
    assert in_our_order(recognised, ("original", "sepia")) is None
    assert in_our_order(None, ()) is None


def test_what_was_made_counts_for_certain() -> None:
    assert made("sketch").tolist() == [0, 0, 0, 0, 1, 0]
    assert made("square_crop").tolist() == [1, 0, 0, 0, 0, 0]
