"""What is searched: only what means something, around the untuned settings, without what a person chose."""

from __future__ import annotations

from dataclasses import asdict

import optuna
import pytest

from ml.networks.weights import WeightsError
from ml.training.tuning.search_plan import plan_search
from ml.training.tuning.strategies import build_pruner, build_sampler


def test_the_place_of_the_untuned_settings_gives_them_back() -> None:
    space = plan_search(("vgg16",), ())
    settings = space.settings(space.place_of_untuned())
    assert asdict(settings) | {"weight_decay": None} == asdict(space.untuned)
    assert (settings.weight_decay, settings.fine_epochs) == (0.02, 0)


def test_what_was_chosen_is_not_searched() -> None:
    space = plan_search(("vgg16",), (), top_optimizer="adam", dropout=0.5, dimensions=64)
    assert not space.distributions.keys() & {"optimizer", "dropout", "dimensions", "momentum", "network"}
    chosen = {"rate_times": 10, "epochs": 7, "weight_decay": 0.1, "batch_size": 32, "label_smoothing": 0.2}
    settings = space.settings(chosen)
    assert (settings.top_optimizer, settings.top_rate, settings.top_epochs) == ("adam", 0.01, 7)
    assert (settings.dropout, settings.dimensions, settings.batch_size) == (0.5, 64, 32)


def test_momentum_needs_an_optimiser_that_has_it_and_width_a_network_that_leaves_it_open() -> None:
    space = plan_search(("vgg16", "vgg16-dense"), ())
    for number in range(20):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=number))
        chosen = space.suggest(study.ask())
        assert ("momentum" in chosen) == (chosen["optimizer"] in ("sgd", "rmsprop"))
        assert ("dimensions" in chosen) == (chosen["network"] == "vgg16")
        assert space.settings(chosen).network == chosen["network"]


def test_the_rate_is_a_multiple_of_what_is_usual() -> None:
    space = plan_search(("vgg16",), ())
    rates = [space.settings({"optimizer": name, "rate_times": 2.0}).top_rate for name in ("sgd", "adam")]
    assert rates == [0.04, 0.002]


def test_fine_tuning_searches_the_steps_behind_the_top_model() -> None:
    space = plan_search(("benchmark-cnn",), (), fine_tune=True, most_epochs=8)
    settings = space.settings({"optimizer": "sgd", "rate_times": 2.0, "momentum": 0.5, "epochs": 3})
    assert (settings.fine_optimizer, settings.fine_rate, settings.fine_epochs) == ("sgd", 0.04, 3)
    assert settings.top_rate == space.untuned.top_rate
    assert str(space.distributions["epochs"]) == "IntDistribution(high=8, log=True, low=1, step=1)"


def test_what_cannot_be_searched() -> None:
    with pytest.raises(ValueError, match="no features to tune a top model on"):
        plan_search(("benchmark-cnn",), ())
    with pytest.raises(WeightsError, match="does not exist"):
        plan_search(("vgg16",), ("vgg16=/no/such/file",))
    with pytest.raises(ValueError, match="there is no network 'vgg99'"):
        plan_search(("vgg99",), ())
    with pytest.raises(ValueError, match="leaves nothing to tune"):
        plan_search(("vgg16",), (), fine_tune=True, fine_epochs=0)
    with pytest.raises(ValueError, match="all its layers frozen"):
        plan_search(("vgg16-dense",), (), fine_tune=True)
    with pytest.raises(ValueError, match="--most-epochs is at least 1"):
        plan_search(("vgg16",), (), most_epochs=0)
    with pytest.raises(ValueError, match="there is no sampler 'grid'"):
        build_sampler("grid", plan_search(("vgg16",), ()), 0)
    with pytest.raises(ValueError, match="there is no pruner 'asha'"):
        build_pruner("asha")
