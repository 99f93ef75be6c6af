"""Pinned answers: photos that every bundle is asked about before it is published."""

from __future__ import annotations

from sqlalchemy import select

from webapp.admin.models import PinnedIdentification
from webapp.database import db, write_transaction
from webapp.identify.models import Identification


def set_pinned(identification: Identification, is_pinned: bool) -> None:
    """Pin an answer, or pin it no longer."""
    with write_transaction() as session:
        pinned = session.get(PinnedIdentification, identification.id)
        if is_pinned and pinned is None:
            session.add(PinnedIdentification(identification_id=identification.id))
        elif pinned is not None and not is_pinned:
            session.delete(pinned)


def pinned_ids() -> set[str]:
    """The ids of all pinned answers."""
    return set(db.session.scalars(select(PinnedIdentification.identification_id)))
