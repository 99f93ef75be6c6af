"""Which picture should this e-mail carry? The model's answer for a picture, its augments and alternate products.

candidates in a context -> probabilities with intervals -> drawn to the base rate where the model extrapolates
    -> best augment, best alternate -> too close to call? how many sends would settle it, and a split plan
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import CONTEXT_FIELDS, Context
from ml.conversions.evidence import PastSend, nearest_sends
from ml.conversions.model import ConversionModel, TargetFacts, TargetModel, standard_errors, two_sided
from ml.conversions.power import chances_of_best, emails_to_settle, split_shares
from ml.conversions.rows import CampaignRows, Embeddings
from ml.conversions.targets import Direction, Target

Floats = NDArray[np.float64]
TRUST_IN_UNSEEN_CONTEXT = 0.5
"""How much of a prediction is left where no row had the campaign type, industry or sneaker type."""


@dataclass(frozen=True)
class Candidate:
    """A picture as it would be delivered: encoded for e-mail before it was embedded.

    `embedding` (D,) from the model's bundle, `augment_probabilities` (A,). An alternate names its product, and its
    sneaker type where it differs from the e-mail's.
    """

    augment: str
    embedding: Embeddings
    augment_probabilities: Embeddings
    product_id: int | None = None
    sneaker_type: str = ""


@dataclass(frozen=True)
class Prediction:
    """What a candidate would bring: a probability (cents for revenue) and its 95 % interval.

    `distance` over 1 is farther from all seen pictures than 99 of 100 of them are from each other; `extrapolating`
    tells that, or that the context was never seen.
    """

    augment: str
    product_id: int | None
    probability: float
    interval: tuple[float, float]
    distance: float
    extrapolating: bool


@dataclass(frozen=True)
class Comparison:
    """The best of several variants against the original: by how much it is better, with the interval of that.

    `difference` is probability less the original's, so that a good one is negative where less is better. It is too
    close to call where the interval holds 0; `sends_to_settle` says how many e-mails each of the two would need.
    """

    best: int
    difference: float
    interval: tuple[float, float]
    too_close_to_call: bool
    sends_to_settle: int


@dataclass(frozen=True)
class Share:
    """The part of the e-mails that one variant gets while it is tested."""

    augment: str
    share: float


@dataclass(frozen=True)
class Recommendation:
    """Everything that a page says about one question. `best_augment` and `best_alternate` are None where there is none.

    `keep_original`: no augment is better beyond doubt. `reasons` says in sentences why it extrapolates.
    """

    target: str
    direction: Direction
    provenance: str
    base_rate: float
    base_interval: tuple[float, float]
    original: Prediction
    augments: tuple[Prediction, ...]
    best_augment: str | None
    too_close_to_call: bool
    keep_original: bool
    against_best_augment: Comparison | None
    split_plan: tuple[Share, ...]
    alternates: tuple[Prediction, ...]
    best_alternate: int | None
    against_best_alternate: Comparison | None
    extrapolating: bool
    reasons: tuple[str, ...]
    evidence: tuple[PastSend, ...]


def recommend(
    model: ConversionModel,
    target: Target,
    context: Context,
    original: Candidate,
    augments: Sequence[Candidate] = (),
    alternates: Sequence[Candidate] = (),
    past: CampaignRows | None = None,
) -> Recommendation:
    """Score a picture, its augments and alternates in a context. Pure: the same arguments give the same answer.

    Raises ValueError where the model knows nothing of the target, or where candidates do not fit the model.
    """
    of_target = model.of(target)
    scored = _score(model, of_target, context, [original, *augments, *alternates])
    count = 1 + len(augments)
    by_augment = scored.against(of_target, range(1, count))
    by_alternate = scored.against(of_target, range(count, len(scored.predictions)))
    return Recommendation(
        target=target.name,
        direction=target.direction,
        provenance=of_target.facts.provenance,
        base_rate=of_target.facts.base_rate,
        base_interval=of_target.base_interval(),
        original=scored.predictions[0],
        augments=scored.predictions[1:count],
        best_augment=scored.predictions[by_augment.best].augment if by_augment else None,
        too_close_to_call=by_augment is not None and by_augment.too_close_to_call,
        keep_original=_keeps_original(by_augment, target),
        against_best_augment=by_augment,
        split_plan=scored.split_plan(of_target, count),
        alternates=scored.predictions[count:],
        best_alternate=scored.predictions[by_alternate.best].product_id if by_alternate else None,
        against_best_alternate=by_alternate,
        extrapolating=any(prediction.extrapolating for prediction in scored.predictions[:count]),
        reasons=scored.reasons,
        evidence=nearest_sends(past, original.embedding, context, target) if past is not None else (),
    )


make_prediction_recommendation = recommend
"""The name under which the method was published."""


@dataclass(frozen=True)
class _Scored:
    """Predictions of all candidates, with the margins (members, N) (calibrated) that they come from."""

    predictions: tuple[Prediction, ...]
    margins: Floats
    reasons: tuple[str, ...]

    def against(self, model: TargetModel, places: range) -> Comparison | None:
        """The best of the candidates at `places` against the original; None where there are none."""
        if not places:
            return None
        sign, first = model.target.sign, self.predictions[0]
        best = max(places, key=lambda place: sign * self.predictions[place].probability)
        chosen = self.predictions[best]
        difference = chosen.probability - first.probability
        interval = self._difference(model, best, len(places))
        unsure = first.extrapolating or chosen.extrapolating or not model.facts.weight or difference == 0
        sends = emails_to_settle(chosen.probability, first.probability, model.facts.base_rate, model.facts.spread)
        return Comparison(best, difference, interval, unsure or interval[0] <= 0 <= interval[1], sends)

    def _difference(self, model: TargetModel, place: int, comparisons: int) -> tuple[float, float]:
        """The interval of a candidate's mean less the original's, for the best of several comparisons.

        Two augments of one product share what is unexplained about the product; two products do not.
        """
        difference = self.margins[:, [place]] - self.margins[:, [0]]
        facts = model.facts
        apart = float(np.hypot(max(facts.of_products, facts.of_pictures), facts.of_uses))
        if self.predictions[place].product_id == self.predictions[0].product_id:
            apart = _between_augments(facts)
        reach = two_sided(len(difference) // 2, comparisons) * float(standard_errors(difference)[0])
        reach = float(np.hypot(reach, two_sided(1000, comparisons) * np.sqrt(2) * apart))
        means = np.array([self.predictions[0].probability, self.predictions[place].probability]) / model.scale
        middle = model.family.margin(means[1])
        low, high = model.scale * (model.family.mean(middle + np.array([-reach, reach])) - means[0])
        return float(low), float(high)

    def split_plan(self, model: TargetModel, count: int) -> tuple[Share, ...]:
        """How to share e-mails among the original and its augments; empty where there is nothing to compare."""
        if count < 2:
            return ()
        facts = model.facts
        apart = _between_augments(facts)
        shares = split_shares(chances_of_best(self.margins[:, :count], apart, model.target.sign))
        named = zip(self.predictions[:count], shares.tolist(), strict=True)
        return tuple(Share(prediction.augment, share) for prediction, share in named)


def _between_augments(facts: TargetFacts) -> float:
    """By how much two augments of one product depart from each other's prediction, each for itself."""
    return float(np.sqrt(max(facts.of_pictures**2 - facts.of_products**2, 0.0) + facts.of_uses**2))


