"""A network with its optimiser and its compiled step: the one place that differentiates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ml.training.optimizers import optimizer_named

if TYPE_CHECKING:
    import keras


@dataclass
class Score:
    """Sums over pictures: of the loss, and of those whose likeliest label is right. Negatives count for the loss."""

    loss: float = 0.0
    right: int = 0
    labelled: int = 0
    pictures: int = 0

    def add(self, loss: float, right: int, labelled: int, pictures: int) -> None:
        """Add a batch; `loss` is its sum."""
        self.loss += loss
        self.right += right
        self.labelled += labelled
        self.pictures += pictures

    @property
    def mean_loss(self) -> float:
        return self.loss / max(1, self.pictures)

    @property
    def accuracy(self) -> float:
        return self.right / max(1, self.labelled)


class Learner:
    """Trains a network whose outputs are [embedding, logits] towards soft targets, by cross-entropy.

    A row of targets is a distribution times its picture's weight: it sums to 1, or to how much the picture counts.
    """

    def __init__(self, network: keras.Model, optimizer: keras.Optimizer) -> None:
        import tensorflow as tf

        self.network = network
        self.optimizer = optimizer
        optimizer.build(network.trainable_variables)
        self._step = tf.function(self._learn, reduce_retracing=False)
        self._judge = tf.function(
            lambda inputs: network(tf.cast(inputs, tf.float32), training=False), reduce_retracing=True
        )

    @property
    def variables(self) -> list[keras.Variable]:
        """Everything that a checkpoint must hold: weights, running means, dropout's dice, the optimiser's memory."""
        return [*self.weights, *self.optimizer.variables]

    @property
    def weights(self) -> list[keras.Variable]:
        """Those of the network, running means among them."""
        return self.network.variables  # type: ignore[no-any-return]

    def learn(self, inputs: NDArray[Any], targets: NDArray[np.float32], rate: float, score: Score) -> None:
        """One step on a batch; its loss and hits go into `score`."""
        self.optimizer.learning_rate = rate
        loss, right, labelled = self._step(inputs, targets)
        score.add(float(loss), int(right), int(labelled), len(inputs))

    def answer(self, batches: Iterable[NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embeddings (N, D) and logits (N, labels) of all batches, in inference."""
        answers = [self._judge(batch) for batch in batches]
        return (
            np.concatenate([np.asarray(embedding) for embedding, _ in answers]),
            np.concatenate([np.asarray(logits) for _, logits in answers]),
        )

    def _learn(self, inputs: Any, targets: Any) -> tuple[Any, Any, Any]:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            _, logits = self.network(tf.cast(inputs, tf.float32), training=True)
            weights = tf.reduce_sum(targets, 1)
            losses = weights * tf.nn.softmax_cross_entropy_with_logits(targets / weights[:, None], logits)
            loss = tf.reduce_mean(losses)
        variables = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        # A negative's target is even: it has no right answer.
        labelled = tf.reduce_max(targets, 1) > tf.reduce_min(targets, 1) + 1e-6
        right = labelled & (tf.argmax(logits, 1) == tf.argmax(targets, 1))
        return (
            tf.reduce_sum(losses),
            tf.reduce_sum(tf.cast(right, tf.int32)),
            tf.reduce_sum(tf.cast(labelled, tf.int32)),
        )


def build_optimizer(name: str, weight_decay: float | None = None, momentum: float | None = None) -> keras.Optimizer:
    """An optimiser by name, with what is usual for it where None; biases and normalisation do not decay.

    SGD's momentum is Nesterov's; `momentum` is ignored by those that have none. Raises ValueError for another name.
    """
    from keras import optimizers

    usual = optimizer_named(name)
    decay = (usual.weight_decay if weight_decay is None else weight_decay) or None
    momentum = usual.momentum if momentum is None else momentum
    if name == "sgd":
        optimizer = optimizers.SGD(usual.rate, momentum=momentum, nesterov=True, weight_decay=decay)
    elif name == "rmsprop":
        optimizer = optimizers.RMSprop(usual.rate, momentum=momentum, weight_decay=decay)
    else:
        kind = optimizers.AdamW if name == "adamw" and decay else optimizers.Adam  # AdamW without decay is Adam
        optimizer = kind(usual.rate, weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def score_of(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> Score:
    """The score of answers about labelled pictures: cross-entropy without smoothing, and hits."""
    if not len(targets):
        return Score()
    highest = logits.max(axis=1, keepdims=True)
    log_sums = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    losses = log_sums - logits[np.arange(len(targets)), targets]
    right = int((logits.argmax(axis=1) == targets).sum())
    return Score(float(losses.sum()), right, len(targets), len(targets))
