"""Numbers as marketing tools export them: 1,234 and 1.234, 23.4 % and 0.234, $ 12.50, yes and no."""

from __future__ import annotations

import re

THOUSANDS = re.compile(r"\d{1,3}([.,' \u00a0\u202f]\d{3})+")
YES, NO = frozenset({"yes", "true", "y", "x"}), frozenset({"no", "false", "n"})
MOST = 10**12


class NumberError(ValueError):
    """A cell that is no such number. The message says what it should be."""


def parse_count(cell: str) -> int:
    """A whole number, not negative; yes is 1 and no is 0. Raises NumberError."""
    text = cell.strip().lower()
    if text in YES or text in NO:
        return int(text in YES)
    if THOUSANDS.fullmatch(text):
        text = re.sub(r"\D", "", text)
    number = _decimal(text, cell)
    if number != int(number):
        raise NumberError(f"{cell!r} is not a whole number")
    return int(number)


def parse_rate(cell: str) -> float:
    """A share from 0 to 1, or a percentage with its sign. Raises NumberError."""
    text = cell.strip()
    percent = text.endswith("%")
    number = _decimal(text.rstrip("% \u00a0"), cell) / (100 if percent else 1)
    if number > 1:
        raise NumberError(f"the rate {cell!r} is over 1: write 0.234 or 23.4 %")
    return number


def parse_cents(cell: str) -> int:
    """An amount of money in whole cents, with or without a currency's sign or letters. Raises NumberError."""
    text = re.sub(r"^[^\d.,-]+|[^\d.,]+$", "", cell.strip())
    parts = re.fullmatch(r"(-?)(.*?)(?:[.,](\d{1,2}))?", text)
    whole = parts.group(2) if parts else ""
    if parts is None or not (whole.isdecimal() or THOUSANDS.fullmatch(whole) or (not whole and parts.group(3))):
        raise NumberError(f"{cell!r} is no amount of money")
    if parts.group(1):
        raise NumberError(f"{cell!r} is negative")
    units = _decimal(re.sub(r"\D", "", whole) or "0", cell)
    return int(units) * 100 + int((parts.group(3) or "0").ljust(2, "0"))


def _decimal(text: str, cell: str) -> float:
    if not re.fullmatch(r"[-+]?\d+([.,]\d+)?|[-+]?[.,]\d+", text):
        raise NumberError(f"{cell!r} is no number")
    number = float(text.replace(",", "."))
    if number < 0:
        raise NumberError(f"{cell!r} is negative")
    if number > MOST:
        raise NumberError(f"{cell!r} is too large")
    return number
