"""Take shops' pictures into the image store: only what the guarded decoder has read whole, and each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.decode import DecodeError
from scraper.pictures import suffix_of
from webapp.image_store import SUFFIXES, ImageStore

_ORIENTATION = 0x0112
_RECODED_QUALITY = 92

Decode = Callable[[bytes], NDArray[np.uint8]]
"""Opens a stranger's picture where it can do no harm, as RGB; raises DecodeError."""


class PictureRefusedError(ValueError):
    """A picture that is not taken. The message is a sentence that says why."""


@dataclass(frozen=True)
class TakenPicture:
    """A picture that lies in the image store; width and height are pixels of the stored file, upright."""

    sha256: str
    suffix: str
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class OpenedPicture:
    """A picture that the decoder has read: its bytes as they came, and its pixels."""

    content: bytes
    pixels: NDArray[np.uint8]

    def put(self, store: ImageStore) -> TakenPicture:
        """Keep it; made anew where browsers cannot show it as it came, or would show it turned."""
        content, suffix = self.content, suffix_of(self.content)
        if suffix not in SUFFIXES or _is_turned(content):
            content, suffix = _recoded(self.pixels), "jpg"
        with Image.open(BytesIO(content)) as opened:
            width, height = opened.size
        return TakenPicture(store.put(content, suffix), suffix, width, height)


def open_picture(folder: Path, file: str, decode: Decode) -> OpenedPicture:
    """Read the picture at `file` below `folder`; raises PictureRefusedError."""
    content = _read(folder, file)
    try:
        return OpenedPicture(content, decode(content))
    except DecodeError as error:
        raise PictureRefusedError(error.sentence) from error


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
