"""Write the catalogue as a snapshot: the frozen training data that models are made of."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import func, select

from ml.datasets.snapshot import Snapshot, SnapshotImage, write_snapshot
from webapp.catalogue.models import UNSEEN, Product, ProductImage
from webapp.catalogue.offer_models import Offer
from webapp.database import db, now
from webapp.image_store import ImageStore, PictureMissingError


class SnapshotFolderError(ValueError):
    """A folder that a snapshot cannot be written to. The message says why."""


@dataclass(frozen=True)
class MorePicture:
    """A picture of the image store that is no product's, with the label to learn (empty: no shoe of ours) and the
    group that no split may part."""

    sha256: str
    suffix: str
    label: str
    group: str


Source = Callable[[], Iterable[MorePicture]]


def add_source(app: Flask, source: Source) -> None:
    """Have every snapshot of this app hold the pictures of `source` beside the catalogue's."""
    app.extensions.setdefault("snapshot_sources", []).append(source)


def write_catalogue_snapshot(
    folder: Path, store: ImageStore, progress: Callable[[int, int], None] | None = None
) -> Snapshot:
    """Write every picture with its product's label and style code (the group that no split may part) to `folder`.

    Pictures are linked where the file system can, else copied; `progress` is told how many of how many are. The folder
    appears when it is whole. Raises SnapshotFolderError where it is there already or the catalogue is empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SnapshotFolderError(f"{folder} is there already; name a folder that is new or empty.")
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    sites: Counter[str] = Counter()
    at = now().isoformat(timespec="seconds")
    seen: set[str] = set()
    try:
        told = progress or (lambda done, total: None)
        images = [*_write_images(draft, store, sites, seen, told), *_write_more(draft, store, seen)]
    except BaseException:  # the disk is full, or somebody wants it to stop
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if not images:
        shutil.rmtree(draft)
        raise SnapshotFolderError("The catalogue has no pictures, so there is nothing to write.")
    write_snapshot(draft, "catalogue", images, made_at=at, sites=dict(sites), sites_at=dict.fromkeys(sites, at))
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)
    # The pictures were read in one transaction; what came after belongs to the next snapshot.
    return Snapshot(folder, "catalogue", tuple(images), {})


def _write_images(
    folder: Path, store: ImageStore, sites: Counter[str], seen: set[str], progress: Callable[[int, int], None]
) -> Iterator[SnapshotImage]:
    """Put each picture into the folder once: one that two labels share teaches nothing, so the first one has it.

    `sites` counts the pictures of each shop that showed them. What an admin or an undone run has taken out of the
    catalogue is not learned from; what shops do not show any more is.
    """
    rows = db.session.execute(
        select(
            ProductImage.sha256,
            ProductImage.suffix,
            ProductImage.angle_deg,
            Product.label,
            Product.style_code,
            func.coalesce(Offer.site, Product.site),
        )
        .join(Product, Product.id == ProductImage.product_id)
        .outerjoin(Offer, Offer.id == ProductImage.offer_id)
        .where(Product.retired_because.in_(("", UNSEEN)))
        .order_by(Product.id, ProductImage.position)
    ).all()
    for done, (sha256, suffix, angle_deg, label, style_code, site) in enumerate(rows):
        progress(done, len(rows))
        sites[site] += 1
        path = f"images/{sha256[:2]}/{sha256}.{suffix}"
        if sha256 in seen or not _place(store, sha256, folder / path):
            continue
        seen.add(sha256)
        yield SnapshotImage(path=path, label=label, group=style_code, angle_deg=angle_deg)


def _write_more(folder: Path, store: ImageStore, seen: set[str]) -> Iterator[SnapshotImage]:
    """What the sources bring, where the catalogue does not have it."""
    sources: list[Source] = current_app.extensions.get("snapshot_sources", [])
    for more in chain.from_iterable(source() for source in sources):
        path = f"images/{more.sha256[:2]}/{more.sha256}.{more.suffix}"
        if more.sha256 not in seen and _place(store, more.sha256, folder / path):
            seen.add(more.sha256)
            yield SnapshotImage(path=path, label=more.label, group=more.group)


def _place(store: ImageStore, sha256: str, target: Path) -> bool:
    """Link or copy a picture; whether it is there."""
    try:
        source = store.path(sha256)
    except PictureMissingError:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
    return True
