"""How many products there are of each brand, gender and category: the numbers beside the filters."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app

FILTERS = ("brand", "gender", "category")
_KEPT = 128


@dataclass(frozen=True)
class Facets:
    """Products counted by (brand, gender, category): a few hundred numbers that answer for any choice of filters."""

    cube: Counter[tuple[str, str, str]]

    def total(self, chosen: Mapping[str, str]) -> int:
        """How many products all chosen filters leave; an empty choice filters nothing."""
        wanted = tuple(chosen[name] for name in FILTERS)
        return sum(number for kind, number in self.cube.items() if _fits(kind, wanted))

    def counts(self, chosen: Mapping[str, str]) -> dict[str, dict[str, int]]:
        """For each filter, how many products each of its values would leave beside the other filters, most first."""
        counts: dict[str, dict[str, int]] = {}
        for place, name in enumerate(FILTERS):
            wanted = tuple("" if other == name else chosen[other] for other in FILTERS)
            counted: Counter[str] = Counter()
            for kind, number in self.cube.items():
                if kind[place] and _fits(kind, wanted):
                    counted[kind[place]] += number
            counts[name] = dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].casefold())))
        return counts


class KeptFacets:
    """The facets of recent searches, each good until the catalogue changes. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], Facets] = OrderedDict()

    def get(self, revision: int, query: str, count: Callable[[], Facets]) -> Facets:
        """The facets of `query` in this revision of the catalogue, counted only where they are not known."""
        key = (revision, query)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        facets = count()
        with self._lock:
            self._kept[key] = facets
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return facets


def kept_facets() -> KeptFacets:
    """The facets that the app at work keeps."""
    kept: KeptFacets = current_app.extensions["kept_facets"]
    return kept


def _fits(kind: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return all(not want or have == want for have, want in zip(kind, wanted, strict=True))
