"""How a crawl goes: what was got, what failed, and when that is too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from scraper.listing import Listing
from scraper.traffic import HostTraffic

EARLY_FAILURES = 8  # so many failures, and more of them than successes, are enough to give up before the end
FAILURES_KEPT = 20
COVERED = ("brand", "name", "colorway", "gender", "category", "price", "picture", "angle")


@dataclass
class Tally:
    """How many of something were got, failed, or are not there (answered 404 or 410)."""

    got: int = 0
    failed: int = 0
    missing: int = 0

    @property
    def tried(self) -> int:
        """All of them."""
        return self.got + self.failed + self.missing

    def is_hopeless(self, most_failed: float, most_missing: float) -> bool:
        """Whether more than these shares failed or are missing; a single one never decides."""
        return self.failed > max(1.0, most_failed * self.tried) or self.missing > max(1.0, most_missing * self.tried)

    def is_hopeless_early(self) -> bool:
        """Whether it is so bad already that the rest need not be tried."""
        return self.failed >= EARLY_FAILURES and self.failed > self.got + self.missing


@dataclass(frozen=True)
class Tolerance:
    """The shares of products and of pictures above which a crawl counts as failed.

    A shop that says 404 to a picture knows its own mind; one that says 500 or nothing does not. So more may be missing
    than may fail.
    """

    failed: float = 0.10
    missing_pictures: float = 0.50


@dataclass
class CrawlStats:
    """How far a crawl is: `known` products so far, of as many as the shop has `announced`, if it has.

    `failures` are sentences, the first few. `filled` counts the listings that say something of each field of COVERED
    ("unisex" counts as no gender: it is what we write where a shop says none). `hosts` is what the fetcher knows of
    each host.
    """

    listing_pages: int = 0
    known: int = 0
    announced: int = 0
    duplicates: int = 0
    products: Tally = field(default_factory=Tally)
    pictures: Tally = field(default_factory=Tally)
    failures: list[str] = field(default_factory=list)
    filled: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COVERED, 0))
    hosts: Mapping[str, HostTraffic] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """How many products there will be, as far as anybody knows."""
        return max(self.known, self.announced - self.duplicates)

    @property
    def coverage(self) -> dict[str, float]:
        """The share of the listings so far that say something of a field, by the names of COVERED; 0 without any."""
        return {name: count / max(1, self.products.got) for name, count in self.filled.items()}

    def count(self, listing: Listing) -> None:
        """Note a listing, and what it says."""
        self.products.got += 1
        said = {
            "brand": listing.brand,
            "name": listing.name,
            "colorway": listing.colorway,
            "gender": listing.gender != "unisex",
            "category": listing.category,
            "price": listing.price_cents is not None,
            "picture": listing.images,
            "angle": any(image.angle_deg is not None for image in listing.images),
        }
        for name in COVERED:
            self.filled[name] += bool(said[name])

    def as_facts(self) -> dict[str, Any]:
        """All of it, ready for JSON: the counts, the first failures, the shares of COVERED, the traffic by host,
        answers by status of all hosts, when the last of them may be asked again, and until when one of them has asked
        to be left alone (ISO 8601, or None)."""
        counts = {
            name: getattr(self, name) for name in ("listing_pages", "known", "announced", "expected", "duplicates")
        }
        hosts = {host: traffic.as_facts() for host, traffic in sorted(self.hosts.items())}
        return counts | {
            "products": asdict(self.products),
            "pictures": asdict(self.pictures),
            "summary": self.summary(),
            "failures": list(self.failures),
            "coverage": {name: round(share, 4) for name, share in self.coverage.items()},
            "hosts": hosts,
            "statuses": dict(sum((Counter(traffic["statuses"]) for traffic in hosts.values()), Counter())),
            **{name: _latest(hosts.values(), name) for name in ("next_request_at", "asked_to_wait_until")},
        }

    def note(self, sentence: str) -> None:
        """Keep a failure's sentence, if there is room."""
        if len(self.failures) < FAILURES_KEPT:
            self.failures.append(sentence)

    def is_hopeless(self, tolerance: Tolerance) -> bool:
        """Whether, at the end, too much has failed."""
        return self.products.is_hopeless(tolerance.failed, tolerance.failed) or self.pictures.is_hopeless(
            tolerance.failed, tolerance.missing_pictures
        )

    def is_hopeless_early(self) -> bool:
        """Whether, half way, going on makes no sense."""
        return self.products.is_hopeless_early() or self.pictures.is_hopeless_early()

    def summary(self) -> str:
        """The numbers in a line: "120 products, 1 failed; 4320 pictures, 2 failed, 3 not there"."""
        products, pictures = self.products, self.pictures
        return (
            f"{products.got} products, {products.failed} failed; "
            f"{pictures.got} pictures, {pictures.failed} failed, {pictures.missing} not there"
        )


def _latest(hosts: Iterable[Mapping[str, Any]], name: str) -> str | None:
    return max((traffic[name] or "" for traffic in hosts), default="") or None
