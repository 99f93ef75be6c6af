"""Picture files by their content: a picture's name is its SHA-256, and it is there whole or not at all.

    <folder>/ab/cd/abcd....jpg             the picture
    <folder>/thumbnails/320/ab/cd/abcd....webp

    <folder>/turn                          a lock: putting and removing pictures take turns

A file is written beside its place, flushed to the disk and renamed. Whoever wants a row about it in the database
writes the row afterwards: a process killed at any moment leaves neither half a file nor a row without its file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, send_file
from PIL import Image

from webapp.settings import Settings

SUFFIXES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
THUMBNAIL_WIDTHS = (96, 320, 640)
_THUMBNAIL_QUALITY = 86
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DRAFT_LIFE_S = 3600
_ONE_YEAR_S = 365 * 24 * 3600


class PictureMissingError(LookupError):
    """There is no picture of this name."""


class ImageStore:
    """The pictures below one folder. Safe to use from many threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, picture: bytes, suffix: str) -> str:
        """Keep a picture and return its name; a picture that is there already costs a look at the disk.

        Only pictures that a browser can show and that were decoded before belong here: `suffix` (jpg, png, webp,
        avif; with or without its dot) says which they are. Raises ValueError for another one.
        """
        suffix = suffix.lstrip(".").lower().replace("jpeg", "jpg")
        if suffix not in SUFFIXES:
            raise ValueError(f"the image store keeps {', '.join(SUFFIXES)}, not {suffix!r}")
        sha256 = hashlib.sha256(picture).hexdigest()
        with self.turn():
            if not self._touch(sha256):
                _write_whole(self._place(sha256, suffix), picture)
        return sha256

    @contextmanager
    def turn(self, *, alone: bool = False) -> Iterator[None]:
        """Keep what is put into the store from being swept out while the block lasts; `alone` is for who sweeps."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "turn").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def has(self, sha256: str) -> bool:
        """Whether this picture is there."""
        return any(self._place(sha256, suffix).is_file() for suffix in SUFFIXES)

    def want(self, sha256: str) -> bool:
        """Make a picture young again, as if it had been put here now; False where it is not there."""
        with self.turn():
            return self._touch(sha256)

    def path(self, sha256: str) -> Path:
        """Where this picture lies; raises PictureMissingError."""
        if _DIGEST.fullmatch(sha256):
            for suffix in SUFFIXES:
                if (place := self._place(sha256, suffix)).is_file():
                    return place
        raise PictureMissingError(f"there is no picture {sha256[:80]}")

    def url(self, sha256: str) -> str:
        """Where a browser finds this picture at full size; raises PictureMissingError."""
        return f"/images/{self.path(sha256).name}"

    def thumbnail(self, sha256: str, width: int) -> Path:
        """The picture on white, at most `width` wide and high, made the first time it is asked for.

        A JPEG that is no larger than that stands for itself. `width` is one of THUMBNAIL_WIDTHS. Raises
        PictureMissingError.
        """
        if width not in THUMBNAIL_WIDTHS:
            raise PictureMissingError(f"there are no thumbnails {width} wide, only {THUMBNAIL_WIDTHS}")
        original = self.path(sha256)
        place = self.folder / "thumbnails" / str(width) / sha256[:2] / sha256[2:4] / f"{sha256}.webp"
        if place.is_file():
            return place
        if original.suffix == ".jpg" and _is_within(original, width):
            return original
        _write_whole(place, _shrunk(original, width))
        return place

    def remove(self, sha256: str) -> None:
        """Forget a picture and its thumbnails; nothing where it is not there."""
        folders = [self.folder, *(self.folder / "thumbnails" / str(width) for width in THUMBNAIL_WIDTHS)]
        for folder in folders:
            for file in (folder / sha256[:2] / sha256[2:4]).glob(f"{sha256}.*"):
                file.unlink(missing_ok=True)

    def older_than(self, seconds: float) -> Iterator[str]:
        """The names of the pictures that were last put here so long ago."""
        for file in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if _DIGEST.fullmatch(file.stem) and self.age_s(file.stem) > seconds:
                yield file.stem

    def age_s(self, sha256: str) -> float:
        """How long ago a picture was last put here; 0 for one that is not here."""
        try:
            return time.time() - self.path(sha256).stat().st_mtime
        except (PictureMissingError, FileNotFoundError):
            return 0.0

    def drop_lone_thumbnails(self, seconds: float) -> None:
        """Remove the thumbnails of pictures that are gone: one may have been made while its picture went."""
        for file in self.folder.glob("thumbnails/*/*/*/*.webp"):
            if file.stat().st_mtime < time.time() - seconds and not self.has(file.stem):
                file.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what killed processes left half written; how many files. What is being written now stays."""
        drafts = [file for file in self.folder.rglob(".*") if file.stat().st_mtime < time.time() - _DRAFT_LIFE_S]
        for draft in drafts:
            draft.unlink(missing_ok=True)
        return len(drafts)

    def _touch(self, sha256: str) -> bool:
        """Make a picture young again; whether it is there."""
        for suffix in SUFFIXES:
            with suppress(FileNotFoundError):
                os.utime(self._place(sha256, suffix))
                return True
        return False

    def _place(self, sha256: str, suffix: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:4] / f"{sha256}.{suffix}"


