"""The crawl: listing pages -> product pages -> pictures, in the shop's order, one listing at a time.

Nothing is fetched before somebody asks for the next listing. What failed is counted; a shop that fails as a whole, or
too often, ends the crawl with a CrawlError.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from scraper.fetch import GONE, Fetched, Fetcher, FetchError
from scraper.listing import Listing, ListingError, ListingImage
from scraper.page_text import decode_page
from scraper.permission import is_here, why_not
from scraper.pictures import MAX_BYTES as PICTURE_BYTES
from scraper.pictures import PictureError, check_picture, remove_unfinished, save_picture
from scraper.robots import origin_of
from scraper.sites.page import ListingPage, PageError, Site
from scraper.tally import CrawlStats, Tolerance
from scraper.traffic import host_of
from scraper.walls import is_wall

PAGE_BYTES = 5_000_000
MAX_LISTING_PAGES = 5_000  # a calendar or a filter that links to ever new pages ends here
MAX_PICTURES = 144  # of one listing: four rounds of 36

Page = TypeVar("Page", ListingPage, Listing)


class CrawlError(Exception):
    """A shop that could not be read. The message is a sentence for the person who started the crawl."""


def crawl(
    site: Site,
    fetcher: Fetcher,
    *,
    start_urls: Sequence[str] = (),
    images_folder: Path | None = None,
    limit: int | None = None,
    tolerance: Tolerance | None = None,
    progress: Callable[[CrawlStats], None] | None = None,
    stats: CrawlStats | None = None,
    confirmed: bool = False,
    trust_starts: bool | None = None,
) -> Iterator[Listing]:
    """Yield the listings of a shop in its order, each style code once, with its pictures fetched.

    `confirmed` says that an admin has confirmed that the shop may be scraped; without it only our own shop is, and
    what is served on this very machine. With `trust_starts` the hosts of the start URLs may be on this machine or a
    private network, without it they may not; None trusts our own shop's, and those that plainly name this machine.

    Pictures go to `images_folder` (None: they are not fetched) and `ListingImage.file` is their path relative to
    that folder's parent; None where a picture could not be had. `progress` is called with `stats` after each fetch, and
    about every second while we wait; what it raises ends the crawl.
    Raises CrawlError where the shop fails: at once if a listing page cannot be read or shows nothing, at the end if
    more products or pictures failed than `tolerance` allows. Take nothing for granted before the end: a crawl that
    fails late has yielded listings before.
    """
    starts = tuple(start_urls) or site.start_urls
    if not starts:
        raise CrawlError(f"{site.title} is read from addresses that somebody gives, and there are none.")
    if refusal := why_not(site, starts, confirmed):
        raise CrawlError(refusal)
    if images_folder is not None:
        remove_unfinished(images_folder)
    yield from _Crawl(
        site,
        fetcher,
        starts,
        images_folder,
        limit,
        tolerance or Tolerance(),
        progress or (lambda _: None),
        stats if stats is not None else CrawlStats(),
        trust_starts,
    ).run()


@dataclass
class _Crawl:
    """One crawl under way: the frontier, and what has been seen."""

    site: Site
    fetcher: Fetcher
    start_urls: tuple[str, ...]
    images_folder: Path | None
    limit: int | None
    tolerance: Tolerance
    progress: Callable[[CrawlStats], None]
    stats: CrawlStats
    trust_starts: bool | None
    origins: set[str] = field(default_factory=set)
    seen_pages: set[str] = field(default_factory=set)
    seen_codes: set[str] = field(default_factory=set)
    suspect: list[str] = field(default_factory=list)

    def run(self) -> Iterator[Listing]:
        """The listings; CrawlError where the shop fails."""
        self.stats.hosts = self.fetcher.hosts
        self.fetcher.while_waiting(lambda: self.progress(self.stats))
        try:
            for listing in self._listings():
                if self.limit is not None and self.stats.products.got >= self.limit:
                    break
                self.stats.count(listing)
                yield self._with_pictures(listing)
                self.progress(self.stats)
                self._give_up_early()
            self._judge()
        except CrawlError:
            # A run that was killed need not ask again for what was not there; one that failed must, or it would
            # fail for the same reason after the shop has mended it.
            for url in (*self.suspect, *(f"{origin}/robots.txt" for origin in self.origins)):
                self.fetcher.forget(url)
            raise

    def _listings(self) -> Iterator[Listing]:
        """Listings without pictures, each style code once."""
        frontier = deque(self._starts())
        while frontier:
            url = frontier.popleft()
            page = self._listing_page(url)
            self.stats.products.failed += len(page.unreadable)
            for sentence in page.unreadable:
                self.suspect.append(url)
                self.stats.note(sentence)
            links = self._unseen(page.product_links)
            self.stats.announced = max(self.stats.announced, page.total)
            self.stats.known += len(page.listings) + len(page.unreadable) + len(links)
            frontier.extend(self._unseen(page.next_pages))
            self.progress(self.stats)
            yield from self._new_ones(page.listings)
            for link in links:
                yield from self._new_ones(self._product(link))

    def _starts(self) -> list[str]:
        """The start pages. Their hosts are the shop's own, even on this machine: the demo shop runs there."""
        for url in self.start_urls:
            is_near = self.site.is_ours or is_here(url) if self.trust_starts is None else self.trust_starts
            try:
                if is_near:
                    self.fetcher.trust(url)
                self.origins.add(origin_of(url))
            except FetchError as error:
                raise CrawlError(error.sentence) from error
        return self._unseen(self.start_urls)

    def _unseen(self, urls: Sequence[str]) -> list[str]:
        """Those of `urls` that were not met before and lie on the shop's own hosts, in order."""
        unseen = [url for url in dict.fromkeys(urls) if url not in self.seen_pages and self._is_the_shops(url)]
        self.seen_pages.update(unseen)
        return unseen

    def _is_the_shops(self, url: str) -> bool:
        try:
            return origin_of(url) in self.origins
        except FetchError:
            return False

    def _new_ones(self, listings: Sequence[Listing]) -> Iterator[Listing]:
        for listing in listings:
            if listing.style_code in self.seen_codes:
                self.stats.duplicates += 1
                self.stats.known -= 1
                continue
            self.seen_codes.add(listing.style_code)
            yield listing

    def _listing_page(self, url: str) -> ListingPage:
        """A listing page; without it the crawl cannot be complete, so every failure is a CrawlError."""
        if self.stats.listing_pages >= MAX_LISTING_PAGES:
            raise CrawlError(f"{self._name} has more than {MAX_LISTING_PAGES} listing pages; is it turning in circles?")
        try:
            fetched = self.fetcher.get(url, PAGE_BYTES)
        except FetchError as error:
            self.suspect.append(url)
            raise CrawlError(error.sentence) from error
        if url in self.start_urls:
            self.origins.add(origin_of(fetched.url))  # the shop may send us from example.com to www.example.com
        html = decode_page(fetched.body, fetched.content_type)
        try:
            page = _parsed(self.site.parse_listing_page, html, fetched.url)
        except PageError as error:
            self.fetcher.forget(url)
            raise CrawlError(_unreadable(url, html, f"{url} cannot be read: {error}")) from error
        if not (page.listings or page.product_links or page.next_pages or page.unreadable):
            self.fetcher.forget(url)
            nothing = f"{url} shows no products. Has {self._name} changed its pages?"
            raise CrawlError(_unreadable(url, html, nothing))
        self.stats.listing_pages += 1
        return page

    def _product(self, url: str) -> tuple[Listing, ...]:
        """The listing of a product page, or none where it fails, which is counted."""
        try:
            fetched = self.fetcher.get(url, PAGE_BYTES)
            html = decode_page(fetched.body, fetched.content_type)
            return (_parsed(self.site.parse_product, html, fetched.url),)
        except FetchError as error:
            self._end_if_asked(error)
            self.suspect.append(url)
            sentence = error.sentence
        except (PageError, ListingError) as error:
            self.fetcher.forget(url)
            sentence = _unreadable(url, html, f"{url} cannot be read: {error}")
        self.stats.products.failed += 1
        self.stats.note(sentence)
        self.progress(self.stats)
        self._give_up_early()
        return ()

    def _end_if_asked(self, error: FetchError) -> None:
        """A host that wants to be left alone is: the run ends, however well it went so far."""
        if error.ends_the_run:
            raise CrawlError(error.sentence) from error

    def _with_pictures(self, listing: Listing) -> Listing:
        """The listing with its pictures fetched, each URL once."""
        by_url: dict[str, ListingImage] = {}
        for image in listing.images:
            by_url.setdefault(image.url, image)
        images = tuple(by_url.values())[:MAX_PICTURES]
        folder = self.images_folder
        return replace(listing, images=images if folder is None else tuple(self._with_file(i, folder) for i in images))

    def _with_file(self, image: ListingImage, folder: Path) -> ListingImage:
        """The image with its file, or without where it could not be had, which is counted."""
        tally = self.stats.pictures
        try:
            fetched = self.fetcher.get(image.url, PICTURE_BYTES)
            name = self._save(fetched, folder)
            tally.got += 1
            return replace(image, file=f"{folder.name}/{name}")
        except FetchError as error:
            self._end_if_asked(error)
            if error.status in GONE:
                self.suspect.append(image.url)
                tally.missing += 1
            else:
                tally.failed += 1
            self.stats.note(error.sentence)
        except PictureError as error:
            self.fetcher.forget(image.url)
            tally.failed += 1
            self.stats.note(f"{image.url} is not used: {error}")
        finally:
            self.progress(self.stats)
        self._give_up_early()
        return image

    def _save(self, fetched: Fetched, folder: Path) -> str:
        suffix = check_picture(fetched.body, fetched.content_type)
        return save_picture(folder, fetched.body, suffix, fetched.file)

    @property
    def _name(self) -> str:
        """What to call the shop: a parser that reads several has no name for each."""
        is_its_own = set(self.start_urls) <= set(self.site.start_urls)
        return self.site.title if is_its_own else host_of(self.start_urls[0])

    def _give_up_early(self) -> None:
        if self.stats.is_hopeless_early():
            raise CrawlError(self._too_much())

    def _judge(self) -> None:
        """Raise CrawlError unless enough of the shop was read."""
        if self.stats.products.got == 0 and self.limit != 0:
            raise CrawlError(f"{self._name} shows no products. {self._example()}".strip())
        if self.stats.is_hopeless(self.tolerance):
            raise CrawlError(self._too_much())

    def _too_much(self) -> str:
        return f"Too much of {self._name} failed: {self.stats.summary()}. {self._example()}".strip()

    def _example(self) -> str:
        return f"For example: {self.stats.failures[0]}" if self.stats.failures else ""


def _parsed(parse: Callable[[str, str], Page], html: str, url: str) -> Page:
    """What a parser makes of a page; PageError too where it was not prepared for such a page and stumbled."""
    try:
        return parse(html, url)
    except (PageError, ListingError):
        raise
    except Exception as error:
        raise PageError(f"Its parser stumbled ({type(error).__name__}: {str(error)[:200]}).") from error


def _unreadable(url: str, html: str, otherwise: str) -> str:
    """Why a page is no use, in a sentence: a wall against machines explains everything else."""
    wall = f"{url} shows no products, but asks for a human being (a captcha or the like)."
    return wall if is_wall(html) else otherwise
