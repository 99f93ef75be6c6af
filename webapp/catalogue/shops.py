"""Shops: which there are, whether they may be scraped, where reading begins and how often it is done."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.catalogue.models import KNOWN_MODELS, MERGED
from webapp.catalogue.run_models import DEMO, SCHEDULES, Shop
from webapp.database import db, now, write_transaction
from webapp.settings import current_settings

if TYPE_CHECKING:
    from scraper.sites import Site

MOST_START_URLS = 50
_LONGEST_URL = 2000
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,58}[a-z0-9]")


class UnknownSiteError(ValueError):
    """A shop that we cannot read. The message names those we can."""


class ShopError(ValueError):
    """What cannot be done to a shop. The message is a sentence."""


def parsers() -> Mapping[str, Site]:
    """The parsers by name. They are loaded when somebody asks for them: the site would start later for them."""
    from scraper.sites import SITES

    return SITES


def all_shops() -> list[Shop]:
    """Every shop by its name: those that have a parser of their own, and those that an admin has added."""
    kept = {shop.site: shop for shop in db.session.scalars(select(Shop))}
    own = [name for name, parser in parsers().items() if parser.start_urls]
    return [kept.get(site) or _untouched(site) for site in sorted({*own, *kept})]


def shop_of(site: str) -> Shop:
    """The shop of this name; raises UnknownSiteError. One that nobody has touched yet is not in the database."""
    kept = db.session.get(Shop, site)
    if kept is not None:
        return kept
    if site not in parsers() or not parsers()[site].start_urls:
        names = ", ".join(shop.site for shop in all_shops())
        raise UnknownSiteError(f"There is no shop {site[:80]!r}. Those that we can read: {names}.")
    return _untouched(site)


def start_urls_of(shop: Shop) -> tuple[str, ...]:
    """Where reading a shop begins; nowhere where its parser is not there any more, and nobody said."""
    parser = parsers().get(shop.reader)
    return tuple(shop.start_urls) or (parser.start_urls if parser else ())


def add_shop(site: str, reader: str, start_urls: Sequence[str], person: User) -> Shop:
    """Add a shop that is read by the parser `reader`, beginning at `start_urls`. `person` says that it may be scraped.

    Raises ShopError for a name that is taken or unfit, an unknown parser, or addresses that are none.
    """
    if not _NAME.fullmatch(site) or site in (KNOWN_MODELS, MERGED):
        raise ShopError("A shop's name has 2 to 60 small letters, digits, dots or hyphens.")
    if reader not in parsers():
        raise ShopError(f"There is no parser {reader[:80]!r}. There are {', '.join(sorted(parsers()))}.")
    urls = _checked(site, start_urls)
    if not urls and not parsers()[reader].start_urls:
        raise ShopError("Say at which address reading begins.")
    with write_transaction() as session:
        if site in parsers() or session.get(Shop, site) is not None:
            raise ShopError(f"There is a shop {site} already.")
        shop = Shop(site=site, reader=reader, start_urls=urls, confirmed_by=person.id, confirmed_at=now())
        session.add(shop)
    return shop


def confirm_shop(site: str, person: User) -> None:
    """Keep that `person` says that this shop may be scraped; raises UnknownSiteError."""
    with write_transaction():
        shop = _kept(site)
        shop.confirmed_by, shop.confirmed_at = person.id, now()


def withdraw_confirmation(site: str) -> None:
    """From now on the shop may not be scraped, until somebody confirms it again; raises UnknownSiteError."""
    with write_transaction():
        shop = _kept(site)
        shop.confirmed_by = shop.confirmed_at = None


def set_schedule(site: str, schedule: str, *, enabled: bool = True) -> None:
    """How often the shop is read by itself (off, daily, weekly), and whether it is read at all.

    Raises UnknownSiteError, and ShopError for another schedule.
    """
    if schedule not in SCHEDULES:
        raise ShopError(f"A schedule is one of {', '.join(SCHEDULES)}.")
    with write_transaction():
        shop = _kept(site)
        shop.schedule, shop.enabled = schedule, enabled


def set_start_urls(site: str, start_urls: Sequence[str]) -> None:
    """Where reading begins from now on; none: where the parser says. Raises UnknownSiteError, and ShopError for
    addresses that are none."""
    urls = _checked(site, start_urls)
    with write_transaction():
        _kept(site).start_urls = urls


def refusal_of(shop: Shop) -> str:
    """Why this shop may not be read now, as a sentence; empty where it may."""
    if not shop.is_confirmed:
        return (
            f"Nobody has confirmed that {shop.site} may be scraped. An admin does so on its page, "
            "after reading its terms of use."
        )
    if shop.reader not in parsers():
        return f"{shop.site} is read by the parser {shop.reader}, which is not there any more."
    return "" if shop.enabled else f"{shop.site} is switched off. An admin can switch it on again on its page."


def _kept(site: str) -> Shop:
    """The shop's row, made where there is none; inside a write transaction."""
    shop = db.session.get(Shop, site) or shop_of(site)
    db.session.add(shop)
    return shop


def _untouched(site: str) -> Shop:
    return Shop(site=site, reader=site, start_urls=[], enabled=True, schedule="off")


def stands_near(site: str) -> bool:
    """Whether a shop may stand on this machine or in a private network: our own, and those that the operator names.
    An admin cannot say so: what a page sends there would come from behind our own walls."""
    return site == DEMO or site in current_settings().own_shops


def _checked(site: str, start_urls: Sequence[str]) -> list[str]:
    """Addresses as they are kept, each once. A name that leads to a private address is refused when it is asked."""
    urls = list(dict.fromkeys(url.strip() for url in start_urls if url.strip()))
    if len(urls) > MOST_START_URLS:
        raise ShopError(f"A shop has at most {MOST_START_URLS} start addresses.")
    for url in urls:
        if len(url) > _LONGEST_URL or not _is_web_address(url):
            raise ShopError(f"{url[:120]} is not a web address.")
        if _is_private(url) and not stands_near(site):
            raise ShopError(
                f"{url[:120]} is a private address. Only shops that SOLESCOPE_OWN_SHOPS names may be read from there."
            )
    return urls


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return False


def _is_private(url: str) -> bool:
    """Whether the host is plainly of this machine or a private network, in whichever spelling: 127.1, 0x7f000001."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(OSError):
        host = socket.inet_ntoa(socket.inet_aton(host))
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
