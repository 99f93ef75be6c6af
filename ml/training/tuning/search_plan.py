"""From the options of the command to what is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ml.networks import vgg16
from ml.training.contestants import Contestant, plan_contestants
from ml.training.settings import changed
from ml.training.tuning.search_space import SearchSpace


def plan_search(
    networks: Sequence[str],
    starts: Sequence[str],
    *,
    fine_tune: bool = False,
    most_epochs: int | None = None,
    **learning: Any,
) -> SearchSpace:
    """What is searched around what is usual for the networks; what `learning` chooses is not searched.

    Raises ValueError or WeightsError where that cannot be; needs no TensorFlow.
    """
    stage = "fine" if fine_tune else "top"
    fixed = frozenset(name for name, choice in learning.items() if choice is not None)
    contestants = plan_contestants(networks, starts, **learning)
    for contestant in contestants:
        _check_stage(contestant, fine_tune)
    if not fine_tune and "fine_epochs" not in fixed:
        contestants = tuple(replace(one, settings=changed(one.settings, fine_epochs=0)) for one in contestants)
    if most_epochs is not None and most_epochs < 1:
        raise ValueError(f"--most-epochs is at least 1, not {most_epochs}")
    return SearchSpace(contestants, stage, fixed, most_epochs)


def _check_stage(contestant: Contestant, fine_tune: bool) -> None:
    settings = contestant.settings
    if not fine_tune and settings.is_from_scratch:
        raise ValueError(
            f"{contestant.title} begins with nothing, so there are no features to tune a top model on: "
            f"give --weights {contestant.name}=FILE, or --fine-tune for trials of the whole recipe"
        )
    if fine_tune and not settings.fine_epochs:
        raise ValueError("--fine-tune with --epochs-fine 0 leaves nothing to tune: leave one of them out")
    if fine_tune and settings.frozen >= vgg16.LAYERS:
        raise ValueError(f"{contestant.title} has all its layers frozen, nothing to tune: leave --fine-tune out")
