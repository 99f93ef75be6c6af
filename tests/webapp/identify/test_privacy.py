"""Photos keep no place, go in their time, and can be deleted by who sent them; nobody else's are touched."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.drawn_shoes import photo_of
from tests.webapp.conftest import Person, csrf_token
from webapp.accounts.audit import read_entries
from webapp.database import db, write_transaction
from webapp.identify.forget import forget, forget_expired, goes_at
from webapp.identify.keys import key_of
from webapp.identify.models import Feedback, Identification, Upload
from webapp.identify.receive import receive
from webapp.identify.say import say_right
from webapp.image_store import ImageStore, current_images
from webapp.jobs.progress import Progress
from webapp.recognition import Recognition
from webapp.settings import Settings, current_settings

API = "/api/v1/identifications"
MEGABYTE = 1024 * 1024


def photo_with_place(label: str = "vello_dart_low", form: str = "JPEG") -> bytes:
    """A photo that tells where and with what it was taken, in EXIF, XMP and a comment."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0131] = "SECRETMAKER", "SECRETSOFT"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 13.5), 3: "E", 4: (11.0, 34.0, 30.0)})
    written = BytesIO()
    more = {"comment": b"SECRETCOMMENT"} if form == "JPEG" else {}
    Image.open(BytesIO(photo_of(label))).save(written, form, exif=exif, xmp=b"<x>SECRETXMP</x>", **more)
    return written.getvalue()


def send(client: FlaskClient, photo: bytes, **fields: str) -> str:
    """Send a photo by the page's form; the answer's id."""
    form = {"csrf_token": csrf_token(client, "/"), "photo": (BytesIO(photo), "shoe.jpg"), **fields}
    response = client.post("/identifications", data=form, content_type="multipart/form-data")
    assert response.status_code == 303, response.text
    return str(response.location).rpartition("/")[2]


def kept_files(settings: Settings) -> list[Path]:
    return [file for file in settings.images_folder.rglob("*.*") if file.is_file()]


def uploads_of(identification_id: str) -> Sequence[Upload]:
    db.session.rollback()
    return db.session.get_one(Identification, identification_id).uploads


def pictures_of(identification_id: str) -> set[str]:
    return {name for one in uploads_of(identification_id) for name in (one.photo_sha256, one.cutout_sha256)}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_tells_neither_place_nor_camera(
    client: FlaskClient, app: Flask, settings: Settings, recognition: Recognition, form: str
) -> None:
    photo = photo_with_place(form=form)
    assert b"SECRETMAKER" in photo  # so that the test can fail
    assert Image.open(BytesIO(photo)).getexif().get_ifd(0x8825)
    send(client, photo)
    files = kept_files(settings)
    assert len(files) == 2
    for file in files:
        with Image.open(file) as kept:
            assert not kept.getexif()
            assert not kept.getexif().get_ifd(0x8825)
            assert not {"exif", "xmp", "comment", "XML:com.adobe.xmp"} & set(kept.info)
        assert b"SECRET" not in file.read_bytes()
        assert b"Exif" not in file.read_bytes()
    for file in settings.instance.rglob("*"):  # nor anywhere else
        assert not file.is_file() or b"SECRET" not in file.read_bytes(), file


class TestTheForm:
    def test_training_is_asked_plainly_and_is_off(self, client: FlaskClient, recognition: Recognition) -> None:
        page = client.get("/").text
        box = re.search(r'<input type="checkbox" name="training"[^>]*>', page)
        assert box is not None
        assert "checked" not in box[0]
        assert "deleted after 30 days" in page

    def test_nobody_allows_who_says_nothing(self, client: FlaskClient, app: Flask, recognition: Recognition) -> None:
        silent = send(client, photo_of("kumo_drift"))
        willing = send(client, photo_of("kumo_drift"), training="yes")
        with app.app_context():
            assert db.session.get_one(Identification, silent).training_allowed_at is None
            assert db.session.get_one(Identification, willing).training_allowed_at is not None

    def test_it_can_be_allowed_and_taken_back_on_the_answer(
        self, client: FlaskClient, app: Flask, recognition: Recognition
    ) -> None:
        sent = send(client, photo_of("kumo_drift"))
        address = f"/identifications/{sent}"
        assert "not used to train" in client.get(address).text
        for training, words in (("yes", "You said that the models may be trained"), ("no", "not used to train")):
            form = {"csrf_token": csrf_token(client, address), "training": training}
            assert client.post(f"{address}/training", data=form).status_code == 303
            assert words in client.get(address).text

    def test_the_api_takes_it_too(self, client: FlaskClient, app: Flask, recognition: Recognition) -> None:
        form = {"photo": (BytesIO(photo_of("kumo_drift")), "a.jpg"), "training": "yes"}
        sent = client.post(API, data=form).get_json()
        with app.app_context():
            assert db.session.get_one(Identification, sent["id"]).training_allowed_at is not None


