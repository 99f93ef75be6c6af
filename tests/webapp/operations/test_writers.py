"""Eight processes that write at once: none is refused, nothing is lost."""

from __future__ import annotations

from pathlib import Path

from benchmarks.writers import COLUMNS, write_at_once


def test_eight_writers_lose_nothing(tmp_path: Path) -> None:
    _done, errors, expected, found, slowest_s = write_at_once(tmp_path, 5)
    assert errors == []
    assert found == expected
    assert all(number > 0 for number in expected.values()), expected
    assert slowest_s < 40
    assert expected["cents"] == sum(expected[column] for column in COLUMNS)
