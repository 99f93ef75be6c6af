"""The course: epochs of lessons with progress, validation, and checkpoints from which a killed run goes on exactly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ml.training.checkpoint import load_checkpoint, save_checkpoint
from ml.training.learner import Score
from ml.training.lessons import Inputs, Lessons
from ml.training.run_folder import RunFolder
from ml.training.schedule import Place, Schedule

if TYPE_CHECKING:
    import keras

SECONDS_BETWEEN_CHECKPOINTS = 180.0


class Learns(Protocol):
    """What a course trains: it learns a batch at a rate and adds to the score."""

    @property
    def variables(self) -> list[keras.Variable]: ...

    def learn(self, inputs: NDArray[Any], targets: NDArray[np.float32], rate: float, score: Score) -> None: ...


@dataclass
class Course:
    """One step of a run: `inputs(size)` gives the pictures or features, `validate(size)` the score on held-out ones."""

    step: str
    run: RunFolder
    learner: Learns
    lessons: Lessons
    schedule: Schedule
    inputs: Callable[[int], Inputs]
    validate: Callable[[int], Score]
    console: Console

    def follow(self) -> None:
        """Train to the end of the schedule, from the beginning or from where a killed run was."""
        place, score = self._resume()
        while not self.schedule.finished(place):
            size = self.schedule.size(place)
            seconds_before, rate = place.seconds, self.schedule.rate(place)
            self._epoch(size, place, score)
            place.epoch, place.batch = place.epoch + 1, 0
            self._report(place, size, score, self.validate(size), rate, place.seconds - seconds_before)
            score = Score()
            self._checkpoint(place, score)

    def _resume(self) -> tuple[Place, Score]:
        found = load_checkpoint(self.run.checkpoint_file(self.step), self.learner.variables)
        if not found:
            return Place(), Score()
        place = Place(**found["place"])
        if not self.schedule.finished(place):
            self.console.print(f"{self.step}: goes on at epoch {place.epoch + 1}, batch {place.batch}")
        return place, Score(**found["score"])

    def _epoch(self, size: int, place: Place, score: Score) -> None:
        """The rest of an epoch; ends early where the clock asks for larger pictures or the end."""
        saved_at = ticked_at = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(self.step, total=self.lessons.batches_per_epoch, completed=place.batch)
            for inputs, targets in self.lessons.batches(self.inputs(size), place.epoch, place.batch):
                self.learner.learn(inputs, targets, self.schedule.rate(place), score)
                now = time.monotonic()
                place.seconds += now - ticked_at
                place.batch, ticked_at = place.batch + 1, now
                bar.update(task, completed=place.batch, description=self._headline(place, size, score))
                if self.schedule.minutes and (self.schedule.size(place) != size or self.schedule.finished(place)):
                    return
                if now - saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                    self._checkpoint(place, score)
                    saved_at = now

    def _headline(self, place: Place, size: int, score: Score) -> str:
        pixels = f" {size} px" if size else ""
        return f"{self.step} {place.epoch + 1}{pixels}  loss {score.mean_loss:.3f}  accuracy {score.accuracy:.3f}"

    def _report(self, place: Place, size: int, score: Score, held_out: Score, rate: float, seconds: float) -> None:
        numbers = {
            "size": size,
            "rate": rate,
            "loss": round(score.mean_loss, 5),
            "accuracy": round(score.accuracy, 5),
            "validation_loss": round(held_out.mean_loss, 5),
            "validation_accuracy": round(held_out.accuracy, 5),
            "pictures": score.pictures,
            "seconds": round(seconds, 2),
        }
        self.run.add_epoch(self.step, place.epoch, numbers)
        pixels = f" at {size} px" if size else ""
        self.console.print(
            f"{self.step} epoch {place.epoch}{pixels}: loss {score.mean_loss:.3f}, accuracy {score.accuracy:.3f}; "
            f"validation loss {held_out.mean_loss:.3f}, accuracy {held_out.accuracy:.3f}  "
            f"({self.schedule.progress(place):.0%} of the course, {seconds:.0f} s)",
            highlight=False,
            soft_wrap=True,
        )

    def _checkpoint(self, place: Place, score: Score) -> None:
        file = self.run.checkpoint_file(self.step)
        save_checkpoint(file, self.learner.variables, {"place": asdict(place), "score": asdict(score)})
