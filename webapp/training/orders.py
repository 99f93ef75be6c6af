"""What may be asked of a training: every option by its name, what it may be, and how `python -m ml` calls it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.training.checks import Check, matching, one_of, share, whole, yes_or_no

NETWORKS = (
    *("vgg16", "vgg16-dense", "benchmark-cnn", "fashion-cnn"),
    *("resnet18", "resnet34", "resnet50", "mobilenetv2"),
)
OPTIMIZERS = ("sgd", "adam", "rmsprop", "adamw")
CATALOGUE = "catalogue"
"""The pictures that the catalogue has at that moment, as a snapshot."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


class OrderError(ValueError):
    """Something that may not be asked. The message names it and says what may."""


SPLIT = matching(r"fold:[1-5]|\d\d?/\d\d?(/\d\d?)?", "80/20, 72/18/10, or fold:1 to fold:5")
PLACE = matching(_NAME, f"{CATALOGUE}, or the name of a folder of pictures")
WEIGHTS = matching(_NAME, "imagenet, none, or the name of a weight file")

LEARNING: Mapping[str, tuple[str, Check]] = {
    "split": ("--split", SPLIT),
    "seed": ("--seed", whole(0, 2**31 - 1)),
    "minimum": ("--minimum", whole(1, 1000)),
    "size": ("--size", whole(32, 512)),
    "dimensions": ("--dimensions", whole(8, 4096)),
    "batch_size": ("--batch", whole(1, 512)),
    "variants": ("--variants", whole(1, 50)),
    "augmentation": ("--no-augmentation", yes_or_no),
    "oversample": ("--oversample", share(0, 1)),
    "class_weights": ("--class-weights", yes_or_no),
    "top_epochs": ("--epochs-top", whole(1, 1000)),
    "top_optimizer": ("--optimizer-top", one_of(*OPTIMIZERS)),
    "top_rate": ("--rate-top", share(1e-7, 1)),
    "fine_epochs": ("--epochs-fine", whole(0, 1000)),
    "fine_optimizer": ("--optimizer-fine", one_of(*OPTIMIZERS)),
    "fine_rate": ("--rate-fine", share(1e-8, 1)),
    "weight_decay": ("--weight-decay", share(0, 1)),
    "momentum": ("--momentum", share(0, 0.999)),
    "schedule": ("--schedule", one_of("cosine", "plateau")),
    "early_stop": ("--early-stop", whole(0, 1000)),
    "label_smoothing": ("--label-smoothing", share(0, 0.5)),
    "dropout": ("--dropout", share(0, 0.9)),
}
TRAINING = {
    "pictures": ("", PLACE),
    "network": ("--network", one_of(*NETWORKS)),
    "weights": ("--weights", WEIGHTS),
    "frozen": ("--frozen", whole(0, 500)),
    "augments": ("--augments", whole(0, 100_000)),
    **LEARNING,
}
TUNING = {
    "pictures": ("", PLACE),
    "network": ("--networks", one_of(*NETWORKS)),
    "weights": ("--weights", WEIGHTS),
    "trials": ("--trials", whole(1, 1000)),
    "sampler": ("--sampler", one_of("tpe", "random", "gp")),
    "objective": ("--objective", one_of("log-loss", "accuracy")),
    "fine_tune": ("--fine-tune", yes_or_no),
    **LEARNING,
}
EVALUATION = {
    "bundle": ("", matching(r"[^/\0]{1,200}", "the id of a bundle")),
    "pictures": ("", PLACE),
    "split": ("--split", one_of("train", "validation", "test", "all")),
}
ORDERS: Mapping[str, Mapping[str, tuple[str, Check]]] = {"train": TRAINING, "tune": TUNING, "evaluate": EVALUATION}
USUAL: Mapping[str, Mapping[str, Any]] = {
    "train": {"pictures": CATALOGUE, "network": "vgg16", "augments": 2000},
    "tune": {"pictures": CATALOGUE, "network": "vgg16"},
    "evaluate": {"pictures": CATALOGUE, "split": "all"},
}


def order_of(kind: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a job of this kind, checked; what is empty or left out is as usual. Raises OrderError."""
    allowed = ORDERS[kind]
    if unknown := sorted(set(sent) - set(allowed)):
        raise OrderError(f"There is no option {unknown[0][:60]!r}. Those that there are: {', '.join(allowed)}.")
    order = dict(USUAL[kind])
    for name, value in sent.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            order[name] = allowed[name][1](value.strip() if isinstance(value, str) else value)
        except (ValueError, TypeError) as error:
            raise OrderError(f"{name} must be {error}, not {str(value)[:60]!r}.") from error
    if kind == "evaluate" and "bundle" not in order:
        raise OrderError("Say which bundle is to be measured: bundle is missing.")
    return order


def arguments_of(kind: str, order: Mapping[str, Any]) -> list[str]:
    """How `python -m ml` is asked for it, but for pictures, bundle, weights and where to."""
    arguments: list[str] = []
    for name, (flag, _) in ORDERS[kind].items():
        if name not in order or not flag or name == "weights" or (name == "augments" and not order[name]):
            continue
        value = order[name]
        if not isinstance(value, bool):
            arguments += [flag, str(value)]
        elif value is not flag.startswith("--no-"):
            arguments.append(flag)
    return arguments
