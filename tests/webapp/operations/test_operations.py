"""What who runs the site relies on: logs with request ids, numbers for Prometheus, refusals when the disk is full."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import sqlite3
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ml.serving.bundle import Bundle
from tests.drawn_shoes import photo_of
from tests.live_site import flask, live_site
from tests.webapp.conftest import csrf_token
from webapp import create_app
from webapp.database import db
from webapp.identify.models import Identification
from webapp.logs import set_up_logging
from webapp.recognition import Recognition
from webapp.settings import ROOT, Settings

API = "/api/v1/identifications"
PAGE = ROOT / "docs" / "operations.md"


class TestRequestIds:
    def test_each_answer_has_one_of_its_own(self, client: FlaskClient) -> None:
        first, second = (client.get(address).headers["X-Request-ID"] for address in ("/products", "/nothing"))
        assert re.fullmatch(r"[0-9a-f]{16}", first)
        assert first != second

    def test_what_is_refused_for_coming_too_often_has_one_too(self, settings: Settings) -> None:
        client = create_app(replace(settings, rate_limits=True)).test_client()
        answers = (client.post("/api/v1/identifications") for _ in range(1000))
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers["X-Request-ID"]

    def test_a_proxys_is_kept_where_it_is_one(self, client: FlaskClient) -> None:
        assert client.get("/", headers={"X-Request-ID": "proxy-7.a"}).headers["X-Request-ID"] == "proxy-7.a"
        for hostile in ("a b", "x" * 65, '"}{"', ""):
            assert client.get("/", headers={"X-Request-ID": hostile}).headers["X-Request-ID"] != hostile

    def test_an_error_page_shows_it(self, app: Flask) -> None:
        @app.get("/broken-page")
        def broken() -> str:
            raise ZeroDivisionError("by zero")

        app.testing = False
        answer = app.test_client().get("/broken-page", headers={"X-Request-ID": "seven-b"})
        assert answer.status_code == 500
        assert "seven-b" in answer.text
        assert "seven-c" not in app.test_client().get("/nothing", headers={"X-Request-ID": "seven-c"}).text
        in_api = app.test_client().get("/api/v1/products?page=0", headers={"X-Request-ID": "seven-d"})
        assert in_api.headers["X-Request-ID"] == "seven-d"

    def test_each_line_of_a_request_carries_it(
        self, app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        root = logging.getLogger()
        before, level = list(root.handlers), root.level
        set_up_logging(replace(settings, log_format="json"))

        @app.get("/loud")
        def loud() -> str:
            logging.getLogger("somewhere").warning("a line\nof two")
            raise ZeroDivisionError("by zero")

        @app.get("/refused")
        def refused() -> str:
            db.session.execute(text("SELECT * FROM nowhere WHERE word = :word"), {"word": request.args["typed"]})
            return ""

        try:
            app.testing = False
            app.test_client().get("/loud?token=secret", headers={"X-Request-ID": "seven"})
            app.test_client().get("/refused?typed=secret", headers={"X-Request-ID": "eight"})
        finally:
            root.handlers[:] = before
            root.setLevel(level)
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        assert [line["request_id"] for line in lines] == ["seven"] * 3 + ["eight"] * 2
        assert lines[0]["message"] == "a line\nof two"
        assert "ZeroDivisionError" in lines[1]["traceback"]
        assert (lines[2]["status"], lines[2]["path"], lines[2]["method"]) == (500, "/loud", "GET")
        assert "SELECT * FROM nowhere" in lines[3]["traceback"]
        assert "secret" not in json.dumps(lines)


class TestMetrics:
    def test_there_are_none_for_strangers(self, client: FlaskClient, settings: Settings) -> None:
        assert client.get("/metrics").status_code == 404
        app = create_app(replace(settings, metrics_token="hush"))
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "hush"}):
            assert app.test_client().get("/metrics", headers=headers).status_code == 403

    def test_requests_are_counted_and_the_site_is_looked_at(self, settings: Settings) -> None:
        app = create_app(replace(settings, metrics_token="hush"))
        client = app.test_client()
        for _ in range(3):
            client.get("/products")
        text = client.get("/metrics", headers={"Authorization": "Bearer hush"}).text
        assert 'solescope_requests_total{endpoint="catalogue.browse",method="GET",status="200"} 3.0' in text
        assert 'solescope_request_seconds_count{endpoint="catalogue.browse"} 3.0' in text
        assert 'solescope_jobs{state="running"} 0.0' in text
        assert "solescope_ready 0.0" in text
        assert float(re.findall(r"^solescope_disk_free_bytes (\S+)", text, re.MULTILINE)[0]) > 0
        with app.app_context():
            db.engine.dispose()

    def test_what_strangers_send_makes_no_new_rows(self, settings: Settings) -> None:
        app = create_app(replace(settings, metrics_token="hush"))
        client = app.test_client()
        for number in range(20):
            client.open(f"/nothing/{number}", method=f"BREW{number}")
            client.open("/products", method=f"BREW{number}", headers={"X-Request-ID": f"seven-{number}"})
        text = client.get("/metrics", headers={"Authorization": "Bearer hush"}).text
        rows = [line for line in text.splitlines() if line.startswith("solescope_requests_total")]
        assert not [row for row in rows if "BREW" in row or "seven" in row]
        assert len(rows) <= 3

    def test_several_processes_count_together(
        self, tmp_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "bundles").mkdir()
        (tmp_path / "bundles" / "current").symlink_to(tiny_bundle.folder)
        flask(tmp_path, ("db", "upgrade"))
        (tmp_path / "counts").mkdir()
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "counts"))
        with live_site(tmp_path, "--workers", "2", metrics_token="hush", log_format="json") as site:
            for _ in range(40):  # each on a connection of its own: both processes get some
                httpx.get(f"{site.url}/products", headers={"X-Request-ID": "forty"})
            text = httpx.get(f"{site.url}/metrics", headers={"Authorization": "Bearer hush"}).text
            counted = re.findall(r'solescope_requests_total\{endpoint="catalogue.browse".*\} (\S+)', text)
            assert [float(number) for number in counted] == [40.0]
            lines = [line for line in site.log.read_text().splitlines() if '"forty"' in line]
            assert len(lines) == 40
            assert json.loads(lines[0])["path"] == "/products"


class TestFullDisk:
    @pytest.fixture
    def full(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        """From now on nothing that is written reaches the disk: the system says so at each fsync."""

        def refuse(_file: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", refuse)
        return monkeypatch

    def test_an_upload_is_refused_with_a_sentence_and_nothing_is_left(
        self, client: FlaskClient, app: Flask, settings: Settings, recognition: Recognition, full: pytest.MonkeyPatch
    ) -> None:
        photo = photo_of("kumo_drift")
        refused = client.post(API, data={"photo": (BytesIO(photo), "a.jpg")})
        assert refused.status_code == 507
        assert refused.content_type == "application/problem+json"
        assert refused.get_json()["detail"].startswith("The disk of this site is full")
        assert refused.headers["Retry-After"]
        form = {"csrf_token": csrf_token(client, "/"), "photo": (BytesIO(photo), "a.jpg")}
        page = client.post("/identifications", data=form, content_type="multipart/form-data")
        assert page.status_code == 507
        assert "There is no room" in page.text
        assert [file for file in settings.images_folder.rglob("*.*") if file.is_file()] == []
        with app.app_context():
            assert db.session.query(Identification).count() == 0
        full.undo()  # somebody has made room: it goes on without a restart
        assert client.post(API, data={"photo": (BytesIO(photo), "a.jpg")}).status_code == 201

    def test_a_database_without_room_says_the_same(
        self, client: FlaskClient, app: Flask, recognition: Recognition
    ) -> None:
        """SQLite itself has no room: its file may not grow."""
        kept = client.post(API, data={"photo": (BytesIO(photo_of("kumo_drift")), "a.jpg")}).get_json()["id"]
        with app.app_context():
            with db.engine.connect() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            db.engine.dispose()

        from sqlalchemy import event

        def limit(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        with app.app_context():
            event.listen(db.engine, "connect", limit)
            try:
                answers = [
                    client.post(API, data={"photo": (BytesIO(photo_of("vello_dart_low")), "a.jpg")})
                    for _ in range(8)  # the pages that are there already may hold a few rows more
                ]
            finally:
                event.remove(db.engine, "connect", limit)
                db.session.remove()
                db.engine.dispose()
        assert answers[-1].status_code == 507, [answer.status_code for answer in answers]
        assert {answer.status_code for answer in answers} <= {201, 507}
        assert client.get(f"{API}/{kept}").status_code == 200
        assert client.post(API, data={"photo": (BytesIO(photo_of("vello_dart_low")), "a.jpg")}).status_code == 201

    def test_other_faults_stay_faults(self, app: Flask) -> None:
        @app.get("/broken")
        def broken() -> str:
            raise OperationalError("SELECT", {}, sqlite3.OperationalError("no such table"))

        app.testing = False
        assert app.test_client().get("/broken").status_code == 500


def test_every_setting_stands_in_the_table() -> None:
    page, source = PAGE.read_text(encoding="utf-8"), (ROOT / "webapp" / "settings.py").read_text(encoding="utf-8")
    read = {f"SOLESCOPE_{name}" for name in re.findall(r'read\("([A-Z_]+)"', source)}
    assert (
        len(read) >= len(fields(Settings)) - 3
    )  # the starter bundle and the number of photos are not set from outside
    written = set(re.findall(r"^\| `(SOLESCOPE_[A-Z_]+)` \|", page, re.MULTILINE))
    elsewhere = [
        file.name
        for file in (ROOT / "webapp").rglob("*.py")
        if file.name != "settings.py" and re.search(r'environ\b.*"SOLESCOPE_', file.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []
    assert written == read


def test_every_kind_of_job_stands_in_the_table(app: Flask) -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (heavy|light|quick) \| \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == app.extensions["jobs"].kinds
