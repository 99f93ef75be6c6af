"""Campaigns that never took place, drawn by a seed: what a marketer sees before there are results of their own.

The published simulator lets brighter and rotated pictures succeed four times in five and all others once in five. The
richer one walks an e-mail through the funnel (delivered, opened, clicked, carted, bought), with effects of campaign
type, industry, sneaker type, augment and taste. Taste is a fixed direction in the space of embeddings, which no row
shows. Its rates have the order of magnitude of published e-mail benchmarks; its effects are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import (
    CAMPAIGN_TYPES,
    CONTEXT_FIELDS,
    INDUSTRIES,
    RECOGNISED_AUGMENTS,
    SNEAKER_TYPES,
    code_of,
)
from ml.conversions.rows import SIMULATED, CampaignRows, Pictures, counts_of
from ml.conversions.targets import TARGETS, Target

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
SUCCESSFUL, SUCCESS, OTHERWISE = ("brighter", "rotate"), 0.8, 0.2
BASKET_CENTS = 11_900


@dataclass(frozen=True)
class Simulation:
    """Simulated rows, and by target the true probability (for revenue: cents) of each (N,)."""

    rows: CampaignRows
    truth: Mapping[str, Floats]


def simulate_published(
    pictures: Pictures, rows: int, *, seed: int, target: Target = TARGETS["conversion"]
) -> Simulation:
    """One recipient a row and one target, 80 % success for brighter and rotate, 20 % for the others."""
    random = np.random.default_rng(seed)
    picture, codes = _drawn(pictures, rows, random, {})
    truth = np.where(np.isin(pictures.augments[picture], SUCCESSFUL), SUCCESS, OTHERWISE)
    known: dict[str, NDArray[np.int64] | int] = {"recipients": 1}
    if target.among in ("opens", "carts"):
        known[target.among] = 1
    known[target.happened] = (random.random(rows) < truth).astype(np.int64)
    return Simulation(_table(pictures, picture, codes, counts_of(known, rows)), {target.name: truth})


def simulate_funnel(
    pictures: Pictures,
    rows: int,
    *,
    seed: int,
    recipients: int | tuple[int, int] = (200, 2000),
    world: int = 0,
    sneaker_types: Mapping[str, str] | None = None,
) -> Simulation:
    """The richer simulator: `recipients` each row, or drawn evenly between two numbers. 1 gives a row a recipient.

    `sneaker_types` says what the products (groups) are, where that is known; others are drawn one by their name.
    `world` draws the effects and the taste, `seed` the rows: two seeds of one world are campaigns of the same market.
    """
    random = np.random.default_rng(seed)
    picture, codes = _drawn(pictures, rows, random, sneaker_types or {})
    low, high = (recipients, recipients) if isinstance(recipients, int) else recipients
    sent = random.integers(low, high + 1, rows)
    chances = _Market(world).chances(pictures, picture, codes)
    counts = counts_of(_walked(sent, chances, random), rows)
    return Simulation(_table(pictures, picture, codes, counts), _truth(chances))


class _Market:
    """The hidden effects of a world, on the scale of log-odds."""

    def __init__(self, world: int) -> None:
        self._world = world
        random = np.random.default_rng([world, 1])
        sizes = {name: len(values) for name, values in CONTEXT_FIELDS.items()}
        self._effects = {
            (step, name): random.normal(0, strength, sizes[name])
            for step, strengths in _STRENGTHS.items()
            for name, strength in strengths.items()
        }
        # What helps in a newsletter may hurt in a transactional e-mail: half of an augment's effect is its own there.
        self._augments = {
            step: random.normal(0, strength, (1, len(RECOGNISED_AUGMENTS)))
            + random.normal(0, strength / 2, (len(CAMPAIGN_TYPES), len(RECOGNISED_AUGMENTS)))
            for step, strength in _AUGMENT_STRENGTHS.items()
        }

    def chances(self, pictures: Pictures, picture: Integers, codes: Mapping[str, Integers]) -> dict[str, Floats]:
        """By step of the funnel the probability (N,) that it is taken."""
        taste = self._taste(pictures)[picture]
        augment = np.array([_place_of(name) for name in pictures.augments])[picture]
        chances = {}
        for step, (usual, tasteful) in _STEPS.items():
            odds = np.log(usual / (1 - usual)) + tasteful * taste
            for name, code in codes.items():
                if (step, name) in self._effects:
                    odds = odds + self._effects[step, name][code]
            if step in self._augments:
                odds = odds + self._augments[step][codes["campaign_type"], augment]
            chances[step] = 1 / (1 + np.exp(-odds))
        chances["basket"] = BASKET_CENTS * np.exp(self._effects["buy", "sneaker_type"][codes["sneaker_type"]])
        return chances

    def _taste(self, pictures: Pictures) -> Floats:
        """(P,): a linear function of the embedding, with mean 0 and deviation 1 over the pictures given.

        Its direction depends on the world and the width of embeddings alone.
        """
        direction = np.random.default_rng([self._world, 2]).normal(0, 1, pictures.embeddings.shape[1])
        along = pictures.embeddings.astype(np.float64) @ direction
        return np.asarray((along - along.mean()) / max(float(along.std()), 1e-12), np.float64)


_STEPS: Mapping[str, tuple[float, float]] = {
    "bounce": (0.012, 0.0),
    "open": (0.34, 0.0),
    "click": (0.09, 0.5),
    "cart": (0.40, 0.1),
    "abandon": (0.70, 0.0),
    "act": (0.30, 0.1),
    "buy": (0.5, 0.0),
    "unsubscribe": (0.0025, -0.2),
}
"""The usual chance of each step, and the effect of one deviation of taste on its log-odds.