def register(app: Flask) -> None:
    """Make `app`'s store and serve its pictures."""
    settings: Settings = app.extensions["settings"]
    app.extensions["image_store"] = ImageStore(settings.images_folder)
    app.register_blueprint(pictures)


def current_images() -> ImageStore:
    """The image store of the app at work."""
    store: ImageStore = current_app.extensions["image_store"]
    return store


def let_anyone_keep(app: Flask, is_public: Callable[[str], bool]) -> None:
    """Say which pictures, by their names, browsers and whatever stands in between may keep for ever. Of all others,
    people's photos among them, a copy is good only as long as it is asked after each time: what is deleted is gone."""
    app.extensions["public_pictures"] = is_public


pictures = Blueprint("images", __name__, url_prefix="/images")


@pictures.get("/<string(length=64):sha256>.<any(jpg, png, webp, avif):suffix>")
def picture(sha256: str, suffix: str) -> Response:
    """A picture at full size."""
    try:
        file = current_images().path(sha256)
    except PictureMissingError:
        abort(404)
    if file.suffix != f".{suffix}":
        abort(404)
    return _kept(sha256, send_file(file, mimetype=SUFFIXES[suffix], conditional=True))


@pictures.get("/<string(length=64):sha256>/<int:width>")
def thumbnail(sha256: str, width: int) -> Response:
    """A picture, small."""
    try:
        file = current_images().thumbnail(sha256, width)
    except PictureMissingError:
        abort(404)
    return _kept(sha256, send_file(file, mimetype=SUFFIXES[file.suffix.lstrip(".")], conditional=True))


def _kept(sha256: str, response: Response) -> Response:
    """How long copies are good. A picture's name is its content, so that it never changes."""
    is_public: Callable[[str], bool] = current_app.extensions.get("public_pictures", lambda _: False)
    keep = f"public, max-age={_ONE_YEAR_S}, immutable" if is_public(sha256) else "private, no-cache"
    response.headers["Cache-Control"] = keep
    return response


def _write_whole(place: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the power goes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _is_within(picture: Path, width: int) -> bool:
    with Image.open(picture) as opened:
        return max(opened.size) <= width


def _shrunk(original: Path, width: int) -> bytes:
    with Image.open(original) as opened:
        opened.draft("RGB", (width, width))  # JPEG only: decodes at a fraction of the size
        opened.thumbnail((width, width), Image.Resampling.LANCZOS, reducing_gap=3.0)
        small = Image.new("RGB", opened.size, "white")
        rgba = opened.convert("RGBA")
        small.paste(rgba, mask=rgba.getchannel("A"))
    written = BytesIO()
    small.save(written, "WEBP", quality=_THUMBNAIL_QUALITY, method=4)
    return written.getvalue()
