"""Prices as shops write them, read from the one place that holds a price: "MSRP: $160.00 $99.99" is none."""

from __future__ import annotations

import re

LONGEST = 200  # characters; what is longer is no price
NUMBER = re.compile(r"(?<![\d.,])\d{1,9}(?:[.,' \u00a0\u202f]\d{3})*(?:[.,]\d{1,4})?(?![\d.,]*\d)")
FRACTION = re.compile(r"[.,](\d{1,2}|\d{4})$")


def read_cents(text: str) -> int | None:
    """The only price in `text` in hundredths; None where there is none, more than one, a negative one or nothing.

    "$1,050.00", "1.050,00 €" and "1050" are 105000. Three digits behind the last point are thousands, four are what
    some shop programs write for two.
    """
    found = NUMBER.findall(text) if len(text) <= LONGEST else []
    if len(found) != 1 or re.search(r"[-−]\s*[^\d\s]?\s*\d", text):
        return None
    fraction = FRACTION.search(found[0])
    whole = re.sub(r"\D", "", found[0][: fraction.start()] if fraction else found[0])
    cents = f"{fraction.group(1):0<2}"[:2] if fraction else "00"
    return int(whole + cents) or None if len(whole) <= 9 else None
