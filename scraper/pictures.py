"""Pictures on disk, each under the SHA-256 of its bytes. Only their first bytes are looked at: nothing is decoded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

MAX_BYTES = 20_000_000
MIN_BYTES = 64  # no picture of a shoe is smaller
UNDECIDED_TYPES = ("", "application/octet-stream", "binary/octet-stream")
HEIF_BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"msf1": "heic"}


class PictureError(ValueError):
    """Bytes that are no picture of an accepted kind. The message is a sentence."""


def suffix_of(body: bytes) -> str | None:
    """The file name's ending by the first bytes: jpg, png, webp, avif or heic; None for anything else."""
    if body.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    return HEIF_BRANDS.get(body[8:12]) if body[4:8] == b"ftyp" else None


def check_picture(body: bytes, content_type: str) -> str:
    """The file name's ending of a picture; PictureError for a page of words, a cut-off file or an unknown kind."""
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("image/") and kind not in UNDECIDED_TYPES:
        raise PictureError(f"The shop says that it is {kind}, not a picture.")
    suffix = suffix_of(body)
    if suffix is None:
        raise PictureError("Its first bytes are not those of a JPEG, PNG, WebP, AVIF or HEIC picture.")
    if len(body) < MIN_BYTES:
        raise PictureError(f"It has only {len(body)} bytes.")
    return suffix


def save_picture(folder: Path, body: bytes, suffix: str, source: Path | None = None) -> str:
    """Put a picture into `folder` and return its file name, `<sha256>.<suffix>`. Never leaves half a file.

    `source`, a file with the same bytes that nobody will change, is linked where the file system can do so.
    """
    name = f"{hashlib.sha256(body).hexdigest()}.{suffix}"
    path = folder / name
    if path.exists() and path.stat().st_size == len(body):
        return name
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.{os.getpid()}.tmp"
    _link_or_write(unfinished, body, source)
    unfinished.replace(path)
    unfinished.unlink(missing_ok=True)  # replacing a name of the same file leaves both names
    return name


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed crawl left of pictures that it was writing."""
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)


def remove_others(folder: Path, is_wanted: Callable[[str], bool]) -> None:
    """Remove the pictures of `folder` whose SHA-256 nobody wants any more."""
    for path in folder.glob("*.*"):
        if not is_wanted(path.stem):
            path.unlink(missing_ok=True)


def _link_or_write(path: Path, body: bytes, source: Path | None) -> None:
    path.unlink(missing_ok=True)
    try:
        if source is None:
            raise FileNotFoundError
        path.hardlink_to(source)
    except OSError:  # no such file, another file system, or one without links
        path.write_bytes(body)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
