"""From campaign rows to a conversion model: one target after the other, on features that are binned once.

Imported rows alone train a target as soon as there are enough of them; until then simulated rows do, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.conversions.boosting import Labelled, Member, Orchard, Settings
from ml.conversions.calibration import Calibrator, Observed, calibrate
from ml.conversions.families import AMOUNT, SHARE, Family
from ml.conversions.features import KINDS, FeatureSpace, fit_space
from ml.conversions.measures import measure
from ml.conversions.model import ConversionModel, TargetFacts, TargetModel
from ml.conversions.rows import IMPORTED, PROVENANCES, SIMULATED, CampaignRows
from ml.conversions.targets import TARGETS, Target
from ml.conversions.weighting import base_error, likeness, unexplained, weights_of

ENOUGH_ROWS, ENOUGH_GROUPS = 300, 10
FEWEST_GROUPS, FEWEST_HAPPENED = 10, 10
"""With less than this there is a base rate and no model."""
ASKED_FOR_IMPORTANCES = 500
USUAL_OF_PICTURES, USUAL_OF_USES = 0.25, 0.15
"""By how much, on the scale of margins, single pictures and augments in one campaign type are expected to depart from
what is predicted, until rows show it: a rate of 10 % would lie between 6 and 16 %."""
Floats = NDArray[np.float64]
Told = Callable[[str, float], None]


def learn(
    rows: CampaignRows, *, bundle: str, settings: Settings | None = None, told: Told | None = None
) -> ConversionModel:
    """Train all targets that the rows tell of; `bundle` names the bundle that made the embeddings.

    `told` is given each target's title and the share done before it; what it raises ends the training. The same rows
    and settings give the same model. Raises ValueError where no row tells of any target.
    """
    settings = settings or Settings()
    tables = tables_by_provenance(rows)
    if not tables:
        raise ValueError("no campaign row tells of any target: recipients and at least one outcome are needed")
    space = fit_space(rows, seed=settings.seed)
    lessons = [lesson for code, wanted in tables.items() for lesson in _lessons(rows, code, wanted, space, settings)]
    learned = {}
    for done, lesson in enumerate(lessons):
        if told:
            told(lesson.target.title, done / len(lessons))
        learned[lesson.target.name] = lesson.learned()
    ordered = {name: learned[name] for name in TARGETS if name in learned}
    return ConversionModel(space, ordered, bundle, rows.digest())


def tables_by_provenance(rows: CampaignRows) -> dict[int, list[Target]]:
    """Which targets train on which rows: imported ones alone where there are enough, else simulated ones.

    Where no simulated row tells of a target, few imported ones have to do.
    """
    chosen: dict[int, list[Target]] = {IMPORTED: [], SIMULATED: []}
    for target in TARGETS.values():
        known = rows.outcomes(target)[1] > 0
        imported = known & (rows.provenance == IMPORTED)
        groups = len(np.unique(rows.groups[imported]))
        enough = imported.sum() >= ENOUGH_ROWS and groups >= ENOUGH_GROUPS
        if imported.any() and (enough or imported.sum() == known.sum()):
            chosen[IMPORTED].append(target)
        elif known.any():
            chosen[SIMULATED].append(target)
    return {code: targets for code, targets in chosen.items() if targets}


class _Table:
    """Rows of one provenance, like ones merged; the orchard is planted when the first target needs it."""

    def __init__(self, rows: CampaignRows, space: FeatureSpace, settings: Settings) -> None:
        self.rows, self.settings = rows.merged()[0], settings
        self.groups = self.rows.groups
        self._space = space
        self._orchard: Orchard | None = None

    @property
    def orchard(self) -> Orchard:
        if self._orchard is None:
            matrix = self._space.matrix_of(self.rows)
            self._orchard = Orchard(matrix, self._space.types, self.groups, self.settings)
        return self._orchard

    def importances(self, members: Sequence[Member]) -> dict[str, float]:
        """How much image, augment and context move the margins of a sample of rows, as shares of all variance."""
        some = np.random.default_rng(self.settings.seed).permutation(len(self.rows))[:ASKED_FOR_IMPORTANCES]
        matrix = self._space.matrix_of(self.rows.chosen(some))
        shares = np.mean([member.contributions(matrix, self._space.types) for member in members], axis=0)
        kinds = np.array(self._space.kinds)
        moved = {kind: float(shares[:, kinds == kind].sum(axis=1).var()) for kind in KINDS}
        total = sum(moved.values()) or 1.0
        return {kind: variance / total for kind, variance in moved.items()}


@dataclass(frozen=True)
class _Lesson:
    """One target on one table; `counted` is how many rows told of it before like ones were merged."""

    target: Target
    table: _Table
    provenance: str
    counted: int

    def learned(self) -> TargetModel:
        """The target's model; one without members where there is too little to learn from."""
        happened, emails = self.table.rows.outcomes(self.target)
        family = AMOUNT if self.target.is_amount else SHARE
        known = emails > 0
        groups = self.table.groups[known]
        observed = Observed(happened[known] / emails[known], emails[known], groups)
        alike = likeness(observed.rates, observed.emails, family)
        facts = TargetFacts(
            provenance=self.provenance,
            rows=self.counted,
            groups=len(np.unique(groups)),
            emails=int(emails.sum()),
            base_rate=observed.base_rate,
            base_error=base_error(observed, family),
            weight=0.0,
            calibrator=Calibrator("none"),
            members=0,
            rounds=0,
            likeness=alike,
            spread=_spread(observed) if self.target.is_amount else 0.0,
        )
        if not _teachable(observed, facts, family):
            tested = np.full(len(groups), observed.base_rate)
            return TargetModel(self.target, self._tested(facts, tested, observed, known, family), ())
        return self._trained(facts, observed, known, family)

    def _trained(self, facts: TargetFacts, observed: Observed, known: NDArray[np.bool_], family: Family) -> TargetModel:
        scale = facts.base_rate if self.target.is_amount else 1.0
        scaled = replace(observed, rates=observed.rates / scale)
        rates, weights = np.zeros(len(known)), np.zeros(len(known))
        rates[known], weights[known] = scaled.rates, weights_of(observed.emails, facts.likeness)
        members, unseen = self.table.orchard.grow(Labelled(rates, weights), family)
        seed = self.table.settings.seed
        found = calibrate(unseen[known], scaled, family, rows=self.counted, seed=seed)
        facts = replace(
            facts,
            weight=found.weight,
            calibrator=found.calibrator,
            members=len(members) if found.weight else 0,
            rounds=members[0].trees.num_boosted_rounds(),
            importances=self.table.importances(members) if found.weight else {},
        )
        facts = self._tested(facts, scale * found.tested, observed, known, family)
        return TargetModel(self.target, facts, tuple(members) if found.weight else ())

    def _tested(
        self, facts: TargetFacts, tested: Floats, observed: Observed, known: NDArray[np.bool_], family: Family
    ) -> TargetFacts:
        """The facts with what the means of unseen groups tell: measures, and what stays unexplained."""
        rows = self.table.rows
        augments = np.unique(rows.pictures.augments, return_inverse=True)[1][rows.picture[known]]
        places = (observed.groups, rows.picture[known], rows.campaign_type[known] * len(augments) + augments)
        products, pictures, uses = (unexplained(tested, observed, of, family, facts.spread) for of in places)
        of_pictures = max(products.supposed(USUAL_OF_PICTURES), pictures.supposed(USUAL_OF_PICTURES))
        return replace(
            facts,
            metrics=measure(tested, observed, family),
            of_products=products.sure,
            of_pictures=pictures.sure,
            of_uses=uses.sure,
            departing=float(np.sqrt(of_pictures + uses.supposed(USUAL_OF_USES))),
        )


def _lessons(
    rows: CampaignRows, code: int, targets: Sequence[Target], space: FeatureSpace, settings: Settings
) -> list[_Lesson]:
    chosen = rows.chosen(rows.provenance == code)
    table = _Table(chosen, space, settings)
    return [
        _Lesson(target, table, PROVENANCES[code], int((chosen.outcomes(target)[1] > 0).sum())) for target in targets
    ]


def _teachable(observed: Observed, facts: TargetFacts, family: Family) -> bool:
    happened = float(observed.emails @ observed.rates)
    rest = float(observed.emails @ (1 - observed.rates)) if family.kind == "share" else np.inf
    return facts.groups >= FEWEST_GROUPS and min(happened, rest) >= FEWEST_HAPPENED


def _spread(observed: Observed) -> float:
    """The standard deviation of amounts over e-mails, as far as the rates of sends tell it."""
    squared = float(np.average((observed.rates - observed.base_rate) ** 2 * observed.emails))
    return float(np.sqrt(squared))
