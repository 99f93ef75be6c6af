"""Facts that a page hands to its own scripts as JSON, and how to find things in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from scraper.json_ld import Thing
from scraper.sites.page import PageError

MOST_THINGS = 200_000


def state_after(mark: re.Pattern[str], html: str) -> Thing:
    """The JSON object that follows `mark` on a page; PageError where there is none, or a broken one."""
    found = mark.search(html)
    if found is None:
        raise PageError("It lacks the facts that its own script needs.")
    try:
        state, _ = json.JSONDecoder(strict=False).raw_decode(html, found.end())
    except (ValueError, RecursionError):
        raise PageError("The facts for its own script are broken.") from None
    return state if isinstance(state, dict) else {}


def things_in(state: object) -> Iterator[Thing]:
    """Every object within `state`, outer ones before inner ones, in order."""
    waiting = [state]
    for _ in range(MOST_THINGS):
        if not waiting:
            return
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(reversed(list(part.values())))
        elif isinstance(part, list):
            waiting.extend(reversed(part))
