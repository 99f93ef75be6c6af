"""Backup and restore: `flask backup FOLDER` while the site is at work, `flask restore FOLDER` into an empty place.

    <backup>/backup.json        when, of which revision, how many pictures, SHA-256 of the database
    <backup>/solescope.sqlite   one consistent state of the database
    <backup>/images/            every picture that a row of that state speaks of
    <backup>/bundles/           the published bundles, with the link to the one in service
    <backup>/rest/              what else the instance folder keeps, the secret key among it: keep the backup private

Left out is what can be made again: the queue, thumbnails, logs, snapshots, pages that were fetched.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from webapp.image_store import ImageStore, PictureMissingError
from webapp.picture_sweep import DIGEST, picture_questions
from webapp.settings import Settings

FACTS, DATABASE = "backup.json", "solescope.sqlite"
MADE_AGAIN = frozenset({"queue.sqlite", "worker.lock", "images", "bundles", "jobs", "snapshots", "scrapes"})
LEFT_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite may have left beside a database: it would take that for the restored one's own last writes."""
_TRIES = 5


class BackupError(ValueError):
    """A backup that cannot be made or restored. The message says why."""


def back_up(settings: Settings, images: ImageStore, target: Path) -> dict[str, Any]:
    """Write a backup to `target`, which must be new; its facts. The site may read and write meanwhile.

    Raises BackupError where there is something at `target`, it lies in the instance folder (the next backup would hold
    this one), or the database is no SQLite file. What is broken off leaves nothing behind.
    """
    source = _database_file(settings)
    if target.exists():
        raise BackupError(f"{target} is there already: name a folder that is new.")
    if target.resolve().is_relative_to(settings.instance.resolve()):
        raise BackupError(f"{target} lies in the instance folder: name one elsewhere, on another disk if you can.")
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    try:
        facts = _write(settings, images, source, draft)
        draft.rename(target)
    except BaseException:  # no room is left, or Ctrl-C: half a backup only takes room
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return facts


def _write(settings: Settings, images: ImageStore, source: Path, draft: Path) -> dict[str, Any]:
    pictures = _database_with_its_pictures(source, images, draft)
    if settings.bundles_folder.is_dir():
        shutil.copytree(settings.bundles_folder, draft / "bundles", symlinks=True, ignore=_drafts)
    _copy_rest(settings.instance, draft / "rest", source)
    facts = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": _revision(draft / DATABASE),
        "pictures": pictures,
        "database_sha256": _digest(draft / DATABASE),
    }
    (draft / FACTS).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def restore(settings: Settings, source: Path) -> dict[str, Any]:
    """Put a backup into the site's instance folder, which must have no database yet; the backup's facts.

    The database is put there last: a restore that was broken off can be begun again. Raises BackupError where the
    backup is not whole, or there is a database already or what SQLite has left of one.
    """
    target = _database_file(settings)
    for there in (target, *(target.with_name(target.name + ending) for ending in LEFT_BESIDE)):
        if there.exists():
            sentence = f"{there} is there already: restore into an empty instance folder, or move it away first."
            raise BackupError(sentence)
    facts = _checked(source)
    for name, place in (("images", settings.images_folder), ("rest", settings.instance)):
        if (source / name).is_dir():
            shutil.copytree(source / name, place, symlinks=True, dirs_exist_ok=True)
    if (source / "bundles").is_dir():
        shutil.rmtree(settings.bundles_folder, ignore_errors=True)
        shutil.copytree(source / "bundles", settings.bundles_folder, symlinks=True)
    draft = target.with_name(f".{target.name}.draft")
    shutil.copyfile(source / DATABASE, draft)
    draft.rename(target)
    return facts


def _database_with_its_pictures(source: Path, images: ImageStore, draft: Path) -> int:
    """Copy the database, then the pictures that it speaks of; how many. One that was deleted in between means that its
    row was, too: the database is copied again, until only those are missing that were missing before. The last try
    lets nothing be deleted."""
    before: set[str] | None = None
    for attempt in range(_TRIES):
        with images.turn() if attempt == _TRIES - 1 else nullcontext():
            _copy_database(source, draft / DATABASE)
            names = _pictures_of(draft / DATABASE)
            missing = _copy_pictures(names, images, draft / "images")
        if not missing or missing == before:
            break
        before = missing
    for file in list((draft / "images").rglob("*.*")):
        if file.stem not in names:
            file.unlink()  # deleted while we were at it: a backup should not bring it back
    return len(names) - len(missing)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _copy_pictures(names: set[str], images: ImageStore, folder: Path) -> set[str]:
    """Copy the pictures that are not there yet; the names of which there is none."""
    missing = set()
    for name in names:
        target = folder / name[:2] / name[2:4]
        if target.is_dir() and any(target.glob(f"{name}.*")):
            continue
        try:
            file = images.path(name)
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
        except (PictureMissingError, FileNotFoundError):
            missing.add(name)
    return missing


def _pictures_of(database: Path) -> set[str]:
    """Every name that stands in a row and may be a picture's. Names of other files stand in such columns, too."""
    with closing(sqlite3.connect(database)) as copy:
        texts = (text for question in picture_questions() for (text,) in copy.execute(question))
        return {name for text in texts if text for name in DIGEST.findall(text)}


def _copy_rest(instance: Path, target: Path, database: Path) -> None:
    def left_out(folder: str, names: list[str]) -> set[str]:
        ours = _drafts(folder, names)
        if Path(folder) == database.parent:
            ours |= {name for name in names if name.startswith(database.name)}
        if Path(folder) == instance:
            ours |= {name for name in names if name.startswith("queue.sqlite") or name.endswith(".log")}
            ours |= MADE_AGAIN & set(names)
        return ours

    shutil.copytree(instance, target, symlinks=True, ignore=left_out)


def _drafts(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(".")}


def _checked(source: Path) -> dict[str, Any]:
    """The facts of a backup whose database is as it was written."""
    try:
        facts: dict[str, Any] = json.loads((source / FACTS).read_text(encoding="utf-8"))
        whole = _digest(source / DATABASE) == facts["database_sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{source} is no whole backup: {error}") from error
    if not whole:
        raise BackupError(f"{source / DATABASE} was changed or damaged after the backup: take another backup.")
    return facts


def _revision(database: Path) -> str:
    with closing(sqlite3.connect(database)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupError("The copy of the database is damaged: look at the disk.")
        return str(copy.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _database_file(settings: Settings) -> Path:
    address = make_url(settings.database_url)
    if address.get_backend_name() != "sqlite" or not address.database:
        raise BackupError(
            "The database is no SQLite file: use its own tools, and copy images/ and bundles/ afterwards."
        )
    return Path(address.database)
