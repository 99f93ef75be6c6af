"""An end for pictures: those that no row speaks of any more, and recommendations for sent pictures that grew old.

Recommendations are forgotten, products go, photos are sent that nobody asks about again: their files stay behind. What
speaks of a picture is any column that is named for a SHA-256, and any JSON that holds one, in whichever table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from webapp.database import now, write_transaction
from webapp.image_store import ImageStore, current_images
from webapp.jobs.progress import Progress
from webapp.picture_sweep import sweep_pictures
from webapp.settings import current_settings
from webapp.studio.models import Recommendation

SPARED_FOR_S = 3600
"""So young a picture may belong to a row that is about to be written."""
AT_A_TIME = 1000


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
    return sweep_pictures(images, young_for_s=spared_for_s)


def forget_in_time(_progress: Progress) -> int:
    """The chore "recommendations for sent pictures" of the daily clean-up; how many."""
    return forget_old_uploads(current_settings().upload_days)
