"""Pages of the desk ask the database the same few questions, however many products there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from tests.webapp.conftest import Person
from tests.webapp.shoes import listing
from webapp.catalogue.differences import differences
from webapp.catalogue.intake import Intake
from webapp.catalogue.merging import merge_run
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.staging import stage
from webapp.database import db, now, write_transaction
from webapp.image_store import current_images

MANY = 60


@pytest.fixture
def run_id(app: Flask, tmp_path: Path) -> int:
    """The run that has brought many products."""
    with app.app_context():
        with write_transaction() as session:
            session.add(run := ScrapeRun(site="test", state="running", read_at=now()))
        shoes = [listing(tmp_path, number, angles=0) for number in range(MANY)]
        stage(run.id, shoes, tmp_path, current_images(), Intake())
        merge_run(run)
        return run.id


@contextmanager
def asked(app: Flask) -> Iterator[list[str]]:
    """The questions that the database is asked while the block lasts."""
    questions: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        questions.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield questions
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("address", ["/admin/products", "/admin/runs/{}", "/admin/shops", "/admin", "/products"])
def test_a_page_asks_few_questions(app: Flask, admin: Person, run_id: int, address: str) -> None:
    with asked(app) as questions:
        assert admin.client.get(address.format(run_id)).status_code == 200
    assert 0 < len(questions) <= 20


def test_only_those_products_of_a_run_are_read_that_are_shown(app: Flask, run_id: int) -> None:
    with app.app_context(), asked(app) as questions:
        found = differences(db.session.get_one(ScrapeRun, run_id), most=7)
    assert (len(found.new), found.counts) == (7, {"new": MANY})
    whole = [question for question in questions if "offers.facts" in question]
    assert len(whole) == 1
    assert "LIMIT" in whole[0]
