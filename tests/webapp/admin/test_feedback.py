"""What people said becomes training data only with their consent and an admin's word."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.webapp.admin.conftest import World, consent
from webapp.admin.feedback import count_waiting, read_queue
from webapp.catalogue.snapshot import write_catalogue_snapshot
from webapp.database import db, write_transaction
from webapp.identify.models import Identification
from webapp.identify.say import say_right
from webapp.image_store import current_images


def learned(app: Flask, folder: Path) -> list[str]:
    """The labels of the photos of people in a snapshot of now."""
    with app.app_context():
        images = write_catalogue_snapshot(folder, current_images()).images
    return [image.label for image in images if image.group.startswith("upload-")]


def test_accepted_photos_are_in_the_next_snapshot_until_the_consent_is_gone(
    app: Flask, world: World, tmp_path: Path
) -> None:
    address, form = f"/admin/feedback/{world.answer_id}", {"verdict": "accept", "label": "kumo_drift"}
    refused = world.post(address, **form)
    assert refused.status_code == 422
    assert "has not consented" in refused.text
    assert learned(app, tmp_path / "without") == []
    consent(app, world.answer_id)
    assert world.post(address, **form).status_code == 303
    assert learned(app, tmp_path / "with") == ["kumo_drift"]
    with app.app_context(), write_transaction() as session:
        session.get_one(Identification, world.answer_id).training_allowed_at = None
    assert learned(app, tmp_path / "withdrawn") == []


def test_photos_of_no_shoe_of_ours_are_learned_as_such(app: Flask, world: World, tmp_path: Path) -> None:
    consent(app, world.answer_id)
    assert world.post(f"/admin/feedback/{world.answer_id}", verdict="accept as none").status_code == 303
    assert learned(app, tmp_path / "snapshot") == [""]


def test_an_unknown_label_is_refused(app: Flask, world: World) -> None:
    consent(app, world.answer_id)
    answer = world.post(f"/admin/feedback/{world.answer_id}", verdict="accept", label="no_such_shoe")
    assert answer.status_code == 422
    assert "We know no label" in answer.text


def test_feedback_given_anew_waits_again(app: Flask, world: World) -> None:
    assert world.post(f"/admin/feedback/{world.answer_id}", verdict="reject").status_code == 303
    with app.app_context():
        assert count_waiting() == 0
        assert [said.identification.id for said in read_queue("rejected")[0]] == [world.answer_id]
        say_right(db.session.get_one(Identification, world.answer_id))
        assert count_waiting() == 1
        assert read_queue("rejected") == ([], False)
