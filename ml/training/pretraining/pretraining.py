"""Pretraining, from pictures to a trunk: gather, seed, follow the course, probe on the way, fold, write.

Small pictures first, larger ones later: most of what a trunk learns can be learned at 64 pixels, at half the price of
96. Batch normalisation stands behind each convolution and is folded away at the end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from rich.console import Console

from ml.training.course import Course
from ml.training.learner import Score, build_optimizer
from ml.training.lessons import Lessons
from ml.training.pretraining.material import Crops, Material
from ml.training.pretraining.probe import probe
from ml.training.pretraining.probe_log import add_probe
from ml.training.pretraining.student import Pace, Student, Weighting
from ml.training.pretraining.teachers import (
    Faculty,
    fit_faculty,
    load_projections,
    load_published,
    open_teacher,
    save_projections,
)
from ml.training.run_folder import WEIGHTS_SUFFIX, RunError, RunFolder, folder_of_pretraining, open_run
from ml.training.schedule import Schedule

if TYPE_CHECKING:
    import keras

STEP, HEADS = "pretrain", "heads"
TEACHINGS = ("crop", "cached")
SQUEEZENET = "squeezenet"
FITTED, CALIBRATED = 512, 96
"""Crops that the projections are fitted on, and pictures that a seed is calibrated on."""

BATCH = 64


@dataclass(frozen=True)
class PretrainSettings:
    """What can be chosen. `epochs[i]` epochs at `sizes[i]` pixels; with `minutes`, their share of that time instead.

    `side` is that of the pictures in memory, which augmentation works on (0: the largest size). `teaching` is "crop",
    where teachers look at what the trunk sees, or "cached", where they have looked at the clean picture once.
    `seed_from` is "squeezenet", a file of plain VGG16 weights, or nothing. Every `probe_epochs` epochs the sets named
    in `probes` are probed.
    """

    sizes: tuple[int, ...] = (48, 64, 96)
    epochs: tuple[int, ...] = (16, 12, 6)
    minutes: float | None = None
    batch_size: int = 64
    optimizer: str = "adamw"
    rate: float = 0.001
    weight_decay: float = 0.02
    label_smoothing: float = 0.1
    label_weight: float = 1.0
    teacher_weight: float = 1.0
    hint_weight: float = 1.0
    teachers: tuple[str, ...] = ()
    teaching: str = TEACHINGS[0]
    seed_from: str = ""
    head_epochs: int = 0
    side: int = 0
    probes: tuple[str, ...] = ()
    probe_epochs: int = 5
    seed: int = 0

    @property
    def picture_side(self) -> int:
        return self.side or max(self.sizes)


@dataclass(frozen=True)
class Sources:
    """Where a run's pictures and teachers come from. `teachings` are there where the teachers have spoken already."""

    material: Material
    scenes: NDArray[np.uint8] | None
    weights: Path | None
    teachings: NDArray[np.float32] | None = None


def check_settings(settings: PretrainSettings, weights: Path | None) -> None:
    """Raise RunError, WeightsError or ValueError, before anything is read, where a run cannot be."""
    from ml.networks.vgg16 import build_vgg16

    Schedule(1, settings.rate, settings.sizes, settings.epochs, settings.minutes)
    if settings.teaching not in TEACHINGS:
        raise RunError(f"--teaching is one of {', '.join(TEACHINGS)}, not {settings.teaching!r}")
    if (settings.teachers or settings.seed_from == SQUEEZENET) and weights is None:
        raise RunError("--teacher-weights names the folder of the teachers' weight files")
    if min(settings.sizes) < 32:
        raise RunError(f"VGG16 halves a picture five times: it takes 32 pixels and more, not {min(settings.sizes)}")
    for name in {*settings.teachers, *([SQUEEZENET] if settings.seed_from == SQUEEZENET else [])}:
        load_published(name, weights or Path())
    if settings.seed_from not in ("", SQUEEZENET):
        build_vgg16(None, Path(settings.seed_from))


def pretrain(sources: Sources, out: Path, settings: PretrainSettings, console: Console) -> Path:
    """Train a trunk on the train pictures and write `out`: plain VGG16 weights without top. Returns `out`.

    The run's folder lies beside it (`trunk.run` for trunk.weights.h5); a run that was killed goes on from there.
    Raises RunError where `out` has the wrong name, or the folder holds a run with other settings or pictures.
    """
    from ml.networks.vgg16 import fold_normalisation
    from ml.networks.weights import save_weights

    if not out.name.endswith(WEIGHTS_SUFFIX):
        raise RunError(f"--out must end in {WEIGHTS_SUFFIX}, not {out.name}")
    if sources.teachings is None:
        check_settings(settings, sources.weights)
    unknown = [name for name in settings.probes if name not in sources.material.names]
    if unknown:
        raise RunError(f"--probe names {unknown[0]}, but the sets are {', '.join(sources.material.names)}")
    facts = {"command": STEP, "pictures_digest": sources.material.digest, **asdict(settings)}
    run = open_run(folder_of_pretraining(out), facts)
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
    weighting = Weighting(
        settings.label_weight, settings.teacher_weight, settings.hint_weight, settings.label_smoothing
    )
    return Student(trunk, counts, faculty, weighting, cached=cached)


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
    watch = _Watch(run, student, pace, sources.material, settings, console)

    def inputs(size: int) -> Crops:
        pace.turn_to(size)
        return Crops(sources.material, sources.scenes)

    Course(STEP, run, pace, lessons, schedule, inputs, watch.validate, console).follow()
    watch.probe(settings.sizes[-1])


@dataclass
class _Watch:
    """Probes the trunk on the way, and keeps the latest trunk where a run can be judged before it ends."""

    run: RunFolder
    student: Student
    pace: Pace
    material: Material
    settings: PretrainSettings
    console: Console
    reached: Score | None = None

    def validate(self, size: int) -> Score:
        """The last probe's score on the first set's validation pictures; a new probe where it is time for one."""
        epoch = self._epochs() + 1
        self.console.print(f"epoch {epoch}: {self.pace.taken_parts()}", highlight=False, soft_wrap=True)
        if epoch % self.settings.probe_epochs == 0:
            self.probe(size, epoch)
        return self.reached or Score()

    def probe(self, size: int, epoch: int | None = None) -> None:
        """Probe all sets, write the line, the curve and the latest trunk."""
        from ml.networks.vgg16 import fold_normalisation
        from ml.networks.weights import save_weights

        epoch = epoch or self._epochs()
        per_epoch = self.pace_pictures()
        probes = self.settings.probes
        reached = {name: probe(self.student.trunk, self.material, name, size) for name in probes}
        add_probe(self.run, {"epoch": epoch, "size": size, "pictures": epoch * per_epoch}, reached)
        for name, splits in reached.items():
            said = ", ".join(f"{split} {one.top1:.3f} / {one.top5:.3f}" for split, one in splits.items())
            self.console.print(f"probe on {name} at {size} px: {said}", highlight=False, soft_wrap=True)
        if reached and (first := reached[probes[0]].get("validation")):
            hits = round(first.top1 * first.pictures)
            self.reached = Score(first.log_loss * first.pictures, hits, first.pictures, first.pictures)
        save_weights(fold_normalisation(self.student.trunk), self.run.path / f"latest{WEIGHTS_SUFFIX}")

    def pace_pictures(self) -> int:
        """Pictures of a whole epoch."""
        batch = self.settings.batch_size
        rows = len(self.material.rows("train"))
        return max(1, rows // batch) * min(batch, rows)

    def _epochs(self) -> int:
        return sum(line["step"] == STEP for line in self.run.curves())
