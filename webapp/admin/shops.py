"""What the desk tells about shops and their runs, in the words and numbers of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.catalogue.run_models import ScrapeRun, Shop
from webapp.catalogue.runs import good_runs_of
from webapp.catalogue.shops import all_shops
from webapp.database import db, now


@dataclass(frozen=True)
class ShopRow:
    """A shop in the list, with its newest run."""

    shop: Shop
    last: ScrapeRun | None


@dataclass(frozen=True)
class FieldCoverage:
    """The share of listings that have a field, and what it was in the last good run before."""

    field: str
    share: float
    before: float | None

    @property
    def has_fallen(self) -> bool:
        """By more than two points in a hundred: fewer is noise."""
        return self.before is not None and self.share < self.before - 0.02


def shop_rows() -> list[ShopRow]:
    """Every shop, with its newest run."""
    newest = select(func.max(ScrapeRun.id)).group_by(ScrapeRun.site)
    runs = {run.site: run for run in db.session.scalars(select(ScrapeRun).where(ScrapeRun.id.in_(newest)))}
    return [ShopRow(shop, runs.get(shop.site)) for shop in all_shops()]


def good_run_before(run: ScrapeRun) -> ScrapeRun | None:
    """The last good run of the same shop before this one."""
    return next(iter(good_runs_of(run.site, most=1, before=run.id)), None)


def coverage_of(run: ScrapeRun) -> list[FieldCoverage]:
    """Each field's share of listings, beside that of the last good run before."""
    earlier = good_run_before(run)
    before: Mapping[str, float] = earlier.coverage if earlier else {}
    fields = sorted({*run.coverage, *before})
    return [FieldCoverage(field, run.coverage.get(field, 0.0), before.get(field)) for field in fields]


def refusals_in(run: ScrapeRun) -> dict[str, int]:
    """How often the shop refused us (403) and told us to slow down (429)."""
    statuses: Mapping[str, Any] = run.crawl.get("statuses") or {}
    return {status: int(statuses.get(status, 0)) for status in ("403", "429")}


def next_request_at(run: ScrapeRun) -> datetime | None:
    """When the shop lets us ask again, where it has asked us to wait; None where it has not, or the time is over."""
    try:
        moment = datetime.fromisoformat(str(run.crawl["asked_to_wait_until"]))
    except (KeyError, ValueError):
        return None
    return moment if moment.tzinfo and moment > now() else None
