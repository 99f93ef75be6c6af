"""What goes out as CSV: imported rows, lines that were left out, an example to begin with, a model's numbers.

Every cell is neutralised: no spreadsheet takes one for a formula, whatever an imported file had written into it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from ml.conversions.campaign_import import neutralised
from ml.conversions.rows import COUNTS
from ml.conversions.targets import TARGETS
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db
from webapp.studio.campaign_models import CampaignFault, CampaignImport, CampaignRow

AT_A_TIME = 1000
_TEXTS = ("picture", "augment", "campaign", "sent_at", "campaign_type", "industry", "sneaker_type")
_NUMBERS = ("base_rate", "brier", "base_brier", "log_loss", "base_log_loss", "auc", "ece")
_EXAMPLE_PRODUCTS = 4


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Rows as lines of CSV, their cells neutralised; None becomes an empty cell."""
    for row in rows:
        written = io.StringIO()
        csv.writer(written).writerow(["" if cell is None else neutralised(str(cell)) for cell in row])
        yield written.getvalue()


def imported_lines() -> Iterator[str]:
    """All imported rows, in the words that an import understands."""
    columns = [getattr(CampaignRow, name) for name in (*_TEXTS, *COUNTS)]
    question = (
        select(*columns)
        .join(CampaignImport, CampaignImport.id == CampaignRow.import_id)
        .where(CampaignImport.state == "imported")
        .order_by(CampaignRow.id)
        .execution_options(yield_per=AT_A_TIME)
    )
    yield from csv_lines([(*_TEXTS, *COUNTS[:-1], "revenue")])
    for row in db.session.execute(question):
        cents = row[-1]
        yield from csv_lines([(*row[:-1], None if cents is None else f"{cents / 100:.2f}")])


def lines_left_out(import_id: int) -> Iterator[str]:
    """The lines of an import that were left out, and why."""
    question = (
        select(CampaignFault.line, CampaignFault.reason)
        .where(CampaignFault.import_id == import_id)
        .order_by(CampaignFault.line)
        .execution_options(yield_per=AT_A_TIME)
    )
    yield from csv_lines([("line", "reason")])
    for row in db.session.execute(question):
        yield from csv_lines([tuple(row)])


def example_lines() -> Iterator[str]:
    """A few made-up sends of this catalogue's products."""
    question = (
        select(Product.style_code)
        .join(ProductImage, ProductImage.product_id == Product.id)
        .where(ProductImage.position == 0)
        .order_by(Product.id)
        .limit(_EXAMPLE_PRODUCTS)
    )
    codes = list(db.session.scalars(question)) or ["STYLE-CODE"]
    header = ("Picture", "Augment", "Campaign", "Sent at", "Campaign type", "Industry")
    yield from csv_lines(
        [(*header, "Recipients", "Bounces", "Opens", "Clicks", "Purchases", "Unsubscribes", "Revenue")]
    )
    for number, code in enumerate(codes):
        for augment, clicks in (("original", 31), ("brighter", 44)):
            outcome = (1200, 14, 310 + number, clicks + number, 4 + number, 2, f"{(4 + number) * 119.0:.2f}")
            yield from csv_lines([(code, augment, "Spring (made up)", "2026-03-02", "newsletter", "retail", *outcome)])


def evaluation_lines(facts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A model's numbers, a target each."""
    importances = ("image", "augment", "context")
    yield from csv_lines([("target", "provenance", "rows", "products", "emails", *_NUMBERS, *importances)])
    for name, told in facts.items():
        metrics, shares = told.get("metrics", {}), told.get("importances", {})
        counted = (told["rows"], told["groups"], told["emails"])
        numbers = [metrics.get(key) for key in _NUMBERS]
        title = TARGETS[name].title if name in TARGETS else name
        yield from csv_lines(
            [(title, told["provenance"], *counted, *numbers, *(shares.get(key) for key in importances))]
        )
