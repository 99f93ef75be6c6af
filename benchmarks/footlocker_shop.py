"""Foot Locker as it was in March 2018, served from the saved pages and pictures: a real shop for the real scraper.

`python -m benchmarks.footlocker_shop --port 8200` serves it until it is stopped. Pages answer under the URLs that they
have in the shop, with the names of its hosts replaced by ours; a picture that was not saved answers 404.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import mimetypes
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from demo.starter import real_pictures

PER_PAGE = 180
PICTURE = re.compile(r"^/pi/([^/]+)/large/")

# The start of a series' URLs, and its pages in order. A page's number is in the query: Nao=360 is the third one.
SERIES: Mapping[str, tuple[str, ...]] = {
    "/Mens/Nike/Shoes/": tuple(f"footlockernikepg{number}.html" for number in range(1, 14)),
    "/Mens/adidas-Originals/Shoes/": tuple(f"footlockeradidaspg{number}.html" for number in (1, 2, 3)),
    "/Mens/adidas/Shoes/": tuple(f"footlockeradidaspg{number}.html" for number in (4, 5, 6)),
    "/Shoes/_-_/N-rj/keyword-vans": ("footlockervans.html",),
}
STARTS = (
    "/Mens/Nike/Shoes/_-_/N-24ZzzZrj?Rpp=180",
    "/Mens/adidas-Originals/Shoes/_-_/N-24ZzrZrj?Rpp=180",
    "/Mens/adidas/Shoes/_-_/N-24ZzcZrj?Rpp=180",
    "/Shoes/_-_/N-rj/keyword-vans?Rpp=180",
)


@dataclass(frozen=True)
class Label:
    """One row of labels.csv; `picture` is relative to the folder of pictures, `price` as the page shows it."""

    sku: str
    title: str
    price: str
    brand: str
    model: str
    picture: str


def read_labels(data: Path) -> dict[str, Label]:
    """The ground truth of the saved pages by SKU."""
    with (data / "footlocker" / "labels.csv").open(encoding="utf-8", newline="") as rows:
        return {
            row["sku"]: Label(row["sku"], row["title"], row["price"], row["brand"], row["model"], row["path"])
            for row in csv.DictReader(rows)
        }


class FootLockerShop:
    """What the shop answers. `url` is where it is served."""

    def __init__(self, data: Path, crawl_delay_s: float = 0.0) -> None:
        self._folder = data / "footlocker"
        self._labels = read_labels(data)
        self._robots = f"User-agent: *\nCrawl-delay: {crawl_delay_s:g}\nDisallow: /shoppingcart/\n".encode()
        self.url = ""

    @property
    def start_urls(self) -> tuple[str, ...]:
        """The first page of each series."""
        return tuple(self.url + start for start in STARTS)

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a request's path and query."""
        parsed = urlsplit(target)
        if parsed.path == "/robots.txt":
            return 200, "text/plain", self._robots
        picture = PICTURE.match(parsed.path)
        if picture:
            return self._picture(picture.group(1))
        first = int(parse_qs(parsed.query).get("Nao", ["0"])[0])
        for start, pages in SERIES.items():
            if parsed.path.startswith(start) and first // PER_PAGE < len(pages):
                return 200, "text/html; charset=utf-8", self._page(pages[first // PER_PAGE])
        return 404, "text/plain", b"Not found"

    def _page(self, name: str) -> bytes:
        page = (self._folder / "pages" / name).read_bytes()
        host = self.url.removeprefix("http:").encode()
        return page.replace(b"https://www.footlocker.com", b"http:" + host).replace(b"//images.footlocker.com", host)

    def _picture(self, sku: str) -> tuple[int, str, bytes]:
        label = self._labels.get(sku)
        path = self._folder / "images" / label.picture if label else None
        if path is None or not path.is_file():
            return 404, "text/plain", b"Not found"
        return 200, mimetypes.guess_type(path.name)[0] or "application/octet-stream", path.read_bytes()


@contextmanager
def running_footlocker_shop(data: Path, port: int = 0, crawl_delay_s: float = 0.0) -> Iterator[FootLockerShop]:
    """The shop on a port of this machine (0: a free one) until the block ends."""
    shop = FootLockerShop(data, crawl_delay_s)

    class Till(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or every answer on a kept connection waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            status, content_type, body = shop.answer(self.path)
            tag = f'"{hashlib.sha256(body).hexdigest()}"'
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Thousands of requests: none is worth a line."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Till)
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> int:
    """Serve until stopped, and print how to scrape it."""
    parser = argparse.ArgumentParser(description="Serve the saved Foot Locker pages.")
    parser.add_argument("--port", type=int, default=8200)
    parser.add_argument("--data", type=Path, default=real_pictures(), help="the folder that holds footlocker/")
    asked = parser.parse_args()
    with running_footlocker_shop(asked.data, asked.port) as shop:
        starts = " ".join(f"--start-url '{url}'" for url in shop.start_urls)
        print(f"python -m scraper footlocker --out build/footlocker/listings.jsonl {starts}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
