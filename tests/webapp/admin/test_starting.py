"""What an admin starts by hand: a training, a search for settings, a measurement, and what else begins by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.training.shapes import write_shapes
from tests.webapp.admin.conftest import World
from tests.webapp.conftest import Person
from webapp.admin.bundles import find_bundles
from webapp.admin.trainings import read_training
from webapp.database import db
from webapp.jobs.models import Job
from webapp.jobs.runner import run_job, waiting_jobs
from webapp.settings import Settings

SEARCH = {"network": "benchmark-cnn", "weights": "none", "pictures": "shapes", "trials": "2", "size": "46"}
SEARCH |= {"batch_size": "8", "variants": "1", "fine_epochs": "1", "fine_tune": "yes"}


def only_job(app: Flask) -> Job:
    """The one job that waits."""
    with app.app_context():
        ((job_id, _),) = list(waiting_jobs())
        return db.session.get_one(Job, job_id)


@pytest.mark.parametrize(("start", "asks"), [("train", "Fine"), ("tune", "Trials"), ("evaluate", "Bundle")])
def test_each_form_asks_for_what_it_needs(admin: Person, start: str, asks: str) -> None:
    page = admin.client.get(f"/admin/trainings?start={start}").text
    assert asks.lower() in page.split('id="start"')[1].lower()
    names = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(names) == len(set(names)), "an id stands twice"
    assert admin.client.get("/admin/trainings?start=nothing").status_code == 404


def test_a_search_is_started_as_it_was_asked(app: Flask, world: World) -> None:
    answer = world.post("/admin/tunings", network="vgg16", trials="3", sampler="gp", dropout="0.5", fine_tune="yes")
    assert answer.status_code == 303
    with app.app_context():
        job = db.session.get_one(Job, int(answer.location.rsplit("/", 1)[1]))
        assert (job.kind, job.owner) == ("tune", world.admin.email)
        chosen = {"network": "vgg16", "trials": 3, "sampler": "gp", "dropout": 0.5, "fine_tune": True}
        assert job.options == {**chosen, "pictures": "catalogue"}


@pytest.mark.parametrize(
    ("address", "form", "says"),
    [
        ("/admin/tunings", {"trials": "0"}, "trials must be a whole number from 1 to 1,000"),
        ("/admin/tunings", {"sampler": "luck"}, "sampler must be one of tpe, random, gp"),
        ("/admin/evaluations", {"bundle": ""}, "Choose the bundle that is to be measured"),
        ("/admin/evaluations", {"bundle": "../shoes"}, "Choose the bundle that is to be measured"),
        ("/admin/evaluations", {"bundle": "shoes", "split": "most"}, "split must be one of train, validation"),
        ("/admin/jobs", {"kind": "train"}, "Only these are started by hand"),
        ("/admin/jobs", {}, "Only these are started by hand"),
    ],
)
def test_what_cannot_be_started_says_why_and_starts_nothing(
    app: Flask, world: World, address: str, form: dict[str, str], says: str
) -> None:
    before = only_job(app).id
    answer = world.post(address, **form)
    assert answer.status_code == 422
    assert says in answer.text
    assert only_job(app).id == before


@pytest.mark.parametrize("kind", ["embed", "variants", "clean_up"])
def test_what_begins_by_itself_is_started_by_hand_too(app: Flask, world: World, kind: str) -> None:
    place = world.post("/admin/jobs", kind=kind).location
    assert world.post("/admin/jobs", kind=kind).location == place, "one at a time"
    with app.app_context():
        job_id = int(place.rsplit("/", 1)[1])
    run_job(app, job_id)
    with app.app_context():
        job = db.session.get_one(Job, job_id)
        assert (job.kind, job.state, job.owner) == (kind, "succeeded", world.admin.email), job.message


def test_without_a_model_there_is_nothing_to_embed_with(admin: Person) -> None:
    page = admin.client.get("/admin/jobs").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = admin.client.post("/admin/jobs", data={"csrf_token": token, "kind": "embed"})
    assert answer.status_code == 422
    assert "No model is on duty" in answer.text


def write_study(folder: Path, **more: object) -> None:
    """A search as `python -m ml tune` leaves it, after two of three trials."""
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text('{"command": "tune", "snapshot": "catalogue", "contestants": {"vgg16": {}}}')
    (folder / "study.json").write_text(json.dumps({"finished": 2, **more}))
    (folder / "study.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')


def test_a_search_at_work_says_which_trial(admin: Person, settings: Settings) -> None:
    write_study(settings.runs_folder / "search")
    progress = {"state": "running", "step": "trials", "epoch": 2, "epochs": 3, "share": 0.66}
    (settings.runs_folder / "search" / "progress.json").write_text(json.dumps(progress))
    page = admin.client.get("/admin/trainings/search").text
    assert "search for settings of vgg16 on catalogue" in page
    assert "trials, trial 2 of 3" in page
    assert "/files/study.svg" in page


@pytest.mark.training
@pytest.mark.timeout(600)
def test_a_search_by_the_real_command_ends_with_a_verdict_and_a_bundle(
    app: Flask, world: World, settings: Settings
) -> None:
    write_shapes(settings.pictures_folder / "shapes")
    job_id = int(world.post("/admin/tunings", **SEARCH).location.rsplit("/", 1)[1])
    run_job(app, job_id)
    with app.app_context():
        job = db.session.get_one(Job, job_id)
        assert job.state == "succeeded", job.log
        assert job.counts["trials"] == 2
        assert "kept" in job.message
        assert "trial 0, untuned" in job.log
        search = read_training(settings.runs_folder, job.counts["run"])
        assert search is not None
        assert (search.state, search.is_search) == ("finished", True)
        assert search.numbers["accuracy"] >= 0
        assert job.counts["bundle"] in [one.card.id for one in find_bundles(settings)]
    page = world.admin.client.get(f"/admin/trainings/{search.name}").text
    assert "All trials" in page
    trials = world.admin.client.get(f"/admin/trainings/{search.name}/files/study.md")
    assert trials.mimetype == "text/plain"
    assert "untuned" in trials.text
