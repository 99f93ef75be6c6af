"""schema.org facts that a page carries as JSON-LD. One script tag at a time: one in ten in the wild is broken."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup

from scraper.page_text import one_line

WRAPPERS = re.compile(r"^(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)$")
# What is never closed goes to the end: a search that gave up there would begin anew at every quote.
STRING = r'("(?:[^"\\]|\\.)*+"?)'
COMMENTS = re.compile(STRING + r"|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
SURPLUS_COMMAS = re.compile(STRING + r"|,(?=\s*[}\]])", re.DOTALL)
MAX_MENDED = 200_000  # characters of a script that is worth mending
MAX_DEPTH = 8  # of lists and graphs within each other

Thing = dict[str, Any]


def things_of_type(soup: BeautifulSoup, kind: str) -> Iterator[Thing]:
    """The JSON-LD objects of a type such as "Product", in the page's order; broken scripts are passed over."""
    for script in soup.find_all("script", type=_is_json_ld):
        for thing in _things(_read(script.get_text()), MAX_DEPTH):
            types = thing.get("@type")
            if kind in map(_bare, types if isinstance(types, list) else [types]):
                yield thing


def text_of(thing: Thing, name: str) -> str:
    """A property as one line of text: a string, a number, or the name of a nested object; "" for all else."""
    found = thing.get(name)
    if isinstance(found, list):
        found = found[0] if found else ""
    if isinstance(found, dict):
        found = found.get("name", "")
    if isinstance(found, float):  # 64.99000000000001 is what some shop programs make of 64.99
        found = f"{found:.6f}".rstrip("0").rstrip(".") if math.isfinite(found) else ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return one_line(str(found))


def count_of(thing: Thing, name: str) -> int:
    """A property that counts something; 0 where it is no whole number from 0 to 9,999,999."""
    text = text_of(thing, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 7 else 0


def _is_json_ld(kind: str | None) -> bool:
    """Whether a script's type says so, in any case and with a charset behind it."""
    return kind is not None and kind.partition(";")[0].strip().lower() == "application/ld+json"


def _bare(name: object) -> str:
    """The name of a type, which may be written as "https://schema.org/Product" or "schema:Product"."""
    return re.split("[/:#]", name)[-1] if isinstance(name, str) else ""


def _read(script: str) -> object:
    """The value of a script, None where it is no JSON even when read kindly."""
    bare = WRAPPERS.sub("", script.strip().rstrip(";")).strip().rstrip(";")
    try:
        return json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_mended(bare), strict=False) if len(bare) <= MAX_MENDED else None
    except (ValueError, RecursionError):
        return None


def _mended(script: str) -> str:
    """The script without comments and without commas before a closing bracket; strings stay as they are."""
    without_comments = COMMENTS.sub(lambda match: match.group(1) or "", script)
    return SURPLUS_COMMAS.sub(lambda match: match.group(1) or "", without_comments)


def _things(found: object, depth: int) -> Iterator[Thing]:
    if depth == 0:
        return
    if isinstance(found, list):
        for part in found:
            yield from _things(part, depth - 1)
    elif isinstance(found, dict):
        yield found
        for name in ("@graph", "mainEntity"):
            yield from _things(found.get(name), depth - 1)
