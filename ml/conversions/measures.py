"""How good probabilities are, each number beside the base rate's: Brier score, log-loss, AUC, calibration, lift.

All of it counts e-mails, not rows: a send of 500 weighs 500. Amounts have a squared error in place of Brier's and a
deviance in place of the log-loss, and no AUC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.conversions.calibration import Observed
from ml.conversions.families import Family

Floats = NDArray[np.float64]
BINS = 10


def measure(means: Floats, observed: Observed, family: Family) -> dict[str, Any]:
    """The numbers of an evaluation page, ready for JSON; those of the base rate under `base_`.

    `calibration` and `lift` are lists of points: see `calibration_bins` and `lift_points`.
    """
    base = np.full(len(means), observed.base_rate)
    return {
        "base_rate": observed.base_rate,
        "brier": squared_error(means, observed, family),
        "base_brier": squared_error(base, observed, family),
        "log_loss": log_loss(means, observed, family),
        "base_log_loss": log_loss(base, observed, family),
        "auc": auc(means, observed) if family.kind == "share" else None,
        "ece": expected_calibration_error(means, observed),
        "calibration": calibration_bins(means, observed),
        "lift": lift_points(means, observed),
    }


def squared_error(means: Floats, observed: Observed, family: Family) -> float:
    """Brier's score over e-mails; for amounts the squared error of the rows' averages."""
    error = (means - observed.rates) ** 2
    if family.kind == "share":
        error = error + observed.rates * (1 - observed.rates)
    return float(np.average(error, weights=observed.emails))


def log_loss(means: Floats, observed: Observed, family: Family) -> float:
    """The mean log-loss of an e-mail; for amounts the deviance, in units of the base rate."""
    scale = observed.base_rate if family.kind == "amount" and observed.base_rate else 1.0
    return float(np.average(family.losses(means / scale, observed.rates / scale), weights=observed.emails))


def auc(means: Floats, observed: Observed) -> float:
    """How often an e-mail that succeeded had the higher mean than one that did not; ties count half. 0.5 for luck."""
    place = np.unique(means, return_inverse=True)[1]
    happened = np.bincount(place, weights=observed.emails * observed.rates)
    missed = np.bincount(place, weights=observed.emails * (1 - observed.rates))
    if not happened.sum() or not missed.sum():
        return 0.5
    below = np.cumsum(missed) - missed / 2
    return float(happened @ below / (happened.sum() * missed.sum()))


def calibration_bins(means: Floats, observed: Observed, bins: int = BINS) -> list[dict[str, float]]:
    """The calibration curve: bins with about as many e-mails each, lowest means first. Equal means share a bin.

    Bins of equal width would put a target of 2 % into one of them.
    """
    points = []
    for which in _equal_parts(means, observed.emails, bins):
        emails = observed.emails[which]
        points.append(
            {
                "emails": float(emails.sum()),
                "predicted": float(np.average(means[which], weights=emails)),
                "observed": float(np.average(observed.rates[which], weights=emails)),
            }
        )
    return points


def expected_calibration_error(means: Floats, observed: Observed, bins: int = BINS) -> float:
    """The mean distance between predicted and observed over the bins, weighted by their e-mails."""
    points = calibration_bins(means, observed, bins)
    total = sum(point["emails"] for point in points)
    return sum(point["emails"] * abs(point["predicted"] - point["observed"]) for point in points) / max(total, 1)


def lift_points(means: Floats, observed: Observed, bins: int = BINS) -> list[dict[str, float]]:
    """The lift chart: for the share of e-mails with the highest means, how many times the base rate was observed."""
    points, emails, happened = [], 0.0, 0.0
    total = float(observed.emails.sum())
    for which in reversed(_equal_parts(means, observed.emails, bins)):
        emails += float(observed.emails[which].sum())
        happened += float(observed.emails[which] @ observed.rates[which])
        points.append({"share": emails / total, "lift": happened / emails / max(observed.base_rate, 1e-12)})
    return points


def _equal_parts(means: Floats, emails: Floats, parts: int) -> list[NDArray[np.intp]]:
    """Places of rows in rising order of means, cut into parts of about as many e-mails; equal means stay together."""
    place = np.unique(means, return_inverse=True)[1]
    held = np.bincount(place, weights=emails)
    part = np.minimum(((np.cumsum(held) - held / 2) / held.sum() * parts).astype(int), parts - 1)
    return [np.flatnonzero(part[place] == number) for number in np.unique(part)]
