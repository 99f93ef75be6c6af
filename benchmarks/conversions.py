"""Conversion models against what can be known: simulators with their true probabilities, shuffled labels, small tables.

Everything is scored on products that no model has seen. `python -m benchmarks.conversions`
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from benchmarks.drawn_pictures import drawn_pictures
from benchmarks.results_page import when_and_where
from benchmarks.table import Row, print_table
from ml.conversions.boosting import Settings
from ml.conversions.calibration import Observed
from ml.conversions.contexts import Context
from ml.conversions.evaluation import evaluate
from ml.conversions.features import fit_space
from ml.conversions.grouping import folds_of
from ml.conversions.learning import learn
from ml.conversions.measures import expected_calibration_error
from ml.conversions.model import CONFIDENCE, ConversionModel, Scores, TargetModel
from ml.conversions.recommend import Candidate, Recommendation, recommend
from ml.conversions.rows import IMPORTED, CampaignRows, Pictures
from ml.conversions.simulators import Simulation, simulate_funnel, simulate_published
from ml.conversions.targets import TARGETS, Target

PRODUCTS, UNSEEN_FOLDS, DIMENSIONS = 1200, 4, 128
PUBLISHED_ROWS, FUNNEL_ROWS = 80_000, 50_000
CONVERSION = TARGETS["conversion"]
NARROWER = 0.9
SMALL_ROWS, SMALL_RUNS = 300, 10
SHUFFLED_RUNS, CHANCES = 5, 20
TIMED_ROWS, PLAIN_ROWS, PLAIN_TREES = 100_000, 10_000, 100
SEED = 4000
"""Of the market, its products and all campaigns from here on. Choices about the models were made in market 0, with the
products and campaigns of small seeds."""
simulate_market = partial(simulate_funnel, world=SEED)


def measure(threads: int = 1) -> Iterator[Row]:
    """All rows, on `threads` cores."""
    settings = Settings(threads=threads)
    pictures = drawn_pictures(PRODUCTS, dimensions=DIMENSIONS, seed=SEED, world=SEED)
    yield from _published(pictures, settings)
    yield from _funnel(pictures, settings)
    yield from _shuffled(pictures, settings)
    yield from _small(pictures, settings)
    yield from _training_time(pictures, settings)


def _published(pictures: Pictures, settings: Settings) -> Iterator[Row]:
    known, unseen, truth = _parted(simulate_published(pictures, PUBLISHED_ROWS, seed=SEED + 1))
    model = learn(known, bundle="bench", settings=settings)
    told = evaluate(model, unseen)["conversion"]
    means = model.of(CONVERSION).scores(model.space.matrix_of(unseen)).means
    happened, _ = unseen.outcomes(CONVERSION)
    right = float(((means > 0.5) == happened).mean())
    rule, best = truth["conversion"], float(((truth["conversion"] > 0.5) == happened).mean())
    possible = float(-np.mean(np.log(np.where(happened == 1, rule, 1 - rule))))
    about = f"published simulator, {len(known):,} rows, unseen products: "
    yield Row(
        f"{about}accuracy",
        f"79 % published, {best:.2%} the rule itself",
        f"{right:.2%}",
        "",
        "at least 79.5 %",
        right >= 0.795,
    )
    log_loss, ece = told["log_loss"], told["ece"]
    yield Row(
        f"{about}log-loss",
        f"{told['base_log_loss']:.4f} base rate, {possible:.4f} the rule itself",
        f"{log_loss:.4f}",
        "",
        "at most 0.505",
        log_loss <= 0.505,
    )
    chance = f"{_ece_by_chance(means, unseen):.4f} of honest probabilities, by chance"
    yield Row(f"{about}ECE, 10 bins", chance, f"{ece:.4f}", "", "at most 0.01", ece <= 0.01)


def _ece_by_chance(means: NDArray[np.float64], rows: CampaignRows) -> float:
    """What the error would come to, on rows of one recipient each, if every mean were the true probability."""
    random, one = np.random.default_rng(0), np.ones(len(rows))
    outcomes = ((random.random(len(rows)) < means).astype(np.float64) for _ in range(CHANCES))
    return float(np.mean([expected_calibration_error(means, Observed(drawn, one, rows.groups)) for drawn in outcomes]))


def _funnel(pictures: Pictures, settings: Settings) -> Iterator[Row]:
    """Rows of sends, and the harder rows of one recipient each."""
    for recipients, kind in (((200, 2000), "sends"), (1, "recipients")):
        simulation = simulate_market(
            pictures, FUNNEL_ROWS * UNSEEN_FOLDS // (UNSEEN_FOLDS - 1), seed=SEED + 2, recipients=recipients
        )
        known, unseen, truth = _parted(simulation)
        model = learn(known, bundle="bench", settings=settings)
        matrix = model.space.matrix_of(unseen)
        errors, plain = {}, {}
        covered: dict[float, list[float]] = {CONFIDENCE: [], NARROWER: []}
        for name, of_target in model.targets.items():
            if of_target.target.is_amount:
                continue
            scores = of_target.scores(matrix)
            errors[name] = float(np.abs(scores.means - truth[name]).mean())
            plain[name] = float(np.abs(of_target.facts.base_rate - truth[name]).mean())
            for confidence, shares in covered.items():
                shares.append(_share_inside(of_target, scores, truth[name], confidence))
        for name, error in sorted(errors.items(), key=lambda pair: -pair[1])[:3]:
            what = f"richer simulator, {len(known):,} {kind}: mean absolute error of {TARGETS[name].title.lower()}"
            yield Row(
                what,
                f"{plain[name]:.4f} base rate",
                f"{error:.4f}",
                f"{plain[name] / error:.1f} x",
                "at most 0.03",
                error <= 0.03,
            )
        for confidence, shares in covered.items():
            what = f"the same, {kind}: true probabilities in the {confidence:.0%} interval, mean and least of 8 targets"
            yield Row(what, "", f"{np.mean(shares):.1%}, {min(shares):.1%}", "", "", None)


def _share_inside(model: TargetModel, scores: Scores, truth: NDArray[np.float64], confidence: float) -> float:
    """The share of true probabilities inside an interval, narrowed from the one for CONFIDENCE as a normal one is."""
    family, share = (
        model.family,
        NormalDist().inv_cdf(0.5 + confidence / 2) / NormalDist().inv_cdf(0.5 + CONFIDENCE / 2),
    )
    middle = family.margin(scores.means)
    low, high = (family.mean(middle + share * (family.margin(end) - middle)) for end in (scores.low, scores.high))
    return float(((low <= truth) & (truth <= high)).mean())


def _shuffled(pictures: Pictures, settings: Settings) -> Iterator[Row]:
    worst, certain = -np.inf, 0
    for seed in range(SHUFFLED_RUNS):
        known, unseen, _ = _parted(simulate_published(pictures, 8_000, seed=SEED + 10 + seed))
        model = learn(_with_shuffled_counts(known, seed), bundle="bench", settings=settings)
        told = evaluate(model, _with_shuffled_counts(unseen, seed))["conversion"]
        worst = max(worst, told["log_loss"] - told["base_log_loss"])
        certain += sum(not answer.too_close_to_call for answer in _answers(model, pictures, CONVERSION))
    about = f"shuffled labels, {SHUFFLED_RUNS} runs: "
    yield Row(f"{about}log-loss above the base rate's, worst", "", f"{worst:+.5f}", "", "at most 0.001", worst <= 0.001)
    yield Row(
        f"{about}recommendations not too close to call", "", f"{certain} of {20 * SHUFFLED_RUNS}", "", "0", certain == 0
    )


def _small(pictures: Pictures, settings: Settings) -> Iterator[Row]:
    """300 imported rows of one recipient, with the published rule, with the funnel's weak effects, and with none."""
    simulations: Mapping[str, tuple[Target, Callable[[int, int], Simulation]]] = {
        "published rule": (CONVERSION, lambda rows, seed: simulate_published(pictures, rows, seed=seed)),
        "funnel's click-to-open": (
            TARGETS["click_to_open"],
            lambda rows, seed: simulate_market(pictures, rows, seed=seed, recipients=3),
        ),
    }
    for name, (target, simulate) in simulations.items():
        worse, scores, bases, raws = 0, [], [], []
        for seed in range(SMALL_RUNS):
            known, unseen, _ = _parted(simulate(12_000, SEED + 100 + seed))
            few = replace(known, provenance=np.full(len(known), IMPORTED)).chosen(_some(known, target, seed))
            model = learn(few, bundle="bench", settings=settings)
            told = evaluate(model, unseen)[target.name]
            scores.append(told["brier"])
            bases.append(told["base_brier"])
            raws.append(_raw_brier(few, unseen, target))
            worse += told["brier"] > told["base_brier"] + 1e-9
        plain = f"{np.mean(raws):.4f} raw XGBoost, {np.mean(bases):.4f} base rate"
        what = f"{SMALL_ROWS} imported rows, {name}, {SMALL_RUNS} runs: Brier score; runs above the base rate's"
        yield Row(what, plain, f"{np.mean(scores):.4f}; {worse}", "", "0 runs", worse == 0)


