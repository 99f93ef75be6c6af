"""Pictures that nobody speaks of any more, and who may speak of one: catalogue, runs, and whoever has said so.

The image store keeps each picture once, whoever brought it: the same bytes may be a shop's picture and a person's
photo. A subject that keeps names of pictures says at its registration which ones it uses (`add_use`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from flask import Flask, current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.catalogue.models import ProductImage
from webapp.catalogue.offer_models import Offer, StoredPicture
from webapp.catalogue.pieces import slices
from webapp.catalogue.run_models import RunChange, StagedListing
from webapp.database import write_transaction
from webapp.image_store import current_images

Use = Callable[[Session, Sequence[str]], Iterable[str]]
"""Which of these pictures (at most 500 names) somebody still needs."""
Derived = Callable[[Session, Sequence[int]], Iterable[str]]
"""The pictures that were made of these product images (at most 500 ids)."""

_USES, _DERIVED = "picture_uses", "pictures_derived"
_AT_A_TIME = 500

log = logging.getLogger(__name__)


def add_use(app: Flask, use: Use) -> None:
    """Ask `use` before a picture is removed."""
    app.extensions.setdefault(_USES, []).append(use)


def add_derived(app: Flask, derived: Derived) -> None:
    """Ask `derived` which pictures were made of product images that are about to go."""
    app.extensions.setdefault(_DERIVED, []).append(derived)


def derived_pictures(session: Session, site: str) -> set[str]:
    """The pictures that were made of those of a shop."""
    theirs = select(ProductImage.id).join(Offer, Offer.id == ProductImage.offer_id).where(Offer.site == site)
    return {
        sha256
        for some in slices(session.scalars(theirs).all(), _AT_A_TIME)
        for derived in current_app.extensions.get(_DERIVED, [])
        for sha256 in derived(session, some)
    }


def changed_pictures(session: Session, run_id: int) -> set[str]:
    """The pictures that undoing a run would bring back."""
    states = session.scalars(select(RunChange.before).where(RunChange.run_id == run_id))
    return {picture[0] for state in states for picture in state.get("pictures") or []}


def staged_pictures(session: Session, run_id: int) -> set[str]:
    """The pictures that a run has staged."""
    rows = session.scalars(select(StagedListing.pictures).where(StagedListing.run_id == run_id))
    return {picture[0] for pictures in rows for picture in pictures}


def remove_unused(sha256s: Iterable[str]) -> int:
    """Remove those of these pictures that nobody uses, from the image store and from our memory; how many.

    The rows go first, the files after them: a process that dies in between leaves files, never a row without one.
    """
    with write_transaction() as session:
        kept = _kept_by_runs(session)
        unused = {
            sha256 for some in slices(sorted(set(sha256s)), _AT_A_TIME) for sha256 in _unused(session, some)
        } - kept
        for some in slices(sorted(unused), _AT_A_TIME):
            gone = StoredPicture.sha256.in_(some) | StoredPicture.same_as.in_(some)
            session.execute(delete(StoredPicture).where(gone))
    store = current_images()
    for sha256 in unused:
        store.remove(sha256)
    return len(unused)


def _unused(session: Session, some: Sequence[str]) -> set[str]:
    """Those of some pictures that no product shows and no other subject needs."""
    used = set(session.scalars(select(ProductImage.sha256).where(ProductImage.sha256.in_(some))))
    for use in current_app.extensions.get(_USES, []):
        used.update(use(session, some))
    return set(some) - used


def _kept_by_runs(session: Session) -> set[str]:
    """The pictures that a run waits to publish, or would bring back if it were undone."""
    pieces = {"yield_per": _AT_A_TIME}
    staged = session.scalars(select(StagedListing.pictures).execution_options(**pieces))
    changes = session.scalars(select(RunChange.before).execution_options(**pieces))
    before = (state.get("pictures") or [] for state in changes)
    return {picture[0] for pictures in chain(staged, before) for picture in pictures}
