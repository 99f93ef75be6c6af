"""The course: epochs of lessons with progress, validation, and checkpoints from which a killed run goes on exactly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ml.training.checkpoint import load_checkpoint, save_checkpoint
from ml.training.learner import Score
from ml.training.lessons import Inputs, Lessons
from ml.training.plateau import Watch
from ml.training.progress import say_progress
from ml.training.reports.curve_charts import write_curves
from ml.training.run_folder import RunFolder
from ml.training.schedule import Place, Schedule

if TYPE_CHECKING:
    import keras

SECONDS_BETWEEN_CHECKPOINTS = 180.0
SECONDS_BETWEEN_WORDS = 3.0


class Learns(Protocol):
    """What a course trains: it learns a batch at a rate and adds to the score."""

    @property
    def variables(self) -> list[keras.Variable]: ...

    @property
    def weights(self) -> list[keras.Variable]: ...

    def learn(self, inputs: NDArray[Any], targets: NDArray[np.float32], rate: float, score: Score) -> None: ...


@dataclass
class Course:
    """One step of a run: `inputs(size)` gives the pictures or features, `validate(size)` the score on held-out ones.

    `watch` may slow the step down, end it early, and have the weights of its best epoch taken in the end.
    """

    step: str
    run: RunFolder
    learner: Learns
    lessons: Lessons
    schedule: Schedule
    inputs: Callable[[int], Inputs]
    validate: Callable[[int], Score]
    console: Console
    watch: Watch = field(default_factory=Watch)

    def follow(self) -> None:
        """Train to the end of the schedule, from the beginning or from where a killed run was."""
        place, score = self._resume()
        while not self._finished(place):
            size = self.schedule.size(place)
            seconds_before, rate = place.seconds, self._rate(place)
            self._epoch(size, place, score)
            place.epoch, place.batch = place.epoch + 1, 0
            held_out = self.validate(size)
            self._report(place, size, score, held_out, rate, place.seconds - seconds_before)
            if self.watch.see(held_out.accuracy, held_out.mean_loss) and self.watch.keeps_best:
                save_checkpoint(self.run.best_file(self.step), self.learner.weights, {"epoch": place.epoch})
            score = Score()
            self._checkpoint(place, score)
        if self.watch.keeps_best:
            load_checkpoint(self.run.best_file(self.step), self.learner.weights)

    def _finished(self, place: Place) -> bool:
        return self.schedule.finished(place) or self.watch.ended

    def _rate(self, place: Place) -> float:
        return self.schedule.rate(place) * self.watch.rate_share

    def _resume(self) -> tuple[Place, Score]:
        found = load_checkpoint(self.run.checkpoint_file(self.step), self.learner.variables)
        if not found:
            return Place(), Score()
        place = Place(**found["place"])
        self.watch.resume(found.get("watch", {}))
        if not self._finished(place):
            self.console.print(f"{self.step}: goes on at epoch {place.epoch + 1}, batch {place.batch}")
        return place, Score(**found["score"])

    def _epoch(self, size: int, place: Place, score: Score) -> None:
        """The rest of an epoch; ends early where the clock asks for larger pictures or the end."""
        saved_at = ticked_at = told_at = time.monotonic()
        self._tell(place)
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
                self.learner.learn(inputs, targets, self._rate(place), score)
                now = time.monotonic()
                place.seconds += now - ticked_at
                place.batch, ticked_at = place.batch + 1, now
                bar.update(task, completed=place.batch, description=self._headline(place, size, score))
                if now - told_at > SECONDS_BETWEEN_WORDS:
                    self._tell(place)
                    told_at = now
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
            "pictures": score.pictures,
            "seconds": round(seconds, 2),
        }
        validation = ""
        if held_out.pictures:  # nobody has asked yet otherwise, or there is nothing to ask about
            numbers["validation_loss"] = round(held_out.mean_loss, 5)
            numbers["validation_accuracy"] = round(held_out.accuracy, 5)
            validation = f"; validation loss {held_out.mean_loss:.3f}, accuracy {held_out.accuracy:.3f}"
        self.run.add_epoch(self.step, place.epoch, numbers)
        write_curves(self.run)
        pixels = f" at {size} px" if size else ""
        self.console.print(
            f"{self.step} epoch {place.epoch}{pixels}: loss {score.mean_loss:.3f}, accuracy {score.accuracy:.3f}"
            f"{validation}  ({self.schedule.progress(place):.0%} of the course, {seconds:.0f} s)",
            highlight=False,
            soft_wrap=True,
        )

    def _tell(self, place: Place) -> None:
        epochs = 0 if self.schedule.minutes else self.schedule.total_epochs
        say_progress(self.run.path, self.step, place.epoch + 1, epochs, self.schedule.progress(place), place.seconds)

    def _checkpoint(self, place: Place, score: Score) -> None:
        file = self.run.checkpoint_file(self.step)
        where = {"place": asdict(place), "score": asdict(score), "watch": asdict(self.watch)}
        save_checkpoint(file, self.learner.variables, where)