def _training_time(pictures: Pictures, settings: Settings) -> Iterator[Row]:
    """9 targets on 100,000 rows, calibrated and with all members, against one plain scikit-learn model, extrapolated.

    GradientBoosting's time grows a little faster than its rows (it sorts them), so that the extrapolation flatters it.
    """
    from sklearn.ensemble import GradientBoostingClassifier

    rows = simulate_market(pictures, TIMED_ROWS, seed=SEED + 3).rows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    model = learn(rows, bundle="bench", settings=settings)
    per_target = (time.perf_counter() - started) / len(model.targets)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    times = TIMED_ROWS // PLAIN_ROWS
    few = simulate_market(pictures, PLAIN_ROWS, seed=SEED + 4, recipients=1).rows
    matrix = fit_space(few).matrix_of(few)
    started = time.perf_counter()
    GradientBoostingClassifier(n_estimators=PLAIN_TREES).fit(matrix, few.outcomes(TARGETS["open"])[0] > 0)
    plain = (time.perf_counter() - started) * times
    ratio = plain / per_target
    members = sum(of_target.facts.members + 1 for of_target in model.targets.values())
    yield Row(
        f"training on {TIMED_ROWS:,} rows x {len(model.targets)} targets ({members} sets of trees), a target",
        f"{plain:.0f} s (one GradientBoosting on its one core, {PLAIN_TREES} trees, {PLAIN_ROWS:,} rows times {times})",
        f"{per_target:.2f} s ({settings.threads} threads)",
        f"{ratio:.1f} x",
        "at least 10 x",
        ratio >= 10,
    )
    yield Row(f"memory grown by training on {TIMED_ROWS:,} rows", "", f"{grown:.0f} MB", "", "shown", None)


