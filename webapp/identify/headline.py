"""The one sentence above an answer: as sure as the numbers are, and not surer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Certainty = Literal["sure", "likely", "unsure", "unknown"]

SURE_FROM = 0.8
PROBABLE_FROM = 0.5
FEW = 4
NARROW = "\N{NARROW NO-BREAK SPACE}"
_NUMBERS = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class Headline:
    """`title` large, `explanation` below it; `percent` and `colorway` where one shoe is named. The first `likely`
    matches are those that the title means."""

    certainty: Certainty
    title: str
    explanation: str
    percent: str = ""
    colorway: str = ""
    likely: int = 0


def headline_of(answer: Mapping[str, Any]) -> Headline:
    """What to say about an answer of the API's shape."""
    matches = answer["matches"]
    if not answer["in_catalogue"] or not matches:
        return Headline(
            "unknown",
            "Not in our catalogue",
            "This looks like none of the shoes that we know. Here is what comes nearest.",
        )
    likely = _count_likely(answer)
    if likely == 1:
        return _of_one(matches[0])
    if likely <= FEW:
        together = percent_of(sum(match["probability"] for match in matches[:likely]))
        explanation = f"Together they have {together}; we would not bet on one of them."
        return Headline("likely", f"Probably one of these {_NUMBERS[likely]}", explanation, likely=likely)
    return Headline(
        "unsure",
        "We cannot tell these apart",
        f"{likely} shoes are likely enough that we would not bet on one. A photo from the side helps most.",
        likely=likely,
    )


def _of_one(match: Mapping[str, Any]) -> Headline:
    percent, colorway = percent_of(match["probability"]), match.get("colorway") or ""
    if match["probability"] >= SURE_FROM:
        return Headline("sure", name_of(match), "Nothing else that we know comes close.", percent, colorway, 1)
    return Headline("likely", f"Probably the {name_of(match)}", "Have a look at the others, too.", percent, colorway, 1)


def _count_likely(answer: Mapping[str, Any]) -> int:
    """How many of the first matches to speak of: the answer set, and where its one shoe is not even probable, as many
    as it takes to be right as often as the answer set is."""
    count, matches = len(answer["answer_set"]), answer["matches"]
    if count > 1 or matches[0]["probability"] >= PROBABLE_FROM:
        return max(1, min(count, len(matches)))
    reached = 0.0
    for number, match in enumerate(matches, start=1):
        reached += match["probability"]
        if reached >= answer["answer_set_coverage"]:
            return number
    return len(matches)


def name_of(match: Mapping[str, Any]) -> str:
    """Brand and name as one would say them: a name that begins with its brand stands alone."""
    brand, name = match["brand"].strip(), match["name"].strip()
    return name if name.lower().startswith(brand.lower()) else f"{brand} {name}"


def percent_of(share: float) -> str:
    """A share as a person reads it, on one line: never 100 %, never 0 %."""
    if share >= 0.995:
        return f">{NARROW}99{NARROW}%"
    if share < 0.005:
        return f"<{NARROW}1{NARROW}%"
    return f"{share * 100:.0f}{NARROW}%"
