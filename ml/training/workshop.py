"""The workshop of a run: its folder, its pictures, the parts of its network, and features that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ml.datasets.pictures import Pictures
from ml.datasets.snapshot import Snapshot
from ml.networks.table import Network, network_named
from ml.training.bottleneck import Visits, cached_features, plan_visits, seconds_spent
from ml.training.fine_tuning import Exercise, Material, Photographs, StepSettings, learn_step
from ml.training.learner import Score
from ml.training.loading import load_with_progress
from ml.training.run_folder import RunFolder, open_run
from ml.training.settings import TrainSettings

if TYPE_CHECKING:
    import keras

FEATURES, NETWORK = "features", "network"
"""Under which names metrics.json keeps the seconds that features took, and how large the network is."""

CALIBRATION_PICTURES, CALIBRATION_BATCH = 256, 32
LearnStep = Callable[[str, "keras.Model", Material, Exercise, StepSettings, RunFolder, Console], Score]
"""How a step is learned: `fine_tuning.learn_step`, or another way with the same promise."""


@dataclass(frozen=True)
class Workshop:
    """What the steps share: the run, the pictures, the parts of the network, and where to say how it goes."""

    run: RunFolder
    cache: Path
    console: Console
    settings: TrainSettings
    network: Network
    pictures: Pictures
    labels: tuple[str, ...]
    visits: Visits
    trunk: keras.Model
    head: keras.Model
    learn_step: LearnStep = learn_step

    @property
    def photographs(self) -> Photographs:
        """The pictures to learn from where nothing is frozen; the negatives are the scenes."""
        scenes = self.pictures.pixels[self.pictures.rows("train", negatives=True)]
        return Photographs(self.pictures, scenes, self.settings.augmentation, self.settings.email_pipeline)


def open_workshop(snapshot: Snapshot, out: Path, cache: Path, settings: TrainSettings, console: Console) -> Workshop:
    """Build the network and load the pictures. Raises before a folder is made where the run cannot be."""
    import keras

    from ml.networks.build import build_head, build_trunk
    from ml.networks.freezing import cut, freeze_first

    keras.utils.set_random_seed(settings.seed)
    network = network_named(settings.network)
    trunk = freeze_first(build_trunk(network, settings.size, settings.weights), settings.frozen)
    if not settings.is_end_to_end:
        cut(trunk, settings.frozen)  # where that cannot be, it is said before a folder is made
    head = build_head(network, trunk, len(snapshot.labels), dimensions=settings.dimensions, dropout=settings.dropout)
    facts = {"command": "train", "snapshot": snapshot.source, "snapshot_digest": snapshot.digest, **asdict(settings)}
    if not settings.email_pipeline:
        del facts["email_pipeline"]  # runs from before there was a choice can still be gone on with
    run = open_run(out, facts)
    run.add_metrics(NETWORK, {"parameters": trunk.count_params() + head.count_params()})
    pictures = load_with_progress(snapshot, settings.size, cache, console)
    variants = settings.variants if settings.augmentation else 1
    visits = plan_visits(pictures, variants, settings.seed, email_pipeline=settings.email_pipeline)
    shop = Workshop(run, cache, console, settings, network, pictures, snapshot.labels, visits, trunk, head)
    _calibrate(shop)
    return shop


def _calibrate(shop: Workshop) -> None:
    """Give a trunk whose normalisation was folded away one that can learn; what it says stays the same."""
    from ml.networks.mobilenet import calibrate, is_folded

    if shop.settings.weights == "none" or not shop.network.may_be_folded or not is_folded(shop.trunk):
        return
    rows = np.random.default_rng(shop.settings.seed).permutation(shop.pictures.rows("train"))[:CALIBRATION_PICTURES]
    pixels = shop.pictures.pixels[np.sort(rows)].astype(np.float32)
    batches = [pixels[start : start + CALIBRATION_BATCH] for start in range(0, len(pixels), CALIBRATION_BATCH)]
    calibrate(shop.trunk, [shop.network.preprocess(batch) for batch in batches])


def features_of_visits(
    shop: Workshop, part: keras.Model, inputs: Callable[[slice], NDArray[Any]], source: str
) -> NDArray[np.float16]:
    """Features of all visits; how long they took goes into the run's metrics, whichever run computed them."""
    key = f"{shop.pictures.digest}\t{shop.settings.size}\t{shop.visits.digest()}\t{source}"
    features = cached_features(part, inputs, len(shop.visits.rows), key, shop.cache, shop.console)
    seconds = shop.run.metrics().get(FEATURES, {}) | {part.name: seconds_spent(features)}
    shop.run.add_metrics(FEATURES, seconds)
    return features