def _parted(simulation: Simulation) -> tuple[CampaignRows, CampaignRows, dict[str, NDArray[np.float64]]]:
    """Rows to learn from, rows of unseen products, and the truth about the latter."""
    unseen = folds_of(simulation.rows.groups, UNSEEN_FOLDS, seed=77) == 0
    truth = {name: chances[unseen] for name, chances in simulation.truth.items()}
    return simulation.rows.chosen(~unseen), simulation.rows.chosen(unseen), truth


def _some(rows: CampaignRows, target: Target, seed: int) -> NDArray[np.int64]:
    """The places of SMALL_ROWS rows that tell of the target."""
    telling = np.flatnonzero(rows.outcomes(target)[1] > 0)
    return np.sort(np.random.default_rng(seed).choice(telling, SMALL_ROWS, replace=False))


def _with_shuffled_counts(rows: CampaignRows, seed: int) -> CampaignRows:
    return replace(rows, counts=rows.counts[np.random.default_rng(seed).permutation(len(rows))])


def _raw_brier(known: CampaignRows, unseen: CampaignRows, target: Target) -> float:
    """What XGBoost's own defaults give, uncalibrated."""
    from ml.conversions.engine import load_xgboost

    xgboost, space = load_xgboost(), fit_space(known)
    tables = []
    for rows in (known, unseen):
        happened, emails = rows.outcomes(target)
        kept = emails > 0
        kind = {"feature_types": space.types, "enable_categorical": True}
        rates = happened[kept] / emails[kept]
        tables.append(
            (xgboost.DMatrix(space.matrix_of(rows)[kept], rates, weight=emails[kept], **kind), rates, emails[kept])
        )
    model = xgboost.train({"objective": "binary:logistic", "nthread": 1}, tables[0][0], 100)
    table, rates, emails = tables[1]
    return float(np.average((model.predict(table) - rates) ** 2 + rates * (1 - rates), weights=emails))


def _answers(model: ConversionModel, pictures: Pictures, target: Target) -> Iterator[Recommendation]:
    """Recommendations for the last twenty products: the original and its five augments."""
    for start in range(len(pictures) - 20 * 6, len(pictures), 6):
        original, *augments = (
            Candidate(str(pictures.augments[place]), pictures.embeddings[place], pictures.augment_probabilities[place])
            for place in range(start, start + 6)
        )
        yield recommend(model, target, Context("newsletter", "retail", "running"), original, augments)


def main() -> int:
    """Print the table; the exit status is 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversions", description=__doc__)
    parser.add_argument("--threads", type=int, default=2, help="cores for XGBoost")
    rows = []
    for row in measure(parser.parse_args().threads):
        print(" | ".join(row.cells), file=sys.stderr, flush=True)
        rows.append(row)
    print_table(rows, when_and_where())
    return int(any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
