"""What a run would change, or has changed: new products, changed fields, price jumps, missing products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.catalogue.run_models import ScrapeRun


@dataclass(frozen=True)
class Difference:
    """One product's part: `kind` is new, changed, returned or missing. `changes` maps a field to what it was and is;
    pictures are the SHA-256 of the first one before and after, for thumbnails."""

    kind: str
    style_code: str
    title: str
    product_id: int | None
    changes: Mapping[str, tuple[Any, Any]]
    picture_before: str | None
    picture_after: str | None
    price_jump: float | None = None


@dataclass(frozen=True)
class Differences:
    """The first differences of each kind, and how many there are in all; `price_jumps` are the largest."""

    new: list[Difference]
    changed: list[Difference]
    price_jumps: list[Difference]
    missing: list[Difference]
    counts: Mapping[str, int]
    changed_fields: Mapping[str, int]


def differences(run: ScrapeRun, most: int = 50) -> Differences:
    """What publishing a suspect run would change, or what one that was published has changed; at most `most` of each
    kind. Empty for other runs."""
    raise NotImplementedError
