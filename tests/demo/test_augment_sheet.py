"""The page about augments shows what the code makes, and names all of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from demo.augment_sheet import augment_sheet
from ml.imaging.augments.table import AUGMENTS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_sheet_shows_every_augment_of_three_shoes() -> None:
    sheet = augment_sheet()
    assert sheet.shape == (6 * 200, 5 * 300, 3) and sheet.dtype == np.uint8
    cells = sheet.reshape(6, 200, 5, 300, 3).transpose(0, 2, 1, 3, 4).reshape(30, -1)
    assert len({cell.tobytes() for cell in cells}) == 3 * len(AUGMENTS)


def test_the_page_names_every_augment_and_its_figure_is_small() -> None:
    page = (DOCS / "augments.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in AUGMENTS)
    assert "img/augments.jpg" in page
    assert (DOCS / "img" / "augments.jpg").stat().st_size < 300_000
