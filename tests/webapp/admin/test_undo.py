"""A run's page says which runs are undone together with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from scraper.listing import Listing
from tests.webapp.conftest import Person, csrf_token
from tests.webapp.shoes import listing
from webapp.accounts.audit import read_entries
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
    assert f'name="later" value="{ids[2]}"' in pages[1]
    assert admin.client.post(f"{addresses[1]}/undo", data={**token, "later": ids[2]}).status_code == 303
    with app.app_context():
        assert states() == ["succeeded", "undone", "undone"]
        entry = read_entries()[0][0]
        assert (entry.subject, entry.details) == (f"run {ids[1]} of test", {"together with runs": str(ids[2])})


def test_no_run_is_undone_that_the_page_did_not_name(app: Flask, admin: Person, tmp_path: Path) -> None:
    with app.app_context():
        first, *later = (publish(tmp_path, listing(tmp_path, 1, price_cents=price)) for price in (1, 2, 3))
    named = {"csrf_token": csrf_token(admin.client, f"/admin/runs/{first}"), "later": f"{later[1]} {later[0]}"}
    assert f'value="{named["later"]}"' in admin.client.get(f"/admin/runs/{first}").text
    with app.app_context():
        publish(tmp_path, listing(tmp_path, 1, price_cents=4))  # while the admin still looks at the page
    for hostile in (named["later"], "yes", f"{later[1]}", "9" * 5000):
        answer = admin.client.post(f"/admin/runs/{first}/undo", data={**named, "later": hostile})
        assert (answer.status_code, "Other runs build on it by now" in answer.text) == (422, True)
    with app.app_context():
        assert states() == ["succeeded"] * 4
        assert not [entry for entry in read_entries()[0] if entry.act == "undo run"]


def states() -> list[str]:
    return list(db.session.scalars(select(ScrapeRun.state).order_by(ScrapeRun.id)))
