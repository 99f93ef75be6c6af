"""Microdata by the HTML standard, and as shops write it."""

from __future__ import annotations

from bs4 import BeautifulSoup

from scraper.microdata import microdata_of_type

PRODUCT = "itemscope itemtype='http://schema.org/Product'"


def parts(html: str) -> list[object]:
    return [thing["url"] for thing in microdata_of_type(BeautifulSoup(html, "lxml"), "Product", with_parts=True)]


def things(html: str) -> list[dict[str, object]]:
    return list(microdata_of_type(BeautifulSoup(html, "lxml"), "Product"))


def test_values_come_from_where_the_standard_says() -> None:
    (thing,) = things(
        f"<div {PRODUCT}><meta itemprop='a' content='1'><a itemprop='b' href='/2'>x</a>"
        "<img itemprop='c' src='/3'><time itemprop='d' datetime='2020-11-05'>5 Nov</time><span itemprop='e'>five</span>"
        "<span itemprop='f' content='6'>six</span><link itemprop='g' href='/7'>"
        "<b itemprop='h'>8</b><b itemprop='h'>9</b></div>"
    )
    simple = {"a": "1", "b": "/2", "c": "/3", "d": "2020-11-05", "e": "five", "f": "6", "g": "/7"}
    assert thing == {"@type": ["Product"], **simple, "h": ["8", "9"]}


def test_a_thing_within_a_thing_keeps_its_own_facts() -> None:
    (thing,) = things(
        f"<div {PRODUCT}><p><span itemprop='offers' itemscope itemtype='http://schema.org/Offer'>"
        "<i itemprop='price'>9</i></span></p>"
        "<div itemscope itemtype='http://schema.org/Review'><i itemprop='name'>bad</i></div>"
        "<b itemprop='name'>Dart</b></div>"
    )
    assert thing == {"@type": ["Product"], "offers": {"@type": ["Offer"], "price": "9"}, "name": "Dart"}


def test_references_elsewhere_on_the_page_even_in_circles() -> None:
    (thing,) = things(
        f"<div id='me' {PRODUCT} itemref='more me nowhere more'><b itemprop='name'>Dart</b></div>"
        "<div id='more'><b itemprop='sku'>1</b></div>"
    )
    assert (thing["name"], thing["sku"]) == ("Dart", "1")


def test_things_that_are_part_of_a_list_are_given_where_they_are_asked_for() -> None:
    entry = (
        "<li itemprop='itemListElement' itemscope itemtype='https://schema.org/ListItem'>"
        f"<div itemprop='item' {PRODUCT}><a itemprop='url' href='/{{}}'>x</a></div></li>"
    )
    html = f"<ul itemscope itemtype='https://schema.org/ItemList'>{entry.format(1)}{entry.format(2)}</ul>"
    assert things(html) == []
    assert parts(html) == ["/1", "/2"]


def test_other_types_are_none_of_ours() -> None:
    assert things("<div itemscope itemtype='http://schema.org/ProductModel'><b itemprop='name'>x</b></div>") == []
    assert things("<div itemscope><b itemprop='name'>x</b></div>") == []


def test_things_nested_without_end_are_cut_off() -> None:
    scope = f"<div itemprop='x' {PRODUCT}>"
    (thing,) = things(f"<div {PRODUCT}>{scope * 200}{'</div>' * 201}")
    assert str(thing).count("Product") == 8
