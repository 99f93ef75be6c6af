"""A site with a catalogue, and a shop over HTTP that its real scrape job reads: to see what a shop can do to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from sqlalchemy import select, text

from scraper.fetch import Manners
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop, revalidated
from tests.webapp import shoes
from webapp import create_app
from webapp.accounts.models import User
from webapp.accounts.people import create_user
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.scrape import start_run
from webapp.catalogue.shops import add_shop
from webapp.database import db
from webapp.image_store import current_images
from webapp.jobs.runner import run_job
from webapp.settings import Settings

SITE = "corner"
PRODUCTS, ANGLES = 12, 3
CATALOGUE = (
    "products", "product_images", "offers", "offer_prices", "stored_pictures", "embeddings", "catalogue_state",
    "run_changes",
)  # fmt: skip
IMPATIENT = Manners(delay_s=0.0, attempts=2, first_backoff_s=0.01, most_backoff_s=0.02, exchange_s=10.0)


@dataclass(frozen=True)
class Reading:
    """How one run ended: its state, why, and whether the catalogue, tables and picture files, is what it was before."""

    state: str
    why: str
    is_untouched: bool


def stock(shop: LocalShop) -> None:
    """Fill the shop with shoes whose pictures can be decoded."""
    open_small_shop(shop, products=PRODUCTS, angles=ANGLES)
    for number in range(PRODUCTS):
        for turn in range(ANGLES):
            picture = shoes.picture(number, turn * 90)
            headers = {"Content-Type": "image/png", "ETag": f'"{number}-{turn}"'}
            shop[f"/pictures/{number}-{turn * 10}.png"] = revalidated(Reply(body=picture, headers=headers))


@contextmanager
def site_with_shop(instance: Path) -> Iterator[tuple[Flask, LocalShop]]:
    """A site whose admin has added and confirmed a shop, and which has read it once."""
    settings = Settings(
        instance=instance, secret_key="shops", rate_limits=False, starter_bundle=instance / "none", own_shops=(SITE,)
    )
    app = create_app(settings)
    if app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code != 0:
        raise RuntimeError("the database of the site could not be made")
    try:
        with running_shop() as shop, app.app_context():
            admit_shop(shop)
            read_well(app, shop)
            yield app, shop
    finally:
        with app.app_context():
            db.engine.dispose()
        app.extensions["recognition"].close()


def admit_shop(shop: LocalShop) -> None:
    """Have an admin add the shop, who thereby confirms that it may be scraped."""
    add_shop(SITE, "demo", [shop.at("/")], _admin())


def read_well(app: Flask, shop: LocalShop) -> None:
    """Have the shop, as it should be, read by the job; RuntimeError where that is not a good run."""
    stock(shop)
    found = read(app)
    if found.state != "succeeded":
        raise RuntimeError(f"a good shop was not read: {found.why}")


def read_badly(app: Flask, shop: LocalShop, spoil: Callable[[LocalShop], None], exchange_s: float) -> Reading:
    """Have the shop read after `spoil` has turned it bad."""
    spoil(shop)
    return read(app, exchange_s)


def read(app: Flask, exchange_s: float = IMPATIENT.exchange_s) -> Reading:
    """Have the shop read by the job, as the worker does it; only its patience is shorter."""
    quick = replace(IMPATIENT, exchange_s=exchange_s)
    before = catalogue_digest()
    with patch("webapp.catalogue.reading.Manners", lambda **wanted: replace(quick, **wanted | {"delay_s": 0.0})):
        run_id, job_id = (run := start_run(SITE)).id, run.job_id
        run_job(app, job_id or 0)
    db.session.rollback()
    run = db.session.get_one(ScrapeRun, run_id)
    return Reading(run.state, run.why, catalogue_digest() == before)


def catalogue_digest() -> str:
    """Stands for every row of the catalogue's tables and every byte of the pictures that they speak of."""
    db.session.rollback()
    digest = hashlib.sha256()
    for table in CATALOGUE:
        rows = db.session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))
        digest.update(repr((table, [tuple(row) for row in rows])).encode())
    for (sha256,) in db.session.execute(text("SELECT DISTINCT sha256 FROM product_images ORDER BY 1")):
        digest.update(current_images().path(sha256).read_bytes())
    db.session.rollback()
    return digest.hexdigest()


def _admin() -> User:
    email = "admin@example.org"
    found = db.session.scalars(select(User).where(User.email == email)).one_or_none()
    return found or create_user(email, "admin", "correct horse battery")
