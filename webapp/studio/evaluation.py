"""A model's numbers for people: each beside the base rate's, and a sentence that says what they come to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ml.conversions.model_folder import ConversionCard
from ml.conversions.targets import TARGETS, Target
from webapp.studio.charts import calibration_chart, lift_chart

KINDS = {
    "image": "The picture: which shoe, from where, in which colours",
    "augment": "The augment: what was done to the picture",
    "context": "The context: campaign type, industry, sneaker type",
}


@dataclass(frozen=True)
class Measure:
    """One number beside the base rate's; `better` tells whether it beats it, None where they tie or cannot be said."""

    title: str
    meaning: str
    shown: str
    base: str
    better: bool | None


@dataclass(frozen=True)
class Evaluation:
    """What is known about one target of a model, as its card tells it."""

    target: Target
    facts: Mapping[str, Any]

    @property
    def metrics(self) -> Mapping[str, Any]:
        return dict(self.facts.get("metrics") or {})

    @property
    def learned(self) -> bool:
        """Whether the trees say more than the base rate."""
        return bool(self.facts["weight"])

    @property
    def intervals(self) -> str:
        """How wide intervals are for what the model cannot know of a single picture, and where that comes from."""
        departing = float(self.facts.get("departing", 0))
        if not departing:
            return ""
        size = f"odds {math.exp(1.96 * departing):.1f} times as high or as low as predicted"
        if self.facts.get("of_pictures") or self.facts.get("of_products"):
            return f"Intervals reckon with single pictures of {size}: so far they departed in these rows."
        return f"Intervals reckon with single pictures of {size}: an assumption, which these rows can hardly check."

    @property
    def base_rate(self) -> str:
        """The base rate as people write it."""
        return told(float(self.facts["base_rate"]), self.target)

    @property
    def verdict(self) -> str:
        """In a sentence, what the model is worth."""
        if not self.facts["rounds"]:
            return "Too little is known to learn from: every picture gets the base rate."
        if not self.learned:
            return "Nothing was found beyond luck: every picture gets the base rate, and all are too close to call."
        loss, base = self.metrics["log_loss"], self.metrics["base_log_loss"]
        gain = (base - loss) / abs(base) if base else 0.0
        return f"On products that it had not seen, its log-loss is {max(gain, 0):.1%} better than the base rate’s."

    @property
    def measures(self) -> Sequence[Measure]:
        """Brier score, log-loss, AUC and ECE, on products that the model had not seen."""
        amount, metrics = self.target.is_amount, self.metrics
        brier = (
            ("Squared error", "of cents")
            if amount
            else ("Brier score", "squared error of the probability; less is better")
        )
        loss = ("Deviance", "less is better") if amount else ("Log-loss", "what wrong certainty costs; less is better")
        found = [_less(*brier, metrics, "brier"), _less(*loss, metrics, "log_loss")]
        if metrics.get("auc") is not None:
            auc = float(metrics["auc"])
            better = None if round(auc, 3) == 0.5 else auc > 0.5
            words = "how often a success had the higher prediction; 0.5 is luck"
            found.append(Measure("AUC", words, f"{auc:.3f}", "0.500", better))
        words = "how far predictions lie from what came of them, on average"
        found.append(Measure("ECE", words, _points(metrics.get("ece"), self.target), "–", None))
        return found

    @property
    def importances(self) -> Sequence[tuple[str, float]]:
        """What the trees looked at, as shares."""
        shares = self.facts.get("importances") or {}
        return [(words, float(shares[kind])) for kind, words in KINDS.items() if kind in shares]

    @property
    def calibration(self) -> Markup:
        """The calibration curve."""
        points = self.metrics.get("calibration") or []
        return calibration_chart(points, float(self.facts["base_rate"]), cents=self.target.is_amount)

    @property
    def lift(self) -> Markup:
        """The lift chart."""
        return lift_chart(self.metrics.get("lift") or [])


def evaluations(card: ConversionCard) -> Mapping[str, Evaluation]:
    """What a card tells of each target, in the order of the list of targets."""
    return {name: Evaluation(TARGETS[name], card.targets[name]) for name in TARGETS if name in card.targets}


def told(rate: float, target: Target) -> str:
    """A rate as people write it: 12.3 %, or $0.42 for an amount in cents."""
    if target.is_amount:
        return f"${rate / 100:.2f}"
    return f"{rate:.1%}" if rate >= 0.1 else f"{rate:.2%}"


def _less(title: str, meaning: str, metrics: Mapping[str, Any], key: str) -> Measure:
    number, base = float(metrics.get(key, 0)), float(metrics.get(f"base_{key}", 0))
    digits = 4 if abs(base) < 10 else 0
    shown, shown_base = f"{number:,.{digits}f}", f"{base:,.{digits}f}"
    return Measure(title, meaning, shown, shown_base, None if shown == shown_base else number < base)


def _points(ece: Any, target: Target) -> str:
    if ece is None:
        return "–"
    return f"${float(ece) / 100:.3f}" if target.is_amount else f"{float(ece) * 100:.2f} points"
