"""Conversion models are trained in the background, on imported rows where there are enough, and put into service."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import insert, select

from ml.conversions.boosting import Settings as Boosting
from ml.conversions.contexts import SNEAKER_TYPES
from ml.conversions.rows import IMPORTED, SIMULATED
from ml.conversions.targets import TARGETS
from ml.imaging.augments.table import AUGMENTS
from ml.serving.bundle import Bundle
from tests.webapp.conftest import Person, csrf_token
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.progress import JobCancelled, Progress
from webapp.jobs.queue import last_job
from webapp.jobs.runner import run_job
from webapp.studio import model_watch, train_job
from webapp.studio.augment_probabilities import made
from webapp.studio.campaign_models import CampaignImport, CampaignRow
from webapp.studio.conversion_models import current_conversions, history
from webapp.studio.model_watch import enqueue_training, watch_model
from webapp.studio.models import VariantEmbedding

PRODUCTS = 24
ENOUGH = 300


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few trees on a few rows."""
    monkeypatch.setattr(train_job, "SIMULATED_SENDS", 200)
    monkeypatch.setattr(train_job, "Settings", lambda **kept: Boosting(rounds=6, fewest_pairs=1, most_pairs=1, **kept))


@pytest.fixture
def varied(app: Flask, shoe_bundle: Bundle) -> Iterator[None]:
    """Products whose variants the bundle on duty has seen: vectors drawn by a seed."""
    random = np.random.default_rng(3)
    with app.app_context(), write_transaction() as session:
        for number in range(PRODUCTS):
            product = Product(
                site="test",
                style_code=f"T-{number}",
                brand="Vello",
                name="Dart",
                label="dart",
                category="runner",
                url="",
            )
            sha256 = f"{number:064}"
            product.images.append(
                ProductImage(position=0, sha256=sha256, suffix="png", angle_deg=None, width=10, height=10)
            )
            session.add(product)
            session.flush()
            vectors = random.normal(size=(len(AUGMENTS), shoe_bundle.card.embedding_dimensions)).astype("<f4")
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            rows = [
                {
                    "image_id": product.images[0].id,
                    "augment": augment,
                    "bundle_id": shoe_bundle.card.id,
                    "sha256": f"{number:032}{place:032}",
                    "width": 10,
                    "height": 10,
                    "vector": vector.tobytes(),
                    "augment_probabilities": made(augment).astype("<f4").tobytes(),
                }
                for place, (augment, vector) in enumerate(zip(AUGMENTS, vectors, strict=True))
            ]
            session.execute(insert(VariantEmbedding), rows)
    yield
    app.extensions["recognition"].close()


def import_rows(number: int, state: str = "imported") -> None:
    """Rows that tell of clicks alone."""
    with write_transaction() as session:
        images = list(session.scalars(select(ProductImage.id)))
        facts = {"file_name": "x.csv", "sha256": "0" * 64, "lines": 1, "columns": [], "mapping": {}, "usual": {}}
        session.add(found := CampaignImport(**facts, state=state))
        session.flush()
        context = {"campaign_type": "newsletter", "industry": "retail", "sneaker_type": "lifestyle"}
        rows = [
            {
                "import_id": found.id,
                "digest": f"{place:064}",
                "line": place,
                "picture": "x",
                "image_id": images[place % len(images)],
                "augment": "brighter" if place % 2 else "original",
                "recipients": 50,
                "opens": 20,
                "clicks": 2 + place % 3,
                **context,
            }
            for place in range(number)
        ]
        session.execute(insert(CampaignRow), rows)


def trained(app: Flask) -> Job:
    job_id = enqueue_training().id
    run_job(app, job_id)
    db.session.rollback()
    return db.session.get_one(Job, job_id)


