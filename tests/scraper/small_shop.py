"""A whole small shop in the demo shop's markup: listing pages with paging, product pages, pictures around each shoe."""

from __future__ import annotations

import json

from tests.scraper.local_shop import Asked, LocalShop, Reply

PNG = b"\x89PNG\r\n\x1a\n"


def picture(name: str) -> Reply:
    """Bytes that begin like a PNG and are different for every name; with validators, like a real shop's."""
    return Reply(
        body=PNG + f"picture {name} ".encode() * 20, headers={"Content-Type": "image/png", "ETag": f'"{name}"'}
    )


def open_small_shop(shop: LocalShop, products: int = 12, per_page: int = 5, angles: int = 3) -> None:
    """Let `shop` sell that many products."""
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 0.002\nDisallow: /cart")
    pages = range(1, -(-products // per_page) + 1)
    shop["/"] = Reply.html("<html><a rel='next' href='/shoes?page=1'>All</a> <a href='/cart'>Cart</a></html>")
    for page in pages:
        numbers = range((page - 1) * per_page, min(page * per_page, products))
        following = f"<a rel='next' href='/shoes?page={page + 1}'>Next</a>" if page + 1 in pages else ""
        links = "".join(f"<li><a href='/product/{number}'>Shoe {number}</a></li>" for number in numbers)
        shop[f"/shoes?page={page}"] = Reply.html(f"<html><ul>{links}</ul>{following}</html>")
    for number in range(products):
        shop[f"/product/{number}"] = product_page(number, angles)
        for angle in range(0, angles * 10, 10):
            shop[f"/pictures/{number}-{angle}.png"] = revalidated(picture(f"{number}-{angle}"))


def product_page(number: int, angles: int = 3, **changes: object) -> Reply:
    facts = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": f"VD-{number:04}",
        "name": f"Dart {number}",
        "brand": {"@type": "Brand", "name": "Vello"},
        "color": "Chalk / Ink",
        "category": "low",
        "audience": {"@type": "PeopleAudience", "suggestedGender": "female"},
        "offers": {"@type": "Offer", "price": f"{90 + number}.50", "priceCurrency": "USD"},
    }
    frames = "".join(
        f"<li data-angle='{angle}' data-src='/pictures/{number}-{angle}.png'></li>"
        for angle in range(0, angles * 10, 10)
    )
    script = json.dumps({**facts, **changes})
    return Reply.html(f"<html><script type='application/ld+json'>{script}</script><ol>{frames}</ol></html>")


def revalidated(reply: Reply):  # type: ignore[no-untyped-def]
    """The reply, or 304 for whoever has it already."""

    def answer(asked: Asked) -> Reply:
        return Reply(304) if asked.headers.get("If-None-Match") == reply.headers["ETag"] else reply

    return answer
