"""How a crawl goes: what was got, what failed, and when that is too much."""

from __future__ import annotations

from dataclasses import dataclass, field

EARLY_FAILURES = 8  # so many failures, and more of them than successes, are enough to give up before the end
FAILURES_KEPT = 20


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

    `failures` are sentences, the first few.
    """

    listing_pages: int = 0
    known: int = 0
    announced: int = 0
    duplicates: int = 0
    products: Tally = field(default_factory=Tally)
    pictures: Tally = field(default_factory=Tally)
    failures: list[str] = field(default_factory=list)

    @property
    def expected(self) -> int:
        """How many products there will be, as far as anybody knows."""
        return max(self.known, self.announced - self.duplicates)

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
