"""The job "scrape": read a shop into the catalogue, and embed what came.

A shop that is new fills the catalogue while it is read, so that there is something to see. One that is in the catalogue
already is read to its end first: a shop that fails leaves the catalogue as it was. So does a new one that fails, for
what it has filled is taken out again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, exists, func, select, update

from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher, Manners
from scraper.journal import Journal, JournalError
from scraper.listing import Listing, read_listings, write_listings
from scraper.sites import SITES, Site
from scraper.tally import CrawlStats
from webapp.catalogue.embed import NothingToEmbedWithError, embed_missing
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.known_models import list_known_models
from webapp.catalogue.models import CatalogueState, Product
from webapp.database import db, write_transaction
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.queue import current_jobs, last_job
from webapp.jobs.runner import JobFailed
from webapp.settings import current_settings

KIND = "scrape"
_CHUNK = 1  # so that shoes appear one by one while a catalogue fills


class UnknownSiteError(ValueError):
    """A shop that we cannot read. The message names those we can."""


def enqueue_scrape(site: str, start_urls: tuple[str, ...] = ()) -> Job:
    """Have the worker read a shop; raises UnknownSiteError."""
    if site not in SITES:
        raise UnknownSiteError(f"There is no shop {site!r}. Those that we can read: {', '.join(sorted(SITES))}.")
    options = {"site": site, "start_urls": list(start_urls), "is_new": _is_new(site)}
    return current_jobs().enqueue(KIND, options, f"Waiting to read {site}.")


def is_done(site: str) -> bool:
    """Whether the newest reading of this shop succeeded."""
    job = last_job(KIND, site=site)
    return job is not None and job.state == "succeeded"


def scrape(progress: Progress) -> dict[str, Any]:
    """Read a shop into the catalogue; the counts of what came. Raises JobFailed where the shop fails."""
    site = SITES[progress.options["site"]]
    start_urls = tuple(progress.options["start_urls"]) or site.start_urls
    run = _Run(site, progress, is_new=bool(progress.options["is_new"]))
    folder = current_settings().instance / "scrapes" / site.name
    manners = Manners(delay_s=site.delay_s)
    contact = os.environ.get("SOLESCOPE_CONTACT", "")
    try:
        with (
            Journal(folder / "journal", json.dumps([site.name, start_urls])) as journal,
            Fetcher(manners, journal=journal, contact=contact) as fetcher,
        ):
            listings = crawl(
                site,
                fetcher,
                start_urls=start_urls,
                images_folder=folder / "images",
                progress=run.note,
                stats=run.stats,
            )
            run.take(listings if run.is_new else _staged(listings, folder / "listings.jsonl"), folder)
            journal.finish()
    except (CrawlError, JournalError) as error:
        if run.is_new:
            _take_out(site.name)
        raise JobFailed(f"{error} The catalogue is as it was.") from error
    return run.counts()


@dataclass
class _Run:
    """One reading of a shop: what it says about itself, and what came of it."""

    site: Site
    progress: Progress
    is_new: bool
    stats: CrawlStats = field(default_factory=CrawlStats)
    intake: Intake = field(default_factory=Intake)
    embedded: int = 0
    _embedder: Any = None

    def note(self, stats: CrawlStats) -> None:
        """Tell how far the crawl is; JobCancelled comes out of here where somebody wants it to stop."""
        done = self.intake.taken if self.is_new else stats.products.got
        verb = "Filling the catalogue" if self.is_new else f"Reading {self.site.name}"
        known = f" of {stats.expected}" if stats.expected else ""
        self.progress.report(done, stats.expected, f"{verb}: {done}{known} products")

    def take(self, listings: Iterable[Listing], folder: Path) -> None:
        """Make products of listings, and embed their pictures as they come."""
        chunk = _CHUNK if self.is_new else 100
        self.intake = take_in(listings, folder, current_images(), chunk=chunk, progress=self._taken)
        for sentence in [*self.stats.failures, *self.intake.sentences]:
            self.progress.log(sentence)
        total = self.intake.taken
        if self.is_new:
            message = f"The catalogue is filled: {total:,} products"
        else:
            changes = f"{self.intake.new:,} new, {self.intake.changed:,} changed"
            message = f"{self.site.name} has been read: {total:,} products, {changes}"
        pictures = f", {self.embedded:,} pictures embedded" if self.embedded else ""
        self.progress.report(total, total, f"{message}{pictures}.", at_once=True)

    def counts(self) -> dict[str, int]:
        """What came of it, by the names of the API."""
        read = {"pages": self.stats.listing_pages, "listings": self.stats.products.got, "retired": 0}
        failed = self.stats.products.failed + self.stats.pictures.failed + self.stats.pictures.missing
        return read | self.intake.counts() | {"errors": self.intake.errors + failed, "embedded": self.embedded}

    def _taken(self, intake: Intake) -> None:
        fresh = intake.product_ids[len(self.intake.product_ids) :]
        self.intake = Intake(**{**vars(intake), "product_ids": list(intake.product_ids)})
        self._embed(fresh)
        self.note(self.stats)

    def _embed(self, product_ids: list[int]) -> None:
        if self._embedder is None:
            self._embedder = current_app.extensions["recognition"]
            self._embedder.refresh()
        try:
            self.embedded += embed_missing(self._embedder, current_images(), product_ids)
        except NothingToEmbedWithError as error:
            if not self.progress.lines:
                self.progress.log(str(error))


def _is_new(site: str) -> bool:
    """Whether this shop's products are not in the catalogue, or only what a first reading left that never ended."""
    last = last_job(KIND, site=site)
    if last is not None and last.state != "succeeded" and last.options.get("is_new"):
        return True
    return not db.session.scalar(select(exists().where(Product.site == site)))


def _take_out(site: str) -> None:
    """Take a shop's products out again. A known model that had become one of them waits for a shop again, under the id
    that answers link to."""
    recognition = current_app.extensions["recognition"]
    recognition.refresh()
    with write_transaction() as session:
        first = select(Product.label, func.min(Product.id)).where(Product.site == site).group_by(Product.label)
        ids = {label: product_id for label, product_id in session.execute(first)}  # noqa: C416 (rows are no pairs)
        session.execute(delete(Product).where(Product.site == site))
        counts = {"products": CatalogueState.products + 1, "embeddings": CatalogueState.embeddings + 1}
        session.execute(update(CatalogueState).values(**counts))
        if recognition.bundle is not None:
            list_known_models(recognition.bundle.card, ids)


def _staged(listings: Iterable[Listing], file: Path) -> Iterator[Listing]:
    """The listings, once all of them have been read."""
    write_listings(file, listings)
    yield from read_listings(file)