class TestDeleting:
    def test_who_sent_it_deletes_it_on_the_page(
        self, client: FlaskClient, app: Flask, settings: Settings, recognition: Recognition
    ) -> None:
        sent = send(client, photo_of("kumo_drift"))
        address = f"/identifications/{sent}"
        token = csrf_token(client, address)
        client.post(f"{address}/feedback", data={"csrf_token": token, "verdict": "right"})
        link = re.search(r'href="([^"]+/delete\?key=[^"]+)"', client.get(address).text)
        assert link is not None
        assert "go at once and for good" in client.get(link[1]).text
        assert client.post(f"{address}/delete").status_code == 400
        assert client.post(f"{address}/delete", data={"csrf_token": token}).status_code == 303
        assert kept_files(settings) == []
        gone = client.get(address)
        assert gone.status_code == 410
        assert "This is gone" in gone.text
        assert client.get(f"{API}/{sent}").status_code == 410
        assert client.get(f"{API}/{sent}").get_json()["detail"].startswith("The photos and the answer were deleted")
        assert client.post(f"{API}/{sent}/feedback", json={"correct": True}).status_code == 410
        assert client.get(f"{address}/delete").status_code == 410
        with app.app_context():
            assert db.session.get_one(Identification, sent).answer == {}
            assert db.session.query(Feedback).count() == db.session.query(Upload).count() == 0

    def test_a_stranger_can_see_but_not_delete(self, client: FlaskClient, app: Flask, recognition: Recognition) -> None:
        sent = send(client, photo_of("kumo_drift"))
        address, stranger = f"/identifications/{sent}", app.test_client()
        page = stranger.get(address).text
        assert "Delete photo" not in page
        assert "key=" not in page
        token = {"csrf_token": csrf_token(stranger, "/")}
        for path in ("delete", "training"):
            assert stranger.post(f"{address}/{path}", data=token).status_code == 403
            assert stranger.post(f"{address}/{path}", data={**token, "key": "0" * 32}).status_code == 403
        assert stranger.get(f"{address}/delete").status_code == 403
        assert stranger.delete(f"{API}/{sent}").status_code == 403
        assert stranger.delete(f"{API}/{sent}", headers={"Delete-Key": "é" * 32}).status_code == 403
        assert client.get(address).status_code == 200

    def test_the_link_works_on_another_device(self, client: FlaskClient, app: Flask, recognition: Recognition) -> None:
        sent = send(client, photo_of("kumo_drift"))
        link = re.search(r'href="([^"]+/delete\?key=([^"]+))"', client.get(f"/identifications/{sent}").text)
        assert link is not None
        other = app.test_client()
        form = {"csrf_token": csrf_token(other, link[1]), "key": link[2]}
        assert other.post(f"/identifications/{sent}/delete", data=form).status_code == 303
        assert other.get(f"/identifications/{sent}").status_code == 410

    def test_a_program_deletes_with_the_key_that_came_along(
        self, client: FlaskClient, app: Flask, recognition: Recognition
    ) -> None:
        answered = client.post(API, data={"photo": (BytesIO(photo_of("kumo_drift")), "a.jpg")})
        key, address = answered.headers["Delete-Key"], answered.headers["Location"]
        program = app.test_client()
        assert program.delete(address).status_code == 403
        assert program.delete(address, headers={"Delete-Key": key}).status_code == 204
        assert program.delete(address, headers={"Delete-Key": key}).status_code == 410

    def test_a_browsers_session_needs_the_token(self, client: FlaskClient, recognition: Recognition) -> None:
        sent = client.post(API, data={"photo": (BytesIO(photo_of("kumo_drift")), "a.jpg")}).get_json()["id"]
        assert client.delete(f"{API}/{sent}").status_code == 400
        assert client.delete(f"{API}/{sent}", headers={"Delete-Key": "0" * 32}).status_code == 400
        headers = {"X-CSRFToken": csrf_token(client, f"/identifications/{sent}")}
        assert client.delete(f"{API}/{sent}", headers=headers).status_code == 204

    def test_an_admin_may_a_marketer_may_not(
        self, client: FlaskClient, admin: Person, marketer: Person, app: Flask, recognition: Recognition
    ) -> None:
        sent = send(client, photo_of("kumo_drift"))
        program = app.test_client()
        assert program.delete(f"{API}/{sent}", headers=marketer.bearer).status_code == 403
        assert program.delete(f"{API}/{sent}", headers=admin.bearer).status_code == 204

    def test_an_admins_session_may_too_with_its_token(
        self, client: FlaskClient, admin: Person, app: Flask, recognition: Recognition
    ) -> None:
        sent = send(client, photo_of("kumo_drift"))
        assert admin.client.delete(f"{API}/{sent}").status_code == 400
        headers = {"X-CSRFToken": csrf_token(admin.client, "/admin/people")}
        assert admin.client.delete(f"{API}/{sent}", headers=headers).status_code == 204
        with app.app_context():
            (entry,) = read_entries(act="delete photos")[0]
        assert (entry.who, entry.details["outcome"]) == (admin.email, "done")

    def test_keys_belong_to_one_identification_and_one_site(self) -> None:
        keys = {key_of(one, secret) for one in ("a", "b") for secret in ("x", "y")}
        assert len(keys) == 4


