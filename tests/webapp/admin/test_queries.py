"""Pages ask the database the same few questions, however many rows there are."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from tests.webapp.admin.conftest import World
from tests.webapp.conftest import PASSWORD, Person
from tests.webapp.shoes import listing
from webapp.accounts.people import create_user
from webapp.accounts.tokens import make_token
from webapp.catalogue.differences import differences
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.merging import merge_run
from webapp.catalogue.run_models import ScrapeRun, Shop
from webapp.catalogue.staging import stage
from webapp.database import db, now, write_transaction
from webapp.identify.receive import receive
from webapp.identify.say import say_other
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.recognition import Recognition

MORE = 12


@pytest.fixture
def asked(app: Flask) -> list[str]:
    """All statements from here on."""
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _, __, statement, *more: statements.append(statement))
    return statements


@pytest.fixture
def run_id(app: Flask, tmp_path: Path) -> int:
    """A run that has brought many products."""
    with app.app_context():
        with write_transaction() as session:
            session.add(run := ScrapeRun(site="test", state="running", read_at=now()))
        stage(
            run.id, [listing(tmp_path, number, angles=0) for number in range(60)], tmp_path, current_images(), Intake()
        )
        merge_run(run)
        return run.id


def queries_of(world: World, address: str, asked: list[str]) -> int:
    asked.clear()
    assert world.admin.client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", ["/admin/products", "/admin/feedback", "/admin/people", "/admin/shops", "/admin"])
def test_more_rows_are_no_more_queries(
    app: Flask,
    world: World,
    recognition: Recognition,
    asked: list[str],
    red_shoe: bytes,
    tmp_path: Path,
    address: str,
) -> None:
    world.admin.client.get(address)
    before = queries_of(world, address, asked)
    with app.app_context():
        take_in([listing(tmp_path, number) for number in range(10, 10 + MORE)], tmp_path, current_images())
        for number in range(MORE):
            with write_transaction() as session:
                session.add(Shop(site=f"shop-{number}", reader="generic"))
                session.add(ScrapeRun(site=f"shop-{number}", state="failed", read_at=now()))
                session.add(Job(kind="clean_up", state="succeeded", message="Cleaned up."))
            answer = receive([io.BytesIO(red_shoe)], recognition, current_images(), 2**24)
            say_other(answer, None, world.product_id + number % 3, ())
            make_token(create_user(f"person-{number}@example.com", "marketer", PASSWORD), "phone")
    world.admin.client.get(address)  # whatever is looked up once
    assert queries_of(world, address, asked) <= before


@pytest.mark.parametrize("address", ["/admin/runs/{}", "/products"])
def test_a_page_of_many_products_asks_few_questions(admin: Person, run_id: int, asked: list[str], address: str) -> None:
    asked.clear()
    assert admin.client.get(address.format(run_id)).status_code == 200
    assert 0 < len(asked) <= 20


def test_only_those_products_of_a_run_are_read_that_are_shown(app: Flask, run_id: int, asked: list[str]) -> None:
    with app.app_context():
        asked.clear()
        found = differences(db.session.get_one(ScrapeRun, run_id), most=7)
    assert (len(found.new), found.counts) == (7, {"new": 60})
    (whole,) = (question for question in asked if "offers.facts" in question)
    assert "LIMIT" in whole
