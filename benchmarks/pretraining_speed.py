"""What a picture costs in pretraining, by size: the network alone, with teachers, and the augmentation beside it.

    python -m benchmarks.pretraining_speed --teacher-weights ../shared/data/weights

Processor time is what to compare where other work runs on the machine; pictures per second need a quiet one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

if TYPE_CHECKING:
    from ml.training.pretraining.teachers import Faculty

BATCH, STEPS, SIDE, LABELS = 64, 4, 128, 50
console = Console(width=120, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pretraining_speed", description=__doc__)
    parser.add_argument("--teacher-weights", type=Path, required=True)
    parser.add_argument("--sizes", default="48,64,80,96,112,128")
    chosen = parser.parse_args(arguments)
    from ml.training.machine import prepare_keras

    console.print(f"Keras on {prepare_keras()}, batches of {BATCH}; milliseconds of processor time a picture")
    from ml.training.augment import augment_batch
    from ml.training.pretraining.teachers import KINDS, fit_faculty, open_teacher

    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (BATCH, SIDE, SIDE, 3), dtype=np.uint8)
    console.print(f"augmentation at {SIDE} px: {_cost(lambda: augment_batch(pictures, random))}")
    faculty = fit_faculty([open_teacher(name, chosen.teacher_weights) for name in KINDS], [pictures] * 2, 0)
    console.print("| size | network | with both teachers and hints |\n|---|---|---|")
    for size in map(int, chosen.sizes.split(",")):
        costs = [_cost(_step(faculty if taught else None, size, pictures)) for taught in (False, True)]
        console.print(f"| {size} px | {costs[0]} | {costs[1]} |")
    return 0


def _step(faculty: Faculty | None, size: int, pictures: np.ndarray) -> Callable[[], None]:
    """One step of learning at a size."""
    from ml.networks.vgg16 import build_vgg16_with_normalisation
    from ml.training.learner import Score, build_optimizer
    from ml.training.pretraining.pace import Pace
    from ml.training.pretraining.settings import PretrainSettings
    from ml.training.pretraining.student import Student

    student = Student(build_vgg16_with_normalisation(None), [LABELS], faculty, PretrainSettings().weighting)
    pace = Pace(student, build_optimizer("adamw", 0.02))
    pace.turn_to(size)
    lessons = (np.arange(len(pictures)) % LABELS).astype(np.float32)[:, None]
    return lambda: pace.learn(pictures, lessons, 0.001, Score())


def _cost(work: Callable[[], object]) -> str:
    """Processor time a picture, and pictures a second as it went."""
    work()
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(STEPS):
        work()
    pictures = STEPS * BATCH
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return f"{processor / pictures * 1000:.1f} ms ({pictures / wall:.0f}/s)"


if __name__ == "__main__":
    sys.exit(main())
