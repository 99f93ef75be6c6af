"""The products that sold most, where a table says how many pairs of each changed hands (StockX: "deadstock sold")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ml.datasets.csv_table import column_named
from ml.datasets.snapshot import Snapshot
from ml.datasets.table_layouts import NAME_COLUMNS

SOLD_COLUMNS = ("deadstock sold", "pairs sold", "sold")
MOST_POPULAR = 25


@dataclass(frozen=True)
class PopularProduct:
    """A product, its label, and how many pairs of it were sold."""

    name: str
    label: str
    pairs_sold: int

    def as_json(self) -> dict[str, Any]:
        """The product as JSON holds it."""
        return asdict(self)


def popular_products(snapshot: Snapshot, most: int = MOST_POPULAR) -> tuple[PopularProduct, ...]:
    """The `most` products with the most pairs sold, falling; none where no table says it.

    A product is a group of pictures. Its pictures repeat its number, so it counts once: the largest where they differ.
    """
    found: dict[str, PopularProduct] = {}
    for image in snapshot.images:
        row = snapshot.attributes.get(image.path, {})
        column = column_named(row, *SOLD_COLUMNS)
        sold = _whole_number(row[column]) if column else None
        if sold is not None and (image.group not in found or sold > found[image.group].pairs_sold):
            found[image.group] = PopularProduct(_name(row, image.label), image.label, sold)
    return tuple(sorted(found.values(), key=lambda product: (-product.pairs_sold, product.name))[:most])


def _name(row: Mapping[str, str], label: str) -> str:
    """The name that the table gives, or label and colorway, which tell StockX's products apart."""
    if (column := column_named(row, *NAME_COLUMNS)) and row[column]:
        return row[column]
    colorway = column_named(row, "colorway")
    return f"{label}, {row[colorway]}" if colorway and row[colorway] else label


def _whole_number(text: str) -> int | None:
    """1234 out of "1,234", "1 234" or "1234.0"; None where there is no number of 0 or more."""
    found = re.fullmatch(r"(\d[\d,' ]*)(\.0*)?", text.strip())
    return int(re.sub(r"\D", "", found[1])) if found else None
