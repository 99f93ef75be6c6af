"""Decode the bytes of a stranger's picture: everything that could hurt is looked at before a pixel is decoded.

Only Pillow and libheif see these bytes, never OpenCV, which a small PNG can kill. Call `decode` directly for files that
are trusted; uploads go through `ml.imaging.pool`, whose children can be killed.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

Reason = Literal["too_large", "unsupported", "limits", "corrupt"]
ACCEPTED = "JPEG, PNG, WebP, AVIF or HEIC"

_SIGNATURES = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"II*\0": "a TIFF or raw photo",
    b"MM\0*": "a TIFF or raw photo",
    b"%PDF": "a PDF",
    b"%!PS": "a PostScript file",
    b"<svg": "an SVG drawing",
    b"<?xm": "an XML or SVG file",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"PK\3\4": "a ZIP archive",
    b"\0\0\1\0": "an icon file",
    b"\0\0\0\x0cjP": "a JPEG 2000",
}
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
"""A JPEG marker that is neither a stuffed byte nor a restart: the next thing after a scan's entropy-coded bytes."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_NEAR_ENOUGH = 0.75
"""A JPEG may come out of its own reduction this much smaller than `max_side`: to decode more costs twice the time."""


class DecodeError(ValueError):
    """A picture that is refused: `reason` for programs, `sentence` for the person who sent it."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(reason, sentence)
        self.reason: Reason = reason
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Limits:
    """What a picture may be. Sides and pixels are those that its header states, before decoding."""

    max_bytes: int = 16 * 2**20
    max_pixels: int = 50_000_000
    min_side: int = 32
    max_aspect: float = 40.0
    max_scans: int = 100
    max_side: int = 1024
    """The long side after decoding."""


@dataclass(frozen=True)
class Decoded:
    """A picture (H, W, 3) uint8 RGB on white, and its own transparency (H, W) uint8 where it has any."""

    image: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None


def decode(data: bytes, limits: Limits | None = None) -> NDArray[np.uint8]:
    """The picture (H, W, 3) as uint8 RGB, turned upright, on white, its long side at most `limits.max_side`.

    Raises DecodeError and nothing else for what the bytes contain.
    """
    return decode_with_alpha(data, limits).image


def decode_with_alpha(data: bytes, limits: Limits | None = None) -> Decoded:
    """Like `decode`, and keeps the transparency, which says exactly where a cut-out shoe is."""
    limits = limits or Limits()
    if len(data) > limits.max_bytes:
        raise DecodeError("too_large", f"The file is larger than {limits.max_bytes // 2**20} MB. Send a smaller photo.")
    picture_format = _picture_format(data)
    with _refusals():
        image = _open(data, picture_format)
        _check_header(image, limits)
        if picture_format == "JPEG":
            _check_scans(data, limits.max_scans)
            image.draft(None, _draft_size(image.size, limits.max_side * _NEAR_ENOUGH))
        image.load()
        small = _shrink(_eight_bit(image), limits.max_side)
        return _on_white(_upright(small, _orientation(image)))


def _picture_format(data: bytes) -> str:
    """Pillow's name of the format, by the first bytes; raises DecodeError naming what the file seems to be instead."""
    if not data:
        raise DecodeError("unsupported", f"The file is empty. Send a {ACCEPTED} photo.")
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _brand_format(data)
    kind = next((name for start, name in _SIGNATURES.items() if data.startswith(start)), "not a picture we know")
    raise DecodeError("unsupported", f"The file is {kind}. Send a {ACCEPTED} photo.")


def _brand_format(data: bytes) -> str:
    """AVIF or HEIF, by the brands of an ISO media file; raises DecodeError for a film."""
    length = struct.unpack(">I", data[:4])[0]
    brands = {data[start : start + 4] for start in (8, *range(16, min(length, 256), 4))}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return "HEIF"
    raise DecodeError("unsupported", f"The file is a film or an unknown media file. Send a {ACCEPTED} photo.")


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn all that decoders raise into DecodeError: they raise a dozen kinds, some of them for the same fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DecodeError:
        raise
    except Image.DecompressionBombError as error:
        raise DecodeError("limits", "The photo has too many pixels. Send a smaller version of it.") from error
    except UnidentifiedImageError as error:
        raise DecodeError("corrupt", "The file is damaged at its start and cannot be opened. Send it again.") from error
    except MemoryError as error:
        raise DecodeError("limits", "The photo needs too much memory to open. Send a smaller version of it.") from error
    except Exception as error:
        raise DecodeError(
            "corrupt", "The file is damaged or not complete. Send it again, or save it anew as JPEG."
        ) from error


def _open(data: bytes, picture_format: str) -> Image.Image:
    if picture_format == "HEIF":
        import pillow_heif  # only iPhone photos need its 4 MB

        pillow_heif.register_heif_opener()
    return Image.open(io.BytesIO(data), formats=(picture_format,))


def _check_header(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise DecodeError(
            "limits",
            f"The photo has {width * height / 1e6:.0f} million pixels, more than the {limits.max_pixels / 1e6:.0f} "
            "million that we open. Send a smaller version of it.",
        )
    if min(width, height) < limits.min_side:
        raise DecodeError(
            "limits",
            f"The photo is {width} x {height} pixels, too small to see a shoe in. "
            f"Send one with at least {limits.min_side} pixels on each side.",
        )
    if max(width, height) > limits.max_aspect * min(width, height):
        raise DecodeError(
            "limits", f"The photo is {width} x {height} pixels, too long and thin. Crop it closer to the shoe."
        )


def _check_scans(data: bytes, max_scans: int) -> None:
    """Refuse a JPEG whose first picture has more scans than any camera writes: each costs a pass over all pixels.

    Segments are stepped over by their length, so that a preview or a film inside the file does not count.
    """
    scans, place = 0, 2
    while (marker := _MARKER.search(data, place)) is not None:
        code, place = marker.group(1)[0], marker.end()
        if code == 0xD9:
            return
        if code == 0x01 or place + 2 > len(data):
            continue
        scans += code == 0xDA
        if scans > max_scans:
            raise DecodeError("limits", f"The JPEG has more than {max_scans} scans. Save it anew as a plain JPEG.")
        place += struct.unpack(">H", data[place : place + 2])[0]


def _draft_size(size: tuple[int, int], wanted: float) -> tuple[int, int]:
    """The size to ask libjpeg for: it halves a picture for free while the long side stays at `wanted` or more."""
    scale = min(1.0, wanted / max(size))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA with 8 bits a channel; 16-bit greys are scaled, where Pillow would clip to white."""
    if image.mode.startswith("I"):
        high_bytes = np.asarray(image).clip(0, 65535) >> 8
        image = Image.fromarray(high_bytes.astype(np.uint8))
    has_alpha = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _shrink(image: Image.Image, max_side: int) -> Image.Image:
    """At most `max_side` on the long side; colours are weighted by their opacity."""
    scale = max_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it cannot be read."""
    with suppress(Exception):
        return int(image.getexif().get(0x0112, 1))
    return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _on_white(image: Image.Image) -> Decoded:
    """Composite on white, so that colours hidden under full transparency stay hidden."""
    if image.mode == "RGB":
        return Decoded(np.asarray(image).copy(), None)
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    flat = np.asarray(Image.alpha_composite(white, image).convert("RGB")).copy()
    alpha = np.asarray(image.getchannel("A")).copy()
    return Decoded(flat, alpha if alpha.min() < 255 else None)
