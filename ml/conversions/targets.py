"""The targets of a campaign: what each counts, which way is better, and what a picture in the body can do about it.

A target is a share: `happened` of `among`, both columns of campaign rows. Rates of an e-mail are shares of the
delivered ones, click-to-open of the opened ones, abandoned carts of the filled ones, bounces of those sent. Revenue is
an amount, in cents per delivered e-mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Direction = Literal["raise", "lower"]
Influence = Literal["directly", "partly", "hardly", "not at all"]


class UnknownNameError(ValueError):
    """A target or a type that there is none of. The message names the allowed ones."""


@dataclass(frozen=True)
class Target:
    """One target; `instead` is the target that a page proposes where a picture can do little, or empty."""

    name: str
    title: str
    direction: Direction
    happened: str
    among: str
    influence: Influence
    sentence: str
    instead: str = ""

    @property
    def is_amount(self) -> bool:
        """Whether it is an amount (cents per e-mail) and no probability."""
        return self.happened == "revenue_cents"

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "raise" else -1


_TARGETS = (
    Target(
        "open", "Opens", "raise", "opens", "delivered", "hardly",
        "Sender, subject line and preview text are read before the picture is seen, and machines that load pictures "
        "for their owners are counted as opens although nobody looked. Choose click-to-open to compare pictures.",
        "click_to_open",
    ),
    Target(
        "click_through", "Click-through", "raise", "clicks", "delivered", "partly",
        "Clicks per delivered e-mail: the picture counts for those who open it, subject line and sender for the rest.",
    ),
    Target(
        "click_to_open", "Click-to-open", "raise", "clicks", "opens", "directly",
        "Clicks per opened e-mail: everyone counted here had the picture before them. Machine opens make the share "
        "smaller for all variants alike.",
    ),
    Target(
        "conversion", "Conversions", "raise", "conversions", "delivered", "partly",
        "The picture brings people to the page; offer, price and page do the rest.",
    ),
    Target(
        "purchase", "Purchases", "raise", "purchases", "delivered", "partly",
        "The picture brings people to the page; price, sizes in stock and checkout do the rest.",
    ),
    Target(
        "revenue_per_email", "Revenue per e-mail", "raise", "revenue_cents", "delivered", "partly",
        "An amount, not a probability: a few large orders move it, so that it needs far more sends than clicks do.",
    ),
    Target(
        "abandoned_cart", "Abandoned carts", "lower", "abandoned_carts", "carts", "hardly",
        "Carts are left at the checkout, long after the picture: shipping costs and forms decide. Choose purchases.",
        "purchase",
    ),
    Target(
        "unsubscribe", "Unsubscribes", "lower", "unsubscribes", "delivered", "partly",
        "How often and to whom is sent decides most; a picture that disappoints adds a little.",
    ),
    Target(
        "bounce", "Bounces", "lower", "bounces", "recipients", "not at all",
        "The receiving server decides before anyone sees a picture. Clean the list of addresses; choose click-to-open "
        "to compare pictures.",
        "click_to_open",
    ),
)  # fmt: skip

TARGETS: Mapping[str, Target] = {target.name: target for target in _TARGETS}


def target_named(name: str) -> Target:
    """The target of that name; raises UnknownNameError, with the allowed ones, where there is none."""
    if name not in TARGETS:
        raise UnknownNameError(f"there is no target {name!r}: choose one of {', '.join(TARGETS)}")
    return TARGETS[name]
