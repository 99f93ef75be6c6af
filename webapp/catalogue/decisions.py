"""What an admin decides about a suspect run: it is published as it is, or thrown away."""

from __future__ import annotations

import logging
from functools import partial

from sqlalchemy import delete, select, update

from webapp.accounts.models import User
from webapp.catalogue.merging import merge_run
from webapp.catalogue.re_embed import embed_soon
from webapp.catalogue.run_models import ScrapeRun, StagedListing
from webapp.catalogue.runs import RunError, published_after
from webapp.catalogue.staging import staged_pictures
from webapp.database import now, when_written, write_transaction
from webapp.image_store import current_images
from webapp.picture_sweep import remove_unless_spoken_of

log = logging.getLogger(__name__)


def approve(run: ScrapeRun, person: User) -> None:
    """Publish a suspect run; raises RunError where it is none, or a later run of its shop has been published."""
    with write_transaction():
        _expect_suspect(run)
        if (newer := published_after(run)) is not None:
            raise RunError(f"Run {newer} of {run.site} is newer and has been published; this one cannot be any more.")
        doubts = run.why
        merge_run(run)
        run.why = f"Approved by {person.email}, although: {doubts}"[:500]
        run.decided_by, run.decided_at = person.id, now()
    log.info("user %s approved run %s of %s", person.id, run.id, run.site)
    when_written(embed_soon)


def reject(run: ScrapeRun, person: User) -> None:
    """Throw a suspect run away: it is cancelled, and the pictures that only it brought go. Raises RunError."""
    with write_transaction() as session:
        _expect_suspect(run)
        pictures = staged_pictures(session, run.id)
        session.execute(delete(StagedListing).where(StagedListing.run_id == run.id))
        run.state, run.why = "cancelled", f"Rejected by {person.email}. {run.why}"[:500]
        run.decided_by, run.decided_at = person.id, now()
    log.info("user %s rejected run %s of %s", person.id, run.id, run.site)
    when_written(partial(remove_unless_spoken_of, current_images(), pictures))


def give_way(run: ScrapeRun) -> None:
    """Cancel the runs of a shop that are older than `run` and wait for a decision, or broke off and did not go on:
    what they have staged would never be published."""
    waiting = ("suspect", "queued", "running")
    older = (ScrapeRun.site == run.site, ScrapeRun.id < run.id, ScrapeRun.state.in_(waiting))
    with write_transaction() as session:
        ids = session.scalars(select(ScrapeRun.id).where(*older)).all()
        session.execute(delete(StagedListing).where(StagedListing.run_id.in_(ids)))
        why = f"Run {run.id} has taken its place."
        session.execute(update(ScrapeRun).where(ScrapeRun.id.in_(ids)).values(state="cancelled", why=why))


def _expect_suspect(run: ScrapeRun) -> None:
    if run.state != "suspect":
        raise RunError(f"Run {run.id} of {run.site} is {run.state}; only a suspect one waits for a decision.")
