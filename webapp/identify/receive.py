"""Receive: photos as they were sent -> what they show, kept with the photos and their cut-outs, re-encoded by us.

Pictures are written first and the row last: whatever dies in between leaves files that nobody speaks of, never a row
without its picture.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.decode import DecodeError
from ml.imaging.pool import PreparedPhoto
from webapp.database import now, write_transaction
from webapp.identify.answer import answer_of
from webapp.identify.models import Identification, Upload
from webapp.image_store import ImageStore
from webapp.recognition import Recognised, Recognition
from webapp.settings import MEGABYTE

PHOTO_QUALITY = 88
CUTOUT_QUALITY = 82


@dataclass(frozen=True)
class _Kept:
    """A photo's row and the two files that it speaks of: bytes and suffix by name."""

    upload: Upload
    files: dict[str, tuple[bytes, str]]


def receive(
    photos: Sequence[BinaryIO],
    recognition: Recognition,
    images: ImageStore,
    max_bytes: int,
    *,
    training_allowed: bool = False,
) -> Identification:
    """Identify the photos of one shoe and keep what was answered; `training_allowed` where the person has said so.

    Raises DecodeError for a photo that cannot be used, Busy and NotReady as `Recognition.identify` does.
    """
    started = time.perf_counter()
    with recognition.admission.place():  # encoding takes memory and a core, too
        recognised = _recognise(photos, recognition, max_bytes)
        kept = [_keep(position, photo, images) for position, photo in enumerate(recognised.identification.photos)]
    uploads = [one.upload for one in kept]
    answer = answer_of(recognised, uploads, images)
    answer["timings_ms"]["total"] = round(1000 * (time.perf_counter() - started), 1)
    with write_transaction() as session:
        identification = Identification(bundle_id=recognised.bundle.card.id, answer=answer, uploads=uploads)
        identification.training_allowed_at = now() if training_allowed else None
        session.add(identification)
        _put_again_what_was_removed(kept, images)
    return identification


def _put_again_what_was_removed(kept: Sequence[_Kept], images: ImageStore) -> None:
    """The same photo may have been sent before and deleted a moment ago. Inside of our transaction nothing can be."""
    for one in kept:
        for sha256, (content, suffix) in one.files.items():
            if not images.has(sha256):
                images.put(content, suffix)


def _recognise(photos: Sequence[BinaryIO], recognition: Recognition, max_bytes: int) -> Recognised:
    """What the photos show; a DecodeError says which of several photos it means."""
    drawn = 0  # photos are drawn one by one: the last one drawn is the one that was refused

    def draw() -> Iterator[bytes]:
        nonlocal drawn
        for photo in photos:
            drawn += 1
            yield read_photo(photo, max_bytes)

    try:
        return recognition.identify(draw())
    except DecodeError as error:
        if len(photos) == 1:
            raise
        raise DecodeError(error.reason, f"Photo {drawn} of {len(photos)}: {error.sentence}") from error


def read_photo(photo: BinaryIO, max_bytes: int) -> bytes:
    """The bytes of a photo; raises DecodeError for one that is too large, without reading the rest of it."""
    content = photo.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise DecodeError("too_large", f"The photo is larger than {max_bytes // MEGABYTE} MB. Send a smaller version.")
    return content


def _keep(position: int, photo: PreparedPhoto, images: ImageStore) -> _Kept:
    height, width = photo.image.shape[:2]
    jpeg, webp = _jpeg(photo.image), _transparent_webp(photo.image, photo.cutout.mask)
    upload = Upload(
        position=position,
        photo_sha256=images.put(jpeg, "jpg"),
        cutout_sha256=images.put(webp, "webp"),
        width=width,
        height=height,
        coverage=round(float(photo.cutout.coverage), 4),
        fallback=bool(photo.cutout.fallback),
    )
    return _Kept(upload, {upload.photo_sha256: (jpeg, "jpg"), upload.cutout_sha256: (webp, "webp")})


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    written = BytesIO()
    Image.fromarray(image).save(written, "JPEG", quality=PHOTO_QUALITY)
    return written.getvalue()


def _transparent_webp(image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> bytes:
    """The picture where `mask` (H, W, 0..255) is, nothing elsewhere: what is hidden is black.

    A soft edge kept to its last shade of transparency (`alpha_quality` above 70) would take twice the time.
    """
    shown = cv2.merge([*cv2.split(cv2.bitwise_and(image, image, mask=mask)), mask])
    written = BytesIO()
    Image.fromarray(shown).save(written, "WEBP", quality=CUTOUT_QUALITY, method=1, alpha_quality=70)
    return written.getvalue()
