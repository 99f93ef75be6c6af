"""Whom a shoe is for, in our words, from a shop's."""

from __future__ import annotations

import re

YOUNG = r"\b(?:kid'?s?'?|child(?:ren)?|youth|junior|toddlers?|infants?|newborn|bab(?:y|ies)|(?:pre|grade )school)\b"
WORDS = (
    ("boys", re.compile(r"\bboy'?s?'?\b")),
    ("girls", re.compile(r"\bgirl'?s?'?\b")),
    ("kids", re.compile(YOUNG)),
    ("unisex", re.compile(r"\bunisex\b")),
    ("women", re.compile(r"\b(?:wom[ea]n'?s?|female|ladies)\b")),
    ("men", re.compile(r"\b(?:m[ea]n'?s?|male)\b")),
)


def read_gender(*texts: str) -> tuple[str, str]:
    """`Listing.gender` and `Listing.audience` of what a shop says, such as "Men's", "female" or "Boys".

    Men and women together are unisex, boys and girls together kids; what says nothing is unisex.
    """
    said = " ".join(texts).lower().replace("’", "'")
    found = {word for word, pattern in WORDS if pattern.search(said)}
    young = found & {"boys", "girls", "kids"}
    if young:
        only = young - {"kids"}
        return "kids", only.pop() if len(only) == 1 else ""
    return (found.pop(), "") if len(found) == 1 else ("unisex", "")
