"""The fetcher against a real server that is slow, endless, moody, or lies."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from scraper import __version__
from scraper.fetch import Fetcher, FetchError
from scraper.journal import Journal
from tests.scraper.conftest import QUICK
from tests.scraper.local_shop import Asked, LocalShop, Reply

PAGE = Reply.html("<html>shoes</html>")


def test_it_says_who_it_is(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = PAGE
    fetcher.get(shop.at("/shoes"), 1000)
    assert {asked.headers["User-Agent"] for asked in shop.asked} == {
        f"Solescope/{__version__} (+https://example.org/bot)"
    }
    assert __version__ in (Path(__file__).parents[2] / "pyproject.toml").read_text()


def test_it_waits_as_long_as_a_429_asks(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = [Reply(429, headers={"Retry-After": "1"}), PAGE]
    assert fetcher.get(shop.at("/shoes"), 1000).body
    first, second = (asked.at for asked in shop.asked if asked.path == "/shoes")
    assert 1.0 <= second - first < 5.0


def test_retry_after_may_be_a_date(shop: LocalShop, fetcher: Fetcher) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=2)
    shop["/shoes"] = [Reply(503, headers={"Retry-After": format_datetime(moment, usegmt=True)}), PAGE]
    assert fetcher.get(shop.at("/shoes"), 1000).body
    assert datetime.now(UTC) >= moment.replace(microsecond=0)


def test_it_gives_up_rather_than_come_back_too_soon(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = Reply(429, headers={"Retry-After": "3600"})
    with pytest.raises(FetchError, match=r"429 .*asks to come back in 3600 s") as failure:
        fetcher.get(shop.at("/shoes"), 1000)
    assert failure.value.status == 429
    assert shop.paths() == ["/shoes"]


def test_errors_of_the_server_pass(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = [Reply(500), Reply(502), Reply(503), PAGE]
    assert fetcher.get(shop.at("/shoes"), 1000).body == PAGE.body
    assert len(shop.paths()) == 4


@pytest.mark.parametrize(("status", "attempts"), [(500, 4), (429, 4), (404, 1), (403, 1), (204, 1)])
def test_a_lasting_error_is_told_with_url_and_status(
    shop: LocalShop, fetcher: Fetcher, status: int, attempts: int
) -> None:
    shop["/shoes"] = Reply(status)
    with pytest.raises(FetchError, match=rf"/shoes answered {status} \(") as failure:
        fetcher.get(shop.at("/shoes"), 1000)
    assert (failure.value.status, failure.value.url) == (status, shop.at("/shoes"))
    assert len(shop.paths()) == attempts


def drip(handler: BaseHTTPRequestHandler, preface: bytes, drop: bytes) -> None:
    """Send a drop every tenth of a second for ten seconds: no single read is ever late."""
    handler.wfile.write(preface)
    for _ in range(100):
        handler.wfile.write(drop)
        handler.wfile.flush()
        time.sleep(0.1)


def test_a_body_that_drips_is_cut_off_in_time(shop: LocalShop) -> None:
    shop["/shoes"] = lambda _: lambda handler: drip(handler, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b".")
    assert seconds_until_failure(shop, "did not answer in full within 0.5 s") < 5.0


def test_headers_that_drip_are_cut_off_in_time(shop: LocalShop) -> None:
    shop["/shoes"] = lambda _: lambda handler: drip(handler, b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n")
    assert seconds_until_failure(shop, "did not answer in full within 0.5 s") < 5.0


def test_silence_is_cut_off_in_time(shop: LocalShop) -> None:
    shop["/shoes"] = lambda _: lambda handler: time.sleep(10)
    assert seconds_until_failure(shop, "did not answer in full within 0.5 s") < 5.0


def seconds_until_failure(shop: LocalShop, sentence: str) -> float:
    impatient = type(QUICK)(delay_s=0.0, exchange_s=0.5, attempts=1)
    with Fetcher(impatient) as fetcher, pytest.raises(FetchError, match=sentence):
        fetcher.trust(shop.url)
        begin = time.monotonic()
        fetcher.get(shop.at("/shoes"), 1000)
    return time.monotonic() - begin


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        handler.wfile.write(b"shoes " * 10_000)


@cache
def packed_zeros() -> bytes:
    """100 MB in 100 kB."""
    return gzip.compress(bytes(100_000_000), 9)


def bomb(handler: BaseHTTPRequestHandler) -> None:
    packed = packed_zeros()
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    )


@pytest.mark.parametrize("answer", [endless, bomb])
def test_nothing_grows_beyond_the_limit(
    shop: LocalShop, fetcher: Fetcher, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    packed_zeros()  # packed before the clock runs
    shop["/shoes"] = lambda _: answer
    with pytest.raises(FetchError, match="is larger than 1 MB"):
        fetcher.get(shop.at("/shoes"), 1_000_000)
    assert len(shop.paths()) == 1


def test_an_announced_size_is_believed(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = Reply(body=b"x" * 2000)
    with pytest.raises(FetchError, match="larger than"):
        fetcher.get(shop.at("/shoes"), 1000)
    assert len(fetcher.get(shop.at("/shoes"), 2000).body) == 2000


def test_compressed_pages_are_unpacked(shop: LocalShop, fetcher: Fetcher) -> None:
    packed = gzip.compress(b"<html>") + gzip.compress(b"shoes</html>")
    shop["/shoes"] = Reply(body=packed, headers={"Content-Encoding": "gzip"})
    assert fetcher.get(shop.at("/shoes"), 1000).body == b"<html>shoes</html>"
    assert shop.asked[-1].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding", "sentence"),
    [
        (gzip.compress(b"shoes" * 100, mtime=0)[:-12], "gzip", "breaks off"),
        (b"this is no gzip", "gzip", "broken gzip"),
        (b"whatever", "br", "which we did not ask for"),
    ],
)
def test_broken_compression_is_a_failure(
    shop: LocalShop, fetcher: Fetcher, body: bytes, encoding: str, sentence: str
) -> None:
    shop["/shoes"] = Reply(body=body, headers={"Content-Encoding": encoding})
    with pytest.raises(FetchError, match=sentence):
        fetcher.get(shop.at("/shoes"), 1000)


def test_a_connection_that_breaks_is_tried_again(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = [Reply(body=b"half", headers={"Content-Length": "1000", "Connection": "close"}), PAGE]
    assert fetcher.get(shop.at("/shoes"), 1000).body == PAGE.body


def test_a_redirect_is_followed_and_its_end_is_told(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/old"] = Reply(302, headers={"Location": "shoes?page=1"})
    shop["/shoes?page=1"] = PAGE
    assert fetcher.get(shop.at("/old#top"), 1000).url == shop.at("/shoes?page=1")


def test_redirects_in_a_circle_end(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/a"] = Reply(302, headers={"Location": "/b"})
    shop["/b"] = Reply(302, headers={"Location": "/a"})
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetcher.get(shop.at("/a"), 1000)
    assert len(shop.paths()) == 6


def test_robots_txt_holds_behind_a_redirect_too(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /secret")
    shop["/open"] = Reply(302, headers={"Location": "/secret"})
    with pytest.raises(FetchError, match="forbids"):
        fetcher.get(shop.at("/open"), 1000)
    assert shop.paths() == ["/open"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://shop/x", "http://me:secret@shop/", "http://", "shoes", ""]
)
def test_only_plain_web_addresses_are_fetched(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(FetchError, match=r"is not a (plain http or https )?URL"):
        fetcher.get(url, 1000)


def test_a_redirect_into_the_private_network_is_refused(shop: LocalShop, fetcher: Fetcher) -> None:
    """The shop itself is trusted by host and port; another port of this machine is not."""
    shop["/out"] = Reply(302, headers={"Location": "http://localhost:1/admin"})
    with pytest.raises(FetchError, match="not on the public internet"):
        fetcher.get(shop.at("/out"), 1000)


def revalidating(body: bytes, **validators: str) -> Callable[[Asked], Reply]:
    """A page that answers 304 to whoever shows its validators."""

    def answer(asked: Asked) -> Reply:
        shown = {asked.headers.get("If-None-Match"), asked.headers.get("If-Modified-Since")}
        if set(validators.values()) & shown:
            return Reply(304)
        return Reply(body=body, headers={name.replace("_", "-"): value for name, value in validators.items()})

    return answer


def test_what_has_not_changed_is_not_sent_again(shop: LocalShop, tmp_path: Path) -> None:
    shop["/tagged"] = revalidating(b"tagged", ETag='"v1"')
    shop["/dated"] = revalidating(b"dated", Last_Modified="Fri, 02 Mar 2018 01:57:54 GMT")
    shop["/plain"] = Reply(body=b"plain")
    paths = ["/tagged", "/dated", "/plain"]
    assert get_all(shop, tmp_path, paths) == [(b"tagged", True), (b"dated", True), (b"plain", True)]
    assert get_all(shop, tmp_path, paths) == [(b"tagged", False), (b"dated", False), (b"plain", True)]
    assert shop.paths() == paths * 2


def test_what_has_changed_is_sent_again(shop: LocalShop, tmp_path: Path) -> None:
    shop["/page"] = revalidating(b"old", ETag='"v1"')
    get_all(shop, tmp_path, ["/page"])
    shop["/page"] = revalidating(b"new", ETag='"v2"')
    assert get_all(shop, tmp_path, ["/page"]) == [(b"new", True)]


def test_a_damaged_copy_is_fetched_anew(shop: LocalShop, tmp_path: Path) -> None:
    shop["/page"] = revalidating(b"the page", ETag='"v1"')
    get_all(shop, tmp_path, ["/page"])
    for body in (tmp_path / "bodies").glob("*/*"):
        body.write_bytes(b"the wage")
    assert get_all(shop, tmp_path, ["/page"]) == [(b"the page", True)]


def get_all(shop: LocalShop, folder: Path, paths: list[str]) -> list[tuple[bytes, bool]]:
    """One complete run over `paths`: each body, and whether it came over the network."""
    with Journal(folder, "test") as journal, Fetcher(QUICK, journal=journal) as fetcher:
        fetcher.trust(shop.url)
        fetched = [fetcher.get(shop.at(path), 1000) for path in paths]
        journal.finish()
    return [(one.body, one.is_news) for one in fetched]


def test_an_unfinished_run_does_not_ask_twice(shop: LocalShop, tmp_path: Path) -> None:
    shop["/page"] = Reply(body=b"page")
    for resumed in (False, True):
        with Journal(tmp_path, "test") as journal, Fetcher(QUICK, journal=journal) as fetcher:
            assert journal.resumed is resumed
            fetcher.trust(shop.url)
            assert fetcher.get(shop.at("/page"), 1000).body == b"page"
            with pytest.raises(FetchError, match="/gone answered 404"):
                fetcher.get(shop.at("/gone"), 1000)
    assert shop.paths() == ["/page", "/gone"]
