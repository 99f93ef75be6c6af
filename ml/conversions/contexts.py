"""What a picture is sent in: campaign type, industry and sneaker type, each from a list that never changes its order.

The places in these lists are the categories that models are trained on, so that a new value goes to a list's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.conversions.targets import UnknownNameError

CAMPAIGN_TYPES = (
    *("abandoned cart", "newsletter", "promotional", "survey", "transactional", "webinar", "engagement"),
    *("review request", "product announcement"),
)
INDUSTRIES = (
    *("automotive", "industrial", "real estate", "transportation and logistics", "finance and banking"),
    *("professional and business services", "manufacturing", "film and motion picture", "retail"),
    *("software and technology", "hospitality", "healthcare", "academic and education"),
)
SNEAKER_TYPES = (
    *("running", "basketball", "skate", "lifestyle", "court", "trail", "slip-on", "chunky", "high-top", "boot"),
)
RECOGNISED_AUGMENTS = ("original", "brighter", "darker", "rotate", "sketch", "swivel")
"""The classes of the augment recogniser, in the order of its probabilities."""

CONTEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "campaign_type": CAMPAIGN_TYPES,
    "industry": INDUSTRIES,
    "sneaker_type": SNEAKER_TYPES,
}
_TYPE_OF_CATEGORY: Mapping[str, str] = {
    "runner": "running",
    "running": "running",
    "basketball": "basketball",
    "high": "high-top",
    "mid": "basketball",
    "skate": "skate",
    "low": "lifestyle",
    "lifestyle": "lifestyle",
    "casual": "lifestyle",
    "court": "court",
    "tennis": "court",
    "trail": "trail",
    "slip-on": "slip-on",
    "chunky": "chunky",
    "boot": "boot",
}


@dataclass(frozen=True)
class Context:
    """The kind of e-mail that a picture goes into. Raises UnknownNameError where a value is not in its list."""

    campaign_type: str
    industry: str
    sneaker_type: str

    def __post_init__(self) -> None:
        self.codes()

    def codes(self) -> tuple[int, int, int]:
        """The places of the three values in their lists."""
        campaign_type, industry, sneaker_type = (code_of(name, getattr(self, name)) for name in CONTEXT_FIELDS)
        return campaign_type, industry, sneaker_type


def code_of(field: str, value: str) -> int:
    """The place of a value in the list of `field`, whatever its case; raises UnknownNameError with the allowed ones."""
    allowed = CONTEXT_FIELDS[field]
    wanted = value.strip().lower().replace("_", " ")
    names = {name.replace("-", " "): place for place, name in enumerate(allowed)}
    if wanted.replace("-", " ") not in names:
        words = field.replace("_", " ")
        raise UnknownNameError(f"there is no {words} {value!r}: choose one of {', '.join(allowed)}")
    return names[wanted.replace("-", " ")]


def sneaker_type_of(category: str) -> str:
    """The sneaker type that a catalogue's category stands for; lifestyle where the category says nothing else."""
    return _TYPE_OF_CATEGORY.get(category.strip().lower(), "lifestyle")
