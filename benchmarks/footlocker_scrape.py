"""Scrape the saved Foot Locker through the real scraper and count what came out right against labels.csv.

`python -m benchmarks.footlocker_scrape [--out DIR]` prints the table and leaves listings and pictures in DIR.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup

from benchmarks.footlocker_shop import Label, read_labels, running_footlocker_shop
from benchmarks.scraper_table import Finding, report
from demo.starter import real_pictures
from scraper.__main__ import main as scrape
from scraper.listing import Listing, read_listings
from scraper.sites.footlocker import parse_listing_page

AUDIENCES = {"men": "Men's", "women": "Women's", "kids": "Boys' Girls'"}


@dataclass(frozen=True)
class Score:
    """How many of `labels` were read right. `pictures` counts those of the `saved` pictures that came whole."""

    labels: int
    found: int
    title: int
    price: int
    all_right: int
    saved: int
    pictures: int

    def __str__(self) -> str:
        products = (
            f"found {self.found} of {self.labels} products by SKU: {self.title} titles and {self.price} prices right"
        )
        pictures = f"{self.pictures} of the {self.saved} pictures that were saved came whole"
        return f"{products}; both right: {self.all_right} of {self.labels}; {pictures}"


def score(listings: Iterable[Listing], labels: Mapping[str, Label], data: Path, out_folder: Path) -> Score:
    """Compare the listings of `out_folder` with the ground truth; pictures are compared byte by byte."""
    by_sku = {listing.style_code: listing for listing in listings}
    both = [(by_sku[sku], label) for sku, label in labels.items() if sku in by_sku]
    originals = {sku: data / "footlocker" / "images" / label.picture for sku, label in labels.items()}
    saved = {sku: path for sku, path in originals.items() if path.is_file()}
    return Score(
        labels=len(labels),
        found=len(both),
        title=sum(has_title(listing, label.title) for listing, label in both),
        price=sum(listing.price_cents == cents(label.price) for listing, label in both),
        all_right=sum(has_title(one, label.title) and one.price_cents == cents(label.price) for one, label in both),
        saved=len(saved),
        pictures=sum(sku in by_sku and _has_picture(by_sku[sku], path, out_folder) for sku, path in saved.items()),
    )


def has_title(listing: Listing, title: str) -> bool:
    """Whether brand, name and gender are those of a title such as "Nike LeBron 15 - Men's", spaces aside."""
    words, _, audience = title.rpartition(" - ")
    same_words = " ".join(words.split()) == f"{listing.brand} {listing.name}"
    return same_words and audience.split()[0] in AUDIENCES.get(listing.gender, "").split()


def cents(price: str) -> int:
    """The price to pay of a label: "$94.99 Now $59.99" -> 5999."""
    dollars, hundredths = re.findall(r"\$([\d,]+)\.(\d\d)", price)[-1]
    return int(dollars.replace(",", "")) * 100 + int(hundredths)


def pages_per_second(data: Path, most: int = 20) -> float:
    """How many of the first `most` saved pages one core parses in a second, reading from disk left out."""
    return _speed(lambda page: parse_listing_page(page, "https://www.footlocker.com/"), data, most)


def plain_pages_per_second(data: Path, most: int = 5) -> float:
    """The same with Beautiful Soup's `html.parser` over the whole page, as a first attempt would do it."""
    return _speed(_read_plainly, data, most)


def _read_plainly(page: str) -> list[tuple[str, str, str]]:
    """SKU, title and price of every product."""
    soup = BeautifulSoup(page, "html.parser")
    tiles = soup.find_all("a", href=re.compile("/sku:"))
    parts = [(tile, tile.find(class_="product_title"), tile.find(class_="product_price")) for tile in tiles]
    return [
        (tile["href"].partition("/sku:")[2].split("/")[0], title.get_text(), price.get_text())
        for tile, title, price in parts
        if title and price
    ]


def _speed(read: Callable[[str], object], data: Path, most: int) -> float:
    paths = sorted((data / "footlocker" / "pages").glob("footlocker*"))[:most]
    pages = [path.read_text(encoding="utf-8") for path in paths]
    begin = time.process_time()
    for page in pages:
        read(page)
    return len(pages) / (time.process_time() - begin)


def scrape_and_score(data: Path, folder: Path, *, with_pictures: bool = False) -> Score:
    """Scrape the saved shop into `folder` through a local server and compare; RuntimeError where the scrape fails."""
    with running_footlocker_shop(data) as shop:
        starts = [word for url in shop.start_urls for word in ("--start-url", url)]
        options = [] if with_pictures else ["--no-images"]
        if scrape(["footlocker", *options, "--out", str(folder / "listings.jsonl"), *starts]) != 0:
            raise RuntimeError("the scrape of the saved pages failed")
    return score(read_listings(folder / "listings.jsonl"), read_labels(data), data, folder)


def _has_picture(listing: Listing, original: Path, out_folder: Path) -> bool:
    file = listing.images[0].file
    return file is not None and (out_folder / file).read_bytes() == original.read_bytes()


def measure(data: Path, out: Path | None = None, *, with_pictures: bool = True) -> Iterator[Finding]:
    """The rows of the table; none where the pages are not there. Listings and pictures stay in `out`."""
    if not (data / "footlocker" / "labels.csv").is_file():
        print(f"{data / 'footlocker'} is missing: its rows are left out", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as scratch:
        found = scrape_and_score(data, out or Path(scratch), with_pictures=with_pictures)
    right = found.all_right / found.labels
    reached = found.found == found.labels and right >= 0.995 and (found.pictures == found.saved or not with_pictures)
    asked = "all found, 99.5 % right"
    yield Finding("the 20 saved Foot Locker pages through the real scraper", str(found), asked, reached)
    plain, speed = plain_pages_per_second(data), pages_per_second(data)
    measured = f"{speed:.1f} pages a second; html.parser, plainly: {plain:.1f}"
    yield Finding("parsing these pages on one core", measured, "at least 10 pages a second", speed >= 10)


def main() -> int:
    """Scrape, compare, print; 1 where something is not reached."""
    parser = argparse.ArgumentParser(description="Scrape the saved Foot Locker and count what came out right.")
    parser.add_argument("--out", type=Path, help="keep listings and pictures in this folder")
    parser.add_argument("--data", type=Path, default=real_pictures(), help="the folder that holds footlocker/")
    return report(parser, lambda asked: measure(asked.data, asked.out))


if __name__ == "__main__":
    sys.exit(main())
