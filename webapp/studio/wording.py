"""What the studio's pages say about an answer of the API's shape: as sure as the numbers are, and not surer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ml.conversions.targets import TARGETS
from ml.imaging.augments.table import AUGMENTS

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

Call = Literal["change", "close", "keep"]


@dataclass(frozen=True)
class Verdict:
    """`title` large, `explanation` below it, and what to do where it cannot be told (`to_settle`, else empty)."""

    call: Call
    title: str
    explanation: str
    to_settle: str = ""


def verdict_of(answer: Mapping[str, Any]) -> Verdict:
    """Which picture to send, in a sentence or two."""
    best, against = best_augment_of(answer), answer["against_best_augment"]
    if best is None or against is None:
        return Verdict("keep", "Keep the original", "There is no variant to compare it with.")
    unit, original = answer["unit"], answer["original"]
    rates = (
        f"{best['title']}: {rate_of(best['probability'], unit)}. Original: {rate_of(original['probability'], unit)}."
    )
    if answer["provenance"] == "simulated":
        rates += " Both are simulated."
    low, high = (difference_of(end, unit) for end in against["interval"])
    if answer["too_close_to_call"]:
        return Verdict(
            "close",
            "Too close to call: keep the original",
            f"{rates} {_why_close(answer, low, high)}",
            f"About {against['sends_to_settle']:,} e-mails with each of the two would settle it: "
            "that many are needed to see such a difference four times in five.",
        )
    if answer["keep_original"]:
        return Verdict("keep", "Keep the original", f"{rates} No variant does better.")
    return Verdict(
        "change",
        f"Send it as “{best['title']}”",
        f"{rates} The difference is {difference_of(against['difference'], unit)}, "
        f"and with 95 % confidence between {low} and {high}.",
    )


def best_augment_of(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The best augment as it stands among the augments."""
    return next((one for one in answer["augments"] if one["augment"] == answer["best_augment"]), None)


def best_alternate_of(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The best alternate as it stands among the alternates."""
    return next((one for one in answer["alternates"] if one["product_id"] == answer["best_alternate"]), None)


def rate_of(value: float, unit: str = "probability") -> str:
    """A rate with two digits that count: 21 %, 3.4 %, 0.25 %; an amount in cents per e-mail."""
    if unit == "cents":
        return f"{value:.1f}{NARROW}cents"
    percent = 100 * value
    digits = 0 if percent >= 10 or percent == 0 else 1 if percent >= 1 else 2
    return f"{percent:.{digits}f}{NARROW}%"


def difference_of(value: float, unit: str = "probability") -> str:
    """A difference with its sign, in percentage points or cents."""
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    if unit == "cents":
        return f"{sign}{abs(value):.1f}{NARROW}cents"
    points = abs(100 * value)
    return f"{sign}{points:.{1 if points >= 1 else 2}f}{NARROW}points"


def top_of(answer: Mapping[str, Any]) -> float:
    """Where the bars end: a little beyond the largest number shown, so that all can be compared."""
    shown = [answer["original"], *answer["augments"], *answer["alternates"]]
    largest = max([answer["base_rate"], *(one["interval"][1] for one in shown)])
    return float(max(largest * 1.04, 1e-9))


def target_title(name: str) -> str:
    """A target as people call it; its name where it is none of today's."""
    return TARGETS[name].title if name in TARGETS else name.replace("_", " ")


def augment_title(name: str) -> str:
    """An augment as people call it; its name where it is none of today's."""
    return AUGMENTS[name].title if name in AUGMENTS else name.replace("_", " ")


def _why_close(answer: Mapping[str, Any], low: str, high: str) -> str:
    best = best_augment_of(answer)
    if not answer["model"]["beats_base_rate"]:
        return "The model has found nothing that does better than the average of all sends, so it does not choose."
    if answer["original"]["extrapolating"] or (best and best["extrapolating"]):
        return "One of the two lies outside what past sends can tell about, so nothing can be promised."
    return f"The difference lies between {low} and {high}: it may as well be none."
