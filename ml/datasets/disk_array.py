"""Arrays in files that take their room on the disk first: a full disk is an error now, not a dead process later."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

HEADER_ROOM = 4096


def new_disk_array(file: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """A writable .npy file of zeros, mapped into memory. Raises OSError, and leaves no file, where the disk is full."""
    needed = math.prod(shape) * np.dtype(dtype).itemsize + HEADER_ROOM
    try:
        with file.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, needed)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise OSError(error.errno, f"{error.strerror}: {needed / 1e9:.1f} GB are needed", str(file)) from error
    with file.open("r+b") as stream:
        np.lib.format.write_array_header_2_0(
            stream, {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
        )
    array: NDArray[Any] = np.load(file, mmap_mode="r+")
    return array


def flush(array: NDArray[Any]) -> None:
    """Write what was changed to the disk, where the array is one of `new_disk_array` or read as one."""
    if isinstance(array, np.memmap):
        array.flush()
