"""The optimisers that can be chosen, and what is usual for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Optimizer:
    """Weight decay (decoupled), momentum (None where there is no such thing), and learning rates.

    `rate` is for weights that begin with nothing, `fine_tuning_rate` for those that know something.
    """

    name: str
    weight_decay: float
    momentum: float | None
    rate: float
    fine_tuning_rate: float


OPTIMIZERS = (
    Optimizer("sgd", weight_decay=5e-4, momentum=0.9, rate=0.02, fine_tuning_rate=0.002),
    Optimizer("adam", weight_decay=0.0, momentum=None, rate=0.001, fine_tuning_rate=0.0003),
    Optimizer("rmsprop", weight_decay=0.0, momentum=0.0, rate=0.001, fine_tuning_rate=0.0003),
    Optimizer("adamw", weight_decay=0.02, momentum=None, rate=0.001, fine_tuning_rate=0.0003),
)


def optimizer_named(name: str) -> Optimizer:
    """The row of an optimiser. Raises ValueError, with all names, where there is none."""
    found = next((optimizer for optimizer in OPTIMIZERS if optimizer.name == name), None)
    if not found:
        names = ", ".join(optimizer.name for optimizer in OPTIMIZERS)
        raise ValueError(f"there is no optimiser {name!r}: choose {names}")
    return found
