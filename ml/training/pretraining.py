"""Pretraining: VGG16's trunk from scratch, with batch normalisation that is folded away at the end.

Small pictures first, larger ones later: most of what a trunk learns can be learned at 48 pixels, at a quarter of the
price of 96.
Negatives teach it to be undecided about what is no shoe of ours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.datasets.split import fill_splits
from ml.training.augment import STRONG, augment_batch
from ml.training.course import Course
from ml.training.learner import Learner, Score, build_optimizer, score_of
from ml.training.lessons import Lessons, soft_targets
from ml.training.loading import check_labels, load_with_progress
from ml.training.run_folder import WEIGHTS_SUFFIX, RunError, RunFolder, folder_of_pretraining, open_run
from ml.training.schedule import Schedule

if TYPE_CHECKING:
    import keras

STEP = "pretrain"
BATCH_OF_ANSWERS = 128


@dataclass(frozen=True)
class PretrainSettings:
    """What can be chosen. `epochs[i]` epochs at `sizes[i]` pixels; with `minutes`, their share of that time instead."""

    sizes: tuple[int, ...] = (48, 64, 96)
    epochs: tuple[int, ...] = (16, 12, 6)
    minutes: float | None = None
    batch_size: int = 64
    optimizer: str = "adamw"
    rate: float = 0.001
    weight_decay: float = 0.02
    label_smoothing: float = 0.1
    seed: int = 0


def pretrain(snapshot: Snapshot, out: Path, cache: Path, settings: PretrainSettings, console: Console) -> Path:
    """Train a trunk on the train split and write `out`: plain VGG16 weights without top. Returns `out`.

    The run's folder lies beside it (`trunk.run` for trunk.weights.h5); a run that was killed goes on from there.
    Raises RunError where `out` has the wrong name or the snapshot has fewer than two labels to learn.
    """
    from ml.networks.vgg16 import fold_normalisation
    from ml.networks.weights import save_weights

    if not out.name.endswith(WEIGHTS_SUFFIX):
        raise RunError(f"--out must end in {WEIGHTS_SUFFIX}, not {out.name}")
    snapshot = replace(snapshot, images=fill_splits(snapshot.images, seed=settings.seed))
    check_labels(snapshot)
    run_settings = {
        "command": STEP,
        "snapshot": snapshot.source,
        "snapshot_digest": snapshot.digest,
        **asdict(settings),
    }
    run = open_run(folder_of_pretraining(out), run_settings)
    trunk, network = _build(len(snapshot.labels), settings.seed)
    course = _course(snapshot, run, cache, network, settings, console)
    course.follow()
    held_out = course.validate(settings.sizes[-1])
    run.add_metrics(STEP, {"validation_accuracy": held_out.accuracy, "validation_log_loss": held_out.mean_loss})
    save_weights(fold_normalisation(trunk), out)
    console.print(f"{out}: validation accuracy {held_out.accuracy:.3f} at {settings.sizes[-1]} px", highlight=False)
    return out


def _build(labels: int, seed: int) -> tuple[keras.Model, keras.Model]:
    """The trunk with normalisation, and the classifier around it that takes RGB 0..255."""
    import keras

    from ml.networks.heads import build_head, pool
    from ml.networks.vgg16 import build_vgg16_with_normalisation, preprocess

    keras.utils.set_random_seed(seed)
    trunk = build_vgg16_with_normalisation(None)
    head = build_head(trunk.output_shape[-1], labels)
    entrance = keras.layers.Input((None, None, 3), name="pictures")
    return trunk, keras.Model(entrance, head(pool(trunk(preprocess(entrance)))), name="pretraining")


def _course(
    snapshot: Snapshot, run: RunFolder, cache: Path, network: keras.Model, settings: PretrainSettings, console: Console
) -> Course:
    loaded: dict[int, Pictures] = {}

    def pictures_of(size: int) -> Pictures:
        if size not in loaded:
            loaded[size] = load_with_progress(snapshot, size, cache, console)
        return loaded[size]

    def inputs(size: int) -> _Augmented:
        pictures = pictures_of(size)
        return _Augmented(pictures, pictures.pixels[pictures.rows("train", negatives=True)])

    def validate(size: int) -> Score:
        pictures = pictures_of(size)
        rows = pictures.rows("validation")
        batches = (pictures.pixels[rows[i : i + BATCH_OF_ANSWERS]] for i in range(0, len(rows), BATCH_OF_ANSWERS))
        return score_of(learner.answer(batches)[1], pictures.targets(snapshot.labels)[rows]) if len(rows) else Score()

    learner = Learner(network, build_optimizer(settings.optimizer, settings.weight_decay))
    lessons = _lessons(pictures_of(settings.sizes[0]), snapshot.labels, settings)
    schedule = Schedule(lessons.batches_per_epoch, settings.rate, settings.sizes, settings.epochs, settings.minutes)
    return Course(STEP, run, learner, lessons, schedule, inputs, validate, console)


def _lessons(pictures: Pictures, labels: tuple[str, ...], settings: PretrainSettings) -> Lessons:
    rows = np.concatenate([pictures.rows("train"), pictures.rows("train", negatives=True)])
    targets = soft_targets(pictures.targets(labels), len(labels), settings.label_smoothing)
    return Lessons(rows, targets, settings.batch_size, settings.seed)


@dataclass(frozen=True)
class _Augmented:
    """Fresh variants of pictures at every visit; the negatives to learn from are the scenes for shoes on white."""

    pictures: Pictures
    scenes: NDArray[np.uint8]

    def __call__(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.uint8]:
        return augment_batch(self.pictures.pixels[rows], random, STRONG, self.scenes)
