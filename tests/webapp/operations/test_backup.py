"""A backup made while the site writes is whole, and a restored site has every picture that its rows speak of."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from flask import Flask

from tests.drawn_shoes import photo_of
from tests.live_site import flask, live_site
from tests.webapp.conftest import settings_of
from tests.webapp.test_picture_sweep import add_product, picture
from webapp import create_app
from webapp.backup import BackupError, back_up, restore
from webapp.catalogue.models import ProductImage
from webapp.database import db
from webapp.image_store import ImageStore, current_images
from webapp.recognition import Recognition
from webapp.settings import Settings

API = "/api/v1/identifications"


@contextmanager
def writers(app: Flask, number: int = 2) -> Iterator[list[int]]:
    """Threads that put pictures into the store and rows into the database as long as the block lasts."""
    over, written = threading.Event(), []

    def write(start: int) -> None:
        with app.app_context():
            for one in range(start, start + 10_000):
                if over.is_set():
                    return
                add_product(one, current_images().put(picture(one), "jpg"))
                written.append(one)

    threads = [threading.Thread(target=write, args=(place * 10_000,)) for place in range(number)]
    for thread in threads:
        thread.start()
    try:
        while len(written) < 4:
            threading.Event().wait(0.01)
        yield written
    finally:
        over.set()
        for thread in threads:
            thread.join(60)


def rows_and_files(instance: Path) -> tuple[set[str], set[str]]:
    with closing(sqlite3.connect(instance / "solescope.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = {name for (name,) in database.execute("SELECT sha256 FROM product_images")}
    return names, {file.stem for file in (instance / "images").rglob("*.jpg")}


def test_a_backup_while_the_site_writes_is_whole_and_can_be_restored(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    (settings.instance / "secret_key").write_text("kept")
    (settings.bundles_folder / "first").mkdir(parents=True)
    (settings.bundles_folder / "current").symlink_to("first")
    with writers(app) as written, app.app_context():
        before = len(written)
        facts = back_up(settings, current_images(), tmp_path / "backup")
    names, files = rows_and_files(tmp_path / "backup")
    assert names == files
    assert before <= len(names) == facts["pictures"]
    assert len(written) > before  # they did not wait for the backup

    elsewhere = settings_of(tmp_path / "elsewhere")
    elsewhere.instance.mkdir()
    restored = create_app(elsewhere)
    done = restored.test_cli_runner().invoke(args=["restore", str(tmp_path / "backup")])
    assert done.exit_code == 0, done.output
    assert rows_and_files(elsewhere.instance) == (names, files)
    assert (elsewhere.instance / "secret_key").read_text() == "kept"
    assert (elsewhere.bundles_folder / "current").readlink() == Path("first")
    assert restored.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
    with restored.app_context():
        assert db.session.query(ProductImage).count() == len(names)
        db.engine.dispose()


def test_a_picture_that_goes_while_the_backup_is_made_is_not_in_it(
    app: Flask, app_context: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = current_images()
    for number in range(3):
        add_product(number, images.put(picture(number), "jpg"))
    doomed = db.session.scalars(db.select(ProductImage.sha256)).first()
    assert doomed is not None
    db.session.rollback()
    asked: list[str] = []

    class Forgetful(ImageStore):
        """A store in which the first picture that is asked for is deleted that very moment, its row too."""

        def path(self, sha256: str) -> Path:
            if not asked:
                from webapp.catalogue.models import Product
                from webapp.database import write_transaction

                with write_transaction() as session:
                    row = session.query(ProductImage).filter_by(sha256=sha256).one()
                    session.delete(session.get_one(Product, row.product_id))
                self.remove(sha256)
            asked.append(sha256)
            return super().path(sha256)

    assert back_up(settings, Forgetful(images.folder), tmp_path / "backup")["pictures"] == 2
    names, files = rows_and_files(tmp_path / "backup")
    assert names == files
    assert asked[0] not in files


def test_a_restored_site_serves_what_the_first_one_did(
    app: Flask, settings: Settings, recognition: Recognition, tmp_path: Path
) -> None:
    """The real server on the restored folder: products, pictures, the photo that somebody sent, and the key to it."""
    with app.app_context():
        add_product(1, current_images().put(picture(1), "jpg"))
        product_id = db.session.scalars(db.select(ProductImage.product_id)).one()
        db.session.rollback()
    client = app.test_client()
    sent = client.post(f"{API}", data={"photo": (BytesIO(photo_of("kumo_drift")), "a.jpg")})
    asked = [f"/api/v1/products/{product_id}", sent.headers["Location"]]
    before = [client.get(address).get_json() for address in asked]
    (settings.instance / "secret_key").write_text(settings.secret_key)
    with app.app_context():
        back_up(settings, current_images(), tmp_path / "backup")
        db.engine.dispose()

    flask(tmp_path / "elsewhere", ("restore", str(tmp_path / "backup")), ("db", "upgrade"))
    again = settings_of(tmp_path / "elsewhere")
    with create_app(again).app_context():  # a backup of what came out of a backup
        back_up(again, current_images(), tmp_path / "second")
        db.engine.dispose()
    assert rows_and_files(tmp_path / "second") == rows_and_files(tmp_path / "backup")
    with live_site(tmp_path / "elsewhere") as site, httpx.Client(base_url=site.url) as visitor:
        assert [visitor.get(address).json() for address in asked] == before
        pictures = [
            before[0]["images"][0]["url"],
            before[1]["photos"][0]["url"],
            before[1]["photos"][0]["cutout"]["url"],
        ]
        assert [visitor.get(address).status_code for address in pictures] == [200] * 3
        assert visitor.get("/products").status_code == 200
        key = {"Delete-Key": sent.headers["Delete-Key"]}
        assert visitor.delete(asked[1], headers=key).status_code == 204
        assert visitor.get(pictures[1]).status_code == 404


@pytest.mark.usefixtures("app_context")
class TestRefusals:
    def test_a_place_among_what_is_backed_up(self, settings: Settings) -> None:
        with pytest.raises(BackupError, match="lies in the instance folder"):
            back_up(settings, current_images(), settings.instance / "backups" / "today")

    def test_a_disk_without_room_leaves_no_half_backup(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_product(1, current_images().put(picture(1), "jpg"))

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("webapp.backup.shutil.copytree", refuse)
        done = create_app(settings).test_cli_runner().invoke(args=["backup", str(tmp_path / "backups" / "today")])
        assert (done.exit_code, "No space left on device" in done.output) == (1, True)
        assert list((tmp_path / "backups").iterdir()) == []

    def test_a_place_that_is_taken(self, settings: Settings, tmp_path: Path) -> None:
        (tmp_path / "backup").mkdir()
        with pytest.raises(BackupError, match="is there already"):
            back_up(settings, current_images(), tmp_path / "backup")
        with pytest.raises(BackupError, match="restore into an empty instance folder"):
            restore(settings, tmp_path / "backup")

    @pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
    def test_what_is_left_of_another_database(self, settings: Settings, tmp_path: Path, ending: str) -> None:
        back_up(settings, current_images(), tmp_path / "backup")
        moved_away = settings_of(tmp_path / "moved-away")
        moved_away.instance.mkdir()
        (moved_away.instance / f"solescope.sqlite{ending}").touch()
        with pytest.raises(BackupError, match=f"solescope.sqlite{ending} is there already"):
            restore(moved_away, tmp_path / "backup")
        assert [file.name for file in moved_away.instance.iterdir()] == [f"solescope.sqlite{ending}"]

    def test_a_database_in_a_folder_of_its_own_is_not_copied_twice(self, settings: Settings, tmp_path: Path) -> None:
        (place := settings.instance / "db").mkdir()
        shutil.copy(settings.instance / "solescope.sqlite", place / "site.sqlite")
        for name in ("site.sqlite-wal", "kept"):
            (place / name).touch()
        moved = settings_of(settings.instance, database_url=f"sqlite:///{place / 'site.sqlite'}")
        back_up(moved, current_images(), tmp_path / "backup")
        assert [file.name for file in (tmp_path / "backup" / "rest" / "db").iterdir()] == ["kept"]

    def test_a_damaged_backup(self, settings: Settings, tmp_path: Path) -> None:
        back_up(settings, current_images(), tmp_path / "backup")
        empty = settings_of(tmp_path / "empty")
        with (tmp_path / "backup" / "solescope.sqlite").open("ab") as database:
            database.write(b"x")
        with pytest.raises(BackupError, match="changed or damaged"):
            restore(empty, tmp_path / "backup")
        (tmp_path / "backup" / "backup.json").write_text(json.dumps([]))
        with pytest.raises(BackupError, match="no whole backup"):
            restore(empty, tmp_path / "backup")

    def test_another_database_than_sqlite(self, settings: Settings, tmp_path: Path) -> None:
        other = settings_of(settings.instance, database_url="postgresql://localhost/solescope")
        with pytest.raises(BackupError, match="its own tools"):
            back_up(other, current_images(), tmp_path / "backup")
