"""A shop over HTTP that can be read by the real job, and verbs to look at the catalogue as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.scraper.conftest import own_turns
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop, revalidated
from tests.webapp import shoes
from tests.webapp.conftest import PASSWORD
from webapp.accounts.models import User
from webapp.accounts.people import create_user
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.scrape import enqueue_scrape
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.runner import run_job

__all__ = ["own_turns"]  # or a shop is left in peace because of one that had its port before

PRODUCTS = 6
ANGLES = 2
TABLES = ("products", "product_images", "offers", "offer_prices", "embeddings", "catalogue_state", "run_changes")


def stock(shop: LocalShop, products: int = PRODUCTS) -> None:
    """Fill a shop with products whose pictures can be decoded."""
    open_small_shop(shop, products, per_page=4, angles=ANGLES)
    for number in range(products):
        for turn in range(ANGLES):
            picture = shoes.picture(number, turn * 90)
            headers = {"Content-Type": "image/png", "ETag": f'"{number}-{turn}"'}
            shop[f"/pictures/{number}-{turn * 10}.png"] = revalidated(Reply(body=picture, headers=headers))


@pytest.fixture
def shop() -> Iterator[LocalShop]:
    """A small shop over HTTP."""
    with running_shop() as shop:
        stock(shop)
        yield shop


@pytest.fixture
def read_shop(app: Flask, shop: LocalShop) -> Callable[[], ScrapeRun]:
    """Have the shop read, as the worker does it; the run that it made."""

    def read() -> ScrapeRun:
        job_id = enqueue_scrape("demo", (f"{shop.url}/",)).id
        run_job(app, job_id)
        db.session.rollback()
        run = db.session.query(ScrapeRun).filter_by(job_id=job_id).one()
        assert db.session.get_one(Job, job_id).state in ("succeeded", "failed")
        return run

    return read


@pytest.fixture
def person(app_context: Flask) -> User:
    """An admin."""
    return create_user("ada@example.com", "admin", PASSWORD)


def dump() -> dict[str, list[Any]]:
    """The whole catalogue, as it is in the database."""
    db.session.rollback()
    return {
        table: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))]
        for table in TABLES
    }
