"""Lines and trees on halves of the groups: a target's members, and margins from members that never saw the row.

Half-samples in complementary pairs stand in for the bootstrap (McCarthy, "Pseudo-replication: half samples", 1969;
Bühlmann and Yu, "Analyzing bagging", 2002): each costs half a training, every row is out of sample for one member of
each pair, and a quarter of the mean squared difference of a pair's answers estimates the variance that new
groups of pictures would bring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.conversions.engine import load_xgboost
from ml.conversions.families import Family
from ml.conversions.grouping import folds_of, halves_of
from ml.conversions.linear import PENALTIES, Line, Plane

if TYPE_CHECKING:
    from xgboost import Booster, QuantileDMatrix

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
SCOUT_FOLDS = 5


@dataclass(frozen=True)
class Settings:
    """How trees are grown. `threads` 0 means all cores."""

    rounds: int = 250
    patience: int = 30
    learning_rate: float = 0.12
    bins: int = 64
    fewest_pairs: int = 4
    most_pairs: int = 12
    threads: int = 1
    seed: int = 0

    def pairs(self, rows: int) -> int:
        """Pairs of members: more of them where rows are few and training costs little."""
        return int(np.clip(60_000 // max(rows, 1), self.fewest_pairs, self.most_pairs))


@dataclass(frozen=True)
class Labelled:
    """One target over all rows of a table: rates (N,) and weights (N,), 0 where a row says nothing about it."""

    rates: Floats
    weights: Floats


@dataclass(frozen=True)
class Member:
    """A line, and trees that say what the line does not."""

    line: Line
    trees: Booster

    def margins(self, matrix: Matrix) -> Floats:
        """(N,): what both add up to. Safe from several threads at once."""
        start = self.line.margins(matrix).astype(np.float32)
        told = self.trees.inplace_predict(matrix, predict_type="margin", base_margin=start)
        return np.asarray(told, np.float64)

    def contributions(self, matrix: Matrix, types: Sequence[str]) -> Floats:
        """(N, columns): what each feature adds to a margin (Shapley values of the trees; Lundberg and Lee, 2017)."""
        table = load_xgboost().DMatrix(matrix, feature_types=list(types), enable_categorical=True, nthread=1)
        shares = np.asarray(self.trees.predict(table, pred_contribs=True), np.float64)[:, :-1]
        return self.line.contributions(matrix) + shares


class Orchard:
    """A table's features, binned once for every half and shared by all targets."""

    def __init__(
        self, matrix: NDArray[np.float32], types: Sequence[str], groups: NDArray[np.int64], settings: Settings
    ) -> None:
        self._matrix, self._types, self._settings = matrix, list(types), settings
        self._plane = Plane(matrix, types)
        self.halves = halves_of(groups, settings.pairs(len(matrix)), settings.seed)
        # Pairs beyond the first few divide groups anew; the scout needs a division of its own.
        self._watched = folds_of(groups, SCOUT_FOLDS, settings.seed + 7919) == 0
        self._scouting = self._binned(~self._watched)
        self._watching = self._binned(self._watched, self._scouting)
        self._binned_halves = [self._binned(half) for half in self.halves]

    def grow(self, labelled: Labelled, family: Family) -> tuple[list[Member], Floats]:
        """The members (2 * pairs) for a target, and the mean margin (N,) of those that did not see a row's group."""
        settings = self._parameters(labelled, family)
        penalty, rounds = self._scouted(labelled, family, settings)
        members: list[Member] = []
        unseen = np.zeros(len(self._matrix))
        for half, binned in zip(self.halves, self._binned_halves, strict=True):
            line = self._plane.fitted(half, labelled.rates, labelled.weights, family, penalty)
            self._label(binned, labelled, half, line)
            seeded = settings | {"seed": self._settings.seed + len(members)}
            member = Member(line, load_xgboost().train(seeded, binned, rounds))
            unseen[~half] += member.margins(self._matrix[~half])
            members.append(member)
        return members, unseen * 2 / len(members)

    def _scouted(self, labelled: Labelled, family: Family, settings: dict[str, Any]) -> tuple[float, int]:
        """The penalty, and how many rounds help, on a fifth of the groups that was kept apart (early stopping)."""
        seen, watched = ~self._watched, self._watched & (labelled.weights > 0)
        if not watched.any():
            return PENALTIES[-1], self._settings.patience

        def line_and_loss(penalty: float) -> tuple[float, float, Line]:
            line = self._plane.fitted(seen, labelled.rates, labelled.weights, family, penalty)
            means = family.mean(line.margins(self._matrix[watched]))
            return float(labelled.weights[watched] @ family.losses(means, labelled.rates[watched])), penalty, line

        _, penalty, line = min((line_and_loss(penalty) for penalty in PENALTIES), key=lambda tried: tried[0])
        self._label(self._scouting, labelled, seen, line)
        self._label(self._watching, labelled, self._watched, line)
        scout = load_xgboost().train(
            settings,
            self._scouting,
            self._settings.rounds,
            evals=[(self._watching, "watched")],
            early_stopping_rounds=self._settings.patience,
            verbose_eval=False,
        )
        return penalty, int(scout.best_iteration) + 1

    def _label(self, binned: QuantileDMatrix, labelled: Labelled, which: NDArray[np.bool_], line: Line) -> None:
        binned.set_label(labelled.rates[which])
        binned.set_weight(labelled.weights[which])
        binned.set_base_margin(line.margins(self._matrix[which]))

    def _parameters(self, labelled: Labelled, family: Family) -> dict[str, Any]:
        return {
            "objective": family.objective,
            "base_score": float(np.average(labelled.rates, weights=labelled.weights)),
            "tree_method": "hist",
            "max_depth": 3,
            "eta": self._settings.learning_rate,
            "min_child_weight": 3,
            "lambda": 3,
            "colsample_bynode": 0.4,
            "max_bin": self._settings.bins,
            "nthread": self._settings.threads,
            "seed": self._settings.seed,
        }

    def _binned(self, which: NDArray[np.bool_], like: QuantileDMatrix | None = None) -> QuantileDMatrix:
        matrix: QuantileDMatrix = load_xgboost().QuantileDMatrix(
            self._matrix[which],
            feature_types=self._types,
            enable_categorical=True,
            max_bin=self._settings.bins,
            nthread=self._settings.threads,
            ref=like,
        )
        return matrix
