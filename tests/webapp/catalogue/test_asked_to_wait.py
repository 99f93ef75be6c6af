"""Only a shop that has asked us to wait is told so; the pause that robots.txt asks for at any time is none of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.scraper.local_shop import LocalShop, Reply
from tests.webapp.conftest import Person
from webapp.admin.shops import next_request_at
from webapp.catalogue.run_models import ScrapeRun
from webapp.database import now

pytestmark = pytest.mark.usefixtures("app_context")
ASKED = "It has asked us to wait"


def test_a_pause_is_no_wait_that_was_asked_for(read_shop: Callable[[], ScrapeRun], admin: Person) -> None:
    run = read_shop()
    assert run.crawl["next_request_at"]
    assert run.crawl["asked_to_wait_until"] is None
    assert ASKED not in admin.client.get("/admin/shops/demo").text
    later = (now() + timedelta(minutes=1)).isoformat()
    assert next_request_at(ScrapeRun(crawl={"next_request_at": later, "asked_to_wait_until": None})) is None


def test_a_shop_that_asked_to_wait_is_told_so(
    read_shop: Callable[[], ScrapeRun], shop: LocalShop, admin: Person
) -> None:
    shop["/shoes?page=1"] = Reply(429, headers={"Retry-After": "3600"})
    run = read_shop()
    assert run.state == "failed"
    moment = next_request_at(run)
    assert moment is not None
    assert timedelta(minutes=58) < moment - now() <= timedelta(minutes=60)
    assert ASKED in admin.client.get("/admin/shops/demo").text
