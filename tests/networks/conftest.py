"""TensorFlow in full precision: these tests compare numbers."""

from __future__ import annotations

import pytest

from ml.training.machine import prepare_tensorflow


@pytest.fixture(autouse=True)
def tensorflow() -> None:
    """Before each test: one that runs a command may have switched bfloat16 on."""
    prepare_tensorflow(bfloat16=False)
