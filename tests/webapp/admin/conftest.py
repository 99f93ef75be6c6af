"""A site with something of everything that admins act on: shops, runs, products, feedback, jobs, trainings, bundles."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ml.serving.bundle import Bundle
from tests.drawn_shoes import SHOES
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.conftest import PASSWORD, Person, csrf_token
from tests.webapp.identify.conftest import recognition, red_shoe, shoe_bundle
from tests.webapp.shoes import listing
from webapp.accounts.people import create_user
from webapp.accounts.tokens import make_token
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.models import Product
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.staging import stage
from webapp.database import db, now, write_transaction
from webapp.identify.models import Identification
from webapp.identify.receive import receive
from webapp.identify.say import say_other
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.recognition import Recognition
from webapp.settings import Settings

__all__ = ["recognition", "red_shoe", "shoe_bundle"]


@pytest.fixture
def settings(settings: Settings, shoe_bundle: Bundle, tmp_path: Path) -> Settings:
    """A site whose starter bundle knows the drawn shoes; another bundle lies beside it."""
    shipped = tmp_path / "shipped"
    shutil.copytree(shoe_bundle.folder, shipped / "starter")
    write_tiny_bundle(shipped / "other", tuple(SHOES), bundle_id="other")
    return replace(settings, starter_bundle=shipped / "starter")


@dataclass(frozen=True)
class World:
    """Where the things are that an admin may act on."""

    admin: Person
    person_id: int
    token_id: int
    product_id: int
    other_product_id: int
    picture_id: int
    offer_id: int
    suspect_run_id: int
    answer_id: str
    job_id: int

    def post(self, address: str, **form: object):  # type: ignore[no-untyped-def]
        """Send a form as the admin's browser does."""
        token = csrf_token(self.admin.client, "/admin/people")
        return self.admin.client.post(address, data={"csrf_token": token, **form})


@pytest.fixture
def world(app: Flask, admin: Person, recognition: Recognition, tmp_path: Path, red_shoe: bytes) -> World:
    """Something of everything."""
    with app.app_context():
        person = create_user("bob@example.com", "marketer", PASSWORD)
        make_token(person, "phone")
        _fill_catalogue(tmp_path / "shops")
        first, second = db.session.scalars(select(Product).order_by(Product.id).limit(2))
        job_id, run_id = _make_suspect_run(tmp_path / "suspect")
        answer = receive([io.BytesIO(red_shoe)], recognition, current_images(), 2**24)
        say_other(answer, "kumo_drift", None, ("kumo_drift",))
        return World(
            admin=admin,
            person_id=person.id,
            token_id=person.tokens[0].id,
            product_id=first.id,
            other_product_id=second.id,
            picture_id=first.images[0].id,
            offer_id=first.offers[-1].id,
            suspect_run_id=run_id,
            answer_id=answer.id,
            job_id=job_id,
        )


def consent(app: Flask, answer_id: str) -> None:
    """The person lets us train on the photos of this answer."""
    with app.app_context(), write_transaction() as session:
        session.get_one(Identification, answer_id).training_allowed_at = now()


def write_training(folder: Path, accuracy: float, **settings: object) -> None:
    """A finished run as `python -m ml train` leaves it, in its first files."""
    folder.mkdir(parents=True)
    asked = {"command": "train", "snapshot": "catalogue", "snapshot_digest": "same", **settings}
    (folder / "settings.json").write_text(json.dumps(asked))
    (folder / "progress.json").write_text('{"state": "finished"}')
    (folder / "metrics.json").write_text(json.dumps({"served": {"test": {"accuracy": accuracy, "log_loss": 0.5}}}))


def _fill_catalogue(folder: Path) -> None:
    """Three products; the first is sold by two shops."""
    listings = [listing(folder, number, angles=2) for number in range(1, 4)]
    again = replace(listings[0], site="other", price_cents=9900, url="https://other.example/1")
    take_in([*listings, again], folder, current_images())


def _make_suspect_run(folder: Path) -> tuple[int, int]:
    """A run of the shop "test" that has read one of its three products, and a job that waits."""
    with write_transaction() as session:
        session.add(job := Job(kind="scrape", options={"site": "test"}, message="Waiting to read test."))
        session.add(good := ScrapeRun(site="test", state="succeeded", listings=3, coverage={"price": 1.0}))
        crawl = {"statuses": {"403": 2, "429": 7}}
        run = ScrapeRun(site="test", state="suspect", listings=1, coverage={"price": 0.5}, why="Too few.", crawl=crawl)
        run.read_at = now()
        session.add(run)
        session.flush()
        job_id, run_id, _ = job.id, run.id, good.id
    stage(run_id, [listing(folder, 1, price_cents=100)], folder, current_images(), Intake())
    return job_id, run_id
