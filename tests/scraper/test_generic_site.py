"""Any shop that describes its products in schema.org's words: saved pages of real shops, and small ones by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.crawl import crawl
from scraper.fetch import Fetcher
from scraper.sites.generic import GENERIC, parse_listing_page, parse_product
from scraper.sites.page import PageError
from tests.scraper.local_shop import LocalShop, Reply

URL = "https://shop.example/products/dart-low"
DART = {
    "@context": "https://schema.org",
    "@type": "Product",
    "sku": "17",
    "mpn": "VD-0017",
    "name": "Vello Dart Low",
    "brand": {"@type": "Brand", "name": "Vello"},
    "color": "Chalk",
    "category": "Low",
    "audience": {"@type": "PeopleAudience", "suggestedGender": "female"},
    "image": ["/a.jpg", {"@type": "ImageObject", "contentUrl": "https://cdn.example/b.jpg"}, "/a.jpg"],
    "offers": {"@type": "Offer", "price": "129.00", "priceCurrency": "EUR"},
}


def linked(*things: object, body: str = "", head: str = "") -> str:
    """A page with JSON-LD."""
    scripts = "".join(f"<script type='application/ld+json'>{json.dumps(thing)}</script>" for thing in things)
    return f"<html><head>{head}{scripts}</head><body>{body}</body></html>"


def metas(**said: str) -> str:
    """Open Graph's tags; "__" stands for ":"."""
    return "".join(f"<meta property='{name.replace('__', ':')}' content='{text}'>" for name, text in said.items())


def test_json_ld() -> None:
    listing = parse_product(linked({"@type": "WebPage"}, DART), URL)
    assert (listing.site, listing.style_code, listing.url) == ("generic", "VD-0017", URL), (
        "the maker's code comes first"
    )
    assert (listing.brand, listing.name, listing.colorway, listing.category) == ("Vello", "Dart Low", "Chalk", "Low")
    assert (listing.gender, listing.price_cents, listing.currency) == ("women", 12900, "EUR")
    assert [image.url for image in listing.images] == ["https://shop.example/a.jpg", "https://cdn.example/b.jpg"]


def test_a_broken_script_is_passed_over_and_open_graph_fills_the_gaps() -> None:
    broken = "<script type='application/ld+json'>{'@type': 'Product', name: broken</script>"
    short = {"@type": "Product", "name": "Dart Low", "brand": "Vello"}
    head = broken + metas(
        og__type="product", product__price__amount="99,90", product__price__currency="EUR", og__image="/og.jpg"
    )
    listing = parse_product(linked(short, head=head), URL)
    assert (listing.price_cents, listing.currency, listing.style_code) == (9990, "EUR", "dart-low")
    assert [image.url for image in listing.images] == ["https://shop.example/og.jpg"]


def test_open_graph_alone() -> None:
    head = metas(
        og__type="product.item",
        og__title="Vello Dart Low | Shoes &amp; More",
        og__site_name="Shoes &amp; More",
        og__image="https://cdn.example/1.jpg",
        product__brand="Vello",
        product__retailer_item_id="4711",
        product__price__amount="129.00",
        product__sale_price__amount="99.00",
        product__price__currency="USD",
        product__gender="male",
        product__age_group="kids",
        product__color="Chalk",
    )
    listing = parse_product(linked(head=head), URL)
    assert (listing.brand, listing.name, listing.style_code) == ("Vello", "Dart Low", "4711")
    assert (listing.price_cents, listing.gender, listing.colorway) == (9900, "kids", "Chalk")


def test_several_scripts_about_one_product_are_one() -> None:
    stars = {"@type": "Product", "name": "VELLO Dart Low", "aggregateRating": {"ratingValue": 4.5}}
    listing = parse_product(linked(stars, DART), URL)
    assert (listing.brand, listing.style_code, listing.price_cents) == ("Vello", "VD-0017", 12900)
    assert [one.style_code for one in parse_listing_page(linked(stars, DART), URL).listings] == ["VD-0017"]


@pytest.mark.parametrize("kind", ["https://schema.org/ListPrice", "StrikethroughPrice", "https://schema.org/MSRP"])
def test_the_price_to_pay_is_not_the_one_that_is_struck_through(kind: str) -> None:
    struck = {"@type": "UnitPriceSpecification", "priceType": kind, "price": 160}
    offer = {"@type": "Offer", "priceCurrency": "USD", "priceSpecification": [struck, {"price": 99.99}]}
    assert parse_product(linked({**DART, "offers": offer}), URL).price_cents == 9999
    assert parse_product(linked({**DART, "offers": {**offer, "price": "0.00"}}), URL).price_cents == 9999
    assert parse_product(linked({**DART, "offers": {"priceSpecification": struck}}), URL).price_cents is None


