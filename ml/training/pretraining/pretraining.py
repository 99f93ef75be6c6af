"""Pretraining, from pictures to a trunk: gather, seed, follow the course, probe on the way, fold, write.

Small pictures first, larger ones later: most of what a trunk learns can be learned at 64 pixels, at half the price of
96. Batch normalisation stands behind each convolution and is folded away at the end.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from rich.console import Console

from ml.training.course import Course
from ml.training.learner import Score, build_optimizer
from ml.training.lessons import Lessons
from ml.training.pretraining.material import Crops
from ml.training.pretraining.pace import Pace
from ml.training.pretraining.projections import load_projections, save_projections
from ml.training.pretraining.settings import SQUEEZENET, PretrainSettings, Sources, check_settings
from ml.training.pretraining.student import Student
from ml.training.pretraining.teachers import Faculty, fit_faculty, load_published, open_teacher
from ml.training.pretraining.watch import STEP, Watch
from ml.training.progress import telling
from ml.training.run_folder import WEIGHTS_SUFFIX, RunError, RunFolder, folder_of_pretraining, open_run
from ml.training.schedule import Schedule

if TYPE_CHECKING:
    import keras

HEADS = "heads"
FITTED, CALIBRATED = 512, 96
"""Crops that the projections are fitted on, and pictures that a seed is calibrated on."""

BATCH = 64


def pretrain(sources: Sources, out: Path, settings: PretrainSettings, console: Console) -> Path:
    """Train a trunk on the train pictures and write `out`: plain VGG16 weights without top. Returns `out`.

    The run's folder lies beside it (`trunk.run` for trunk.weights.h5); a run that was killed goes on from there.
    Raises RunError where `out` has the wrong name, or the folder holds a run with other settings or pictures.
    """
    from ml.networks.vgg16 import fold_normalisation
    from ml.networks.weights import save_weights

    if not out.name.endswith(WEIGHTS_SUFFIX):
        raise RunError(f"--out must end in {WEIGHTS_SUFFIX}, not {out.name}")
    check_settings(settings, sources.weights, have_spoken=sources.teachings is not None)
    unknown = [name for name in settings.probes if name not in sources.material.names]
    if unknown:
        raise RunError(f"--probe names {unknown[0]}, but the sets are {', '.join(sources.material.names)}")
    learned_from = " and ".join(sources.material.names)
    facts = {
        "command": STEP,
        "snapshot": learned_from,
        "pictures_digest": sources.material.digest,
        **asdict(settings),
    }
    run = open_run(folder_of_pretraining(out), facts)
    with telling(run.path):
        student = _build_student(run, sources, settings, console)
        lessons = _lessons(sources, settings)
        if settings.head_epochs:
            _learn_heads(run, student, lessons, sources, settings, console)
        _follow(run, student, lessons, sources, settings, console)
        save_weights(fold_normalisation(student.trunk), out)
    console.print(f"{out}: the trunk is finished", highlight=False, soft_wrap=True)
    return out


def _build_student(run: RunFolder, sources: Sources, settings: PretrainSettings, console: Console) -> Student:
    import keras

    from ml.networks.vgg16 import build_vgg16_with_normalisation

    keras.utils.set_random_seed(settings.seed)
    trunk = build_vgg16_with_normalisation(None)
    if settings.seed_from and not run.checkpoint_file(STEP).is_file():
        _seed(trunk, sources, settings)
    cached = 0 if sources.teachings is None else sources.teachings.shape[1]
    faculty = None if cached else open_faculty(run.path / "projections.npz", sources, settings, console)
    counts = [len(labels) for labels in sources.material.labels]
    return Student(trunk, counts, faculty, settings.weighting, cached=cached)


def _seed(trunk: keras.Model, sources: Sources, settings: PretrainSettings) -> None:
    """Fill the trunk, calibrated on train pictures at the first size."""
    from keras import ops

    from ml.networks.seeding import seed_from_plain, seed_from_squeezenet
    from ml.networks.vgg16 import build_vgg16

    crops = _some_crops(sources, CALIBRATED, settings.seed)
    size = settings.sizes[0]
    small = ops.convert_to_numpy(ops.image.resize(crops.astype(np.float32), (size, size), antialias=True))
    if settings.seed_from == SQUEEZENET:
        seed_from_squeezenet(trunk, load_published(SQUEEZENET, sources.weights or Path()), small, settings.seed)
    else:
        seed_from_plain(trunk, build_vgg16(None, Path(settings.seed_from)), small)


def open_faculty(file: Path, sources: Sources, settings: PretrainSettings, console: Console) -> Faculty | None:
    """The teachers with the projections of `file`, fitted and written now where it is missing; None without any."""
    if not settings.teachers:
        return None
    teachers = [open_teacher(name, sources.weights or Path()) for name in settings.teachers]
    if file.is_file():
        return Faculty(teachers, load_projections(file))
    console.print(f"fitting the projections of what {' and '.join(settings.teachers)} say", highlight=False)
    crops = _some_crops(sources, FITTED, settings.seed)
    faculty = fit_faculty(teachers, [crops[i : i + BATCH] for i in range(0, len(crops), BATCH)], settings.seed)
    save_projections(file, faculty.projections)
    return faculty


def _some_crops(sources: Sources, count: int, seed: int) -> NDArray[np.uint8]:
    random = default_rng((seed, 1))
    rows = random.permutation(sources.material.rows("train"))[:count]
    return Crops(sources.material, sources.scenes)(rows, random)


def _lessons(sources: Sources, settings: PretrainSettings) -> Lessons:
    targets = sources.material.positions()
    if sources.teachings is not None:
        targets = np.concatenate([targets, sources.teachings], axis=1)
    return Lessons(sources.material.rows("train"), targets, settings.batch_size, settings.seed)


def _learn_heads(
    run: RunFolder, student: Student, lessons: Lessons, sources: Sources, settings: PretrainSettings, console: Console
) -> None:
    """The heads alone, so that fresh ones do not spoil a seeded trunk."""
    pace = Pace(student, build_optimizer("adamw", settings.weight_decay), frozen=True)
    schedule = Schedule(lessons.batches_per_epoch, 0.003, settings.sizes[:1], (settings.head_epochs,))

    def inputs(size: int) -> Crops:
        pace.turn_to(size)
        return Crops(sources.material, sources.scenes)

    Course(HEADS, run, pace, lessons, schedule, inputs, lambda _: Score(), console).follow()


def _follow(
    run: RunFolder, student: Student, lessons: Lessons, sources: Sources, settings: PretrainSettings, console: Console
) -> None:
    pace = Pace(student, build_optimizer(settings.optimizer, settings.weight_decay))
    schedule = Schedule(lessons.batches_per_epoch, settings.rate, settings.sizes, settings.epochs, settings.minutes)
    watch = Watch(run, student, pace, sources.material, settings, console)

    def inputs(size: int) -> Crops:
        pace.turn_to(size)
        return Crops(sources.material, sources.scenes)

    Course(STEP, run, pace, lessons, schedule, inputs, watch.validate, console).follow()
    watch.probe(settings.sizes[-1])
