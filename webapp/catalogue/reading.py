"""One reading of a shop, from its first page to the catalogue.

What is read is staged beside the catalogue and merged in one transaction, or kept as suspect until an admin decides.
Only the demo shop fills an empty catalogue while it is read, so that a newcomer sees something at once: there is
nothing yet that it could spoil, and what it has filled is taken out again where it fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import update

from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher, Manners
from scraper.journal import Journal, JournalError
from scraper.listing import Listing
from scraper.pictures import remove_others
from scraper.sites import SITES
from scraper.tally import CrawlStats
from webapp.catalogue.decisions import give_way
from webapp.catalogue.embed import NothingToEmbedWithError, embed_missing
from webapp.catalogue.filling import may_fill, publish_filled
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.merging import merge_run
from webapp.catalogue.plausible import doubts_about
from webapp.catalogue.run_models import ScrapeRun, Shop
from webapp.catalogue.runs import end, usual_listings
from webapp.catalogue.shops import stands_near
from webapp.catalogue.staging import stage, unstage
from webapp.catalogue.taking_out import take_out
from webapp.database import db, now, write_transaction
from webapp.image_store import current_images
from webapp.jobs.progress import JobCancelled, Progress
from webapp.jobs.runner import JobFailed
from webapp.settings import current_settings

AS_IT_WAS = "The catalogue is as it was."


@dataclass
class Reading:
    """One reading of a shop: what it says about itself, and what came of it. `fills` if it fills an empty catalogue
    while it goes on."""

    shop: Shop
    run: ScrapeRun
    progress: Progress
    folder: Path
    stats: CrawlStats = field(default_factory=CrawlStats)
    intake: Intake = field(default_factory=Intake)
    embedded: int = 0

    def __post_init__(self) -> None:
        self.site, self.run_id, self.parser = self.shop.site, self.run.id, SITES[self.shop.reader]
        self.fills = may_fill(self.site)

    def read(self, start_urls: tuple[str, ...]) -> dict[str, Any]:
        """Read, judge, and publish or keep as suspect; the counts of what came. Raises JobFailed."""
        try:
            self._read(start_urls)
        except JobCancelled:
            kept = "What was read stays; the next run goes on." if self.fills else AS_IT_WAS
            self._give_up("cancelled", f"Stopped, because somebody asked for it. {kept}")
            raise
        except (CrawlError, JournalError) as error:
            self._give_up("failed", f"{error} {AS_IT_WAS}")
            raise JobFailed(f"{error} {AS_IT_WAS}") from error
        except Exception as error:
            self._give_up("failed", f"It broke off: {error}. {AS_IT_WAS}")
            raise
        return {**self.run.counts(), "embedded": self.embedded, "run": self.run_id}

    def _read(self, start_urls: tuple[str, ...]) -> None:
        contact, manners = current_settings().contact, Manners(delay_s=self.parser.delay_s)
        with (
            Journal(self.folder / "journal", json.dumps([self.site, start_urls])) as journal,
            Fetcher(manners, journal=journal, contact=contact) as fetcher,
        ):
            self._keep(self._listings(fetcher, start_urls))
            for sentence in [*self.stats.failures, *self.intake.sentences]:
                self.progress.log(sentence)
            self._judge()
            journal.finish()
            remove_others(self.folder / "images", lambda sha256: journal.body_path(sha256).is_file())

    def _listings(self, fetcher: Fetcher, start_urls: tuple[str, ...]) -> Iterator[Listing]:
        """What the shop shows, under the shop's own name: one parser may read several shops."""
        pictures = self.folder / "images"
        crawled = crawl(
            self.parser,
            fetcher,
            start_urls=start_urls,
            images_folder=pictures,
            progress=self._note,
            stats=self.stats,
            confirmed=self.shop.is_confirmed,
            trust_starts=stands_near(self.site),
        )
        for listing in crawled:
            yield listing if listing.site == self.site else replace(listing, site=self.site)

    def _keep(self, listings: Iterator[Listing]) -> None:
        """Stage the listings, or fill the catalogue with them one by one."""
        if not self.fills:
            return stage(self.run_id, listings, self.folder, current_images(), self.intake)
        store, taken = current_images(), 0

        def embed(intake: Intake) -> None:
            nonlocal taken
            self.intake = intake
            self._embed(intake.product_ids[taken:])
            taken = len(intake.product_ids)

        self.intake = take_in(listings, self.folder, store, chunk=1, progress=embed, run_id=self.run_id)
        return None

    def _judge(self) -> None:
        """Publish what was read if it is plausible; say why not else."""
        doubts = doubts_about(self.intake.totals, usual_listings(self.run))
        with write_transaction() as session:
            values = {**self._numbers(), "read_at": now()}
            session.execute(update(ScrapeRun).where(ScrapeRun.id == self.run_id).values(**values))
        if doubts and self.fills:
            raise CrawlError(" ".join(doubts))
        if doubts:
            with write_transaction():
                give_way(self.run)
                end(self.run_id, "suspect", f"{' '.join(doubts)} {AS_IT_WAS}")
            self._tell(f"{self.site} was read, but it is suspect. {' '.join(doubts)} {AS_IT_WAS} An admin decides.")
        else:
            self._publish()

    def _publish(self) -> None:
        product_ids: list[int] = []
        with write_transaction():
            give_way(self.run)
            if self.fills:
                publish_filled(self.run)
                message = f"The catalogue is filled: {self.intake.taken:,} products"
            else:
                product_ids = merge_run(self.run)
                retired = f", {self.run.retired:,} retired" if self.run.retired else ""
                changes = f"{self.run.new:,} new, {self.run.changed:,} changed{retired}"
                message = f"{self.site} has been read: {self.intake.seen:,} products, {changes}"
            self.run.why = f"{message}."
        self._embed(product_ids)
        pictures = f", {self.embedded:,} pictures embedded" if self.embedded else ""
        self._tell(f"{message}{pictures}.")

    def _give_up(self, state: str, why: str) -> None:
        """Leave the catalogue as it was; a filling that somebody stopped is kept, and goes on with the next run. What
        has been published stays so, whatever happens afterwards."""
        db.session.rollback()
        if self.run.state != "running":
            return
        if self.fills and state == "failed":
            take_out(self.site)
        unstage(self.run_id)
        end(self.run_id, state, why, self._numbers())

    def _numbers(self) -> dict[str, Any]:
        """What came of it so far, by column of the run."""
        failed = self.stats.products.failed + self.stats.pictures.failed + self.stats.pictures.missing
        return {
            "pages": self.stats.listing_pages,
            "listings": self.intake.seen,
            "errors": self.intake.errors + failed,
            "pictures_tried": self.intake.pictures_tried,
            "pictures_valid": self.intake.pictures_valid,
            "coverage": self.intake.coverage,
            "crawl": self.stats.as_facts(),
        } | ({"new": self.intake.new} if self.fills else {})

    def _note(self, stats: CrawlStats) -> None:
        """Tell how far the crawl is, also while the shop lets us wait; JobCancelled comes out of here where somebody
        wants it to stop."""
        done = self.intake.taken if self.fills else stats.products.got
        verb = "Filling the catalogue" if self.fills else f"Reading {self.site}"
        known = f" of {stats.expected}" if stats.expected else ""
        self.progress.report(done, stats.expected, f"{verb}: {done}{known} products")

    def _tell(self, message: str) -> None:
        total = self.intake.seen
        self.progress.report(total, total, message, at_once=True)

    def _embed(self, product_ids: list[int]) -> None:
        """Embed the pictures of new products, so that photos find them."""
        recognition = current_app.extensions["recognition"]
        if not self.embedded:
            recognition.refresh()

        def tell(done: int, total: int) -> None:
            if not self.fills:
                self.progress.report(done, total, f"Looking at what is new: {done:,} of {total:,} products")

        try:
            self.embedded += embed_missing(recognition, current_images(), product_ids, progress=tell)
        except NothingToEmbedWithError as error:
            if not self.progress.lines:
                self.progress.log(str(error))
