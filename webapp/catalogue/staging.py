"""Staging: what a run reads is kept beside the catalogue until it is known to be plausible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from scraper.listing import Listing
from webapp.catalogue.incoming import Incoming
from webapp.catalogue.intake import CHUNK, Intake, admit
from webapp.catalogue.pictures import Decode
from webapp.catalogue.run_models import StagedListing
from webapp.database import db, table_of, write_transaction
from webapp.image_store import ImageStore


def stage(
    run_id: int,
    listings: Iterable[Listing],
    folder: Path,
    store: ImageStore,
    intake: Intake,
    *,
    chunk: int = CHUNK,
    progress: Callable[[Intake], None] | None = None,
    decode: Decode | None = None,
) -> None:
    """Keep listings as staged rows of a run, their pictures in the image store; anew, if some were staged before.

    Counts in `intake`, and calls `progress` after each chunk. A style code that comes twice counts once.
    """
    unstage(run_id)
    seen: set[str] = set()
    for admitted in admit(listings, folder, store, intake, chunk=chunk, decode=decode):
        fresh = [one for one in admitted if one.style_code not in seen]
        seen.update(one.style_code for one in fresh)
        if fresh:
            with write_transaction() as session:
                rows = [_row(run_id, one.without_lost(store)) for one in fresh]
                session.execute(insert(table_of(StagedListing)), rows)
        if progress is not None:
            progress(intake)


def unstage(run_id: int) -> None:
    """Forget what a run has staged."""
    with write_transaction() as session:
        session.execute(delete(StagedListing).where(StagedListing.run_id == run_id))


def staged_pictures(session: Session, run_id: int) -> set[str]:
    """The pictures that a run has staged."""
    rows = session.scalars(select(StagedListing.pictures).where(StagedListing.run_id == run_id))
    return {picture[0] for pictures in rows for picture in pictures}


def staged_of(run_id: int, site: str, size: int, *, after: int = 0) -> Iterator[Sequence[Incoming]]:
    """The staged listings of a run, in pieces of `size`; only as many as a piece are in memory."""
    while True:
        table = StagedListing.__table__
        question = select(*table.c).where(table.c.run_id == run_id, table.c.id > after).order_by(table.c.id)
        rows = db.session.execute(question.limit(size)).all()
        if not rows:
            return
        after = rows[-1].id
        yield [Incoming.of_staged(site, row) for row in rows]


def _row(run_id: int, one: Incoming) -> dict[str, object]:
    return {
        "run_id": run_id,
        "style_code": one.style_code,
        "url": one.url,
        "price_cents": one.price_cents,
        "currency": one.currency,
        "facts": one.facts,
        "pictures": [placed.kept() for placed in one.pictures],
        "is_whole": one.is_whole,
        "digest": one.digest,
    }