@pytest.mark.usefixtures("app_context", "varied")
class TestTraining:
    def test_the_worker_trains_a_first_model_on_simulated_rows_by_itself(self, app: Flask, shoe_bundle: Bundle) -> None:
        watch_model()
        job = last_job("conversions", bundle=shoe_bundle.card.id)
        assert job is not None
        watch_model()  # one is enough
        assert len(list(db.session.scalars(select(Job)))) == 1
        run_job(app, job.id)
        db.session.rollback()
        assert job.state == "succeeded", job.log
        loaded = current_conversions()
        assert loaded is not None and loaded.past is not None
        assert loaded.model.bundle == shoe_bundle.card.id
        assert {told["provenance"] for told in loaded.card.targets.values()} == {"simulated"}
        assert len(loaded.past.pictures) <= PRODUCTS * len(AUGMENTS)
        types = {SNEAKER_TYPES[code] for code in loaded.past.sneaker_type.tolist()}
        assert types == {"running"}, "simulated rows are about the catalogue's own kind of shoe"
        watch_model()
        assert len(list(db.session.scalars(select(Job)))) == 1

    def test_it_waits_for_enough_products_and_for_other_jobs(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(model_watch, "FEWEST_PRODUCTS", PRODUCTS + 1)
            watch_model()
        with write_transaction() as session:
            session.add(job := Job(kind="variants", message=""))
        watch_model()
        assert last_job("conversions") is None
        with write_transaction():
            job.state = "succeeded"
        watch_model()
        assert last_job("conversions") is not None

    def test_enough_imported_rows_train_their_targets_alone(self, app: Flask) -> None:
        import_rows(ENOUGH)
        job = trained(app)
        assert (job.state, job.counts["imported"]) == ("succeeded", 3), job.log
        loaded = current_conversions()
        assert loaded is not None
        told = {name: (facts["provenance"], facts["rows"]) for name, facts in loaded.card.targets.items()}
        assert told["click_to_open"] == ("imported", ENOUGH)
        assert told["open"][0] == told["click_through"][0] == "imported"
        assert told["purchase"] == ("simulated", 200)
        past = {name: loaded.past_of(TARGETS[name]) for name in ("click_to_open", "purchase")}
        assert {name: set(rows.provenance.tolist()) for name, rows in past.items() if rows} == {
            "click_to_open": {IMPORTED},
            "purchase": {SIMULATED},
        }

    def test_too_few_imported_rows_or_ones_that_do_not_count_train_nothing(self, app: Flask) -> None:
        import_rows(ENOUGH, state="importing")
        assert trained(app).counts["imported"] == 0

    def test_one_that_is_stopped_publishes_nothing(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        trained(app)
        served = [one.model for one in history()]

        def stopped(self: Progress, done: int, total: int, message: str, *, at_once: bool = False) -> None:
            if done == 2:
                raise JobCancelled

        monkeypatch.setattr(Progress, "report", stopped)
        assert trained(app).state == "cancelled"
        assert [one.model for one in history()] == served


@pytest.mark.usefixtures("app_context")
def test_an_empty_catalogue_is_told_in_a_sentence(app: Flask) -> None:
    job = trained(app)
    assert job.state == "failed" and "fill the catalogue first" in job.message
    app.extensions["recognition"].close()


@pytest.mark.usefixtures("varied")
def test_a_marketer_trains_looks_and_goes_back(app: Flask, marketer: Person) -> None:
    page = marketer.client.get("/studio/model").text
    assert "There is no model yet" in page
    form = {"csrf_token": csrf_token(marketer.client, "/studio/model")}

    def train() -> str:
        assert marketer.client.post("/studio/model/trainings", data=form).status_code == 303
        with app.app_context():
            job = last_job("conversions")
            assert job is not None
            run_job(app, job.id)
            loaded = current_conversions()
            assert loaded is not None
            return loaded.card.id

    first = train()
    page = marketer.client.get("/studio/model").text
    assert "All of it is simulated" in page and "simulated rows" in page and "Click-to-open" in page
    assert "Intervals reckon with single pictures" in page
    assert page.count("<svg") >= 3 and "style=" not in page
    with app.app_context():
        import_rows(ENOUGH)
    second = train()
    page = marketer.client.get("/studio/model").text
    assert second in page and "imported" in page and "All of it is simulated" not in page
    for target in ("revenue_per_email", "bounce", "open"):
        assert marketer.client.get(f"/studio/model?target={target}").status_code == 200
    assert marketer.client.get("/studio/model?target=luck").status_code == 404
    numbers = marketer.client.get("/studio/model/evaluation.csv").text.splitlines()
    assert len(numbers) == 10 and numbers[1].startswith("Opens,imported,300")
    answer = marketer.client.post("/studio/model/rollback", data=form, follow_redirects=True)
    assert f"{first} is in service again" in answer.text
    assert (
        "Nothing was changed" in marketer.client.post("/studio/model/rollback", data=form, follow_redirects=True).text
    )


@pytest.mark.usefixtures("varied")
def test_a_training_is_stopped_from_the_page(app: Flask, marketer: Person) -> None:
    form = {"csrf_token": csrf_token(marketer.client, "/studio/model")}
    marketer.client.post("/studio/model/trainings", data=form)
    assert "Stop the training" in marketer.client.get("/studio/model").text
    marketer.client.post("/studio/model/trainings/cancel", data=form)
    with app.app_context():
        job = last_job("conversions")
        assert job is not None and job.state == "cancelled"
