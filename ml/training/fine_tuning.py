"""The steps that learn: the top model on bottleneck features, then the layers behind the frozen ones, or all of them.

Where layers are frozen both read features from the cache instead of pictures, so that an epoch costs what the trained
layers cost and no more. Where none are, pictures are varied anew at every visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.pictures import Pictures
from ml.imaging.augments.email_pipeline import disturb
from ml.training.augment import STRONG, augment_batch
from ml.training.bottleneck import Visits
from ml.training.course import Course
from ml.training.learner import Learner, Score, build_optimizer, score_of
from ml.training.lessons import Lessons
from ml.training.plateau import Watch
from ml.training.run_folder import RunFolder
from ml.training.schedule import Schedule

if TYPE_CHECKING:
    import keras

BATCH_OF_ANSWERS = 128


class Material(Protocol):
    """What a step learns from: inputs of pictures by their rows."""

    def variants(self, rows: NDArray[np.intp], random: Generator) -> NDArray[Any]:
        """One variant of each picture, drawn anew."""
        ...

    def originals(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """The pictures as they are."""
        ...


@dataclass(frozen=True)
class Features:
    """Features of visits, computed before."""

    features: NDArray[np.float16]
    visits: Visits

    def variants(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.float16]:
        return self.features[self.visits.chosen(rows, random)]

    def originals(self, rows: NDArray[np.intp]) -> NDArray[np.float16]:
        return self.features[self.visits.originals(rows)]


@dataclass(frozen=True)
class Photographs:
    """Pictures themselves, varied at every visit where `augmented`: by our own augmentation, which sets shoes on white
    before one of the `scenes`, or by the e-mail pipeline."""

    pictures: Pictures
    scenes: NDArray[np.uint8]
    augmented: bool
    email_pipeline: bool = False

    def variants(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.uint8]:
        pixels = self.pictures.pixels[rows]
        if self.email_pipeline:
            return np.stack([disturb(picture, random) for picture in pixels])
        return augment_batch(pixels, random, STRONG, self.scenes) if self.augmented else pixels

    def originals(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        return self.pictures.pixels[rows]


@dataclass(frozen=True)
class Exercise:
    """What to learn and to be asked: rows (repeated where a label is oversampled) and targets, soft and plain."""

    training_rows: NDArray[np.intp]
    validation_rows: NDArray[np.intp]
    targets: NDArray[np.int64]
    soft: NDArray[np.float32]


@dataclass(frozen=True)
class StepSettings:
    """How a step learns; `slows` where validation stands still, instead of along a cosine."""

    epochs: int
    rate: float
    optimizer: str
    weight_decay: float | None
    momentum: float | None
    batch_size: int
    slows: bool
    early_stop: int
    seed: int


def learn_step(
    step: str,
    network: keras.Model,
    material: Material,
    exercise: Exercise,
    settings: StepSettings,
    run: RunFolder,
    console: Console,
) -> Score:
    """Train `network` (material -> embedding, logits) for a step's epochs; its score on the validation pictures.

    Goes on from the step's checkpoint in `run` where there is one.
    """
    learner, lessons, schedule, watch = begin_step(network, exercise, settings)

    def validate(_: int = 0) -> Score:
        rows = exercise.validation_rows
        return score_of(*validation_answers(learner, material, exercise)) if len(rows) else Score()

    Course(step, run, learner, lessons, schedule, lambda _: material.variants, validate, console, watch).follow()
    return validate()


def begin_step(
    network: keras.Model, exercise: Exercise, settings: StepSettings
) -> tuple[Learner, Lessons, Schedule, Watch]:
    """Who learns what in a step, along which course, and what may end it early."""
    learner = Learner(network, build_optimizer(settings.optimizer, settings.weight_decay, settings.momentum))
    lessons = Lessons(exercise.training_rows, exercise.soft, settings.batch_size, settings.seed)
    schedule = Schedule(lessons.batches_per_epoch, settings.rate, epochs=(settings.epochs,), falls=not settings.slows)
    return learner, lessons, schedule, Watch(settings.slows, settings.early_stop)


def validation_answers(
    learner: Learner, material: Material, exercise: Exercise
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits (N, labels) and targets (N,) of the validation pictures, each as it is; there has to be one."""
    rows = exercise.validation_rows
    places = range(0, len(rows), BATCH_OF_ANSWERS)
    answers = learner.answer(material.originals(rows[start : start + BATCH_OF_ANSWERS]) for start in places)
    return answers[1], exercise.targets[rows]
