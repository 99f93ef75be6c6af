"""The job "scrape": read a shop, and publish what was read if it is plausible.

A shop is only read once an admin has confirmed that it may be. `reading.py` does it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.runs import UNFINISHED, begin, end, published_after, run_of_job
from webapp.catalogue.shops import ShopError, UnknownSiteError, refusal_of, set_start_urls, shop_of, start_urls_of
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import JobFailed
from webapp.settings import current_settings

__all__ = ["KIND", "NotAllowedError", "UnknownSiteError", "enqueue_scrape", "is_done", "scrape", "start_run"]

KIND = "scrape"


class NotAllowedError(ShopError):
    """A shop that nobody has confirmed, or that is switched off. The message says what to do."""


def start_run(site: str, person: User | None = None) -> ScrapeRun:
    """Have the worker read a shop; a run that waits or goes on already is returned instead.

    Raises UnknownSiteError, and NotAllowedError where nobody has confirmed that the shop may be scraped.
    """
    shop = shop_of(site)
    if refusal := refusal_of(shop):
        raise NotAllowedError(refusal)
    options = {"site": site, "start_urls": list(start_urls_of(shop))}
    owner = person.email if person else None
    job = current_jobs().enqueue(KIND, options, f"Waiting to read {site}.", owner)
    return run_of_job(job.id, site, person.id if person else None)


def enqueue_scrape(site: str, start_urls: tuple[str, ...] = (), person: User | None = None) -> Job:
    """Like `start_run`, and returns its job; reading begins at `start_urls` from now on, if any are given."""
    if start_urls:
        set_start_urls(site, start_urls)
    return db.session.get_one(Job, start_run(site, person).job_id)


def is_done(site: str) -> bool:
    """Whether the newest run of this shop was published."""
    newest = db.session.scalars(select(ScrapeRun).where(ScrapeRun.site == site).order_by(ScrapeRun.id.desc()).limit(1))
    return [run.state for run in newest] == ["succeeded"]


def scrape(progress: Progress) -> dict[str, Any]:
    """Read a shop, and publish it if it is plausible; the counts of what came. Raises JobFailed where that fails.

    Started again for the same job it goes on where it was broken off.
    """
    from webapp.catalogue.reading import Reading  # parsers and HTTP: the site would start later for them

    shop = shop_of(progress.options["site"])
    run = run_of_job(progress.job_id, shop.site)
    if run.state not in UNFINISHED:
        return run.counts()
    refusal = refusal_of(shop)
    if (later := published_after(run)) is not None:
        refusal = f"Run {later} of {shop.site} is newer and has been published, so this one cannot go on."
    if refusal:
        end(run.id, "failed", refusal)
        raise JobFailed(refusal)
    begin(run)
    start_urls = tuple(progress.options["start_urls"])
    return Reading(shop, run, progress, scrapes_folder(shop.site)).read(start_urls)


def scrapes_folder(site: str) -> Path:
    """Where the scraper keeps what it has fetched from a shop: pages, pictures, and what it knows of them."""
    return current_settings().instance / "scrapes" / site
