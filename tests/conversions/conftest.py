"""A catalogue of arrays and models of both simulators, trained once for all tests of conversions."""

from __future__ import annotations

import pytest

from benchmarks.drawn_pictures import drawn_pictures
from ml.conversions.boosting import Settings
from ml.conversions.learning import learn
from ml.conversions.model import ConversionModel
from ml.conversions.rows import Pictures
from ml.conversions.simulators import Simulation, simulate_funnel, simulate_published

QUICK = Settings(rounds=60, fewest_pairs=2, most_pairs=4)


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    return drawn_pictures(100)


@pytest.fixture(scope="session")
def published(pictures: Pictures) -> Simulation:
    return simulate_published(pictures, 2500, seed=3)


@pytest.fixture(scope="session")
def published_model(published: Simulation) -> ConversionModel:
    return learn(published.rows, bundle="b1", settings=QUICK)


@pytest.fixture(scope="session")
def funnel(pictures: Pictures) -> Simulation:
    return simulate_funnel(pictures, 1500, seed=4)


@pytest.fixture(scope="session")
def funnel_model(funnel: Simulation) -> ConversionModel:
    return learn(funnel.rows, bundle="b1", settings=QUICK)