class TestInTime:
    def test_photos_go_after_the_set_days_unless_training_may_use_them(
        self, client: FlaskClient, app: Flask, settings: Settings, recognition: Recognition
    ) -> None:
        fresh, old, willing = (
            send(client, photo_of(label), **more)
            for label, more in (("kumo_drift", {}), ("vello_dart_low", {}), ("vello_dart_high", {"training": "yes"}))
        )
        with app.app_context():
            with write_transaction() as session:
                for identification_id in (old, willing):
                    session.get_one(Identification, identification_id).created_at -= timedelta(days=31)
            assert goes_at(db.session.get_one(Identification, willing)) is None
            assert forget_expired(Progress(1, {})) == 1
            assert forget_expired(Progress(1, {})) == 0
            left = pictures_of(fresh) | pictures_of(willing)
            assert {file.stem for file in kept_files(settings)} == left
            assert len(left) == 4
        assert client.get(f"/identifications/{old}").status_code == 410

    def test_a_photo_sent_twice_stays_until_both_are_gone(
        self, client: FlaskClient, app: Flask, settings: Settings, recognition: Recognition
    ) -> None:
        first, second = send(client, photo_of("kumo_drift")), send(client, photo_of("kumo_drift"))
        with app.app_context():
            assert pictures_of(first) == pictures_of(second)
            forget(first, current_images())
            assert len(kept_files(settings)) == 2
            forget(second, current_images())
            assert kept_files(settings) == []


def test_what_is_said_of_photos_that_were_just_deleted_is_not_kept(
    client: FlaskClient, app: Flask, recognition: Recognition
) -> None:
    sent = send(client, photo_of("kumo_drift"))
    with app.app_context():
        found = db.session.get_one(Identification, sent)
        assert not found.is_gone  # as the page has found it
        with app.app_context():
            forget(sent, current_images())
        say_right(found)
        assert db.session.query(Feedback).count() == 0


def test_the_same_photo_sent_and_deleted_all_the_time_never_leaves_a_row_without_its_picture(
    app: Flask, settings: Settings, recognition: Recognition
) -> None:
    """One photo is sent by two people while two others delete what was sent: the files are the same."""
    photo, over, failures = photo_of("kumo_drift"), threading.Event(), []
    sent: list[str] = []

    def sends() -> None:
        with app.app_context():
            for _ in range(5):
                sent.append(receive([BytesIO(photo)], recognition, current_images(), MEGABYTE).id)
                db.session.rollback()

    def deletes() -> None:
        with app.app_context():
            while not over.is_set() or sent:
                try:
                    forget(sent.pop(), current_images())
                except IndexError:
                    over.wait(0.002)
                check(current_images())

    def check(images: ImageStore) -> None:
        with write_transaction() as session:  # nobody writes or deletes meanwhile
            for upload in session.query(Upload):
                failures.extend(name for name in (upload.photo_sha256, upload.cutout_sha256) if not images.has(name))

    senders = [threading.Thread(target=sends) for _ in range(2)]
    deleters = [threading.Thread(target=deletes) for _ in range(2)]
    for thread in (*senders, *deleters):
        thread.start()
    for thread in senders:
        thread.join(60)
    over.set()
    for thread in deleters:
        thread.join(60)
    assert not failures
    assert kept_files(settings) == []
    with app.app_context():
        assert current_settings() is settings
        assert db.session.query(Upload).count() == 0
        assert db.session.query(Identification).count() == 10
