"""Another bundle comes on duty: what is trained anew, by itself, and what people are told meanwhile."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from ml.conversions.boosting import Settings as Boosting
from ml.serving.bundle import Bundle
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.conftest import Person
from tests.webapp.studio.test_pages import QUESTION, ask
from webapp.database import db, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.queue import last_job
from webapp.jobs.runner import run_job
from webapp.settings import Settings
from webapp.studio import train_job
from webapp.studio.ahead import watch_catalogue
from webapp.studio.conversion_models import current_conversions
from webapp.studio.model_watch import watch_model


def end(app: Flask, kind: str) -> Job:
    """Run the last job of a kind."""
    job = last_job(kind)
    assert job is not None and job.state == "queued"
    run_job(app, job.id)
    db.session.rollback()
    assert job.state == "succeeded", job.log
    return job


@pytest.fixture
def changed(app: Flask, products: dict[str, int], conversions: None, shoe_bundle: Bundle, settings: Settings) -> str:
    """The id of a second bundle, on duty; the variants of the catalogue were made before for the first one."""
    with app.app_context():
        watch_catalogue()()
        end(app, "variants")
        second = write_tiny_bundle(settings.bundles_folder / "second", labels=shoe_bundle.card.labels)
        (settings.bundles_folder / "current").symlink_to("second")
        app.extensions["recognition"].refresh()
    return second.card.id


def sent(marketer: Person, red_shoe: bytes) -> str:
    """What the API says to a picture that is sent."""
    form = {**QUESTION, "photo": (BytesIO(red_shoe), "shoe.jpg")}
    response = marketer.client.post("/api/v1/recommendations", data=form, headers=marketer.bearer)
    assert response.json is not None
    return str(response.json.get("detail", response.status_code))


def test_everything_is_trained_anew_by_itself_and_told_meanwhile(
    app: Flask,
    marketer: Person,
    changed: str,
    products: dict[str, int],
    red_shoe: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train_job, "SIMULATED_SENDS", 200)
    monkeypatch.setattr(train_job, "Settings", lambda **kept: Boosting(rounds=6, fewest_pairs=1, most_pairs=1, **kept))
    assert "as soon as it has nothing else to do" in sent(marketer, red_shoe)
    with app.app_context():
        watch_catalogue()()
        watch_model()
        assert last_job("conversions") is None, "variants come first"
        with write_transaction() as session:
            job = session.scalars(select(Job).where(Job.kind == "variants").order_by(Job.id.desc())).first()
            assert job is not None
            job.state, job.done, job.total, job.message = "running", 2, 5, "Making the studio's variants: 2 of 5"
            job_id = job.id
    assert "Under way: Making the studio's variants: 2 of 5 (40%)." in sent(marketer, red_shoe)
    page = marketer.client.get("/studio").get_data(as_text=True)
    assert "variants: 2 of 5 (40%)" in page and "pictures that you send have to wait" in page
    assert ask(marketer, product_id=products["kumo_drift-A"]).status_code == 303, "the catalogue is answered all along"

    with app.app_context():
        with write_transaction() as session:
            session.get_one(Job, job_id).state = "queued"
        end(app, "variants")
        watch_model()
        watch_model()
        end(app, "conversions")
        loaded = current_conversions()
        assert loaded is not None and loaded.model.bundle == changed, "six products are few, but all there are"
    assert sent(marketer, red_shoe) == "200"
    assert "have to wait" not in marketer.client.get("/studio").get_data(as_text=True)


def test_a_training_that_failed_is_told(app: Flask, marketer: Person, changed: str, red_shoe: bytes) -> None:
    with app.app_context(), write_transaction() as session:
        session.add(Job(kind="conversions", state="failed", options={"bundle": changed}, message="No space is left."))
    assert "failed: No space is left. Start it again" in sent(marketer, red_shoe)
