"""What can be chosen for a pretraining, where its pictures come from, and what is refused before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.training.pretraining.material import Material
from ml.training.pretraining.student import Weighting
from ml.training.pretraining.teachers import load_published
from ml.training.run_folder import RunError
from ml.training.schedule import Schedule

TEACHINGS = ("crop", "cached")
SQUEEZENET = "squeezenet"


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

    @property
    def weighting(self) -> Weighting:
        return Weighting(self.label_weight, self.teacher_weight, self.hint_weight, self.label_smoothing)


@dataclass(frozen=True)
class Sources:
    """Where a run's pictures and teachers come from. `teachings` are there where the teachers have spoken already."""

    material: Material
    scenes: NDArray[np.uint8] | None
    weights: Path | None
    teachings: NDArray[np.float32] | None = None


def check_settings(settings: PretrainSettings, weights: Path | None, *, have_spoken: bool = False) -> None:
    """Raise RunError, WeightsError or ValueError, before anything is read, where a run cannot be.

    Teachers that `have_spoken` are not asked for: what they said is there already.
    """
    from ml.networks.vgg16 import build_vgg16

    Schedule(1, settings.rate, settings.sizes, settings.epochs, settings.minutes)
    if settings.teaching not in TEACHINGS:
        raise RunError(f"--teaching is one of {', '.join(TEACHINGS)}, not {settings.teaching!r}")
    needed = {*(() if have_spoken else settings.teachers), *([SQUEEZENET] if settings.seed_from == SQUEEZENET else [])}
    if needed and weights is None:
        raise RunError("--teacher-weights names the folder of the teachers' weight files")
    if min(settings.sizes) < 32:
        raise RunError(f"VGG16 halves a picture five times: it takes 32 pixels and more, not {min(settings.sizes)}")
    for name in sorted(needed):
        load_published(name, weights or Path())
    if settings.seed_from not in ("", SQUEEZENET):
        build_vgg16(None, Path(settings.seed_from))
