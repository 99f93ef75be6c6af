"""Shops that turn bad, through the site's own job: the catalogue stays as it was, byte for byte, and the run says why.

All that only the gate can know, a few others, and a few spellings of private addresses; `python -m benchmarks.scraping
bad-shops` takes all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from benchmarks.bad_shops import BAD_SHOPS, SUSPECT_SHOPS
from benchmarks.forbidden_addresses import connections_seen, every_spelling, traps
from benchmarks.shop_job import read, read_badly, read_well, site_with_shop
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import product_page

WAYS = (
    *SUSPECT_SHOPS,
    "a captcha for lists",
    "slow bodies of lists",
    "endless lists",
    "a gzip bomb",
    "in circles",
)


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, LocalShop]]:
    """A site that has read a shop of its own once."""
    with site_with_shop(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_shop_leaves_the_catalogue_as_it_was(corner: tuple[Flask, LocalShop], way: str) -> None:
    app, shop = corner
    read_well(app, shop)
    bad = BAD_SHOPS[way]
    found = read_badly(app, shop, bad.spoil, bad.exchange_s)
    assert (found.state, found.is_untouched) == ("suspect" if way in SUSPECT_SHOPS else "failed", True)
    assert bad.words in found.why
    assert found.why.endswith("The catalogue is as it was.")


@pytest.mark.parametrize("host", [host for number, host in enumerate(every_spelling()) if number % 15 == 0])
def test_no_redirect_leads_behind_our_own_walls(corner: tuple[Flask, LocalShop], host: str) -> None:
    app, shop = corner
    own = int(shop.url.rpartition(":")[2])

    def lead_away(shop: LocalShop) -> None:
        location = f"http://{host}:{port}/latest/meta-data/".encode().decode("latin-1")
        shop["/shoes?page=1"] = Reply(302, headers={"Location": location})

    with traps() as (port, accepted), connections_seen() as seen:
        found = read_badly(app, shop, lead_away, 5.0)
        assert [target for target in seen if target[1] != own] == []
        assert accepted == []
    assert (found.state, found.is_untouched) == ("failed", True)
    assert found.why


def test_a_change_of_the_catalogue_would_be_seen(corner: tuple[Flask, LocalShop]) -> None:
    app, shop = corner
    read_well(app, shop)
    shop["/product/3"] = product_page(3, offers={"@type": "Offer", "price": "12.00", "priceCurrency": "USD"})
    found = read(app)
    assert (found.state, found.is_untouched) == ("succeeded", False)