`act` is a conversion other than a purchase, by those who clicked and carted nothing; `buy` only holds effects on the
size of a basket.
"""
_STRENGTHS: Mapping[str, Mapping[str, float]] = {
    "bounce": {"industry": 0.2},
    "open": {"campaign_type": 0.3, "industry": 0.2},
    "click": {"campaign_type": 0.35, "industry": 0.2, "sneaker_type": 0.25},
    "cart": {"campaign_type": 0.2, "sneaker_type": 0.15},
    "abandon": {"industry": 0.1},
    "act": {"campaign_type": 0.3},
    "buy": {"sneaker_type": 0.15},
    "unsubscribe": {"campaign_type": 0.3, "industry": 0.2},
}
_AUGMENT_STRENGTHS: Mapping[str, float] = {"click": 0.35, "unsubscribe": 0.1}


def _walked(sent: Integers, chances: Mapping[str, Floats], random: np.random.Generator) -> dict[str, Integers]:
    """How many recipients took each step, and what they spent. Baskets scatter by a half around their mean."""
    bounces = random.binomial(sent, chances["bounce"])
    opens = random.binomial(sent - bounces, chances["open"])
    clicks = random.binomial(opens, chances["click"])
    carts = random.binomial(clicks, chances["cart"])
    abandoned = random.binomial(carts, chances["abandon"])
    purchases = carts - abandoned
    spent = random.gamma(np.maximum(4 * purchases, 1e-9), chances["basket"] / 4) * (purchases > 0)
    return {
        "recipients": sent,
        "bounces": bounces,
        "opens": opens,
        "clicks": clicks,
        "carts": carts,
        "abandoned_carts": abandoned,
        "purchases": purchases,
        "conversions": purchases + random.binomial(clicks - carts, chances["act"]),
        "unsubscribes": random.binomial(sent - bounces, chances["unsubscribe"]),
        "revenue_cents": spent.round().astype(np.int64),
    }


def _truth(chances: Mapping[str, Floats]) -> dict[str, Floats]:
    """The true probability of each target, from the chances of the steps."""
    clicked = chances["open"] * chances["click"]
    bought = clicked * chances["cart"] * (1 - chances["abandon"])
    return {
        "open": chances["open"],
        "click_through": clicked,
        "click_to_open": chances["click"],
        "conversion": bought + clicked * (1 - chances["cart"]) * chances["act"],
        "purchase": bought,
        "revenue_per_email": bought * chances["basket"],
        "abandoned_cart": chances["abandon"],
        "unsubscribe": chances["unsubscribe"],
        "bounce": chances["bounce"],
    }


def _drawn(
    pictures: Pictures, rows: int, random: np.random.Generator, known: Mapping[str, str]
) -> tuple[Integers, dict[str, Integers]]:
    """Each row's picture and context. A product has one sneaker type: the known one, or one that its group draws."""
    names, group = np.unique(pictures.groups, return_inverse=True)
    picture = random.integers(0, len(pictures), rows)
    sneaker_type = np.array([_sneaker_type_of(str(name), known) for name in names])[group][picture]
    return picture, {
        "campaign_type": random.integers(0, len(CAMPAIGN_TYPES), rows),
        "industry": random.integers(0, len(INDUSTRIES), rows),
        "sneaker_type": sneaker_type.astype(np.int64),
    }


def _sneaker_type_of(group: str, known: Mapping[str, str]) -> int:
    """The code of a product's sneaker type."""
    return code_of("sneaker_type", known[group]) if group in known else _lot(group) % len(SNEAKER_TYPES)


def _lot(name: str) -> int:
    """A number that depends on a name alone, the same in every process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def _place_of(augment: str) -> int:
    """An augment's place among the recognised ones; one that is not recognised has the original's effect."""
    return RECOGNISED_AUGMENTS.index(augment) if augment in RECOGNISED_AUGMENTS else 0


def _table(pictures: Pictures, picture: Integers, codes: Mapping[str, Integers], counts: Integers) -> CampaignRows:
    provenance = np.full(len(picture), SIMULATED, np.int64)
    return CampaignRows(pictures, picture, **codes, counts=counts, provenance=provenance)
