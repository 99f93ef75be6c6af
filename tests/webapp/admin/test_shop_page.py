"""The page of a shop tells what an admin must know before it is read, and what came of the last readings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.webapp.admin.conftest import World
from tests.webapp.conftest import Person
from webapp.admin.shops import hosts_of, next_run_at
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.shops import set_schedule, shop_of
from webapp.database import now, write_transaction

SHOP = "footlocker"


def ran(app: Flask, **facts: Any) -> None:
    """A run of the shop that has just ended."""
    with app.app_context(), write_transaction() as session:
        session.add(ScrapeRun(site=SHOP, **{"state": "failed", **facts}))


def host(**facts: Any) -> dict[str, Any]:
    told = {"requests": 40, "pause_s": 1.5, "forbidden_403": 2, "throttled_429": 7, "next_request_at": None}
    return {"hosts": {"www.shop.example": told | facts}}


def in_an_hour() -> str:
    return (now() + timedelta(hours=1)).isoformat(timespec="seconds")


def test_a_shop_shows_its_terms_before_anybody_confirms_it(admin: Person) -> None:
    page = admin.client.get(f"/admin/shops/{SHOP}").text
    assert 'href="https://www.footlocker.com/help/terms-of-use.html"' in page
    assert "Nobody has confirmed" in page
    assert "Nobody has asked it yet" in page


def test_the_pace_of_robots_txt_is_no_wish_to_be_left_alone(app: Flask, admin: Person) -> None:
    ran(app, crawl=host(next_request_at=in_an_hour()))
    page = admin.client.get(f"/admin/shops/{SHOP}").text
    assert "asked us to wait" not in page
    assert "one every 1.5 s" in page
    assert 'href="https://www.shop.example/robots.txt"' in page
    assert '<td class="number" data-name="429">7</td>' in page
    assert "allowed now" not in page


def test_a_shop_that_asked_us_to_wait_is_said_to_have(app: Flask, admin: Person) -> None:
    ran(app, crawl=host(asked_to_wait_until=in_an_hour()))
    assert "It has asked us to wait until" in admin.client.get(f"/admin/shops/{SHOP}").text


def test_what_robots_txt_forbade_is_told_in_its_sentence(app: Flask, admin: Person) -> None:
    forbidden = "https://www.shop.example/cart is not fetched: the shop's robots.txt forbids it."
    ran(app, crawl={**host(), "failures": [forbidden, "A page breaks off."]})
    page = admin.client.get(f"/admin/shops/{SHOP}").text
    assert "/cart is not fetched" in page
    assert "A page breaks off." not in page  # that is told on the run's own page


@pytest.mark.parametrize(
    "crawl",
    [{}, {"hosts": None}, {"hosts": {"a": {}}}, {"failures": "none"}, host(next_request_at="soon"), {"hosts": {}}],
)
def test_runs_of_older_versions_do_not_break_the_page(app: Flask, admin: Person, crawl: dict[str, Any]) -> None:
    ran(app, crawl=crawl)
    assert admin.client.get(f"/admin/shops/{SHOP}").status_code == 200


def test_what_has_passed_is_allowed_now() -> None:
    (one,) = hosts_of(ScrapeRun(site=SHOP, crawl=host(next_request_at="2026-01-01T00:00:00+00:00")))
    assert (one.next_at, one.asked_to_wait) == (None, False)


def test_a_scheduled_shop_says_when_its_turn_comes(app: Flask, admin: Person) -> None:
    ran(app)
    with app.app_context():
        last = ScrapeRun(site=SHOP, created_at=now())
        assert next_run_at(shop_of(SHOP), last) is None
        set_schedule(SHOP, "weekly")
        assert next_run_at(shop_of(SHOP), last) == last.created_at + timedelta(days=7)
    assert "Next on" in admin.client.get(f"/admin/shops/{SHOP}").text


def test_differences_of_a_suspect_run_are_shown_with_pictures(app: Flask, world: World) -> None:
    with app.app_context(), write_transaction() as session:
        session.get_one(ScrapeRun, world.suspect_run_id).site = "test"
        shop = shop_of("demo")
        session.add(shop)
        shop.site = "test"
    page = world.admin.client.get("/admin/shops/test").text
    told = page.split('id="differences"')[1]
    assert "2 not seen any more" in told
    assert "1 price changed" in told
    assert "Price jumps" in told
    assert told.count("<img") == 3
    assert "is suspect and waits for your decision" in page
