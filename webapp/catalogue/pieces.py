"""Long sequences in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def slices(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`whole` in pieces of `size`; the last one may be shorter. SQL takes only so many parameters at once."""
    for start in range(0, len(whole), size):
        yield whole[start : start + size]
