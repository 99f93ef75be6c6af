"""All imported rows as what models learn from, and how near each target is to learning from them alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, case, func, select

from ml.conversions.contexts import CONTEXT_FIELDS
from ml.conversions.learning import ENOUGH_GROUPS, ENOUGH_ROWS
from ml.conversions.rows import COUNTS, IMPORTED, UNKNOWN, CampaignRows
from ml.conversions.targets import TARGETS, Target
from webapp.catalogue.models import ProductImage
from webapp.database import db
from webapp.studio.campaign_models import CampaignImport, CampaignRow
from webapp.studio.embedded_pictures import EmbeddedPictures

AT_A_TIME = 20_000


@dataclass(frozen=True)
class Told:
    """How many imported rows, about how many products, tell of a target."""

    rows: int
    products: int

    @property
    def enough(self) -> bool:
        """Whether they alone train the target."""
        return self.rows >= ENOUGH_ROWS and self.products >= ENOUGH_GROUPS


def imported_rows(seen: EmbeddedPictures) -> tuple[CampaignRows, int]:
    """The imported rows over the pictures that a bundle has seen, and how many are about others."""
    codes = {name: {value: code for code, value in enumerate(values)} for name, values in CONTEXT_FIELDS.items()}
    columns = [getattr(CampaignRow, name) for name in COUNTS]
    contexts = [getattr(CampaignRow, name) for name in CONTEXT_FIELDS]
    question = (
        select(CampaignRow.image_id, CampaignRow.augment, *contexts, *columns)
        .join(CampaignImport, CampaignImport.id == CampaignRow.import_id)
        .where(CampaignImport.state == "imported")
        .order_by(CampaignRow.id)
        .execution_options(yield_per=AT_A_TIME)
    )
    table, missed = [], 0
    for row in db.session.execute(question):
        place = seen.place_of(row[0], row[1])
        if place is None:
            missed += 1
            continue
        context = [codes[name][value] for name, value in zip(CONTEXT_FIELDS, row[2:5], strict=True)]
        table.append([place, *context, *(UNKNOWN if count is None else count for count in row[5:])])
    db.session.rollback()
    numbers = np.array(table, np.int64).reshape(-1, 1 + len(CONTEXT_FIELDS) + len(COUNTS))
    picture, campaign_type, industry, sneaker_type = numbers[:, :4].T
    provenance = np.full(len(numbers), IMPORTED, np.int64)
    rows = CampaignRows(seen.pictures, picture, campaign_type, industry, sneaker_type, numbers[:, 4:], provenance)
    return rows, missed


def told_of_targets() -> Mapping[str, Told]:
    """By target, what the imported rows tell; counted by the database."""
    question = (
        select(*(number for target in TARGETS.values() for number in _numbers(target)))
        .select_from(CampaignRow)
        .join(CampaignImport, CampaignImport.id == CampaignRow.import_id)
        .outerjoin(ProductImage, ProductImage.id == CampaignRow.image_id)
        .where(CampaignImport.state == "imported")
    )
    numbers = db.session.execute(question).one()
    return {name: Told(numbers[2 * place] or 0, numbers[2 * place + 1] or 0) for place, name in enumerate(TARGETS)}


def _numbers(target: Target) -> tuple[ColumnElement[int], ColumnElement[int]]:
    happened = getattr(CampaignRow, target.happened)
    if target.among == "delivered":
        among = CampaignRow.recipients - func.coalesce(CampaignRow.bounces, 0)
    else:
        among = getattr(CampaignRow, target.among)
    known = (happened.is_not(None)) & (among > 0)
    return func.sum(case((known, 1), else_=0)), func.count(case((known, ProductImage.product_id)).distinct())
