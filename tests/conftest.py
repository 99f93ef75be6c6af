"""Fixtures that tests of several packages share. Keep it small: what one package needs lives beside its tests."""

from __future__ import annotations

import sqlite3  # noqa: F401 - before TensorFlow, which brings an SQLite without full-text search along
from pathlib import Path

import pytest

from demo.starter import real_pictures
from ml.serving.bundle import Bundle
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures and pages; skips where it is missing. Mark such tests with `data`."""
    folder = real_pictures()
    if not folder.is_dir():
        pytest.skip(f"needs the pictures of {folder}: set SOLESCOPE_SHARED_DATA to where they lie")
    return folder


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle with a real, tiny ONNX model that knows three labels: see tests/tiny_bundle.py."""
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")
