"""The reading of a shop can be stopped at any moment, and goes on: after a stop, a failure, a full disk."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from flask import Flask
from sqlalchemy import select

from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import product_page
from tests.webapp.catalogue.conftest import ANGLES, PRODUCTS, dump
from tests.webapp.catalogue.test_gate import captcha, only, third
from webapp.accounts.models import User
from webapp.catalogue.models import Product
from webapp.catalogue.run_models import ScrapeRun, StagedListing
from webapp.catalogue.runs import runs_of, standing_of
from webapp.catalogue.scrape import enqueue_scrape, start_run
from webapp.database import db, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import mark_interrupted, run_job
from webapp.settings import ROOT, Settings

pytestmark = pytest.mark.usefixtures("app_context")
Read = Callable[[], ScrapeRun]
WITHIN_S = 8.0


def job_of(run: ScrapeRun) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, run.job_id)


def go_on(app: Flask, run: ScrapeRun) -> Job:
    """Resume the job of a run, as an admin does, and do it, as the worker does."""
    current_jobs().resume(job_of(run))
    assert standing_of(run).state == "queued"
    run_job(app, run.job_id or 0)
    return job_of(run)


def come_back_later(shop: LocalShop) -> None:
    shop["/product/1"] = Reply(503, headers={"Retry-After": "100"})


def hurry_not(shop: LocalShop) -> None:
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 50")


def silent(shop: LocalShop) -> None:
    shop["/product/1"] = lambda asked: lambda handler: time.sleep(20)


def dripping(shop: LocalShop) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.1)

    shop["/product/1"] = lambda asked: drip


@pytest.mark.parametrize("delay", [come_back_later, hurry_not, silent, dripping])
def test_a_reading_that_waits_for_its_shop_is_stopped_within_seconds(
    app: Flask, shop: LocalShop, read_shop: Read, delay: Callable[[LocalShop], None]
) -> None:
    read_shop()
    before = dump()
    delay(shop)
    run = start_run("demo")
    asked, job_id = len(shop.asked), run.job_id or 0
    reading = threading.Thread(target=run_job, args=(app, job_id), daemon=True)
    reading.start()
    while len(shop.asked) < asked + (1 if delay is hurry_not else 4):
        time.sleep(0.02)
    time.sleep(0.2)
    started = time.monotonic()
    current_jobs().cancel(job_of(run))
    reading.join(WITHIN_S)
    assert not reading.is_alive(), "it waits for the shop"
    assert time.monotonic() - started < WITHIN_S
    assert (job_of(run).state, run.state) == ("cancelled", "cancelled")
    assert dump() == before


def test_a_reading_is_stopped_while_it_embeds_and_what_was_published_stays(
    app: Flask, shop: LocalShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def embed_for_ever(*_: object, progress: Callable[[int, int], None]) -> int:
        for done in range(10_000):
            time.sleep(0.01)
            progress(done, 10_000)
        return 10_000

    monkeypatch.setattr("webapp.catalogue.reading.may_fill", lambda site: False)
    monkeypatch.setattr("webapp.catalogue.reading.embed_missing", embed_for_ever)
    job_id = enqueue_scrape("demo", (f"{shop.url}/",)).id
    reading = threading.Thread(target=run_job, args=(app, job_id), daemon=True)
    reading.start()
    (run,) = runs_of("demo")
    while not job_of(run).message.startswith("Looking at what is new"):
        time.sleep(0.02)
    current_jobs().cancel(job_of(run))
    reading.join(WITHIN_S)
    assert (job_of(run).state, run.state, run.new) == ("cancelled", "succeeded", PRODUCTS)
    assert run.why.startswith(f"demo has been read: {PRODUCTS} products")


def test_a_reading_that_failed_goes_on_once_the_shop_is_well(app: Flask, shop: LocalShop, read_shop: Read) -> None:
    read_shop()
    well = dict(shop._routes)
    captcha(shop)
    run = read_shop()
    assert run.state == "failed"
    shop._routes.update(well)
    assert go_on(app, run).state == "succeeded"
    assert (run.state, run.unchanged, run.finished_at is not None) == ("succeeded", PRODUCTS, True)


def test_a_reading_that_found_the_disk_full_goes_on_once_there_is_room(
    app: Flask, shop: LocalShop, read_shop: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump()

    def refuse(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", refuse)
        run = read_shop()
    assert (run.state, "No space left on device" in run.why) == ("failed", True)
    assert "No space left on device" in job_of(run).message
    assert {name: rows for name, rows in dump().items() if name != "catalogue_state"} == {
        name: rows for name, rows in before.items() if name != "catalogue_state"
    }
    assert go_on(app, run).state == "succeeded"
    assert (run.state, len(dump()["products"])) == ("succeeded", PRODUCTS)


def test_a_reading_that_broke_off_gives_way_to_a_later_one(app: Flask, shop: LocalShop, read_shop: Read) -> None:
    """Published after a later run it would put back what that one had changed."""
    read_shop()
    third(shop)
    waits = read_shop()
    broken_off = start_run("demo")
    with write_transaction() as session:
        session.get_one(Job, broken_off.job_id).state = "interrupted"
        broken_off.state = "running"
    shop["/"] = only(range(PRODUCTS))
    later = read_shop()
    assert later.state == "succeeded"
    assert (waits.state, broken_off.state) == ("cancelled", "cancelled")
    assert broken_off.why == f"Run {later.id} has taken its place."
    assert not db.session.scalars(select(StagedListing)).all()
    before = dump()
    job = go_on(app, broken_off)
    assert (job.state, job.message) == (
        "failed",
        f"Run {later.id} of demo is newer and has been published, so this one cannot go on.",
    )
    assert dump() == before


def test_a_job_knows_who_asked_for_it(person: User) -> None:
    assert job_of(start_run("demo", person)).owner == person.email


def test_a_stopped_filling_goes_on(app: Flask, shop: LocalShop) -> None:
    job = enqueue_scrape("demo", (f"{shop.url}/",))
    (run,) = runs_of("demo")
    may_answer = shop.hold("/product/4")
    reading = threading.Thread(target=run_job, args=(app, job.id), daemon=True)
    reading.start()
    while "/product/4" not in shop.paths():
        time.sleep(0.02)
    current_jobs().cancel(job_of(run))
    reading.join(WITHIN_S)
    assert job_of(run).state == "cancelled"
    assert 0 < len(db.session.scalars(select(Product)).all()) < PRODUCTS
    may_answer.set()
    assert go_on(app, run).state == "succeeded"
    assert len(db.session.scalars(select(Product)).all()) == PRODUCTS


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from webapp import Settings, create_app
from webapp.catalogue import {module}
from webapp.jobs.runner import mark_interrupted, run_job
from webapp.settings import ROOT, Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

{module}.{name} = die
run_job(create_app(Settings(instance=Path(sys.argv[1]), secret_key="x")), int(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [("settle", "_settled"), ("upsert", "replace_pictures"), ("merging", "_forget_old_changes"), ("reading", "end")],
)
def test_a_worker_that_is_killed_while_it_publishes_leaves_the_catalogue_as_it_was(
    app: Flask, shop: LocalShop, read_shop: Read, settings: Settings, module: str, name: str
) -> None:
    """In the middle of settling products, of changing pictures, and with all done but the last statement."""
    read_shop()
    before = dump()
    renamed = only(range(PRODUCTS)) if name != "end" else only(range(1))  # one of six is suspect
    shop["/"] = renamed
    for number in range(PRODUCTS):
        shop[f"/product/{number}"] = product_page(number, ANGLES - 1, name=f"Renamed {number}")
    run = start_run("demo")
    command = [
        sys.executable,
        "-c",
        KILLED_AT.format(module=module, name=name),
        str(settings.instance),
        str(run.job_id),
    ]
    killed = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (job_of(run).state, run.state) == ("running", "running")
    assert dump() == before
    assert mark_interrupted() == 1
    job = go_on(app, run)
    assert job.state == "succeeded"
    if name == "end":
        assert (run.state, dump()) == ("suspect", before)
        return
    assert (run.state, run.changed, run.new) == ("succeeded", PRODUCTS, 0)
    names = db.session.scalars(select(Product.name).order_by(Product.name)).all()
    assert names == [f"Renamed {number}" for number in range(PRODUCTS)]
    assert len(dump()["product_images"]) == PRODUCTS * (ANGLES - 1)
