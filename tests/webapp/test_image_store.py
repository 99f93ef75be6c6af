"""Pictures are there whole or not at all, whatever happens to the process that writes them."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from tests.webapp.shoes import listing, picture
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import ProductImage
from webapp.database import db
from webapp.image_store import ImageStore, PictureMissingError, current_images
from webapp.settings import ROOT, Settings


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


def test_a_picture_is_named_by_its_content(store: ImageStore) -> None:
    content = picture(1)
    sha256 = store.put(content, ".png")
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert store.path(sha256).read_bytes() == content
    assert store.url(sha256) == f"/images/{sha256}.png"
    assert store.put(content, "png") == sha256
    assert len([file for file in store.folder.rglob("*.*") if file.is_file()]) == 1


def test_jpeg_has_one_spelling(store: ImageStore) -> None:
    sha256 = store.put(picture(1, file_format="JPEG"), ".JPEG")
    assert store.path(sha256).suffix == ".jpg"


@pytest.mark.parametrize("suffix", ["svg", "html", "heic", "", "../png"])
def test_only_pictures_for_browsers_are_kept(store: ImageStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="the image store keeps"):
        store.put(b"x", suffix)


@pytest.mark.parametrize("name", ["", "0" * 64, "../../etc/passwd", "Z" * 64])
def test_a_missing_picture_is_said_to_be(store: ImageStore, name: str) -> None:
    with pytest.raises(PictureMissingError):
        store.path(name)


def test_many_threads_may_put_the_same_picture(store: ImageStore) -> None:
    content = picture(1)
    threads = [threading.Thread(target=store.put, args=(content, "png")) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [file.read_bytes() for file in store.folder.rglob("*.*") if file.is_file()] == [content]


def test_thumbnails_are_small_on_white_and_made_once(store: ImageStore) -> None:
    written = BytesIO()
    Image.new("RGBA", (800, 400), (255, 0, 0, 0)).save(written, "PNG")
    sha256 = store.put(written.getvalue(), "png")
    made = store.thumbnail(sha256, 320)
    with Image.open(made) as thumbnail:
        assert (thumbnail.size, thumbnail.format) == ((320, 160), "WEBP")
        assert min(thumbnail.convert("RGB").getpixel((5, 5))) > 250  # type: ignore[arg-type, type-var]
    changed_at = made.stat().st_mtime_ns
    assert store.thumbnail(sha256, 320).stat().st_mtime_ns == changed_at
    with pytest.raises(PictureMissingError):
        store.thumbnail(sha256, 321)


def test_a_removed_picture_is_gone_with_its_thumbnails(store: ImageStore) -> None:
    sha256 = store.put(picture(1), "png")
    store.thumbnail(sha256, 96)
    store.remove(sha256)
    store.remove(sha256)
    assert [file for file in store.folder.rglob("*.*") if file.is_file()] == []


def test_pictures_of_products_are_served_to_be_kept_for_ever(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with app.app_context():
        take_in([listing(tmp_path, 1)], tmp_path, current_images())
        sha256 = db.session.scalars(select(ProductImage.sha256)).one()
        db.session.rollback()
    for address, kind in ((f"/images/{sha256}.png", "image/png"), (f"/images/{sha256}/96", "image/webp")):
        answer = client.get(address)
        assert (answer.status_code, answer.content_type) == (200, kind)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_of_all_other_pictures_nobody_keeps_a_copy_without_asking(app: Flask, client: FlaskClient) -> None:
    """Among them are people's photos, which may be deleted."""
    sha256 = app.extensions["image_store"].put(picture(1), "png")
    for address in (f"/images/{sha256}.png", f"/images/{sha256}/96"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        asked_after = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(address, headers=asked_after).status_code == 304
        app.extensions["image_store"].remove(sha256)
        assert client.get(address, headers=asked_after).status_code == 404
        app.extensions["image_store"].put(picture(1), "png")


@pytest.mark.parametrize("tail", [".jpg", ".svg", "/97", "/-1", "/9999999999", ""])
def test_other_addresses_of_a_picture_are_not_there(app: Flask, client: FlaskClient, tail: str) -> None:
    sha256 = app.extensions["image_store"].put(picture(1), "png")
    assert client.get(f"/images/{sha256}{tail}").status_code == 404
    assert client.get(f"/images/{'0' * 64}.png").status_code == 404


WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from tests.webapp.shoes import listing
    from webapp import Settings, create_app
    from webapp.catalogue.intake import take_in
    from webapp.image_store import current_images

    instance, first = Path(sys.argv[1]), int(sys.argv[2])
    source = instance / f"scraped-{first}"
    shoes = [listing(source, number, angles=4) for number in range(first, first + 400)]
    with create_app(Settings(instance=instance, secret_key="x")).app_context():
        take_in(shoes, source, current_images(), chunk=2, progress=lambda _: print("written", flush=True))
    """
)


def test_kill_9_leaves_no_half_file_and_no_row_without_its_file(app: Flask, settings: Settings) -> None:
    """A process that takes pictures in is killed at random moments; what is there afterwards is whole."""
    dice = random.Random(5)
    for round_number in range(4):
        command = [sys.executable, "-c", WRITER, str(settings.instance), str(1000 * round_number)]
        writer = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        time.sleep(dice.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    store: ImageStore = app.extensions["image_store"]
    with app.app_context():
        rows = db.session.scalars(select(ProductImage.sha256)).all()
    assert len(rows) < 4 * 1600, "the writers were done before they were killed"
    assert all(store.has(sha256) for sha256 in rows)
    files = [file for file in store.folder.rglob("*.*") if file.is_file() and not file.name.startswith(".")]
    assert all(hashlib.sha256(file.read_bytes()).hexdigest() == file.stem for file in files)
    left = [file for file in store.folder.rglob(".*") if file.is_file()]
    for file in left:
        os.utime(file, (0, 0))
    assert store.sweep() == len(left)
