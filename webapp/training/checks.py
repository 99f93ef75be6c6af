"""Checks of single values, as a form or JSON brings them: each returns the value, or raises what it may be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], Any]


def whole(least: int, most: int) -> Check:
    """A whole number between these, the limits included."""

    def check(value: Any) -> int:
        number = int(str(value)) if not isinstance(value, bool) else None
        if number is None or not least <= number <= most:
            raise ValueError
        return number

    return _saying(check, f"a whole number from {least:,} to {most:,}")


def share(least: float, most: float) -> Check:
    """A number between these, the limits included."""

    def check(value: Any) -> float:
        number = float(str(value)) if not isinstance(value, bool) else float("nan")
        if not least <= number <= most:
            raise ValueError
        return number

    return _saying(check, f"a number from {least:g} to {most:g}")


def one_of(*names: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if value not in names:
            raise ValueError
        return str(value)

    return _saying(check, f"one of {', '.join(names)}")


def matching(pattern: str, words: str) -> Check:
    """A text that is wholly of this pattern; `words` describe it."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError
        return value

    return _saying(check, words)


def yes_or_no(value: Any) -> bool:
    """True or false, as JSON or a form writes it."""
    choices = {True: True, False: False, "yes": True, "no": False, "on": True, "": False}
    if not isinstance(value, bool | str) or value not in choices:
        raise ValueError("yes or no")
    return choices[value]


def _saying(check: Check, words: str) -> Check:
    """The check, its ValueErrors in these words."""

    def said(value: Any) -> Any:
        try:
            return check(value)
        except (ValueError, OverflowError) as error:
            raise ValueError(words) from error

    return said
