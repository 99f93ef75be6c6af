"""The pictures of a training: a snapshot of the catalogue for each job, kept as long as the job may go on."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from sqlalchemy import select

from webapp.catalogue.snapshot import SnapshotFolderError, write_catalogue_snapshot
from webapp.database import db
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.runner import JobFailed
from webapp.settings import current_settings
from webapp.training.orders import CATALOGUE

KEPT_FOR_S = 7 * 24 * 3600


def pictures_of(progress: Progress) -> Path:
    """The folder to learn from. The catalogue is written down once for a job: when it goes on, it is the same."""
    settings, chosen = current_settings(), progress.options["pictures"]
    if chosen != CATALOGUE:
        folder = settings.pictures_folder / str(chosen)
        if not folder.is_dir():
            raise JobFailed(f"The pictures {chosen} are not in {settings.pictures_folder} any more.")
        return folder
    folder = settings.snapshots_folder / f"job-{progress.job_id:05d}"
    if not folder.exists():
        progress.report(0, 0, "Writing a snapshot of the catalogue", at_once=True)
        try:
            write_catalogue_snapshot(folder, current_images())
        except SnapshotFolderError as error:
            raise JobFailed(str(error)) from error
        finally:
            db.session.rollback()
    return folder


def drop_old_snapshots(_progress: Progress) -> int:
    """Remove the snapshots of jobs that have ended a week ago; how many. They are links to pictures of the store, which
    else would stay on the disk after the shop that they came from was removed."""
    active = {job.id for job in db.session.scalars(select(Job)) if job.is_active}
    db.session.rollback()
    removed = 0
    for folder in current_settings().snapshots_folder.glob("job-*"):
        number = folder.name.removeprefix("job-")
        if number.isdecimal() and int(number) not in active and folder.stat().st_mtime < time.time() - KEPT_FOR_S:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
