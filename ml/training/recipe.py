"""The recipe of the field, from pictures to a bundle: bottleneck features, a top model on them, fine-tuning, export.

One recipe for every network of the table. Where layers are frozen, what they say is computed once; where none are, all
learn from pictures; and where the trunk begins with nothing there are no features, only that last step.
Every step is cached or checkpointed: the same command goes on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.balance import class_weights, oversampled_rows
from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import Bundle, read_bundle
from ml.training.bottleneck import visited_pictures
from ml.training.bundling import write_bundle
from ml.training.fine_tuning import Exercise, Features, Material, StepSettings
from ml.training.learner import Score
from ml.training.lessons import soft_targets
from ml.training.loading import with_every_split
from ml.training.progress import telling
from ml.training.settings import TrainSettings
from ml.training.workshop import LearnStep, Workshop, features_of_visits, open_workshop

if TYPE_CHECKING:
    import keras

BOTTLENECK, FINE_TUNED, FROM_SCRATCH = "bottleneck", "fine_tuned", "from_scratch"


def train(snapshot: Snapshot, out: Path, cache: Path, settings: TrainSettings, console: Console) -> Bundle:
    """Train on `snapshot` and leave everything in `out`, the bundle in `out`/bundle; a finished run is left as it is.

    Raises RunError or WeightsError, before anything is computed, where the run cannot be.
    """
    snapshot = with_every_split(snapshot, settings.seed)
    shop = open_workshop(snapshot, out, cache, settings, console)
    if (finished := out / "bundle").is_dir():
        console.print(
            f"{finished} is finished: remove it to calibrate and export anew", highlight=False, soft_wrap=True
        )
        return read_bundle(finished)
    with telling(out):
        _learn_steps(shop)
        return write_bundle(
            shop.run,
            shop.network,
            shop.pictures,
            shop.labels,
            shop.trunk,
            shop.head,
            snapshot,
            asdict(settings),
            cache,
            console,
        )


def rehearse(
    snapshot: Snapshot, out: Path, cache: Path, settings: TrainSettings, console: Console, *, learn_step: LearnStep
) -> Workshop:
    """The steps of `train` without its end, each learned by `learn_step`: what a trial of tuning does.

    Raises what `train` raises.
    """
    snapshot = with_every_split(snapshot, settings.seed)
    shop = replace(open_workshop(snapshot, out, cache, settings, console), learn_step=learn_step)
    _learn_steps(shop)
    return shop


def _learn_steps(shop: Workshop) -> None:
    """The steps that suit what is frozen and what the trunk begins with."""
    if shop.settings.is_from_scratch:
        _learn_all(shop)
    elif shop.settings.is_end_to_end:
        _learn_top_on_pictures(shop)
        _fine_tune(shop, _whole(shop), shop.photographs)
    elif shop.settings.frozen == len(shop.trunk.layers):
        _learn_top_on_pictures(shop)
    else:
        borders = _border_features(shop)
        tail = _learn_top_on_borders(shop, borders)
        _fine_tune(shop, tail, Features(borders, shop.visits))


def _border_features(shop: Workshop) -> NDArray[np.float16]:
    """What the frozen layers give for every visit."""
    from ml.networks.build import for_pictures
    from ml.networks.freezing import cut

    first, _ = cut(shop.trunk, shop.settings.frozen)
    inputs = visited_pictures(shop.pictures, shop.visits)
    return features_of_visits(shop, for_pictures(shop.network, first, shop.settings.size), inputs, "pictures")


def _learn_top_on_borders(shop: Workshop, borders: NDArray[np.float16]) -> keras.Model:
    """Step one and two: gathered features of the whole trunk, and the top model on them. Returns what is trained next.

    Their cache builds on that of the frozen layers.
    """
    from keras import Model

    from ml.networks.build import join
    from ml.networks.freezing import cut

    _, tail = cut(shop.trunk, shop.settings.frozen)
    gathering = Model(tail.input, shop.network.gather(tail.output), name="pooled")
    source = shop.trunk.layers[shop.settings.frozen - 1].name
    _learn_top(shop, features_of_visits(shop, gathering, lambda where: borders[where], source))
    return join(shop.network, tail, shop.head)


def _learn_top_on_pictures(shop: Workshop) -> None:
    """The same where nothing is frozen, or all of it: features of the whole trunk as it begins."""
    from ml.networks.build import for_pictures

    part = for_pictures(shop.network, shop.trunk, shop.settings.size, gather=True)
    source = f"pictures, {shop.network.gather.__name__}"
    _learn_top(shop, features_of_visits(shop, part, visited_pictures(shop.pictures, shop.visits), source))


def _learn_top(shop: Workshop, gathered: NDArray[np.float16]) -> None:
    chosen = shop.settings
    score = _learn(
        shop,
        BOTTLENECK,
        shop.head,
        Features(gathered, shop.visits),
        (chosen.top_optimizer, chosen.top_epochs, chosen.top_rate),
    )
    shop.run.add_metrics(BOTTLENECK, _numbers(score))


def _fine_tune(shop: Workshop, network: keras.Model, material: Material) -> None:
    """Step three: what is not frozen and the top model, slowly. What validates worse than before is taken back."""
    if not shop.settings.fine_epochs:
        return
    before, bottleneck = network.get_weights(), shop.run.metrics()[BOTTLENECK]
    reached = _numbers(_learn_network(shop, FINE_TUNED, network, material))
    worse = is_worse(reached, bottleneck)
    if worse:
        network.set_weights(before)
        shop.console.print("fine-tuning validates worse than the bottleneck model, which is kept instead")
    shop.run.add_metrics(FINE_TUNED, {**reached, "kept": not worse})


def _learn_all(shop: Workshop) -> None:
    """The only step of a network that begins with nothing."""
    shop.run.add_metrics(FROM_SCRATCH, _numbers(_learn_network(shop, FROM_SCRATCH, _whole(shop), shop.photographs)))


def _learn_network(shop: Workshop, step: str, network: keras.Model, material: Material) -> Score:
    chosen = shop.settings
    return _learn(shop, step, network, material, (chosen.fine_optimizer, chosen.fine_epochs, chosen.fine_rate))


def is_worse(reached: Mapping[str, float], before: Mapping[str, float]) -> bool:
    """Whether a model validates worse than the one before: by accuracy, then by log-loss."""
    ranks = [(numbers["validation_accuracy"], -numbers["validation_log_loss"]) for numbers in (reached, before)]
    return ranks[0] < ranks[1]


def _learn(shop: Workshop, step: str, network: keras.Model, material: Material, how: tuple[str, int, float]) -> Score:
    """A step by its optimiser, epochs and rate."""
    exercise = plan_exercise(shop.pictures, shop.labels, shop.settings)
    return shop.learn_step(step, network, material, exercise, _plan_step(shop.settings, how), shop.run, shop.console)


def plan_top_step(chosen: TrainSettings) -> StepSettings:
    """How the top model learns."""
    return _plan_step(chosen, (chosen.top_optimizer, chosen.top_epochs, chosen.top_rate))


def _plan_step(chosen: TrainSettings, how: tuple[str, int, float]) -> StepSettings:
    optimizer, epochs, rate = how
    return StepSettings(
        epochs=epochs,
        rate=rate,
        optimizer=optimizer,
        weight_decay=chosen.weight_decay,
        momentum=chosen.momentum,
        batch_size=chosen.batch_size,
        slows=chosen.schedule == "plateau",
        early_stop=chosen.early_stop,
        seed=chosen.seed,
    )


def plan_exercise(pictures: Pictures, labels: tuple[str, ...], chosen: TrainSettings) -> Exercise:
    """What to learn and to be asked: rare labels oversampled or weighted as chosen, in the train split only."""
    targets = pictures.targets(labels)
    rows = pictures.rows("train")
    soft = soft_targets(targets, len(labels), chosen.label_smoothing)
    if chosen.class_weights:
        known = targets >= 0
        soft[known] *= class_weights(targets[rows], len(labels))[targets[known], None]
    if chosen.oversample:
        rows = rows[oversampled_rows(targets[rows], chosen.oversample, seed=chosen.seed)]
    training = np.concatenate([rows, pictures.rows("train", negatives=True)])
    return Exercise(training, pictures.rows("validation"), targets, soft)


def _whole(shop: Workshop) -> keras.Model:
    from ml.networks.build import whole

    return whole(shop.network, shop.trunk, shop.head, shop.settings.size)


def _numbers(score: Score) -> dict[str, float]:
    return {"validation_accuracy": round(score.accuracy, 5), "validation_log_loss": round(score.mean_loss, 5)}
