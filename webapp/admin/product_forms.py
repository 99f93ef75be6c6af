"""What the forms of a product send, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from webapp.catalogue.editing import EDITABLE, EditError
from webapp.catalogue.models import Product

_DEAREST_CENTS = 100_000_000
_LARGEST_ID = 2**31


def sent_values(form: Mapping[str, str], product: Product) -> dict[str, str | int | None]:
    """The columns that the form changes; raises EditError for a price that is none. What is not sent stays."""
    values: dict[str, str | int | None] = {}
    for column in EDITABLE:
        sent = form.get("price" if column == "price_cents" else column)
        if sent is None:
            continue
        value = _cents(sent) if column == "price_cents" else " ".join(sent.split())
        if value != getattr(product, column):
            values[column] = value
    return values


def sent_id(text: str) -> int:
    """The number of a product or an offer; raises EditError."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 11 and int(plain) < _LARGEST_ID):
        raise EditError(f"{plain[:40]!r} is not a number of ours.")
    return int(plain)


def sent_ids(texts: Sequence[str]) -> list[int]:
    """Several of them, at least one; raises EditError."""
    if not texts:
        raise EditError("Tick the offers that are another shoe.")
    return [sent_id(text) for text in texts]


def sent_angle(text: str | None) -> int | None:
    """Degrees, or None where the field is empty; raises EditError for a field that is missing or no angle."""
    if text is None:
        raise EditError("Say an angle, 0 to 359 degrees, or leave the field empty where nobody knows.")
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 4 and int(plain) < 360):
        raise EditError(f"An angle has 0 to 359 degrees, not {plain[:40]!r}.")
    return int(plain)


def _cents(text: str) -> int | None:
    """("109.50") -> 10950; None where nothing was typed."""
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    try:
        cents = Decimal(plain) * 100
    except ArithmeticError:
        raise EditError(f"{plain[:40]!r} is not a price.") from None
    if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents <= _DEAREST_CENTS:
        raise EditError(f"{plain[:40]!r} is not a price: write it as 109.50.")
    return int(cents)
