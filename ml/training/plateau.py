"""What validation says from epoch to epoch: slower where it stands still, an end where it stays so, the best kept.

As Keras' ReduceLROnPlateau and EarlyStopping in "max" mode on validation accuracy; among epochs of the same accuracy
the one with the smaller loss is the better one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

PATIENCE = 3
SLOWER = 0.3
"""By this the learning rate is multiplied after PATIENCE epochs without progress."""

SMALLEST_SHARE = 0.001


@dataclass
class Watch:
    """The policy (`slows`, and `early_stop` epochs of patience, 0 for endless) and what was seen so far."""

    slows: bool = False
    early_stop: int = 0
    best_accuracy: float = -1.0
    best_loss: float = 0.0
    stale_epochs: int = 0
    epochs_at_this_rate: int = 0
    rate_share: float = 1.0

    @property
    def ended(self) -> bool:
        """Whether patience is over."""
        return bool(self.early_stop) and self.stale_epochs >= self.early_stop

    @property
    def keeps_best(self) -> bool:
        """Whether the best epoch's weights are to be taken in the end, not the last one's."""
        return self.slows or bool(self.early_stop)

    def see(self, accuracy: float, loss: float) -> bool:
        """Take note of an epoch; whether it is the best so far."""
        better = (accuracy, -loss) > (self.best_accuracy, -self.best_loss)
        if better:
            self.best_accuracy, self.best_loss = accuracy, loss
            self.stale_epochs = self.epochs_at_this_rate = 0
            return True
        self.stale_epochs += 1
        self.epochs_at_this_rate += 1
        if self.slows and self.epochs_at_this_rate >= PATIENCE:
            self.rate_share = max(SMALLEST_SHARE, self.rate_share * SLOWER)
            self.epochs_at_this_rate = 0
        return False

    def resume(self, seen: Mapping[str, Any]) -> None:
        """Go on from what `asdict` gave before."""
        for name in asdict(self):
            setattr(self, name, seen.get(name, getattr(self, name)))
