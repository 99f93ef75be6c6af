"""A real site on a real SQLite file that its migrations have made: nothing in it is faked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import create_app
from webapp.accounts.people import create_user
from webapp.accounts.tokens import renew_token
from webapp.settings import Settings

PASSWORD = "correct horse battery"


def settings_of(instance: Path, **changes: object) -> Settings:
    """Settings of a site that keeps everything in `instance`; limits on how often one may ask are off."""
    kept: dict[str, object] = {
        "secret_key": "only for tests",
        "rate_limits": False,
        "starter_bundle": instance / "none",
        "runs_folder": instance / "runs",
    }
    return Settings(instance=instance, **{**kept, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made by the migrations once for all tests."""
    instance = tmp_path_factory.mktemp("migrated")
    app = create_app(settings_of(instance))
    migrated = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert migrated.exit_code == 0, migrated.output
    with app.app_context():
        from webapp.database import db

        db.engine.dispose()  # closing the last connection folds the write-ahead log into the file
    return instance / "solescope.sqlite"


@pytest.fixture
def settings(tmp_path: Path, migrated_database: Path) -> Settings:
    """The settings of `app`, its database already there. Override to run a test with other ones."""
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(migrated_database, instance / "solescope.sqlite")
    return settings_of(instance)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The site. Requests made by `client` bring their own app context; `app_context` is for calling verbs directly."""
    app = create_app(settings)
    app.testing = True
    yield app
    with app.app_context():
        from webapp.database import db

        db.engine.dispose()
    close = getattr(app.extensions.get("recognition"), "close", None)
    if close is not None:
        close()


@pytest.fixture
def app_context(app: Flask) -> Iterator[Flask]:
    """The site at work, for tests that call its verbs."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger's browser."""
    return app.test_client()


@dataclass(frozen=True)
class Person:
    """Someone with an account, signed in."""

    client: FlaskClient
    email: str
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        """The header that a program sends for this person."""
        return {"Authorization": f"Bearer {self.token}"}


def csrf_token(client: FlaskClient, address: str = "/sign-in") -> str:
    """The token in the form on a page."""
    page = client.get(address).get_data(as_text=True)
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def signed_in(app: Flask, role: str) -> Person:
    """Make an account of this role and sign it in through the page."""
    email = f"{role}@example.com"
    with app.app_context():
        token = renew_token(create_user(email, role, PASSWORD))
    client = app.test_client()
    form = {"email": email, "password": PASSWORD, "csrf_token": csrf_token(client)}
    assert client.post("/sign-in", data=form).status_code == 303
    return Person(client, email, token)


@pytest.fixture
def admin(app: Flask) -> Person:
    """A signed-in admin."""
    return signed_in(app, "admin")


@pytest.fixture
def marketer(app: Flask) -> Person:
    """A signed-in marketer."""
    return signed_in(app, "marketer")
