"""A run's page says which runs are undone together with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from scraper.listing import Listing
from tests.webapp.conftest import Person, csrf_token
from tests.webapp.shoes import listing
from webapp.catalogue.intake import Intake
from webapp.catalogue.merging import merge_run
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.staging import stage
from webapp.database import db, now, write_transaction
from webapp.image_store import current_images


def publish(folder: Path, shoe: Listing) -> int:
    """A run of one listing, published; its id."""
    with write_transaction() as session:
        run = ScrapeRun(site="test", state="running", read_at=now())
        session.add(run)
    stage(run.id, [shoe], folder, current_images(), Intake())
    merge_run(run)
    return run.id


def test_the_page_says_which_runs_go_with_one(app: Flask, admin: Person, tmp_path: Path) -> None:
    with app.app_context():
        shoe = listing(tmp_path, 1)
        ids = [publish(tmp_path, replace(shoe, price_cents=price)) for price in (1, 2, 3)]
    addresses = [f"/admin/runs/{run_id}" for run_id in ids]
    pages = [admin.client.get(address).text for address in addresses]
    assert "Undo this run and the 2 that build on it<" in pages[0]
    assert "Undo this run and the one that builds on it<" in pages[1]
    assert "Undo this run<" in pages[2]
    token = {"csrf_token": csrf_token(admin.client, addresses[1])}
    refused = admin.client.post(f"{addresses[1]}/undo", data=token)
    assert (refused.status_code, "or all of them together" in refused.text) == (422, True)
    assert admin.client.post(f"{addresses[1]}/undo", data={**token, "later": "yes"}).status_code == 303
    with app.app_context():
        states = db.session.scalars(select(ScrapeRun.state).order_by(ScrapeRun.id)).all()
        assert states == ["succeeded", "undone", "undone"]
