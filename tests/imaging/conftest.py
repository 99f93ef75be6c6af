"""One pool for the tests that only ask it; those that break it make their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ml.imaging.pool import PhotoPool


@pytest.fixture(scope="session")
def pool() -> Iterator[PhotoPool]:
    with PhotoPool(seconds=20) as pool:
        yield pool
