"""Every act of an admin has an entry in the audit log; a test that knows all of them notices one that has not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.webapp.admin.conftest import World, consent
from tests.webapp.conftest import PASSWORD
from webapp.accounts.audit import read_entries

Form = dict[str, object]
ACTS: dict[str, tuple[str, Form]] = {
    "add_person": ("/admin/people", {"email": "carl@example.com", "role": "marketer", "password": PASSWORD}),
    "change_role": ("/admin/people/{w.person_id}/role", {"role": "admin"}),
    "change_password": ("/admin/people/{w.person_id}/password", {"password": PASSWORD + "!"}),
    "close_person": ("/admin/people/{w.person_id}/close", {}),
    "open_person": ("/admin/people/{w.person_id}/open", {}),
    "add_token": ("/admin/people/{w.person_id}/tokens", {"name": "tablet"}),
    "end_token": ("/admin/people/{w.person_id}/tokens/{w.token_id}/revoke", {}),
    "add_shop": (
        "/admin/shops",
        {"site": "corner-shop", "reader": "demo", "start_urls": "https://corner.example/", "confirmed": "yes"},
    ),
    "confirm_shop": ("/admin/shops/footlocker/confirm", {"confirmed": "yes"}),
    "withdraw_shop": ("/admin/shops/footlocker/withdraw", {}),
    "schedule_shop": ("/admin/shops/demo/schedule", {"schedule": "daily", "enabled": "yes"}),
    "address_shop": ("/admin/shops/demo/addresses", {"start_urls": "https://demo.example/all"}),
    "start_run": ("/admin/shops/demo/runs", {}),
    "remove": ("/admin/shops/demo/remove", {"name": "demo"}),
    "approve_run": ("/admin/runs/{w.suspect_run_id}/approve", {}),
    "reject_run": ("/admin/runs/{w.suspect_run_id}/reject", {}),
    "undo_run": ("/admin/runs/{w.suspect_run_id}/undo", {}),
    "edit_product": ("/admin/products/{w.product_id}", {"name": "Another name"}),
    "release_product": ("/admin/products/{w.product_id}/release", {"column": "name"}),
    "merge_product": ("/admin/products/{w.product_id}/merge", {"into": "{w.other_product_id}"}),
    "split_product": ("/admin/products/{w.product_id}/split", {"offer": "{w.offer_id}"}),
    "retire_product": ("/admin/products/{w.product_id}/retire", {}),
    "restore_product": ("/admin/products/{w.product_id}/restore", {}),
    "turn_picture": ("/admin/products/{w.product_id}/pictures/{w.picture_id}/angle", {"angle": "90"}),
    "review_feedback": ("/admin/feedback/{w.answer_id}", {"verdict": "accept", "label": "kumo_drift"}),
    "pin": ("/admin/pins/{w.answer_id}", {"pinned": "yes"}),
    "begin_training": ("/admin/trainings", {"network": "mobilenetv2", "top_epochs": "3"}),
    "begin_tuning": ("/admin/tunings", {"network": "mobilenetv2", "trials": "2", "fine_tune": "yes"}),
    "begin_evaluation": ("/admin/evaluations", {"bundle": "shoes", "pictures": "catalogue", "split": "all"}),
    "begin_job": ("/admin/jobs", {"kind": "embed"}),
    "publish_bundle": ("/admin/bundles/other/publish", {}),
    "roll_back_bundle": ("/admin/bundles/rollback", {}),
    "find_flips": ("/admin/bundles/flips", {"before": "shoes", "after": "other"}),
    "cancel_job": ("/admin/jobs/{w.job_id}/cancel", {}),
    "resume_job": ("/admin/jobs/{w.job_id}/resume", {}),
}
FIRST: dict[str, list[str]] = {
    "undo_run": ["approve_run"],
    "roll_back_bundle": ["publish_bundle"],
    "release_product": ["edit_product"],
    "resume_job": ["cancel_job"],
}
"""What must have been done before an act makes sense."""
BY_HAND: dict[str, Callable[[Flask, World], None]] = {"review_feedback": lambda app, w: consent(app, w.answer_id)}


def do(world: World, act: str) -> int:
    address, form = ACTS[act]
    sent = {name: str(value).format(w=world) for name, value in form.items()}
    status: int = world.post(address.format(w=world), **sent).status_code
    return status


def test_all_acts_are_known(app: Flask) -> None:
    posts = {
        rule.endpoint.removeprefix("admin.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "POST" in (rule.methods or ())
    }
    assert posts == set(ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_written_down_with_its_person(app: Flask, world: World, act: str) -> None:
    BY_HAND.get(act, lambda *_: None)(app, world)
    if act == "roll_back_bundle":
        assert world.post("/admin/bundles/shoes/publish").status_code == 303
    for before in FIRST.get(act, []):
        assert do(world, before) == 303
    with app.app_context():
        already = len(read_entries()[0])
    assert do(world, act) in {200, 303}, act
    with app.app_context():
        entries, _ = read_entries()
    assert len(entries) == already + 1, act
    assert entries[0].who == world.admin.email
    assert entries[0].act
    assert entries[0].subject
    assert PASSWORD not in str(entries[0].details)


def test_secrets_are_not_in_the_log(app: Flask, world: World) -> None:
    page = world.post(f"/admin/people/{world.person_id}/tokens", name="tablet").text
    token = "sole_" + page.split("sole_")[1].split("<")[0]
    log = world.admin.client.get("/admin/audit").text
    assert "tablet" in log
    assert token not in log
    assert token not in world.admin.client.get(f"/admin/people/{world.person_id}").text
