"""TensorFlow in full precision: these tests compare numbers."""

from __future__ import annotations

import pytest

from ml.training.machine import prepare_tensorflow


@pytest.fixture(autouse=True, scope="session")
def tensorflow() -> None:
    prepare_tensorflow(bfloat16=False)
