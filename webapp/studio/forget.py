"""Forget: recommendations for sent pictures go for their age, those for products with their product."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select

from webapp.catalogue.pieces import slices
from webapp.database import now, write_transaction
from webapp.jobs.progress import Progress
from webapp.settings import current_settings
from webapp.studio.models import Recommendation

_AT_A_TIME = 500


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
