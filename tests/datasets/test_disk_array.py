"""Arrays on disk are .npy files like any other, and a full disk is said before anything is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.datasets.disk_array import flush, new_disk_array


def test_what_is_written_is_read_by_numpy(tmp_path: Path) -> None:
    array = new_disk_array(tmp_path / "array.npy", np.float16, (5, 3))
    assert (array == 0).all()
    array[2] = 7
    flush(array)
    again = np.load(tmp_path / "array.npy")
    assert again.dtype == np.float16
    assert again.tolist() == [[0] * 3, [0] * 3, [7] * 3, [0] * 3, [0] * 3]


def test_a_full_disk_is_an_error_that_says_how_much_is_needed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"100000000.0 GB are needed"):
        new_disk_array(tmp_path / "array.npy", np.uint8, (10**17,))
    assert list(tmp_path.iterdir()) == []
