"""What is done to the conversion model and its rows is in the audit log, whoever did it."""

from __future__ import annotations

import io

from flask import Flask

from tests.webapp.conftest import Person, csrf_token
from webapp.accounts.audit import read_entries

SENDS = b"style_code,sends,opens\nDZ5485-612,100,30\nDZ5485-613,100,20\n"


def acts(app: Flask) -> list[tuple[str, str, str | None]]:
    with app.app_context():
        return [(entry.who, entry.act, entry.details.get("outcome")) for entry in read_entries()[0]]


def test_training_and_rolling_back_conversions_are_written_down(app: Flask, marketer: Person) -> None:
    form = {"csrf_token": csrf_token(marketer.client, "/studio/model")}
    marketer.client.post("/studio/model/trainings", data=form)
    marketer.client.post("/studio/model/trainings/cancel", data=form)
    marketer.client.post("/studio/model/rollback", data=form)
    back, stopped, trained = acts(app)
    assert trained == (marketer.email, "train conversions", "done")
    assert stopped == (marketer.email, "stop training conversions", "done")
    assert back == (marketer.email, "roll back conversions", "failed: There is no earlier model to go back to.")


def test_an_import_and_its_end_are_written_down(app: Flask, marketer: Person) -> None:
    form: dict[str, object] = {"csrf_token": csrf_token(marketer.client, "/studio/campaigns")}
    sent = marketer.client.post("/studio/campaigns", data={**form, "results": (io.BytesIO(SENDS), "march.csv")})
    page = sent.headers["Location"]
    marketer.client.post(f"{page}/delete", data=form)
    assert acts(app)[0] == (marketer.email, "take out results", "done")
