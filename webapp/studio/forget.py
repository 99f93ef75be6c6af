"""Forget: recommendations for sent pictures go for their age or when their person says so, those for products with
their product."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select

from webapp.catalogue.pieces import slices
from webapp.database import now, write_transaction
from webapp.image_store import ImageStore
from webapp.jobs.progress import Progress
from webapp.picture_sweep import DIGEST, remove_unless_spoken_of
from webapp.settings import current_settings
from webapp.studio.models import Recommendation

_AT_A_TIME = 500


def forget(recommendation: Recommendation, images: ImageStore) -> None:
    """Delete a recommendation, and at once the pictures that only it shows: what was sent, and what was made of it."""
    pictures = set(DIGEST.findall(json.dumps(recommendation.answer)))
    with write_transaction() as session:
        session.execute(delete(Recommendation).where(Recommendation.id == recommendation.id))
    remove_unless_spoken_of(images, pictures)


def goes_at(recommendation: Recommendation) -> datetime | None:
    """When it is deleted for its age; None where it is for a product."""
    if recommendation.source != "upload":
        return None
    return recommendation.created_at + timedelta(days=current_settings().keep_uploads_days)


def forget_old(_progress: Progress) -> int:
    """The chore "old recommendations": forget those for pictures that were sent so long ago that photos go, and those
    for products that are no longer ours; how many. Their pictures go with the next sweep."""
    sent_before = now() - timedelta(days=current_settings().keep_uploads_days)
    old = and_(Recommendation.source == "upload", Recommendation.created_at < sent_before)
    with write_transaction() as session:
        ids = session.scalars(select(Recommendation.id).where(or_(old, of_gone_product()))).all()
        for some in slices(ids, _AT_A_TIME):
            gone = delete(Recommendation).where(Recommendation.id.in_(some))
            session.execute(gone.execution_options(synchronize_session=False))
    return len(ids)


def of_gone_product() -> ColumnElement[bool]:
    """Whether a recommendation is for a product that is gone, whose pictures a shop may not leave us."""
    return and_(Recommendation.source == "catalogue", Recommendation.product_id.is_(None))
