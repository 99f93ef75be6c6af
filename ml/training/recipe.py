"""The recipe of the field, from pictures to a bundle: bottleneck features, a top model on them, fine-tuning, export.

Every step is cached or checkpointed: the same command goes on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.datasets.split import fill_splits
from ml.serving.bundle import Bundle, read_bundle
from ml.training.bottleneck import Visits, cached_features, plan_visits, visited_pictures
from ml.training.bundling import write_bundle
from ml.training.fine_tuning import FeatureSet, StepSettings, build_trained_part, learn_step
from ml.training.learner import Score
from ml.training.lessons import soft_targets
from ml.training.loading import check_labels, load_with_progress
from ml.training.progress import telling
from ml.training.run_folder import RunFolder, open_run

if TYPE_CHECKING:
    import keras

BOTTLENECK, FINE_TUNED = "bottleneck", "fine_tuned"


@dataclass(frozen=True)
class TrainSettings:
    """What can be chosen. `weights` is "imagenet", the path of a weight file, or "none"."""

    weights: str = "none"
    size: int = 96
    frozen: int = 15
    variants: int = 6
    top_epochs: int = 30
    top_rate: float = 0.001
    fine_epochs: int = 15
    fine_rate: float = 0.002
    batch_size: int = 64
    label_smoothing: float = 0.05
    dimensions: int = 256
    seed: int = 0


@dataclass(frozen=True)
class Workshop:
    """What the steps share: the run, the pictures, the parts of the network, and where to say how it goes."""

    run: RunFolder
    cache: Path
    console: Console
    settings: TrainSettings
    pictures: Pictures
    labels: tuple[str, ...]
    visits: Visits
    trunk: keras.Model
    head: keras.Model

    @property
    def border(self) -> int:
        """Layers before the cached features: the frozen ones, at least the input."""
        return max(1, self.settings.frozen)


def train(snapshot: Snapshot, out: Path, cache: Path, settings: TrainSettings, console: Console) -> Bundle:
    """Train on `snapshot` and leave everything in `out`, the bundle in `out`/bundle; a finished run is left as it is.

    Raises RunError or WeightsError, before anything is computed, where the run cannot be.
    """
    snapshot = replace(snapshot, images=fill_splits(snapshot.images, seed=settings.seed))
    check_labels(snapshot)
    shop = _open_workshop(snapshot, out, cache, settings, console)
    if (finished := out / "bundle").is_dir():
        console.print(
            f"{finished} is finished: remove it to calibrate and export anew", highlight=False, soft_wrap=True
        )
        return read_bundle(finished)
    with telling(out):
        borders = _border_features(shop)
        tail = _learn_top(shop, borders)
        if settings.fine_epochs:
            _fine_tune(shop, borders, tail)
        return write_bundle(
            shop.run, shop.pictures, shop.labels, shop.trunk, shop.head, snapshot, asdict(settings), console
        )


def _open_workshop(snapshot: Snapshot, out: Path, cache: Path, settings: TrainSettings, console: Console) -> Workshop:
    import keras

    from ml.networks.heads import build_head
    from ml.networks.vgg16 import build_vgg16, freeze_first

    keras.utils.set_random_seed(settings.seed)
    trunk = build_vgg16(settings.size, None if settings.weights == "none" else settings.weights)
    freeze_first(trunk, settings.frozen)
    head = build_head(trunk.output_shape[-1], len(snapshot.labels), dimensions=settings.dimensions)
    facts = {"command": "train", "snapshot": snapshot.source, "snapshot_digest": snapshot.digest, **asdict(settings)}
    run = open_run(out, facts)
    pictures = load_with_progress(snapshot, settings.size, cache, console)
    visits = plan_visits(pictures, settings.variants, settings.seed)
    return Workshop(run, cache, console, settings, pictures, snapshot.labels, visits, trunk, head)


def _border_features(shop: Workshop) -> NDArray[np.float16]:
    """What the frozen layers give for every visit."""
    from ml.networks.vgg16 import cut, with_preprocessing

    first, _ = cut(shop.trunk, shop.border)
    inputs = visited_pictures(shop.pictures, shop.visits)
    return _cached(shop, with_preprocessing(first), inputs, "pictures")


def _learn_top(shop: Workshop, borders: NDArray[np.float16]) -> keras.Model:
    """Step one and two: pooled features of the whole trunk, and the top model on them. Returns the unfrozen layers."""
    from keras import Model

    from ml.networks.heads import pool
    from ml.networks.vgg16 import cut

    _, tail = cut(shop.trunk, shop.border)
    pooling = Model(tail.input, pool(tail.output), name="pooled")
    pooled = _cached(shop, pooling, lambda where: borders[where], shop.trunk.layers[shop.border - 1].name)
    score = _learn(shop, BOTTLENECK, shop.head, pooled, "adamw", shop.settings.top_epochs, shop.settings.top_rate)
    shop.run.add_metrics(BOTTLENECK, _numbers(score))
    return tail


def _fine_tune(shop: Workshop, borders: NDArray[np.float16], tail: keras.Model) -> None:
    """Step three: the unfrozen layers and the top model, slowly. What validates worse than before is taken back."""
    network = build_trained_part(tail, shop.head)
    before, bottleneck = network.get_weights(), shop.run.metrics()[BOTTLENECK]
    score = _learn(shop, FINE_TUNED, network, borders, "sgd", shop.settings.fine_epochs, shop.settings.fine_rate)
    reached = _numbers(score)
    worse = is_worse(reached, bottleneck)
    if worse:
        network.set_weights(before)
        shop.console.print("fine-tuning validates worse than the bottleneck model, which is kept instead")
    shop.run.add_metrics(FINE_TUNED, {**reached, "kept": not worse})


def is_worse(reached: Mapping[str, float], before: Mapping[str, float]) -> bool:
    """Whether a model validates worse than the one before: by accuracy, then by log-loss."""
    ranks = [(numbers["validation_accuracy"], -numbers["validation_log_loss"]) for numbers in (reached, before)]
    return ranks[0] < ranks[1]


def _learn(
    shop: Workshop,
    step: str,
    network: keras.Model,
    features: NDArray[np.float16],
    optimizer: str,
    epochs: int,
    rate: float,
) -> Score:
    chosen, pictures = shop.settings, shop.pictures
    targets = pictures.targets(shop.labels)
    training = np.concatenate([pictures.rows("train"), pictures.rows("train", negatives=True)])
    feature_set = FeatureSet(features, shop.visits, targets, training, pictures.rows("validation"))
    soft = soft_targets(targets, len(shop.labels), chosen.label_smoothing)
    decay = 0.02 if optimizer == "adamw" else 5e-4
    settings = StepSettings(epochs, rate, optimizer, decay, chosen.batch_size, chosen.label_smoothing, chosen.seed)
    return learn_step(step, network, feature_set, soft, settings, shop.run, shop.console)


def _cached(
    shop: Workshop, part: keras.Model, inputs: Callable[[slice], NDArray[Any]], source: str
) -> NDArray[np.float16]:
    key = f"{shop.pictures.digest}\t{shop.settings.size}\t{shop.visits.digest()}\t{source}"
    return cached_features(part, inputs, len(shop.visits.rows), key, shop.cache, shop.console)


def _numbers(score: Score) -> dict[str, float]:
    return {"validation_accuracy": round(score.accuracy, 5), "validation_log_loss": round(score.mean_loss, 5)}
