"""Settings come from the environment, with a sentence where one cannot be used."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from webapp.settings import MEGABYTE, Settings, SettingsError


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = Settings.from_environment({"SOLESCOPE_INSTANCE": str(tmp_path / "instance")})
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/solescope.sqlite"
    assert settings.bundles_folder == tmp_path / "instance" / "bundles"
    assert settings.max_photo_bytes == 16 * MEGABYTE
    assert not settings.https


def test_the_secret_is_made_once_and_kept_privately(tmp_path: Path) -> None:
    environment = {"SOLESCOPE_INSTANCE": str(tmp_path)}
    first = Settings.from_environment(environment)
    assert len(first.secret_key) == 64
    assert Settings.from_environment(environment).secret_key == first.secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]
    assert Settings.from_environment({**environment, "SOLESCOPE_SECRET_KEY": "mine"}).secret_key == "mine"


def test_every_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "SOLESCOPE_INSTANCE": str(tmp_path),
            "SOLESCOPE_RUNS": str(tmp_path / "trained"),
            "SOLESCOPE_HTTPS": "yes",
            "SOLESCOPE_PROXIES": "1",
            "SOLESCOPE_MAX_PHOTO_MB": "2",
            "SOLESCOPE_DECODE_SECONDS": "1.5",
            "SOLESCOPE_IDENTIFY_SLOTS": "3",
        }
    )
    assert (settings.https, settings.proxies, settings.decode_seconds, settings.identify_slots) == (True, 1, 1.5, 3)
    assert settings.runs_folder == tmp_path / "trained"
    assert settings.max_request_bytes == 9 * MEGABYTE
    assert settings.flask_config()["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HTTPS", "maybe", "yes or no"),
        ("PROXIES", "-1", "a whole number of 0 or more"),
        ("MAX_PHOTO_MB", "ten", "a whole number of 0 or more"),
        ("DECODE_SECONDS", "soon", "a number"),
        ("KEEP_UPLOADS_DAYS", "40000", "a whole number of days from 0 to 36500"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str, expected: str) -> None:
    environment = {"SOLESCOPE_INSTANCE": str(tmp_path), f"SOLESCOPE_{name}": value}
    with pytest.raises(SettingsError, match=f"SOLESCOPE_{name} is '{value}', which is not {expected}"):
        Settings.from_environment(environment)
