"""Forget: photos, answer and feedback of an identification are deleted, by the person or for their age.

Only its row is left, so that its address says that it is gone and not that it never was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from webapp.database import db, now, write_transaction
from webapp.identify.models import Feedback, Identification, Upload
from webapp.image_store import ImageStore, current_images
from webapp.jobs.progress import Progress
from webapp.picture_sweep import remove_unless_spoken_of, sweep_pictures
from webapp.settings import current_settings


def forget(identification_id: str, images: ImageStore) -> bool:
    """Delete what was sent and said in one identification; whether there was something left to delete.

    A picture that another row speaks of, such as the same photo sent twice, stays until that row goes as well.
    """
    with write_transaction() as session:
        found = session.get(Identification, identification_id)
        if found is None or found.is_gone:
            return False
        pictures = {name for upload in found.uploads for name in (upload.photo_sha256, upload.cutout_sha256)}
        session.execute(delete(Feedback).where(Feedback.identification_id == identification_id))
        session.execute(delete(Upload).where(Upload.identification_id == identification_id))
        found.answer, found.training_allowed_at, found.deleted_at = {}, None, now()
    db.session.expire_all()
    remove_unless_spoken_of(images, pictures)
    return True


def allow_training(identification: Identification, allowed: bool) -> None:
    """Note whether models may be trained on the photos. What was allowed can be taken back: the photos then go in
    their time, and no later snapshot holds them."""
    with write_transaction():
        if identification.is_gone:
            return
        if not allowed:
            identification.training_allowed_at = None
        elif identification.training_allowed_at is None:
            identification.training_allowed_at = now()


def goes_at(identification: Identification) -> datetime | None:
    """When the photos are deleted; None where they are kept, because training may use them."""
    if identification.training_allowed_at is not None:
        return None
    return identification.created_at + timedelta(days=current_settings().keep_uploads_days)


def forget_expired(progress: Progress) -> int:
    """The chore "expired uploads": forget what was kept long enough; how many identifications."""
    oldest_kept = now() - timedelta(days=current_settings().keep_uploads_days)
    expired = select(Identification.id).where(
        Identification.created_at < oldest_kept,
        Identification.training_allowed_at.is_(None),
        Identification.deleted_at.is_(None),
    )
    ids = list(db.session.scalars(expired))
    db.session.rollback()
    for done, identification_id in enumerate(ids):
        progress.report(done, len(ids), f"Cleaning up: {done:,} of {len(ids):,} expired uploads")
        forget(identification_id, current_images())
    return len(ids)


def sweep_unspoken(progress: Progress) -> int:
    """The chore "unreferenced pictures"; how many."""

    def tell(looked_at: int) -> None:
        progress.report(0, 0, f"Cleaning up: {looked_at:,} pictures looked at")

    return sweep_pictures(current_images(), progress=tell)
