"""Recommendations for sent pictures grow old; those for products last as long as their product. Pictures go after."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import BytesIO

from flask import Flask
from sqlalchemy import delete

from tests.webapp.conftest import PASSWORD, Person, csrf_token
from tests.webapp.identify.test_privacy import photo_with_place
from tests.webapp.studio.test_pages import ask
from webapp.accounts.audit import read_entries
from webapp.accounts.people import create_user
from webapp.catalogue.models import Product
from webapp.database import db, now, write_transaction
from webapp.image_store import ImageStore, current_images
from webapp.jobs.chores import enqueue_clean_up
from webapp.jobs.models import Job
from webapp.jobs.runner import run_job
from webapp.settings import Settings
from webapp.studio.models import Recommendation


def grow_old(images: ImageStore) -> None:
    for file in images.folder.rglob("*.*"):
        os.utime(file, (time.time() - 7200,) * 2)


def cleaned(app: Flask) -> dict[str, int]:
    """What cleaning up removes, with all pictures two hours old."""
    grow_old(current_images())
    job_id = enqueue_clean_up().id
    run_job(app, job_id)
    db.session.rollback()
    job = db.session.get_one(Job, job_id)
    assert job.state == "succeeded", job.message
    return dict(job.counts)


def shown_on(person: Person, address: str) -> set[int]:
    """What the pictures on a page are answered with."""
    page = person.client.get(address).get_data(as_text=True)
    sources = {part.split('"')[0] for part in page.split(' src="')[1:] if part.startswith("/images/")}
    assert len(sources) >= 10
    return {person.client.get(source).status_code for source in sources}


def test_recommendations_keep_their_pictures_until_they_go_themselves(
    app: Flask, marketer: Person, products: dict[str, int], conversions: None, red_shoe: bytes
) -> None:
    sent = ask(marketer, photo=(BytesIO(red_shoe), "shoe.jpg")).location
    ask(marketer, product_id=products["kumo_drift-A"])
    with app.app_context():
        first = cleaned(app)
        assert first["old recommendations"] == first["unreferenced pictures"] == 0
        assert shown_on(marketer, sent) == {200}
        with write_transaction() as session:
            long_ago = now() - timedelta(days=app.extensions["settings"].keep_uploads_days + 1)
            for kept in session.query(Recommendation):
                kept.created_at = long_ago
        later = cleaned(app)
        assert later["old recommendations"] == 1 and later["unreferenced pictures"] >= 8
        assert [one.source for one in db.session.query(Recommendation)] == ["catalogue"]


def test_recommendations_for_products_go_with_the_product(
    app: Flask, marketer: Person, products: dict[str, int], conversions: None
) -> None:
    ask(marketer, product_id=products["kumo_drift-A"])
    with app.app_context():
        before = sum(file.is_file() for file in current_images().folder.rglob("*.jpg"))
        with write_transaction() as session:
            session.execute(delete(Product).where(Product.id == products["kumo_drift-A"]))
        went = cleaned(app)
        assert went["old recommendations"] == 1 and went["unreferenced pictures"] >= 6 and before
        assert db.session.query(Recommendation).count() == 0


def test_who_sent_a_picture_deletes_it(
    app: Flask, marketer: Person, products: dict[str, int], conversions: None, settings: Settings
) -> None:
    with app.app_context():
        create_user("other@example.com", "marketer", PASSWORD)
    other = app.test_client()
    form = {"email": "other@example.com", "password": PASSWORD, "csrf_token": csrf_token(other)}
    assert other.post("/sign-in", data=form).status_code == 303
    before = {file for file in settings.images_folder.rglob("*.*") if file.is_file()}
    sent = ask(marketer, photo=(BytesIO(photo_with_place()), "shoe.jpg")).location
    for file in settings.instance.rglob("*"):  # neither place nor camera is kept anywhere
        assert not file.is_file() or b"SECRET" not in file.read_bytes(), file
    assert "Delete picture and recommendation" in marketer.client.get(sent).text
    assert "Delete picture and recommendation" not in other.get(sent).text
    assert other.post(f"{sent}/delete", data={"csrf_token": csrf_token(other, "/")}).status_code == 403
    assert marketer.client.post(f"{sent}/delete").status_code == 400
    token = {"csrf_token": csrf_token(marketer.client, sent)}
    assert marketer.client.post(f"{sent}/delete", data=token).status_code == 303
    assert marketer.client.get(sent).status_code == 404
    assert {file for file in settings.images_folder.rglob("*.*") if file.is_file()} == before


def test_an_admin_deletes_it_too_and_the_audit_log_knows(
    app: Flask, marketer: Person, admin: Person, products: dict[str, int], conversions: None, red_shoe: bytes
) -> None:
    for person in (marketer, admin):
        sent = ask(person, photo=(BytesIO(red_shoe), "shoe.jpg")).location
        token = {"csrf_token": csrf_token(admin.client, "/")}
        assert admin.client.post(f"{sent}/delete", data=token).status_code == 303
        assert person.client.get(sent).status_code == 404
    with app.app_context():
        (entry,) = read_entries(act="delete recommendation")[0]  # one's own picture is one's own affair
    assert (entry.who, entry.details["outcome"]) == (admin.email, "done")
