"""Admins see bundles side by side and put one into service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from ml.serving.bundle import read_bundle, write_card
from ml.serving.publish import published
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.conftest import Person, csrf_token, settings_of
from webapp.accounts.models import User
from webapp.admin.bundles import best_of, find_bundles, served_since
from webapp.catalogue.removal import remove_shop
from webapp.database import db
from webapp.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, migrated_database: Path) -> Iterator[Settings]:
    """A site with a bundle that came with the code, and a better one beside it."""
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(migrated_database, instance / "solescope.sqlite")
    shipped = tmp_path / "shipped"
    write_measured(shipped / "starter", "plain-1", accuracy=0.9, log_loss=0.4)
    write_measured(shipped / "small", "small-2", accuracy=0.95, log_loss=0.5)
    yield settings_of(instance, starter_bundle=shipped / "starter")


def write_measured(folder: Path, bundle_id: str, digest: str = "same", **numbers: float) -> None:
    card = write_tiny_bundle(folder, bundle_id=bundle_id).card
    write_card(folder, replace(card, snapshot_digest=digest, metrics={"test": {"pictures": 40, **numbers}}))


def test_bundles_stand_side_by_side_and_the_best_numbers_are_marked(admin: Person) -> None:
    page = admin.client.get("/admin/bundles").text
    assert "plain-1" in page
    assert "small-2" in page
    assert "<strong>95.0 %</strong>" in page
    assert "<strong>0.400</strong>" in page  # the lower loss
    assert "All were measured on the same pictures" in page
    assert "comes with Solescope" in page


def test_numbers_of_different_pictures_are_not_compared(admin: Person, settings: Settings) -> None:
    write_measured(settings.starter_bundle.parent / "small", "small-2", digest="others", accuracy=0.99)
    page = admin.client.get("/admin/bundles").text
    assert "measured on different pictures" in page
    assert "<strong>" not in page.split("<table")[1].split("</table>")[0]


def test_what_each_learned_from_is_told_and_a_removed_shop_is_marked(
    admin: Person, app: Flask, settings: Settings
) -> None:
    folder = settings.starter_bundle
    card = replace(read_bundle(folder).card, provenance="Learned from a shop.", settings={"sites": {"demo": 30}})
    write_card(folder, card)
    page = admin.client.get("/admin/bundles").text
    assert "Learned from a shop." in page
    assert "was removed since" not in page
    with app.app_context():
        remove_shop("demo", db.session.query(User).one())
    marked = admin.client.get("/admin/bundles").text.split("plain-1</code>")[-2].split("</dt>")[0]
    assert "demo was removed since, " in marked


def test_a_click_publishes_and_the_answers_are_its_own(admin: Person, app: Flask, settings: Settings) -> None:
    token = csrf_token(admin.client, "/admin/bundles")
    answer = admin.client.post("/admin/bundles/small-2/publish", data={"csrf_token": token})
    assert answer.status_code == 303
    in_service = published(settings.bundles_folder)
    assert in_service is not None
    assert in_service.card.id == "small-2"
    assert app.extensions["recognition"].bundle.card.id == "small-2"
    page = admin.client.get("/admin/bundles").text
    assert "small-2 is published" in page
    assert 'aria-label="Publish plain-1"' in page
    assert 'aria-label="Publish small-2"' not in page
    assert [one.bundle for one in served_since(settings)] == ["small-2"]


def test_a_bundle_of_a_training_can_be_chosen(admin: Person, settings: Settings) -> None:
    run = settings.runs_folder / "first"
    write_measured(run / "bundle", "trained-3", accuracy=0.5)
    (run / "settings.json").write_text("{}")
    page = admin.client.get("/admin/bundles").text
    assert "training first" in page
    chosen = admin.client.get("/admin/bundles?bundle=trained-3&bundle=plain-1").text
    assert 'aria-label="Publish trained-3"' in chosen
    assert 'aria-label="Publish small-2"' not in chosen


def test_a_damaged_bundle_is_left_out_and_cannot_be_published(admin: Person, settings: Settings) -> None:
    (settings.starter_bundle.parent / "small" / "model.onnx").write_bytes(b"half")
    assert [one.card.id for one in find_bundles(settings)] == ["plain-1"]
    token = csrf_token(admin.client, "/admin")
    assert admin.client.post("/admin/bundles/small-2/publish", data={"csrf_token": token}).status_code == 404


def test_a_publication_that_fails_says_why_and_changes_nothing(admin: Person, settings: Settings) -> None:
    token = csrf_token(admin.client, "/admin/bundles")
    in_the_way = settings.bundles_folder / "current" / "note.txt"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a folder where the link should be")
    answer = admin.client.post("/admin/bundles/small-2/publish", data={"csrf_token": token}, follow_redirects=True)
    assert "small-2 was not published" in answer.text
    assert in_the_way.is_file()
    assert served_since(settings) == []


def test_only_admins_may_look_or_publish(marketer: Person) -> None:
    assert marketer.client.get("/admin/bundles").status_code == 403
    token = csrf_token(marketer.client, "/")
    assert marketer.client.post("/admin/bundles/small-2/publish", data={"csrf_token": token}).status_code == 403


def test_the_best_needs_two_numbers_that_differ(settings: Settings) -> None:
    candidates = find_bundles(settings)
    assert best_of(candidates, "test", "accuracy") == 0.95
    assert best_of(candidates, "test", "log_loss") == 0.4
    assert best_of(candidates, "validation", "accuracy") is None
    assert best_of(candidates[:1], "test", "accuracy") is None
