"""The student: the trunk with a head for each label set and one for each thing that the teachers say.

Written in Keras alone: it trains on TensorFlow, JAX and PyTorch. What it learns from comes in one row of numbers a
picture: the position of its label in each set, as `Material.positions` has it, and behind them, where the teachers have
spoken about the clean picture, what they said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ml.networks.vgg16 import preprocess
from ml.training.pretraining.material import NEGATIVE, NOWHERE
from ml.training.pretraining.teachers import LAST, MIDDLE, PLACES, POOLED, Faculty

if TYPE_CHECKING:
    import keras

TAPS = {MIDDLE: "block4_relu3", LAST: "block5_relu3"}
"""Layers of the trunk that foresee the teachers' maps, before their pooling."""


@dataclass(frozen=True)
class Weighting:
    """How much the parts of the loss count, and how far targets are smoothed; PretrainSettings has what is usual."""

    labels: float
    teachers: float
    hints: float
    label_smoothing: float


class Student:
    """A trunk and its heads under one optimiser; learns at one picture size at a time."""

    def __init__(
        self,
        trunk: keras.Model,
        label_counts: Sequence[int],
        faculty: Faculty | None,
        weighting: Weighting,
        *,
        cached: int = 0,
    ) -> None:
        """With `cached`, the lessons hold that many numbers that the teachers said already, and none is asked."""
        self.trunk, self.label_counts = trunk, tuple(label_counts)
        self.faculty, self.weighting, self.cached = faculty, weighting, cached
        self.heads = _build_heads(trunk, self.label_counts, faculty, cached)

    @property
    def head_layers(self) -> list[keras.Layer]:
        return list(self.heads.values())

    def network(self, size: int, optimizer: keras.Optimizer, *, frozen: bool = False) -> keras.Model:
        """Compiled for squares of any side, which the trunk sees at `size` px; `frozen` trains the heads alone."""
        import keras

        self.trunk.trainable = not frozen
        entrance = keras.layers.Input((None, None, 3), name="pictures")
        small = keras.layers.Resizing(size, size, interpolation="bilinear", antialias=True)(entrance)
        taps = [self.trunk.get_layer(name).output for name in TAPS.values()]
        tapped = keras.Model(self.trunk.input, [*taps, self.trunk.output])
        middle, last, features = tapped(preprocess(small))
        pooled = self.heads["norm"](keras.ops.mean(features, axis=(1, 2)))
        outputs = {f"labels{place}": self.heads[f"labels{place}"](pooled) for place in range(len(self.label_counts))}
        for place, found in zip(PLACES, (middle, last, pooled), strict=True):
            if place in self.heads:
                outputs[place] = self.heads[place](found)
        network = _pupil_class(self)(entrance, outputs)
        network.compile(optimizer=optimizer, jit_compile=keras.backend.backend() == "jax")
        return network

    def losses(self, pictures: Any, lessons: Any, guesses: dict[str, Any]) -> dict[str, Any]:
        """Each part of the loss on a batch, a mean over pictures, before weighting."""
        from keras import ops

        parts = {"labels": self._label_loss(lessons, guesses)}
        if self.cached:
            count = len(self.label_counts)
            parts[POOLED] = _apart(guesses[POOLED], lessons[:, count : count + self.cached])
        elif self.faculty:
            grids = [guesses[place].shape[1] for place in (MIDDLE, LAST)]
            said = self.faculty.say(pictures, *grids)
            parts |= {place: _apart(guesses[place], ops.stop_gradient(said[place])) for place in PLACES}
        return parts

    def total(self, parts: dict[str, Any]) -> Any:
        """The weighted sum of the parts."""
        weight = {"labels": self.weighting.labels, MIDDLE: self.weighting.hints}
        return sum(weight.get(name, self.weighting.teachers) * part for name, part in parts.items())

    def _label_loss(self, lessons: Any, guesses: dict[str, Any]) -> Any:
        """Cross-entropy over all sets; a set that says nothing about a picture does not count.

        Negatives teach to be undecided about what is no shoe of ours.
        """
        from keras import ops

        total = 0.0
        for place, count in enumerate(self.label_counts):
            positions = ops.cast(lessons[:, place], "int32")
            known = ops.cast(positions != NOWHERE, "float32")
            even = ops.cast(positions == NEGATIVE, "float32")[:, None]
            smoothing = self.weighting.label_smoothing * (1 - even) + even
            target = ops.one_hot(ops.maximum(positions, 0), count) * (1 - smoothing) + smoothing / count
            logits = ops.cast(guesses[f"labels{place}"], "float32")
            each = ops.categorical_crossentropy(target, logits, from_logits=True)
            total = total + ops.sum(each * known) / ops.cast(ops.shape(known)[0], "float32")
        return total


def _build_heads(
    trunk: keras.Model, label_counts: Sequence[int], faculty: Faculty | None, cached: int
) -> dict[str, keras.Layer]:
    """Built layers by name: a normalisation of the pooled features, logits of each set, and what teachers say."""
    from keras import layers

    channels = trunk.output_shape[-1]
    heads: dict[str, keras.Layer] = {"norm": layers.BatchNormalization(momentum=0.97, name="student_norm")}
    for place, count in enumerate(label_counts):
        heads[f"labels{place}"] = layers.Dense(count, dtype="float32", name=f"student_labels{place}")
    said = {POOLED: cached} if cached else {}
    if faculty and not cached:
        said = {place: one.directions.shape[1] for place, one in faculty.projections.items()}
    for name, dimensions in said.items():
        heads[name] = layers.Dense(dimensions, dtype="float32", name=f"student_{name}")
    for name, layer in heads.items():
        tap = TAPS.get(name)
        layer.build((None, trunk.get_layer(tap).output.shape[-1] if tap else channels))
    return heads


def _pupil_class(student: Student) -> Any:
    """The class of a student's networks; made here since Keras must not be imported with this module."""
    import keras

    class Pupil(keras.Model):  # type: ignore[misc]
        """A network whose loss needs the pictures too: the teachers look at them."""

        @property
        def metrics(self) -> list[Any]:
            if not hasattr(self, "parts"):
                names = ["loss", "hits", "labels", *(place for place in PLACES if place in student.heads)]
                self.parts = {name: keras.metrics.Mean(name) for name in names}
            return list(self.parts.values())

        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            parts = student.losses(x, y, y_pred)
            total = student.total(parts)
            hits = _hits(y[:, 0], y_pred["labels0"]) if student.label_counts else 0.0
            for name, value in {**parts, "loss": total, "hits": hits}.items():
                self.parts[name].update_state(value)
            return total

        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
            return {name: metric.result() for name, metric in self.parts.items()}

    return Pupil


def _hits(positions: Any, logits: Any) -> Any:
    """The share of all pictures whose likeliest label is right; one without a label is no hit."""
    from keras import ops

    return ops.mean(ops.cast(ops.cast(positions, "int32") == ops.cast(ops.argmax(logits, axis=-1), "int32"), "float32"))


def _apart(guess: Any, target: Any) -> Any:
    """One minus the cosine, its mean over pictures and places."""
    from keras import ops

    guess, target = ops.cast(guess, "float32"), ops.cast(target, "float32")
    cosines = ops.sum(ops.normalize(guess, axis=-1) * ops.normalize(target, axis=-1), axis=-1)
    return 1 - ops.mean(cosines)
