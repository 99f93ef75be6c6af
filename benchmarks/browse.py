"""A catalogue of 100,000 products: reading the listings, new and once more, and browsing them."""

from __future__ import annotations

import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks.table import Row
from scraper.listing import GENDERS, Listing
from webapp import Settings, create_app
from webapp.catalogue.intake import Intake
from webapp.catalogue.merging import merge_run
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.staging import stage
from webapp.database import db, now, write_transaction
from webapp.image_store import current_images

PRODUCTS, ROUNDS, ASKED_MS = 100_000, 5, 50.0
ASKED_INTAKE_S, ASKED_AGAIN_S, ASKED_MB = 90.0, 45.0, 300.0
WORDS = (
    "Air",
    "Runner",
    "Dart",
    "Low",
    "Mid",
    "High",
    "Club",
    "Court",
    "Wave",
    "Zoom",
    "Flow",
    "Trail",
    "Pro",
    "Retro",
)
CATEGORIES = ("low", "mid", "high", "runner", "skate", "slip-on", "chunky", "trail")
PAGES = (
    "/products",
    "/products?sort=cheapest",
    "/products?page=3000&sort=name",
    "/products?brand=Brand+3&sort=cheapest",
    "/products?brand=Brand+40&gender=men&sort=dearest",
    "/products?gender=kids&category=skate&page=40",
    "/products?query=runner",
    "/products?query=zoom+air&gender=women&sort=cheapest",
    "/products?query=brand+7+dart&sort=name",
    "/products?query=B-77777",
)
PLAIN = """SELECT *, count(*) OVER () FROM products
    WHERE brand || ' ' || name || ' ' || style_code LIKE '%runner%' ORDER BY price_cents LIMIT 24"""


def measure() -> Iterator[Row]:
    """Fill a database, then ask for pages as a browser does."""
    with tempfile.TemporaryDirectory(prefix="solescope-browse-") as folder:
        app = create_app(Settings(instance=Path(folder), secret_key="benchmark", rate_limits=False))
        app.test_cli_runner().invoke(args=["db", "upgrade"], catch_exceptions=False)
        with app.app_context():
            yield from _intake(Path(folder))
        yield _browse(app)


def _listings() -> Iterator[Listing]:
    dice = random.Random(1)
    for number in range(PRODUCTS):
        yield Listing(
            site="benchmark",
            style_code=f"B-{number}",
            url=f"https://shop.example/{number}",
            brand=f"Brand {int(60 * dice.random() ** 2)}",
            name=f"{' '.join(dice.sample(WORDS, 3))} {dice.randrange(400)}",
            colorway=dice.choice(("Chalk / Ink", "Rose / Umber", "Black")),
            gender=dice.choice(GENDERS),
            category=dice.choice(CATEGORIES),
            price_cents=dice.choice((None, *range(5000, 25000, 500))),
        )


def _intake(folder: Path) -> Iterator[Row]:
    """Read all listings as a run does, staged and merged; then the same again."""
    for kind, asked_s in (("new", ASKED_INTAKE_S), ("unchanged", ASKED_AGAIN_S)):
        started, worked = time.perf_counter(), time.process_time()
        with write_transaction() as session:
            run = ScrapeRun(site="benchmark", state="running", read_at=now())
            session.add(run)
        stage(run.id, _listings(), folder, current_images(), Intake())
        staged = time.perf_counter()
        merge_run(run)
        seconds, merged_s = time.perf_counter() - started, time.perf_counter() - staged
        worked_s = time.process_time() - worked
        if getattr(run, kind) != PRODUCTS:
            raise AssertionError(f"{getattr(run, kind)} of {PRODUCTS} listings are {kind}")
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Row(
            f"intake of {PRODUCTS:,} {kind} listings, staged and merged",
            "",
            f"{seconds:.0f} s ({merged_s:.0f} s in one transaction, {worked_s:.0f} s of one core), {megabytes:.0f} MB",
            "",
            f"at most {asked_s:.0f} s, {ASKED_MB:.0f} MB",
            seconds <= asked_s and megabytes <= ASKED_MB,
        )


def _browse(app: Flask) -> Row:
    client = app.test_client()
    first = [_page_ms(client, page) for page in PAGES]
    later = [_page_ms(client, page) for _ in range(ROUNDS) for page in PAGES]
    with app.app_context():
        started = time.perf_counter()
        db.session.execute(text(PLAIN)).all()
        plain_ms = 1000 * (time.perf_counter() - started)
    ours_ms = float(np.median(later))
    return Row(
        f"a page of {PRODUCTS:,} products, p50 ({len(PAGES)} searches)",
        f"{plain_ms:.0f} ms (LIKE and count, query alone)",
        f"{ours_ms:.0f} ms, asked for the first time {np.median(first):.0f} ms",
        f"{plain_ms / ours_ms:.1f} x",
        f"at most {ASKED_MS:.0f} ms",
        ours_ms <= ASKED_MS,
    )


def _page_ms(client: FlaskClient, page: str) -> float:
    started = time.perf_counter()
    answer = client.get(page)
    if answer.status_code != 200 or "product-card" not in answer.text:
        raise AssertionError(f"{page} answered {answer.status_code}")
    return 1000 * (time.perf_counter() - started)
