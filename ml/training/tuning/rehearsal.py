"""A rehearsal: a step of the recipe without checkpoints, that tells after every epoch how good it is.

How good is asked after temperature scaling, as the model would be served: settings that only make probabilities more
or less bold are worth nothing, since one number fitted afterwards does the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ml.training.calibration import fit_temperature, log_loss, softmax
from ml.training.fine_tuning import Exercise, Material, StepSettings, begin_step, validation_answers
from ml.training.learner import Score, score_of
from ml.training.run_folder import RunFolder
from ml.training.schedule import Place

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Marks:
    """What validation pictures say: accuracy, and log-loss at the best temperature."""

    accuracy: float
    log_loss: float


Told = Callable[[str, float, Marks], None]
"""Hears after each epoch: the step, how much of its course is done (0 to 1), and the marks."""


@dataclass
class Rehearsal:
    """Learns steps, in the place of `fine_tuning.learn_step`; keeps the last marks of each by its name."""

    told: Told
    marks: dict[str, Marks] = field(default_factory=dict)

    def learn_step(
        self,
        step: str,
        network: keras.Model,
        material: Material,
        exercise: Exercise,
        settings: StepSettings,
        run: RunFolder,
        console: Console,
    ) -> Score:
        """As `fine_tuning.learn_step` does, without leaving a trace in `run`; what `told` raises ends it."""
        learner, lessons, schedule, watch = begin_step(network, exercise, settings)
        place, best, kept = Place(), network.get_weights(), Score()
        while not schedule.finished(place) and not watch.ended:
            for inputs, targets in lessons.batches(material.variants, place.epoch):
                learner.learn(inputs, targets, schedule.rate(place) * watch.rate_share, Score())
                place.batch += 1
            place.epoch, place.batch = place.epoch + 1, 0
            answers = validation_answers(learner, material, exercise)
            score, marks = score_of(*answers), marks_of(*answers)
            if watch.see(score.accuracy, score.mean_loss) or not watch.keeps_best:
                kept, self.marks[step] = score, marks
                best = network.get_weights() if watch.keeps_best else best
            self.told(step, schedule.progress(place), marks)
        if watch.keeps_best:
            network.set_weights(best)
        return kept


def marks_of(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> Marks:
    """The marks of answers about labelled pictures; those of guessing where training went astray to infinity."""
    if not np.isfinite(logits).all():
        return Marks(1 / logits.shape[1], math.log(logits.shape[1]))
    temperature = fit_temperature(logits, targets)
    right = float((logits.argmax(axis=1) == targets).mean())
    return Marks(round(right, 5), round(log_loss(softmax(logits / temperature), targets), 5))