@pytest.mark.parametrize(
    "offers",
    [
        [{"@type": "Offer", "price": "129.00"}, {"@type": "Offer", "price": "150.00"}],
        [{"@type": "Offer", "availability": "OutOfStock"}, {"@type": "Offer", "price": 129}],
        {"@type": "AggregateOffer", "lowPrice": 129.0, "highPrice": 150.0},
        {"@type": "AggregateOffer", "offers": [{"@type": "Offer", "price": "129.00"}]},
    ],
)
def test_offers_of_all_shapes_in_a_graph(offers: object) -> None:
    page = {"@context": "https://schema.org", "@graph": [{"@type": "BreadcrumbList"}, {**DART, "offers": offers}]}
    assert parse_product(linked(page), URL).price_cents == 12900


MICRODATA = """<html><body><div itemscope itemtype="https://schema.org/Product">
  <h1 itemprop="name">Dart Low</h1><div itemprop="brand" itemscope itemtype="https://schema.org/Brand">
  <span itemprop="name">Vello</span></div><img itemprop="image" src="/1.jpg"><img itemprop="image" src="/2.jpg">
  <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">MSRP: $160.00
  <span itemprop="price" content="99.99">$99.99</span><meta itemprop="priceCurrency" content="USD"></div>
  <div itemprop="isRelatedTo" itemscope itemtype="https://schema.org/Product"><b itemprop="name">Other</b>
  <i itemprop="sku">9</i></div><meta itemprop="sku mpn" content="VD-1"></div></body></html>"""


def test_microdata() -> None:
    listing = parse_product(MICRODATA, URL)
    assert (listing.brand, listing.name, listing.style_code) == ("Vello", "Dart Low", "VD-1")
    assert (listing.price_cents, listing.currency) == (9999, "USD"), "the price stands in its own element"
    assert [image.url for image in listing.images] == ["https://shop.example/1.jpg", "https://shop.example/2.jpg"]


def test_variants_and_ranges_of_prices() -> None:
    group = {
        "@type": "ProductGroup",
        "productGroupID": "VD",
        "name": "Dart",
        "brand": "Vello",
        "hasVariant": [{"@type": "Product", "sku": "VD-1", "offers": {"price": 80, "priceCurrency": "GBP"}}],
    }
    listing = parse_product(linked(group), URL)
    assert (listing.style_code, listing.price_cents, listing.currency) == ("VD", 8000, "GBP")
    spread = {
        **DART,
        "offers": {"@type": "AggregateOffer", "lowPrice": "75", "highPrice": "90", "priceCurrency": "EUR"},
    }
    assert parse_product(linked(spread), URL).price_cents == 7500
    nested = {**DART, "offers": {"@type": "AggregateOffer", "offers": [{"price": "70.5", "priceCurrency": "SEK"}]}}
    listing = parse_product(linked({"@type": "ItemPage", "mainEntity": nested}), URL)
    assert (listing.price_cents, listing.currency) == (7050, "SEK")


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("<html><body>About us</body></html>", "describes no product"),
        (linked(head=metas(og__type="article", og__title="News")), "describes no product"),
        (linked({"@type": "Product", "name": "Dart"}), r"has no brand\."),
        (linked({"@type": "Product", "brand": "Vello"}), "describes no product"),
        ("", "empty"),
    ],
)
def test_other_pages_are_told(html: str, sentence: str) -> None:
    with pytest.raises(PageError, match=sentence):
        parse_product(html, URL)


def test_a_start_page_may_be_a_product() -> None:
    found = parse_listing_page(linked(DART, body="<a href='/products/other'>Other</a>"), URL)
    assert [listing.style_code for listing in found.listings] == ["VD-0017"]
    assert found.product_links == ()


@pytest.mark.parametrize(
    "entries",
    [
        [{"@type": "ListItem", "url": "/products/a"}, {"@type": "ListItem", "url": "/products/b#top"}],
        [{"@type": "ListItem", "item": {"@type": "Product", "name": "A", "url": f"/products/{key}"}} for key in "ab"],
        [{"@type": "ListItem", "item": f"https://shop.example/products/{key}"} for key in "ab"],
    ],
)
def test_lists_in_json_ld(entries: list[object]) -> None:
    html = linked({"@type": "ItemList", "itemListElement": entries}, body="<a rel='next' href='?page=2'>Next</a>")
    found = parse_listing_page(html, "https://shop.example/shoes")
    assert found.product_links == ("https://shop.example/products/a", "https://shop.example/products/b")
    assert found.next_pages == ("https://shop.example/shoes?page=2",)


