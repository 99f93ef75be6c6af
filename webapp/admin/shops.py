"""What the desk tells about shops and their runs, in the words and numbers of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.catalogue.run_models import ScrapeRun, Shop
from webapp.catalogue.runs import good_runs_of
from webapp.catalogue.schedule import EVERY
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


def failures_in(run: ScrapeRun) -> list[str]:
    """The first things that could not be read, robots.txt's prohibitions among them, in sentences."""
    said = run.crawl.get("failures")
    return [str(sentence) for sentence in said] if isinstance(said, list) else []


@dataclass(frozen=True)
class Host:
    """How a run got on with one host. `pause_s` is the time between two requests that its robots.txt and our manners
    led to; `next_at` when it may be asked again, None for now; `asked_to_wait` whether the host itself wants that."""

    name: str
    requests: int
    pause_s: float
    forbidden: int
    throttled: int
    next_at: datetime | None
    asked_to_wait: bool

    @property
    def robots_url(self) -> str:
        """Where its robots.txt is."""
        scheme = "http" if ":" in self.name else "https"  # a port of its own: a shop on a desk, not in the world
        return f"{scheme}://{self.name}/robots.txt"


def hosts_of(run: ScrapeRun) -> list[Host]:
    """The hosts that a run has asked, as its crawl tells of them."""
    told: Mapping[str, Mapping[str, Any]] = run.crawl.get("hosts") or {}
    return [_host(name, facts) for name, facts in sorted(told.items())]


def next_request_at(run: ScrapeRun) -> datetime | None:
    """When the shop lets us ask again, where it has asked us to wait; None where it has not, or the time is over."""
    return max((host.next_at for host in hosts_of(run) if host.asked_to_wait and host.next_at), default=None)


def next_run_at(shop: Shop, last: ScrapeRun | None) -> datetime | None:
    """When the shop is read by itself again; None where it is not, or as soon as a worker looks."""
    if last is None or shop.schedule not in EVERY or not shop.enabled:
        return None
    return last.created_at + EVERY[shop.schedule]


def _host(name: str, facts: Mapping[str, Any]) -> Host:
    waits = _moment_to_come(facts.get("asked_to_wait_until"))
    return Host(
        name=name,
        requests=int(facts.get("requests", 0)),
        pause_s=float(facts.get("pause_s", 0)),
        forbidden=int(facts.get("forbidden_403", 0)),
        throttled=int(facts.get("throttled_429", 0)),
        next_at=waits or _moment_to_come(facts.get("next_request_at")),
        asked_to_wait=waits is not None,
    )


def _moment_to_come(text: object) -> datetime | None:
    """A moment as a crawl has written it; None where it has passed, or is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo and moment > now() else None
