"""The benchmark of pretraining, on a trunk and teachers of a few kilobytes: a line with the prices of a size."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import pretraining_speed
from tests.training.small_trunk import SIDE, shrink, write_teachers

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]


def test_a_size_has_its_price_with_and_without_teachers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shrink(monkeypatch)
    for name, number in (("BATCH", 4), ("STEPS", 1), ("SIDE", SIDE), ("LABELS", 3)):
        monkeypatch.setattr(pretraining_speed, name, number)
    weights = write_teachers(tmp_path / "teachers")
    assert pretraining_speed.main(["--teacher-weights", str(weights), "--sizes", str(SIDE)]) == 0
    said = capsys.readouterr().out
    cost = r"(\d+\.\d) ms \(\d+/s\)"
    assert re.search(rf"augmentation at {SIDE} px: {cost}", said)
    lines = re.findall(rf"\| (\d+) px \| {cost} \| {cost} \|", said)
    assert [size for size, *_ in lines] == [str(SIDE)]
    assert all(float(price) > 0 for _, *prices in lines for price in prices)
