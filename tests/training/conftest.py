"""TensorFlow in full precision, and pictures that several tests learn from."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from ml.datasets.snapshot import Snapshot
from ml.training.machine import prepare_tensorflow
from tests.training.shapes import write_shapes


@pytest.fixture
def tensorflow() -> None:
    """Before each test: one that runs a command may have switched bfloat16 on."""
    prepare_tensorflow(bfloat16=False)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Three shapes, 15 pictures each, and ten of noise, with their splits."""
    return write_shapes(tmp_path_factory.mktemp("pictures") / "shapes", per_label=15, negatives=10)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")
