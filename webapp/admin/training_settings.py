"""What may be chosen about a training that is started from the desk or the API, and whether it can be.

The site knows no networks: what stands here is checked against the trainer's own table by a test.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NETWORKS = (
    "mobilenetv2",
    "vgg16",
    "vgg16-dense",
    "resnet18",
    "resnet34",
    "resnet50",
    "benchmark-cnn",
    "fashion-cnn",
)
STARTS = ("none", "imagenet")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TAKEN = frozenset({"compare", "cache"})


class TrainingError(ValueError):
    """A training that cannot be started. The message is a sentence; `field` names what it is about."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Number:
    """A setting that is a number: whole where `whole`, between `least` and `most`; left out it is the usual one."""

    name: str
    title: str
    least: float
    most: float
    whole: bool = True
    note: str = ""


NUMBERS = (
    Number("top_epochs", "Epochs of the top model", 1, 500, note="usually 30"),
    Number("fine_epochs", "Epochs of fine-tuning", 0, 500, note="usually 15; 0 for none"),
    Number("size", "Side of the pictures, pixels", 32, 512, note="usually the network's own"),
    Number("batch_size", "Pictures in a batch", 1, 512, note="usually 64"),
    Number("variants", "Augmented versions of each picture", 1, 32, note="usually 6"),
    Number("top_rate", "Learning rate of the top model", 1e-7, 1, whole=False),
    Number("fine_rate", "Learning rate of fine-tuning", 1e-7, 1, whole=False),
    Number("dropout", "Dropout", 0, 0.95, whole=False),
    Number("label_smoothing", "Label smoothing", 0, 0.5, whole=False, note="usually 0.05"),
    Number("oversample", "Repeat rare labels up to this share of the largest", 0, 1, whole=False),
    Number("early_stop", "Stop after so many epochs without progress", 0, 500, note="0 for never"),
    Number("seed", "Seed", 0, 2**31 - 1, note="usually 0"),
)
NAMES = ("name", "network", "weights", *(number.name for number in NUMBERS))


def chosen_settings(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, checked: `name` where there is one, `network`, and whatever differs from the usual.

    Values may be numbers or text, as JSON and forms send them. Raises TrainingError.
    """
    unknown = sorted(str(name)[:60] for name in sent if name not in NAMES)
    if unknown:
        raise TrainingError(unknown[0], f"There is no setting {unknown[0]!r}. There are {', '.join(NAMES)}.")
    chosen: dict[str, Any] = {"network": _one_of("network", sent.get("network") or NETWORKS[0], NETWORKS)}
    if sent.get("weights"):
        chosen["weights"] = _one_of("weights", sent["weights"], STARTS)
    if sent.get("name"):
        chosen["name"] = _name(sent["name"])
    numbers = {number.name: _number(number, sent.get(number.name)) for number in NUMBERS}
    return chosen | {name: value for name, value in numbers.items() if value is not None}


def _one_of(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise TrainingError(field, f"{field} is one of {', '.join(allowed)}.")
    return str(value)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value.strip()) or value.strip() in _TAKEN:
        raise TrainingError("name", "A training's name has 1 to 60 small letters, digits and hyphens.")
    return value.strip()


def _number(number: Number, value: Any) -> float | int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    read = _read(value)
    if read is None or not number.least <= read <= number.most or (number.whole and read != int(read)):
        kind = "a whole number" if number.whole else "a number"
        raise TrainingError(number.name, f"{number.title}: {kind} from {number.least:g} to {number.most:g}.")
    return int(read) if number.whole else read


def _read(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 40:
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None
