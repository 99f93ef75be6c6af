"""The pictures of a training: a snapshot of the catalogue for each job, kept as long as the job may go on."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import select

from webapp.catalogue.snapshot import SnapshotFolderError, write_catalogue_snapshot
from webapp.database import db
from webapp.image_store import SUFFIXES, current_images
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

        def tell(done: int, total: int) -> None:
            progress.report(done, total, f"Writing a snapshot of the catalogue: {done:,} of {total:,} pictures")

        try:
            write_catalogue_snapshot(folder, current_images(), tell)
        except SnapshotFolderError as error:
            raise JobFailed(str(error)) from error
        finally:
            db.session.rollback()
    return folder


def drop_old_snapshots(_progress: Progress) -> int:
    """Remove the snapshots of jobs that have ended a week ago; how many. They are links to pictures of the store, which
    else would stay on the disk after the shop that they came from was removed."""
    old = [folder for folder in _unused_snapshots() if folder.stat().st_mtime < time.time() - KEPT_FOR_S]
    db.session.rollback()
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def drop_copies(names: Collection[str]) -> None:
    """Remove the snapshots that hold one of these pictures, which are gone: a person has deleted a photo, or a shop was
    removed. A training that is going on keeps its own until it has ended; one that would go on begins anew."""
    for folder in _unused_snapshots():
        places = (folder / "images" / name[:2] / f"{name}.{suffix}" for name in names for suffix in SUFFIXES)
        if any(place.is_file() for place in places):
            shutil.rmtree(folder, ignore_errors=True)


def _unused_snapshots() -> Iterator[Path]:
    """The snapshots of jobs that neither wait nor run."""
    active = set(db.session.scalars(select(Job.id).where(Job.state.in_(("queued", "running")))))
    for folder in current_settings().snapshots_folder.glob("job-*"):
        number = folder.name.removeprefix("job-")
        if number.isdecimal() and int(number) not in active:
            yield folder
