"""Take a shop's picture into the image store: only what the guarded decoder has read whole."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.decode import DecodeError, decode
from scraper.pictures import suffix_of
from webapp.image_store import SUFFIXES, ImageStore

_ORIENTATION = 0x0112
_RECODED_QUALITY = 92


class PictureRefusedError(ValueError):
    """A picture that is not taken. The message is a sentence that says why."""


@dataclass(frozen=True)
class TakenPicture:
    """A picture that lies in the image store; width and height are pixels of the stored file, upright."""

    sha256: str
    suffix: str
    width: int
    height: int


def take_picture(folder: Path, file: str, store: ImageStore) -> TakenPicture:
    """Decode the picture at `file` below `folder`, keep it and say what it is; raises PictureRefusedError."""
    picture = _read(folder, file)
    try:
        pixels = decode(picture)
    except DecodeError as error:
        raise PictureRefusedError(error.sentence) from error
    suffix = suffix_of(picture)
    if suffix not in SUFFIXES or _is_turned(picture):  # not for browsers; measured the wrong way round
        picture, suffix = _recoded(pixels), "jpg"
    with Image.open(BytesIO(picture)) as opened:
        width, height = opened.size
    return TakenPicture(store.put(picture, suffix), suffix, width, height)


def _read(folder: Path, file: str) -> bytes:
    """The bytes of a file that must lie below `folder`: listings come from outside."""
    place = (folder / file).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise PictureRefusedError(f"{file} does not lie below {folder.name}")
    try:
        return place.read_bytes()
    except OSError as error:
        raise PictureRefusedError(f"{file} cannot be read: {error.strerror}") from error


def _is_turned(picture: bytes) -> bool:
    """Whether its EXIF says that it must be turned before it is looked at, or is too broken to say."""
    try:
        with Image.open(BytesIO(picture)) as opened:
            return opened.getexif().get(_ORIENTATION, 1) not in (0, 1)
    except Exception:  # Pillow raises a dozen kinds for a broken EXIF block
        return True


def _recoded(pixels: NDArray[np.uint8]) -> bytes:
    written = BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=_RECODED_QUALITY)
    return written.getvalue()
