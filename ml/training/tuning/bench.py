"""Where a trial is run: on features that all trials share, in seconds, or the whole recipe from pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from rich.console import Console

from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.networks.table import network_named
from ml.training.fine_tuning import Exercise, Features, Material, StepSettings
from ml.training.learner import Score
from ml.training.recipe import BOTTLENECK, FINE_TUNED, plan_exercise, plan_top_step, rehearse
from ml.training.run_folder import RunFolder
from ml.training.settings import TrainSettings, changed
from ml.training.tuning.rehearsal import Marks, Rehearsal, Told

if TYPE_CHECKING:
    import keras

LARGEST_IN_MEMORY = 2**30
"""Bytes of features up to which they are read once; larger ones stay on the disk."""

SHARED = ("network", "weights", "size", "frozen", "variants", "augmentation", "email_pipeline", "seed")
"""Settings that features depend on; the others only say how to learn from them."""


class Bench(Protocol):
    """Gives settings a try."""

    def try_out(self, settings: TrainSettings, told: Told) -> Marks:
        """Train with `settings`; the marks of what would be kept. What `told` raises ends it."""
        ...


@dataclass
class TopBench:
    """Trials of top models, on features of each network's trunk that are computed once into the cache."""

    snapshot: Snapshot
    cache: Path
    console: Console
    _shelf: dict[tuple[Any, ...], Prepared] = field(default_factory=dict)

    def try_out(self, settings: TrainSettings, told: Told) -> Marks:
        import keras

        key = tuple(getattr(settings, name) for name in SHARED)
        prepared = self._shelf.get(key) or prepare(self.snapshot, self.cache, settings, self.console)
        self._shelf[key] = prepared
        keras.backend.clear_session()
        return rehearse_top(prepared, self.snapshot.labels, settings, told)


@dataclass(frozen=True)
class WholeBench:
    """Trials of the whole recipe; of each nothing is left but its numbers."""

    snapshot: Snapshot
    cache: Path

    def try_out(self, settings: TrainSettings, told: Told) -> Marks:
        import keras

        keras.backend.clear_session()
        rehearsal = Rehearsal(told)
        with TemporaryDirectory() as folder:
            quiet = Console(quiet=True)
            shop = rehearse(self.snapshot, Path(folder), self.cache, settings, quiet, learn_step=rehearsal.learn_step)
            taken_back = not shop.run.metrics().get(FINE_TUNED, {}).get("kept", True)
        return rehearsal.marks[BOTTLENECK] if taken_back else list(rehearsal.marks.values())[-1]


@dataclass(frozen=True)
class Prepared:
    """What top models of one network learn from: pictures with their splits, and `channels` features of each."""

    pictures: Pictures
    material: Material
    channels: int


def prepare(snapshot: Snapshot, cache: Path, settings: TrainSettings, console: Console) -> Prepared:
    """Go through the recipe up to the place where it would train a top model, and keep what it would train on."""
    found: list[tuple[Material, int]] = []

    def keep(
        step: str, network: keras.Model, material: Material, exercise: Exercise, *_: StepSettings | RunFolder | Console
    ) -> Score:
        found.append((material, int(network.input_shape[-1])))
        return Score()

    with TemporaryDirectory() as folder:
        shop = rehearse(snapshot, Path(folder), cache, changed(settings, fine_epochs=0), console, learn_step=keep)
    material, channels = found[0]
    if isinstance(material, Features) and material.features.nbytes <= LARGEST_IN_MEMORY:
        material = Features(np.array(material.features), material.visits)
    return Prepared(shop.pictures, material, channels)


def rehearse_top(prepared: Prepared, labels: tuple[str, ...], settings: TrainSettings, told: Told) -> Marks:
    """Train a top model with `settings` on what was prepared; its marks."""
    import keras

    keras.utils.set_random_seed(settings.seed)
    head = network_named(settings.network).build_head(
        prepared.channels, len(labels), dimensions=settings.dimensions, dropout=settings.dropout
    )
    rehearsal = Rehearsal(told)
    exercise = plan_exercise(prepared.pictures, labels, settings)
    run, console = RunFolder(Path()), Console(quiet=True)
    rehearsal.learn_step(BOTTLENECK, head, prepared.material, exercise, plan_top_step(settings), run, console)
    return rehearsal.marks[BOTTLENECK]
