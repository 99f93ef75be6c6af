"""How a model does on rows that it has not seen, target by target, against quoting its base rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.conversions.calibration import Observed
from ml.conversions.measures import log_loss, measure, squared_error
from ml.conversions.model import ConversionModel
from ml.conversions.rows import CampaignRows


def evaluate(model: ConversionModel, rows: CampaignRows) -> dict[str, dict[str, Any]]:
    """Measures by target, as on the card, on other rows; targets that the rows do not tell of are left out.

    `base_brier` and `base_log_loss` are those of the base rate that the model was trained on. Whether the rows'
    products are new to the model is the caller's to see to.
    """
    told = {}
    matrix = model.space.matrix_of(rows)
    for name, of_target in model.targets.items():
        happened, emails = rows.outcomes(of_target.target)
        known = emails > 0
        if not known.any():
            continue
        observed = Observed(happened[known] / emails[known], emails[known], rows.groups[known])
        base = np.full(int(known.sum()), of_target.facts.base_rate)
        told[name] = measure(of_target.scores(matrix[known]).means, observed, of_target.family) | {
            "base_brier": squared_error(base, observed, of_target.family),
            "base_log_loss": log_loss(base, observed, of_target.family),
            "rows": int(known.sum()),
        }
    return told
