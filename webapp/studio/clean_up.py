"""An end for pictures: those that no row speaks of any more, and recommendations for sent pictures that grew old.

Recommendations are forgotten, products go, photos are sent that nobody asks about again: their files stay behind. What
speaks of a picture is any column that is named for a SHA-256, and any JSON that holds one, in whichever table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import JSON, Column, Text, cast, delete, select

from webapp.database import db, now, write_transaction
from webapp.image_store import ImageStore, current_images
from webapp.settings import current_settings
from webapp.studio.models import Recommendation

SPARED_FOR_S = 3600
"""So young a picture may belong to a row that is about to be written."""
AT_A_TIME = 1000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class CleanedUp:
    """How many recommendations and pictures were removed."""

    recommendations: int
    pictures: int


def clean_up() -> CleanedUp:
    """Forget old recommendations for sent pictures, then remove the pictures that no row speaks of. Safe while the site
    serves, and again and again."""
    return CleanedUp(forget_old_uploads(current_settings().upload_days), remove_unspoken(current_images()))


def forget_old_uploads(days: int) -> int:
    """Forget recommendations for sent pictures that are older than so many days (0: none of them); how many."""
    if not days:
        return 0
    old = (Recommendation.source == "upload") & (Recommendation.created_at < now() - timedelta(days=days))
    with write_transaction() as session:
        ids = list(session.scalars(select(Recommendation.id).where(old)))
        for start in range(0, len(ids), AT_A_TIME):
            some = Recommendation.id.in_(ids[start : start + AT_A_TIME])
            session.execute(delete(Recommendation).where(some).execution_options(synchronize_session=False))
    return len(ids)


def remove_unspoken(images: ImageStore, spared_for_s: float = SPARED_FOR_S) -> int:
    """Remove the pictures, with their thumbnails, that no row speaks of and nobody has put here lately; how many."""
    candidates = set(images.untouched_for(spared_for_s))
    if not candidates:
        return 0
    for spoken in _spoken_of():
        candidates.discard(spoken)
    # A picture that was put here again while rows were read is young now.
    removed = candidates & set(images.untouched_for(spared_for_s))
    for sha256 in removed:
        images.remove(sha256)
    return len(removed)


def _spoken_of() -> Iterator[str]:
    """Every SHA-256 that a row holds."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("sha256") or isinstance(column.type, JSON):
                yield from _digests_in(column)
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut


def _digests_in(column: Column[object]) -> Iterator[str]:
    question = select(cast(column, Text)).execution_options(yield_per=AT_A_TIME)
    for text in db.session.scalars(question):
        yield from _DIGEST.findall(text or "")
