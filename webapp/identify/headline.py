"""The one sentence above an answer: as sure as the numbers are, and not surer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Certainty = Literal["sure", "likely", "unsure", "unknown"]

SURE_FROM = 0.8
NARROW = "\N{NARROW NO-BREAK SPACE}"
FEW = 4
_NUMBERS = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class Headline:
    """`title` large, `explanation` below it; `percent` and `colorway` where one shoe is named."""

    certainty: Certainty
    title: str
    explanation: str
    percent: str = ""
    colorway: str = ""


def headline_of(answer: Mapping[str, Any]) -> Headline:
    """What to say about an answer of the API's shape."""
    matches, answer_set = answer["matches"], answer["answer_set"]
    coverage = percent_of(answer["answer_set_coverage"])
    if not answer["in_catalogue"] or not matches:
        return Headline(
            "unknown",
            "Not in our catalogue",
            "This looks like none of the shoes that we know. Here is what comes nearest.",
        )
    top = matches[0]
    percent, colorway = percent_of(top["probability"]), top.get("colorway") or ""
    if len(answer_set) <= 1 and top["probability"] >= SURE_FROM:
        return Headline("sure", name_of(top), "Nothing else that we know comes close.", percent, colorway)
    if len(answer_set) <= 1:
        return Headline("likely", f"Probably the {name_of(top)}", "Have a look at the others, too.", percent, colorway)
    if len(answer_set) <= FEW:
        return Headline(
            "likely",
            f"Probably one of these {_NUMBERS[len(answer_set)]}",
            f"In {coverage} of such cases the right shoe is one of them.",
        )
    return Headline(
        "unsure",
        "We cannot tell these apart",
        f"{len(answer_set)} shoes are likely enough that we would not bet on one. A photo from the side helps most.",
    )


def name_of(match: Mapping[str, Any]) -> str:
    """Brand and name as one would say them: a name that begins with its brand stands alone."""
    brand, name = match["brand"].strip(), match["name"].strip()
    return name if name.lower().startswith(brand.lower()) else f"{brand} {name}"


def percent_of(share: float) -> str:
    """A share as a person reads it, on one line: never 100 %, never 0 %."""
    if share >= 0.995:
        return f"over{NARROW}99{NARROW}%"
    if share < 0.005:
        return f"under{NARROW}1{NARROW}%"
    return f"{share * 100:.0f}{NARROW}%"
