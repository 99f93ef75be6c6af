"""What can be chosen about a training run, and what is usual where nothing is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ml.networks.build import check_fit
from ml.networks.table import network_named
from ml.training.optimizers import optimizer_named

SCHEDULES = ("cosine", "plateau")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class TrainSettings:
    """Every choice of a run; made by `choose_settings`.

    `weights` is "imagenet", the path of a weight file, or "none". `top_...` is about the top model on features of the
    whole trunk, `fine_...` about what follows: fine-tuning, or all of the training where a trunk begins with nothing.
    `weight_decay` and `momentum` None are the optimiser's usual ones. `early_stop` is the number of epochs without
    progress after which a step ends, 0 for never. `email_pipeline` varies training pictures as
    `ml.imaging.augments.email_pipeline` does, in place of our own augmentation. `augments` is the number of pictures
    that the second head learns from, 0 for none.
    """

    network: str
    weights: str
    size: int
    frozen: int
    variants: int
    augmentation: bool
    email_pipeline: bool
    top_optimizer: str
    top_epochs: int
    top_rate: float
    fine_optimizer: str
    fine_epochs: int
    fine_rate: float
    weight_decay: float | None
    momentum: float | None
    schedule: str
    early_stop: int
    batch_size: int
    label_smoothing: float
    dropout: float
    dimensions: int
    oversample: float
    class_weights: bool
    precision: str
    augments: int
    seed: int

    @property
    def is_end_to_end(self) -> bool:
        """Whether nothing is frozen, so that all layers learn from pictures; the input is a layer without weights."""
        return self.frozen <= 1

    @property
    def is_from_scratch(self) -> bool:
        """Whether the trunk begins with nothing: there are no features to put a top model on."""
        return self.is_end_to_end and self.weights == "none"


def choose_settings(network: str = "vgg16", **chosen: Any) -> TrainSettings:
    """The settings of a run: what is `chosen` and not None, and for the rest what is usual for the network.

    Raises ValueError, or WeightsError, with a sentence, where they cannot be; needs no TensorFlow.
    """
    row = network_named(network)
    usual: dict[str, Any] = {
        "weights": "none",
        "size": row.usual_size,
        "frozen": row.frozen,
        "variants": 6,
        "augmentation": True,
        "email_pipeline": False,
        "top_optimizer": "adamw",
        "top_epochs": 30,
        "top_rate": None,
        "fine_optimizer": row.optimizer,
        "fine_epochs": 15,
        "fine_rate": None,
        "weight_decay": None,
        "momentum": None,
        "schedule": SCHEDULES[0],
        "early_stop": 0,
        "batch_size": 64,
        "label_smoothing": 0.05,
        "dropout": row.dropout,
        "dimensions": row.embedding_width,
        "oversample": 0.0,
        "class_weights": False,
        "precision": PRECISIONS[0],
        "augments": 0,
        "seed": 0,
    }
    usual |= {name: choice for name, choice in chosen.items() if choice is not None}
    settings = TrainSettings(network=network, **_with_rates(usual))
    _check(settings)
    return settings


def changed(settings: TrainSettings, **choices: Any) -> TrainSettings:
    """The same run with other choices, checked."""
    return choose_settings(**{**asdict(settings), **choices})


def _with_rates(chosen: dict[str, Any]) -> dict[str, Any]:
    """The learning rates that nobody chose: what is usual for the optimiser and what it trains."""
    from_scratch = chosen["weights"] == "none" and chosen["frozen"] <= 1
    top, fine = optimizer_named(chosen["top_optimizer"]), optimizer_named(chosen["fine_optimizer"])
    usual = {"top_rate": top.rate, "fine_rate": fine.rate if from_scratch else fine.fine_tuning_rate}
    return chosen | {name: rate for name, rate in usual.items() if chosen[name] is None}


def _check(settings: TrainSettings) -> None:
    row = network_named(settings.network)
    check_fit(row, settings.size, settings.weights, settings.dimensions)
    if settings.schedule not in SCHEDULES:
        raise ValueError(f"the schedule is one of {', '.join(SCHEDULES)}, not {settings.schedule!r}")
    if settings.precision not in PRECISIONS:
        raise ValueError(f"the precision is one of {', '.join(PRECISIONS)}, not {settings.precision!r}")
    if settings.is_from_scratch and not settings.fine_epochs:
        raise ValueError(f"{row.title} from random weights learns in --epochs-fine alone: 0 of them train nothing")
    if settings.email_pipeline and not settings.augmentation:
        raise ValueError(
            "the e-mail pipeline is a way of augmentation: leave --email-pipeline or --no-augmentation out"
        )
    if settings.class_weights and settings.oversample:
        raise ValueError("oversampling and class weights both make up for rare labels: choose one of them")
    optimizers = (settings.top_optimizer, settings.fine_optimizer)
    if settings.momentum is not None and all(optimizer_named(name).momentum is None for name in optimizers):
        raise ValueError(f"neither optimiser ({', '.join(optimizers)}) has a momentum: leave --momentum out")
    _check_ranges(settings)


def _check_ranges(settings: TrainSettings) -> None:
    shares = {"label smoothing": settings.label_smoothing, "dropout": settings.dropout}
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"the {name} is at least 0 and less than 1, not {share}")
    if not 0 <= settings.oversample <= 1:
        raise ValueError(f"oversampling takes a share between 0 and 1, not {settings.oversample}")
    least = {
        "variants": 1,
        "batch_size": 1,
        "dimensions": 1,
        "top_epochs": 1,
        "fine_epochs": 0,
        "early_stop": 0,
        "augments": 0,
    }
    for name, smallest in least.items():
        if getattr(settings, name) < smallest:
            raise ValueError(f"{name.replace('_', ' ')} is at least {smallest}, not {getattr(settings, name)}")
    if not (settings.top_rate > 0 and settings.fine_rate > 0 and (settings.weight_decay or 0) >= 0):
        raise ValueError("learning rates are above 0, and weight decay is not below it")
    if settings.momentum is not None and not 0 <= settings.momentum < 1:
        raise ValueError(f"the momentum is at least 0 and less than 1, not {settings.momentum}")
