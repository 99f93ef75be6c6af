"""Models find what is there, quote the base rate where nothing is, and say on which rows they were trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.conversions.grouping import folds_of
from ml.conversions.learning import learn, tables_by_provenance
from ml.conversions.model import ConversionModel
from ml.conversions.rows import IMPORTED, SIMULATED, CampaignRows, Pictures, joined
from ml.conversions.simulators import Simulation, simulate_published
from ml.conversions.targets import TARGETS
from tests.conversions.conftest import QUICK

CONVERSION = TARGETS["conversion"]


def imported(rows: CampaignRows) -> CampaignRows:
    return replace(rows, provenance=np.full(len(rows), IMPORTED))


def test_the_published_rule_is_found_on_unseen_products(published: Simulation) -> None:
    rows = published.rows
    test = folds_of(rows.groups, 4, seed=9) == 0
    model = learn(rows.chosen(~test), bundle="b1", settings=QUICK).of(CONVERSION)
    space = learn(rows.chosen(~test), bundle="b1", settings=QUICK).space
    scores = model.scores(space.matrix_of(rows.chosen(test)))
    truth = published.truth["conversion"][test]
    assert np.abs(scores.means - truth).mean() < 0.05
    assert ((scores.low <= truth) & (truth <= scores.high)).mean() > 0.85
    assert model.facts.importances["augment"] > 0.5
    assert model.facts.metrics["log_loss"] < 0.56 < model.facts.metrics["base_log_loss"]


def test_only_targets_that_rows_tell_of_are_trained(published_model: ConversionModel) -> None:
    assert list(published_model.targets) == ["conversion"]
    with pytest.raises(ValueError, match="no campaign rows tell of opens yet"):
        published_model.of(TARGETS["open"])


def test_all_targets_of_the_funnel(funnel_model: ConversionModel, funnel: Simulation) -> None:
    assert list(funnel_model.targets) == list(TARGETS)
    matrix = funnel_model.space.matrix_of(funnel.rows)
    for name, model in funnel_model.targets.items():
        scores = model.scores(matrix)
        assert (scores.low <= scores.means + 1e-9).all() and (scores.means <= scores.high + 1e-9).all()
        assert (scores.low >= 0).all() and (TARGETS[name].is_amount or (scores.high <= 1).all())
        assert model.facts.provenance == "simulated" and model.facts.rows <= len(funnel.rows)
    assert funnel_model.targets["click_to_open"].facts.weight > 0.5
    revenue = funnel_model.targets["revenue_per_email"].facts
    assert revenue.spread > revenue.base_rate > 1 and revenue.metrics["auc"] is None


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_labels_give_the_base_rate(pictures: Pictures, seed: int) -> None:
    rows = simulate_published(pictures, 1200, seed=seed).rows
    counts = rows.counts[np.random.default_rng(seed).permutation(len(rows))]
    facts = learn(replace(rows, counts=counts), bundle="b1", settings=QUICK).of(CONVERSION).facts
    assert facts.metrics["log_loss"] <= facts.metrics["base_log_loss"] + 0.001


def test_the_same_seed_gives_the_same_model(published: Simulation, published_model: ConversionModel) -> None:
    again = learn(published.rows, bundle="b1", settings=QUICK)
    matrix = again.space.matrix_of(published.rows)
    first, second = (model.of(CONVERSION).scores(matrix) for model in (published_model, again))
    assert np.array_equal(first.means, second.means) and again.digest == published_model.digest


def test_enough_imported_rows_alone_train_a_target(pictures: Pictures) -> None:
    simulated = simulate_published(pictures, 500, seed=1).rows
    many, few = (imported(simulate_published(pictures, rows, seed=2).rows) for rows in (300, 299))
    assert tables_by_provenance(joined([simulated, many])) == {IMPORTED: [CONVERSION]}
    assert tables_by_provenance(joined([simulated, few])) == {SIMULATED: [CONVERSION]}
    assert tables_by_provenance(few) == {IMPORTED: [CONVERSION]}
    facts = learn(joined([simulated, many]), bundle="b1", settings=QUICK).of(CONVERSION).facts
    assert (facts.provenance, facts.rows) == ("imported", 300)


def test_a_handful_of_rows_gives_a_base_rate_and_no_trees(pictures: Pictures) -> None:
    model = learn(simulate_published(pictures, 12, seed=1).rows, bundle="b1", settings=QUICK)
    found = model.of(CONVERSION)
    assert not found.members and found.facts.weight == 0
    low, high = found.base_interval()
    assert low < found.facts.base_rate < high


def test_rows_that_tell_nothing_are_refused(published: Simulation) -> None:
    with pytest.raises(ValueError, match="no campaign row tells of any target"):
        learn(published.rows.chosen(np.zeros(0, np.int64)), bundle="b1")


def test_training_can_be_watched_and_ended(published: Simulation) -> None:
    class EndedError(Exception):
        pass

    def told(title: str, done: float) -> None:
        assert (title, done) == ("Conversions", 0)
        raise EndedError

    with pytest.raises(EndedError):
        learn(published.rows, bundle="b1", settings=QUICK, told=told)
