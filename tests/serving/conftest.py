"""A pool and a recogniser, started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ml.imaging.pool import PhotoPool
from ml.serving.bundle import Bundle
from ml.serving.runtime import Recogniser
from tests.serving.photos import COLOURS, shoe
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="session")
def pool() -> Iterator[PhotoPool]:
    with PhotoPool(seconds=20) as pool:
        yield pool


@pytest.fixture(scope="session")
def painted_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that knows a red, a green and a blue shoe."""
    pictures = {label: shoe(colour) for label, colour in COLOURS.items()}
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "painted", tuple(COLOURS), pictures=pictures)


@pytest.fixture(scope="session")
def recogniser(painted_bundle: Bundle) -> Recogniser:
    return Recogniser(painted_bundle, threads=1)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where bundles are published to."""
    return tmp_path / "published"
