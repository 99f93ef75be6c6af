"""Probabilities keep their word on groups that nothing was fitted on, and luck is not taken for a finding."""

from __future__ import annotations

import numpy as np
import pytest

from ml.conversions.calibration import Calibration, Observed, calibrate, fit_isotonic, fit_sigmoid
from ml.conversions.families import AMOUNT, SHARE
from ml.conversions.measures import auc, expected_calibration_error, lift_points, log_loss, measure
from ml.conversions.weighting import base_error, likeness, unexplained, weights_of

MARGIN = np.random.default_rng(0).normal(-1, 1, 4000)


def drawn(margins: np.ndarray, seed: int = 1, emails: int = 1) -> Observed:
    """E-mails in groups of ten rows whose honest margins are given."""
    random = np.random.default_rng(seed)
    rates = random.binomial(emails, SHARE.mean(margins)) / emails
    return Observed(rates, np.full(len(margins), float(emails)), np.arange(len(margins)) // 10)


def test_families_invert_their_links() -> None:
    margins = np.linspace(-5, 5, 11)
    for family in (SHARE, AMOUNT):
        assert family.margin(family.mean(margins)) == pytest.approx(margins)
        middle, step = float(family.mean(0.3)), 1e-5
        slope = (family.mean(0.3 + step) - family.mean(0.3 - step)) / (2 * step)
        assert family.slope(middle) == pytest.approx(float(slope), rel=1e-5)


def test_the_sigmoid_undoes_boldness() -> None:
    bold = fit_sigmoid(3 * MARGIN + 1, drawn(MARGIN), SHARE)
    assert bold.slope == pytest.approx(1 / 3, rel=0.1)
    assert bold.intercept == pytest.approx(-1 / 3, abs=0.1)


def test_the_sigmoid_never_falls() -> None:
    assert fit_sigmoid(-MARGIN, drawn(MARGIN), SHARE).slope == 0


def test_isotonic_rises_and_is_never_certain() -> None:
    steps = fit_isotonic(MARGIN, drawn(3 * MARGIN))
    told = steps.means(np.linspace(-9, 9, 500), SHARE)
    assert (np.diff(told) >= 0).all()
    assert 0 < told[0] < 0.05 and 0.95 < told[-1] < 1


def test_a_crooked_margin_gets_isotonic_only_where_there_are_rows_enough() -> None:
    crooked = np.exp(MARGIN)
    assert calibrate(crooked, drawn(3 * MARGIN), SHARE, rows=4000).calibrator.kind == "isotonic"
    assert calibrate(crooked, drawn(3 * MARGIN), SHARE, rows=999).calibrator.kind == "sigmoid"


def found_in(seed: int) -> Calibration:
    noise = np.random.default_rng(1000 + seed).normal(0, 1, 300)
    return calibrate(noise, drawn(np.full(300, -1.3), seed), SHARE, rows=300)


def test_noise_is_hardly_ever_taken_for_a_finding() -> None:
    assert sum(found_in(seed).weight > 0 for seed in range(60)) <= 1


def test_a_finding_is_kept_nearly_whole() -> None:
    assert calibrate(MARGIN, drawn(MARGIN), SHARE, rows=4000).weight > 0.9


def test_measures_of_honest_margins() -> None:
    observed, honest = drawn(MARGIN), SHARE.mean(MARGIN)
    told = measure(honest, observed, SHARE)
    assert told["brier"] < told["base_brier"] and told["log_loss"] < told["base_log_loss"]
    assert told["ece"] < 0.03 < expected_calibration_error(SHARE.mean(3 * MARGIN), observed)
    assert told["lift"][0]["lift"] > 1.5 and told["lift"][-1]["lift"] == pytest.approx(1)
    assert told["lift"][-1]["share"] == pytest.approx(1)
    assert log_loss(honest, observed, SHARE) == pytest.approx(
        float(-np.mean(np.log(np.where(observed.rates == 1, honest, 1 - honest))))
    )


def test_auc_counts_emails_and_halves_ties() -> None:
    sends = Observed(np.array([0.5, 0.25]), np.array([2.0, 4.0]), np.arange(2))
    alone = Observed(np.array([1.0, 0, 1, 0, 0, 0]), np.ones(6), np.arange(6))
    assert auc(np.array([0.9, 0.1]), sends) == auc(np.array([0.9, 0.9, 0.1, 0.1, 0.1, 0.1]), alone)
    assert auc(np.full(6, 0.3), alone) == 0.5
    assert auc(np.array([1.0, 0, 1, 0, 0, 0]), alone) == 1


def test_equal_means_make_one_point() -> None:
    assert len(lift_points(np.full(4000, 0.3), drawn(MARGIN))) == 1


def test_large_sends_weigh_less_the_more_alike_their_emails_are() -> None:
    random = np.random.default_rng(5)
    emails = np.full(2000, 100.0)
    chances = random.beta(0.2 * 19, 0.8 * 19, 2000)
    alike = likeness(random.binomial(100, chances) / 100, emails, SHARE)
    assert alike == pytest.approx(1 / 20, rel=0.2)
    assert likeness(random.binomial(100, 0.2, 2000) / 100, emails, SHARE) < 0.005
    assert weights_of(np.array([0.0, 1.0, 1e9]), 0.05) == pytest.approx([0, 1, 20])


def test_the_base_rate_is_less_sure_where_groups_differ() -> None:
    random = np.random.default_rng(6)
    shifts = np.repeat(random.normal(0, 1, 400), 10)
    alike, apart = (base_error(drawn(-1 + shift), SHARE) for shift in (np.zeros(4000), shifts))
    assert alike == pytest.approx(1 / np.sqrt(4000 * 0.269 * 0.731), rel=0.1)
    assert apart > 1.3 * alike


def test_what_products_keep_to_themselves_is_found() -> None:
    random = np.random.default_rng(7)
    shifts = np.repeat(random.normal(0, 0.4, 400), 10)
    observed = drawn(MARGIN + shifts, emails=200)
    means = SHARE.mean(MARGIN)
    assert unexplained(means, observed, observed.groups, SHARE, 0).sure == pytest.approx(0.4, rel=0.2)
    assert unexplained(SHARE.mean(MARGIN + shifts), observed, observed.groups, SHARE, 0).sure < 0.05


def test_what_rows_cannot_show_is_expected_and_what_they_show_is_believed() -> None:
    random = np.random.default_rng(8)
    shifts = np.repeat(random.normal(0, 0.4, 400), 10)
    means = np.full(4000, 0.002)
    rare = drawn(SHARE.margin(means) + shifts)
    unseen = unexplained(means, rare, rare.groups, SHARE, 0)
    assert unseen.sure == 0 and unseen.supposed(0.25) == pytest.approx(0.25**2, rel=0.3)
    many = drawn(MARGIN + shifts, emails=200)
    seen = unexplained(SHARE.mean(MARGIN), many, many.groups, SHARE, 0)
    assert seen.supposed(0.25) == pytest.approx(0.4**2, rel=0.2)


def test_the_ends_of_the_isotonic_curve_are_no_single_pictures() -> None:
    """One picture of forty e-mails that all succeeded makes no step of its own."""
    margins = np.append(MARGIN, np.full(40, 9.0))
    observed = drawn(margins)
    steps = fit_isotonic(margins, observed)
    assert len(steps.xs) <= 50
    assert fit_isotonic(np.zeros(3), drawn(np.zeros(3))).means(np.zeros(1), SHARE).shape == (1,)
    # Half a hundred e-mails, however sure, end in a step with those below them.
    top = margins > np.quantile(margins, 0.97)
    assert steps.ys[-1] == pytest.approx(observed.rates[top].mean(), abs=0.1)
