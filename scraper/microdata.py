"""schema.org facts that a page carries as microdata (itemscope, itemprop), in the shape of JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

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


def microdata_of_type(soup: BeautifulSoup, kind: str) -> Iterator[Thing]:
    """The things of a type such as "Product" that are no part of another thing, in the page's order."""
    for scope in soup.select(f'[itemscope][itemtype*="/{kind}"]'):
        if not scope.has_attr("itemprop") and kind in _types(scope):
            yield _thing(scope, soup, MAX_DEPTH)


def _types(scope: Tag) -> list[str]:
    return [name.rpartition("/")[2] for name in str(scope.get("itemtype", "")).split()]


def _thing(scope: Tag, soup: BeautifulSoup, depth: int) -> Thing:
    """The properties of one itemscope; of a property that comes several times, a list."""
    thing: Thing = {"@type": _types(scope)}
    for prop in _properties(scope, soup):
        value = _value(prop, soup, depth - 1)
        for name in str(prop["itemprop"]).split():
            thing[name] = [*_as_list(thing[name]), value] if name in thing else value
    return thing


def _properties(scope: Tag, soup: BeautifulSoup) -> Iterator[Tag]:
    """The elements with itemprop that belong to `scope` and not to a thing within it; those of itemref too."""
    roots = [child for child in scope.children if isinstance(child, Tag)]
    for name in str(scope.get("itemref") or "").split():
        found = soup.find(id=name)
        if isinstance(found, Tag) and found is not scope:
            roots.append(found)
    waiting, seen = roots[::-1], {id(scope)}
    while waiting:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        if element.has_attr("itemprop"):
            yield element
        if not element.has_attr("itemscope"):
            waiting.extend(child for child in reversed(list(element.children)) if isinstance(child, Tag))


def _value(prop: Tag, soup: BeautifulSoup, depth: int) -> object:
    """A nested thing, what an attribute says, or the element's text."""
    if prop.has_attr("itemscope"):
        return _thing(prop, soup, depth) if depth > 0 else ""
    said = prop.get("content", prop.get(SOURCES.get(prop.name, "")))
    return prop.get_text(" ") if said is None else str(said)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
