"""Every broken and odd file of the hostile sample gets the answer that it must get, in time."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from ml.imaging.decode import DecodeError
from ml.imaging.pool import PhotoPool

pytestmark = pytest.mark.data


def answer(pool: PhotoPool, data: bytes) -> str:
    try:
        pool.prepare(data)
    except DecodeError as error:
        return error.reason
    return "accepted"


def test_every_file_gets_its_answer(pool: PhotoPool, shared_data: Path) -> None:
    folder = shared_data / "hostile_sample"
    wrong = []
    with (folder / "expected.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            started = time.monotonic()
            got = answer(pool, (folder / row["file"]).read_bytes())
            took = time.monotonic() - started
            must_accept, must_refuse = row["group"] == "A_valid", row["group"].startswith("R_")
            if (must_accept and got != "accepted") or (must_refuse and got == "accepted") or took > 5:
                wrong.append((row["file"], row["group"], got, round(took, 1)))
    assert not wrong
