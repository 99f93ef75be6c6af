"""A catalogue from before there were offers: each product gets one, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from tests.webapp.shoes import listing
from webapp.accounts.people import create_user
from webapp.catalogue.browse import Search, find
from webapp.catalogue.intake import take_in
from webapp.catalogue.joining import merge
from webapp.catalogue.models import Product
from webapp.database import db
from webapp.image_store import current_images

OLD = "id, site, style_code, brand, name, label, price_cents, url, first_seen_at, last_seen_at"


def rows(columns: str, table: str) -> list[tuple[object, ...]]:
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(text(f"SELECT {columns} FROM {table} ORDER BY id"))]


def migrate(app: Flask, *arguments: str) -> None:
    db.session.rollback()
    db.engine.dispose()
    outcome = app.test_cli_runner().invoke(args=["db", *arguments])
    assert outcome.exit_code == 0, outcome.output


def test_there_and_back_nothing_is_lost(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        shoes = [listing(tmp_path, number, angles=2, style_code=f"CT80{number}-100") for number in range(3)]
        take_in(shoes, tmp_path, current_images())
        products, images = rows(OLD, "products"), rows("id, product_id, position, sha256, angle_deg", "product_images")
        migrate(app, "downgrade", "0004")
        assert rows(OLD, "products") == products
        migrate(app, "upgrade")
        assert rows(OLD, "products") == products
        assert rows("id, product_id, position, sha256, angle_deg", "product_images") == images
        assert rows("product_id, site, style_code, price_cents", "offers") == [
            (row[0], row[1], row[2], row[6]) for row in products
        ]
        assert rows("style_key", "products") == [("CT800100",), ("CT801100",), ("CT802100",)]
        assert find(Search(query="ct801")).total == 1  # the index of the search is there, and its triggers
        again = take_in(shoes, tmp_path, current_images())
        assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
        assert take_in([replace(shoes[0], name="Renamed")], tmp_path, current_images()).changed == 1
        assert find(Search(query="renamed")).total == 1


def test_back_to_the_time_before_a_signpost_goes(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        take_in([listing(tmp_path, number) for number in range(2)], tmp_path, current_images())
        person = create_user("ada@example.com", "admin", "a long enough password")
        merge(db.session.get_one(Product, 2), db.session.get_one(Product, 1), person)
        migrate(app, "downgrade", "0004")
        assert rows("id", "products") == [(1,)]
        assert len(rows("id", "product_images")) == 2
        migrate(app, "upgrade")