def test_lists_of_things_in_microdata_lists() -> None:
    card = (
        '<li itemprop="itemListElement" itemscope itemtype="https://schema.org/ListItem"><div itemprop="item" itemscope'
        ' itemtype="https://schema.org/Product"><a itemprop="url" href="/x/{0}">{0}</a></div></li>'
    )
    html = f"<html><ul>{card.format('a')}{card.format('b')}</ul></html>"
    found = parse_listing_page(html, "https://shop.example/shoes")
    assert found.product_links == ("https://shop.example/x/a", "https://shop.example/x/b")


def test_lists_in_microdata() -> None:
    card = (
        '<li itemscope itemtype="http://schema.org/Product"><a itemprop="url" href="/x/{0}">'
        '<b itemprop="name">{0}</b></a></li>'
    )
    found = parse_listing_page(
        f"<html><ul>{card.format('a')}{card.format('b')}</ul></html>", "https://shop.example/shoes"
    )
    assert found.product_links == ("https://shop.example/x/a", "https://shop.example/x/b")


@pytest.mark.parametrize(
    ("link", "is_product"),
    [
        ("/products/dart-low", True),
        ("/p/dart/123", True),
        ("/vello-dart-low-12345.html", True),
        ("https://shop.example/en/product/dart?variant=2", True),
        ("/shoes", False),
        ("/pages/about-us", False),
        ("/products", False),
        ("12345.html", False),
        ("/dart.html?sku=12345", False),
        ("/products/?page=2", False),
        ("/cart", False),
        ("http://[", False),
    ],
)
def test_lists_in_plain_html(link: str, is_product: bool) -> None:
    found = parse_listing_page(f"<html><a href='{link}'>Dart</a><p>shoes</p></html>", "https://shop.example/shoes")
    assert bool(found.product_links) is is_product


def test_a_whole_shop_through_the_crawl(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/shoes"] = Reply.html(
        "<html><a href='/products/1'>One</a><a href='/products/2'>Two</a><a href='/products/gone'>Gone</a>"
        "<a href='https://elsewhere.example/products/9'>ad</a><link rel='next' href='/shoes?page=2'></html>"
    )
    shop["/shoes?page=2"] = Reply.html("<html><a href='/products/3'>Three</a></html>")
    for number in (1, 2, 3):
        shop[f"/products/{number}"] = Reply.html(linked({**DART, "mpn": f"VD-{number}"}))
    listings = list(crawl(GENERIC, fetcher, start_urls=[shop.at("/shoes")]))
    assert [listing.style_code for listing in listings] == ["VD-1", "VD-2", "VD-3"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("product.html", ("ACME", "Executive Anvil", "925872", 11999, "USD")),
        ("product-ref.html", ("ACME", "Executive Anvil", "925872", 11999, "USD")),
        ("product_microdata.html", ("ACME", "Executive Anvil", "925872", 11999, "USD")),
        ("microdata-with-description.html", ("Johnsons", "4 Fleas Cats & Kittens Tablets", "CS20858_1", 529, "GBP")),
    ],
)
def test_saved_pages(shared_data: Path, name: str, expected: tuple[object, ...]) -> None:
    html = (shared_data / "product_pages" / name).read_text(encoding="utf-8", errors="replace")
    listing = parse_product(html, f"https://shop.example/{name}")
    facts = (listing.brand, listing.name, listing.style_code, listing.price_cents, listing.currency)
    assert facts == expected
    assert len(listing.images) == 1


@pytest.mark.data
def test_no_saved_page_breaks_it(shared_data: Path) -> None:
    """Every page is read, or told off in a sentence, and those without a product are told so."""
    said = {}
    for path in sorted((shared_data / "product_pages").glob("*.html")):
        try:
            parse_product(path.read_text(encoding="utf-8", errors="replace"), URL)
        except PageError as error:
            said[path.name] = str(error)
    assert said.pop("opengraph_ns_product_test.html") == "The product that it describes has no brand.", (
        "a film has none"
    )
    assert len(said) == 6
    assert {sentence.partition(",")[0] for sentence in said.values()} == {"It describes no product"}