def _score(
    model: ConversionModel, of_target: TargetModel, context: Context, candidates: Sequence[Candidate]
) -> _Scored:
    contexts = [
        replace(context, sneaker_type=candidate.sneaker_type) if candidate.sneaker_type else context
        for candidate in candidates
    ]
    embeddings = np.stack([candidate.embedding for candidate in candidates])
    probabilities = np.stack([candidate.augment_probabilities for candidate in candidates])
    codes = np.array([entry.codes() for entry in contexts])
    scores = of_target.scores(model.space.matrix(embeddings, probabilities, codes))
    distances = model.space.distances(embeddings)
    strange = [_strange(model, entry) for entry in contexts]
    base, (base_low, base_high) = of_target.facts.base_rate, of_target.base_interval()
    predictions = []
    for place, candidate in enumerate(candidates):
        mean, low, high = (float(column[place]) for column in (scores.means, scores.low, scores.high))
        extrapolating = bool(distances[place] > 1 or strange[place])
        if extrapolating:
            trust = min(1.0, 1 / float(distances[place]) ** 2) * TRUST_IN_UNSEEN_CONTEXT ** len(strange[place])
            # The interval holds both ends: what the model says, and that it may know nothing here.
            mean, low, high = base + trust * (mean - base), min(low, base_low), max(high, base_high)
        predictions.append(
            Prediction(
                candidate.augment, candidate.product_id, mean, (low, high), float(distances[place]), extrapolating
            )
        )
    return _Scored(tuple(predictions), scores.margins, _reasons(predictions, strange[0]))


def _strange(model: ConversionModel, context: Context) -> list[str]:
    """The fields of a context whose value no row had."""
    codes = zip(CONTEXT_FIELDS, context.codes(), strict=True)
    return [name for name, code in codes if not model.space.contexts[name][code]]


def _reasons(predictions: Sequence[Prediction], strange: Sequence[str]) -> tuple[str, ...]:
    reasons = [f"No past send had this {name.replace('_', ' ')}." for name in strange]
    if any(prediction.distance > 1 for prediction in predictions):
        reasons.append("Some of these pictures look like none that the model has seen results of.")
    return tuple(reasons)


def _keeps_original(comparison: Comparison | None, target: Target) -> bool:
    return comparison is None or comparison.too_close_to_call or target.sign * comparison.difference <= 0
