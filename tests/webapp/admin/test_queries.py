"""A page of the desk asks the database as often for forty rows as for one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from tests.webapp.admin.conftest import World
from tests.webapp.conftest import PASSWORD
from tests.webapp.shoes import listing
from webapp.accounts.people import create_user
from webapp.accounts.tokens import make_token
from webapp.catalogue.intake import take_in
from webapp.database import db
from webapp.identify.receive import receive
from webapp.identify.say import say_other
from webapp.image_store import current_images
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
            answer = receive([io.BytesIO(red_shoe)], recognition, current_images(), 2**24)
            say_other(answer, None, world.product_id + number % 3, ())
            make_token(create_user(f"person-{number}@example.com", "marketer", PASSWORD), "phone")
    world.admin.client.get(address)  # whatever is looked up once
    assert queries_of(world, address, asked) <= before
