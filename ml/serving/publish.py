"""Publish: put a bundle into service by one rename, and take it back as easily.

<to>/<id>/            published bundles, whole or not there
<to>/current          a link to the one in service
<to>/history.jsonl    what was in service since when
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from ml.serving.bundle import Bundle, BundleError, read_bundle

CURRENT = "current"
HISTORY = "history.jsonl"


def publish(bundle_folder: Path, to: Path) -> Bundle:
    """Copy a bundle to `to`, check the copy, and put it into service. Raises BundleError where it is not whole."""
    bundle = read_bundle(bundle_folder)
    name = bundle.card.id
    if not name or Path(name).name != name or name in {CURRENT, HISTORY} or name.startswith("."):
        raise BundleError(f"{name!r} cannot be a folder's name: give the bundle another id")
    target = to / name
    if not (target / "card.json").exists():
        draft = to / f".{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(bundle_folder, draft)
        read_bundle(draft)
        draft.rename(target)
    elif read_bundle(target).card != bundle.card:
        raise BundleError(f"{target} holds another bundle of the same id: train anew or remove it")
    _put_into_service(to, name)
    return read_bundle(target)


def published(to: Path) -> Bundle | None:
    """The bundle in service, None where nothing was published. Raises BundleError where it is damaged."""
    return read_bundle((to / CURRENT).resolve()) if (to / CURRENT).exists() else None


def rollback(to: Path) -> Bundle:
    """Put the bundle that served before this one into service. Raises BundleError where there is none."""
    served = [entry["bundle"] for entry in history(to)]
    before = [name for name in served if name != served[-1] and (to / name / "card.json").exists()]
    if not before:
        raise BundleError(f"{to} has no earlier bundle to go back to")
    bundle = read_bundle(to / before[-1])
    _put_into_service(to, before[-1])
    return bundle


def history(to: Path) -> list[dict[str, str]]:
    """What was put into service, the oldest first: {"bundle": id, "since": time}."""
    try:
        lines = (to / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def _put_into_service(to: Path, name: str) -> None:
    link = to / f".{CURRENT}.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(name, target_is_directory=True)
    link.replace(to / CURRENT)
    with (to / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"bundle": name, "since": datetime.now(UTC).isoformat(timespec="seconds")}) + "\n")
