"""schema.org facts that a page carries as microdata (itemscope, itemprop), in the shape of JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from scraper.json_ld import Thing

SOURCES = {
    "a": "href",
    "area": "href",
    "link": "href",
    "object": "data",
    "time": "datetime",
    "meter": "value",
} | dict.fromkeys(("img", "audio", "embed", "iframe", "source", "track", "video"), "src")
MAX_DEPTH = 8  # of things within each other
MOST_ELEMENTS = 300_000  # looked at on one page: more are only met where things refer to each other again and again
MOST_TEXT = 5_000  # characters of one property


@dataclass
class _Page:
    """The elements of a page that others refer to, and how many more may be looked at."""

    by_id: Mapping[str, Tag]
    left: int = MOST_ELEMENTS


def microdata_of_type(soup: BeautifulSoup, kind: str, *, with_parts: bool = False) -> Iterator[Thing]:
    """The things of a type such as "Product", in the page's order; those that are part of another thing only
    `with_parts`."""
    named = soup.find_all(id=True) if soup.find(itemref=True) else []
    page = _Page({str(tag["id"]): tag for tag in reversed(named)})  # the first of a name counts
    for scope in soup.select(f'[itemscope][itemtype*="/{kind}"]'):
        if kind in _types(scope) and (with_parts or not scope.has_attr("itemprop")):
            yield _thing(scope, page, MAX_DEPTH)


def _types(scope: Tag) -> list[str]:
    return [name.rpartition("/")[2] for name in str(scope.get("itemtype", "")).split()]


def _thing(scope: Tag, page: _Page, depth: int) -> Thing:
    """The properties of one itemscope; of a property that comes several times, a list."""
    found: dict[str, list[object]] = {}
    for prop in _properties(scope, page):
        value = _value(prop, page, depth - 1)
        for name in str(prop["itemprop"]).split():
            found.setdefault(name, []).append(value)
    return {"@type": _types(scope)} | {name: some if len(some) > 1 else some[0] for name, some in found.items()}


def _properties(scope: Tag, page: _Page) -> Iterator[Tag]:
    """The elements with itemprop that belong to `scope` and not to a thing within it; those of itemref too."""
    roots = [child for child in scope.children if isinstance(child, Tag)]
    roots += [page.by_id[name] for name in str(scope.get("itemref") or "").split() if name in page.by_id]
    waiting, seen = roots[::-1], {id(scope)}
    while waiting and page.left > 0:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        page.left -= 1
        if element.has_attr("itemprop"):
            yield element
        if not element.has_attr("itemscope"):
            waiting.extend(child for child in reversed(list(element.children)) if isinstance(child, Tag))


def _value(prop: Tag, page: _Page, depth: int) -> object:
    """A nested thing, what an attribute says, or the element's text."""
    if prop.has_attr("itemscope"):
        return _thing(prop, page, depth) if depth > 0 else ""
    said = prop.get("content", prop.get(SOURCES.get(prop.name, "")))
    return _text(prop, page) if said is None else str(said)


def _text(prop: Tag, page: _Page) -> str:
    words, room = [], MOST_TEXT
    for part in prop.descendants:
        page.left -= 1
        if page.left <= 0 or room <= 0:
            break
        if isinstance(part, NavigableString) and not isinstance(part, PreformattedString):
            words.append(part)
            room -= len(part) + 1
    return " ".join(words)
