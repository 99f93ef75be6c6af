"""The two steps that learn: the top model on bottleneck features, then the last block and the top model together.

Both read features from the cache instead of pictures, so that an epoch costs what the trained layers cost and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console

from ml.training.bottleneck import Visits
from ml.training.course import Course
from ml.training.learner import Learner, Score, build_optimizer, score_of
from ml.training.lessons import Lessons
from ml.training.run_folder import RunFolder
from ml.training.schedule import Schedule

if TYPE_CHECKING:
    import keras

BATCH_OF_ANSWERS = 128


@dataclass(frozen=True)
class FeatureSet:
    """Features of visits, the pictures' targets (-1: negative), and which pictures to learn from and to validate on."""

    features: NDArray[np.float16]
    visits: Visits
    targets: NDArray[np.int64]
    training_rows: NDArray[np.intp]
    validation_rows: NDArray[np.intp]

    def variants(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.float16]:
        """The features of one variant of each picture, drawn anew."""
        return self.features[self.visits.chosen(rows, random)]

    def originals(self, rows: NDArray[np.intp]) -> NDArray[np.float16]:
        """The features of the pictures themselves."""
        return self.features[self.visits.originals(rows)]


@dataclass(frozen=True)
class StepSettings:
    """How a step learns."""

    epochs: int
    rate: float
    optimizer: str
    weight_decay: float
    batch_size: int
    label_smoothing: float
    seed: int


def learn_step(
    step: str,
    network: keras.Model,
    features: FeatureSet,
    soft: NDArray[np.float32],
    settings: StepSettings,
    run: RunFolder,
    console: Console,
) -> Score:
    """Train `network` (features -> embedding, logits) for a step's epochs; its score on the validation pictures.

    Goes on from the step's checkpoint in `run` where there is one.
    """
    learner = Learner(network, build_optimizer(settings.optimizer, settings.weight_decay))
    lessons = Lessons(features.training_rows, soft, settings.batch_size, settings.seed)
    schedule = Schedule(lessons.batches_per_epoch, settings.rate, epochs=(settings.epochs,))

    def validate(_: int = 0) -> Score:
        return validation_score(learner, features)

    Course(step, run, learner, lessons, schedule, lambda _: features.variants, validate, console).follow()
    return validate()


def validation_score(learner: Learner, features: FeatureSet) -> Score:
    """The score on the validation pictures, each as it is."""
    rows = features.validation_rows
    batches = (
        features.originals(rows[start : start + BATCH_OF_ANSWERS]) for start in range(0, len(rows), BATCH_OF_ANSWERS)
    )
    return score_of(learner.answer(batches)[1], features.targets[rows]) if len(rows) else Score()


def build_trained_part(tail: keras.Model, head: keras.Model) -> keras.Model:
    """The layers behind the frozen ones with pooling and the top model: bottleneck features -> embedding, logits.

    Batch normalisation in the head keeps learning its means; the trunk has none.
    """
    from ml.networks.heads import build_classifier

    return build_classifier(tail, head)
