"""A student under an optimiser, as a course wants a learner; rebuilt where the picture size changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.training.learner import Score
from ml.training.pretraining.student import Student

if TYPE_CHECKING:
    import keras


class Pace:
    """Learns at one picture size at a time; `frozen` leaves the trunk as it is and trains the heads."""

    def __init__(self, student: Student, optimizer: keras.Optimizer, *, frozen: bool = False) -> None:
        self.student, self.optimizer, self.frozen = student, optimizer, frozen
        self.size = 0
        self._network: keras.Model | None = None
        self.parts: dict[str, list[float]] = {}
        student.trunk.trainable = not frozen
        trained = [] if frozen else student.trunk.trainable_variables
        optimizer.build([*trained, *(one for layer in student.head_layers for one in layer.trainable_variables)])

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that a checkpoint must hold."""
        return [*self.weights, *self.optimizer.variables]

    @property
    def weights(self) -> list[keras.Variable]:
        """Those of the trunk and the heads, their statistics among them."""
        heads = [one for layer in self.student.head_layers for one in layer.variables]
        return [*self.student.trunk.variables, *heads]

    def turn_to(self, size: int) -> None:
        """Learn at `size` px from now on."""
        if size != self.size:
            self.size, self._network = size, self.student.network(size, self.optimizer, frozen=self.frozen)

    def learn(self, inputs: NDArray[Any], targets: NDArray[np.float32], rate: float, score: Score) -> None:
        """One step on a batch; its loss and the hits on the first label set go into `score`."""
        if self._network is None:
            raise ValueError("turn_to a picture size first")
        self.optimizer.learning_rate = rate
        said = self._network.train_on_batch(inputs.astype(np.float32), targets, return_dict=True)
        labelled = int((targets[:, 0] >= 0).sum())
        score.add(float(said["loss"]) * len(inputs), round(float(said["hits"]) * len(inputs)), labelled, len(inputs))
        for name, value in said.items():
            self.parts.setdefault(name, []).append(float(value))

    def taken_parts(self) -> dict[str, float]:
        """The means of the loss's parts since the last call."""
        means = {name: round(float(np.mean(values)), 4) for name, values in self.parts.items()}
        self.parts = {}
        return means
