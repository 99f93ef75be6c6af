"""A shop of one's own for every test, and a fetcher with little patience."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.fetch import Fetcher, Manners
from tests.scraper.local_shop import LocalShop, running_shop

QUICK = Manners(delay_s=0.0, first_backoff_s=0.01, most_backoff_s=0.05, most_retry_after_s=3.0, exchange_s=5.0)


@pytest.fixture(autouse=True)
def own_turns(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for turns of each test's own: ports are used again, and a later shop is not the one that was there."""
    folder = tmp_path_factory.mktemp("turns")
    monkeypatch.setattr("scraper.traffic.shared_folder", lambda: folder)
    return folder


@pytest.fixture
def shop() -> Iterator[LocalShop]:
    with running_shop() as shop:
        yield shop


@pytest.fixture
def fetcher(shop: LocalShop) -> Iterator[Fetcher]:
    with Fetcher(QUICK, contact="https://example.org/bot") as fetcher:
        fetcher.trust(shop.url)
        yield fetcher
