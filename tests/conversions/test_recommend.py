"""The better picture where there is one, the original where there is doubt, and doubt where it is due."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.conversions.contexts import RECOGNISED_AUGMENTS, Context
from ml.conversions.learning import learn
from ml.conversions.model import ConversionModel
from ml.conversions.power import chances_of_best, emails_to_settle, floor_of, split_shares
from ml.conversions.recommend import Candidate, Recommendation, make_prediction_recommendation, recommend
from ml.conversions.rows import Pictures
from ml.conversions.simulators import Simulation, simulate_published
from ml.conversions.targets import TARGETS
from tests.conversions.conftest import QUICK

CONTEXT = Context("newsletter", "retail", "running")
CONVERSION = TARGETS["conversion"]


def candidates(pictures: Pictures, product: int, product_id: int | None = None) -> list[Candidate]:
    """The original and its augments, as the recogniser names them when it is right."""
    named = np.full((6, 6), 0.004, np.float32) + np.eye(6, dtype=np.float32) * 0.976
    return [
        Candidate(name, pictures.embeddings[6 * product + place], named[place], product_id)
        for place, name in enumerate(RECOGNISED_AUGMENTS)
    ]


def asked(model: ConversionModel, pictures: Pictures, **more: object) -> Recommendation:
    original, *augments = candidates(pictures, 5)
    others = [replace(candidates(pictures, product)[0], product_id=product) for product in (7, 8)]
    return recommend(model, CONVERSION, CONTEXT, original, augments, others, **more)  # type: ignore[arg-type]


def test_the_published_rule_is_recommended(
    published_model: ConversionModel, pictures: Pictures, published: Simulation
) -> None:
    told = asked(published_model, pictures, past=published.rows)
    assert told.best_augment in ("brighter", "rotate") and not told.too_close_to_call and not told.keep_original
    assert told.original.probability == pytest.approx(0.2, abs=0.12)
    by_name = {prediction.augment: prediction.probability for prediction in told.augments}
    assert by_name["brighter"] == pytest.approx(0.8, abs=0.12) and by_name["darker"] < 0.4
    assert told.against_best_augment is not None and told.against_best_augment.interval[0] > 0
    assert told.against_best_augment.sends_to_settle < 60
    assert told.best_alternate in (7, 8) and told.against_best_alternate is not None
    assert told.provenance == "simulated" and told.direction == "raise"
    assert len(told.evidence) == 5 and told.evidence[0].similarity > 0.5
    shares = {share.augment: share.share for share in told.split_plan}
    assert sum(shares.values()) == pytest.approx(1) and min(shares.values()) >= floor_of(6) - 1e-9
    assert shares["brighter"] + shares["rotate"] > 0.5


def test_without_a_signal_everything_is_too_close_to_call(pictures: Pictures) -> None:
    rows = simulate_published(pictures, 1200, seed=1).rows
    counts = rows.counts[np.random.default_rng(0).permutation(len(rows))]
    told = asked(learn(replace(rows, counts=counts), bundle="b1", settings=QUICK), pictures)
    assert told.too_close_to_call and told.keep_original
    assert told.original.probability == pytest.approx(told.base_rate, abs=0.02)
    assert told.against_best_augment is not None and told.against_best_augment.sends_to_settle > 500
    assert [share.share for share in told.split_plan] == pytest.approx([1 / 6] * 6, abs=0.05)


def test_where_less_is_better_the_lowest_is_best(pictures: Pictures) -> None:
    unsubscribe = TARGETS["unsubscribe"]
    rows = simulate_published(pictures, 2500, seed=3, target=unsubscribe).rows
    model = learn(rows, bundle="b1", settings=QUICK)
    original, *augments = candidates(pictures, 5)
    brighter = replace(augments[0], augment="brighter")
    told = recommend(model, unsubscribe, CONTEXT, brighter, [original, *augments[1:]])
    assert told.direction == "lower" and told.best_augment not in ("brighter", "rotate")
    assert told.against_best_augment is not None and told.against_best_augment.difference < 0
    assert not told.keep_original


def test_a_worse_augment_keeps_the_original(published_model: ConversionModel, pictures: Pictures) -> None:
    original, brighter, darker, *_ = candidates(pictures, 5)
    told = recommend(published_model, CONVERSION, CONTEXT, brighter, [original, darker])
    assert told.keep_original and not told.too_close_to_call
    assert recommend(published_model, CONVERSION, CONTEXT, original).best_augment is None


def test_a_picture_like_none_before_is_drawn_to_the_base_rate(
    published_model: ConversionModel, pictures: Pictures
) -> None:
    original, brighter, *_ = candidates(pictures, 5)
    strange = -pictures.embeddings[0]
    near = recommend(published_model, CONVERSION, CONTEXT, original, [brighter])
    far = recommend(published_model, CONVERSION, CONTEXT, original, [replace(brighter, embedding=strange)])
    assert not near.extrapolating and near.reasons == ()
    assert far.extrapolating and "look like none" in far.reasons[0] and far.too_close_to_call
    assert far.augments[0].distance > 1
    assert abs(far.augments[0].probability - far.base_rate) < abs(near.augments[0].probability - near.base_rate)
    assert far.augments[0].interval[0] <= far.base_rate <= far.augments[0].interval[1]


def test_a_context_that_no_row_had_is_told(pictures: Pictures) -> None:
    rows = simulate_published(pictures, 1500, seed=2).rows
    model = learn(rows.chosen(rows.campaign_type != 1), bundle="b1", settings=QUICK)
    told = asked(model, pictures)
    assert told.extrapolating and told.reasons[0] == "No past send had this campaign type."
    assert told.too_close_to_call


def test_candidates_that_do_not_fit_are_refused(published_model: ConversionModel, pictures: Pictures) -> None:
    original = candidates(pictures, 5)[0]
    with pytest.raises(ValueError, match="embeddings of 32 numbers, these have 7"):
        recommend(published_model, CONVERSION, CONTEXT, replace(original, embedding=np.zeros(7, np.float32)))
    with pytest.raises(ValueError, match="augment probabilities"):
        recommend(
            published_model, CONVERSION, CONTEXT, replace(original, augment_probabilities=np.zeros(2, np.float32))
        )


def test_the_published_name() -> None:
    assert make_prediction_recommendation is recommend


def test_revenue_is_in_cents(funnel_model: ConversionModel, pictures: Pictures, funnel: Simulation) -> None:
    original, *augments = candidates(pictures, 5)
    told = recommend(funnel_model, TARGETS["revenue_per_email"], CONTEXT, original, augments, past=funnel.rows)
    assert told.base_rate > 5 and told.original.interval[0] < told.original.probability < told.original.interval[1]
    assert told.against_best_augment is not None and told.against_best_augment.sends_to_settle > 100


def test_emails_to_settle_by_the_book() -> None:
    # Fleiss (1981), table A.3: 0.10 against 0.20, 5 %, 80 %: 199 a group without the correction for continuity.
    assert emails_to_settle(0.1, 0.2, 0.15) == pytest.approx(199, abs=1)
    assert emails_to_settle(0.2, 0.1, 0.15) == emails_to_settle(0.1, 0.2, 0.15)
    assert emails_to_settle(0.02, 0.02, 0.02) == emails_to_settle(0.019, 0.021, 0.02)
    assert emails_to_settle(100, 120, 110, spread=1000) == pytest.approx(39_244, rel=0.001)


def test_equal_variants_share_the_emails_evenly() -> None:
    chances = chances_of_best(np.zeros((8, 4)), 0.0, 1)
    assert split_shares(chances) == pytest.approx([0.25] * 4)
    sure = split_shares(np.array([1.0, 0, 0, 0]))
    assert sure == pytest.approx([0.7, 0.1, 0.1, 0.1])
