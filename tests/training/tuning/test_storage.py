"""Where a study is kept, and the sentences where it cannot be."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from ml.training.run_folder import RunError
from ml.training.tuning import storage
from ml.training.tuning.storage import open_storage, shown_url


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "ATTEMPTS", 1)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is no URL of a database"),
        ("mysql://root@localhost/studies", "sqlite or postgresql, not in mysql"),
        ("sqlite:////no/such/folder/study.sqlite", "/no/such/folder is no folder"),
    ],
)
def test_what_is_no_storage(url: str, sentence: str) -> None:
    with pytest.raises(RunError, match=sentence):
        open_storage(url)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "study.sqlite").write_text("certainly not a database, but long enough to look like one" * 20)
    with pytest.raises(RunError, match=r"cannot be opened: .*not a database"):
        open_storage(f"sqlite:///{tmp_path / 'study.sqlite'}")


@pytest.mark.skipif(importlib.util.find_spec("psycopg") is not None, reason="the driver is installed")
def test_postgresql_without_its_driver() -> None:
    with pytest.raises(RunError, match=r"needs a driver that is not installed .*pip install 'psycopg\[binary\]'"):
        open_storage("postgresql://someone:secret@localhost/studies")


def test_a_password_is_never_shown() -> None:
    assert shown_url("postgresql://someone:secret@host/studies") == "postgresql://someone:***@host/studies"
