"""How pages write money, moments and large numbers."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from webapp.database import now

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def register(app: Flask) -> None:
    """Add the filters `money`, `moment`, `ago` and `count` to the templates."""
    app.jinja_env.filters.update(money=money, moment=moment, ago=ago, count=count)


def money(cents: int, currency: str) -> str:
    """(11000, "USD") -> "$110", (10950, "USD") -> "$109.50"."""
    whole, rest = divmod(cents, 100)
    amount = f"{whole:,}.{rest:02}" if rest else f"{whole:,}"
    return f"{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{amount} {currency}"


def moment(value: datetime) -> str:
    """2026-11-03 09:05 UTC."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def ago(value: datetime) -> str:
    """How long ago a moment was, in the largest unit that says enough."""
    seconds = max(0, (now() - value).total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def count(number: int | float | str) -> str:
    """12345 -> 12,345. A name among the numbers of a job stays as it is."""
    return number if isinstance(number, str) else f"{number:,}"
