"""Who takes part in a comparison: a network, or one with variants: `mobilenetv2`, `resnet18+oversample`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.networks.table import network_named
from ml.training.settings import TrainSettings, choose_settings

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "bottleneck": {"fine_epochs": 0},
    "oversample": {"oversample": 1.0},
    "class-weights": {"class_weights": True},
    "no-augmentation": {"augmentation": False},
    "email-pipeline": {"email_pipeline": True},
    "no-smoothing": {"label_smoothing": 0.0},
    "plateau": {"schedule": "plateau"},
}
"""What a variant changes; several can be joined: `vgg16+bottleneck+oversample`."""


@dataclass(frozen=True)
class Contestant:
    """A name, which is also its run's folder, and the settings that it is trained with."""

    name: str
    settings: TrainSettings

    @property
    def title(self) -> str:
        """As it stands in the table: VGG16, bottleneck."""
        network, *variants = self.name.split("+")
        return ", ".join([network_named(network).title, *(variant.replace("-", " ") for variant in variants)])


def plan_contestants(names: Sequence[str], starts: Sequence[str], **learning: Any) -> tuple[Contestant, ...]:
    """The contestants by name; all share `learning`, and `starts` are starting weights as NETWORK=START.

    Raises ValueError or WeightsError where a name, a variant or a start is none, before anything is trained.
    """
    if not names:
        raise ValueError("--networks names what to compare: vgg16,mobilenetv2")
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"--networks names {', '.join(sorted(twice))} twice")
    weights = _read_starts(starts, {name.split("+")[0] for name in names})
    return tuple(_plan(name, weights, learning) for name in names)


def _plan(name: str, weights: Mapping[str, str], learning: Mapping[str, Any]) -> Contestant:
    network, *variants = name.split("+")
    for variant in variants:
        if variant not in VARIANTS:
            raise ValueError(f"there is no variant {variant!r} of a network: choose {', '.join(VARIANTS)}")
    changes = {choice: value for variant in variants for choice, value in VARIANTS[variant].items()}
    return Contestant(name, choose_settings(network, **{**learning, "weights": weights.get(network), **changes}))


def _read_starts(starts: Sequence[str], networks: set[str]) -> dict[str, str]:
    weights = {}
    for start in starts:
        network, _, place = start.partition("=")
        if not place or network not in networks:
            raise ValueError(f"--weights is NETWORK=START for one of {', '.join(sorted(networks))}, not {start!r}")
        weights[network] = place
    return weights
