"""Measures on rows that a model has not seen, beside those of its own base rate."""

from __future__ import annotations

import pytest

from benchmarks.drawn_pictures import drawn_pictures
from ml.conversions.evaluation import evaluate
from ml.conversions.model import ConversionModel
from ml.conversions.simulators import simulate_published
from ml.conversions.targets import TARGETS


def test_other_products_are_measured_against_the_base_rate_of_training(published_model: ConversionModel) -> None:
    rows = simulate_published(drawn_pictures(80, seed=9), 3000, seed=9).rows
    (told,) = evaluate(published_model, rows).values()
    assert told["rows"] == 3000
    assert told["brier"] < 0.19 < 0.22 < told["base_brier"]
    assert told["log_loss"] < told["base_log_loss"] and told["auc"] > 0.7
    happened, _ = rows.outcomes(TARGETS["conversion"])
    base = published_model.of(TARGETS["conversion"]).facts.base_rate
    assert told["base_brier"] == pytest.approx(((happened - base) ** 2).mean())


def test_targets_that_rows_do_not_tell_of_are_left_out(funnel_model: ConversionModel) -> None:
    rows = simulate_published(drawn_pictures(5, seed=9), 50, seed=9).rows
    assert list(evaluate(funnel_model, rows)) == ["conversion"]
