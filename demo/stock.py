"""What the demo shop sells: one article for each colorway of each model, in the order in which the shop shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from demo.colours import Colorway
from demo.models import MODELS, ShoeModel, style_code

ANGLES = 36
DEPARTMENTS = {"men": "Men", "women": "Women", "kids": "Kids"}


@dataclass(frozen=True)
class Article:
    """One shoe for sale. `style_code` names it; prices are in cents of a US dollar."""

    model: ShoeModel
    colorway: Colorway

    @cached_property
    def style_code(self) -> str:
        """The manufacturer's code, unique in the shop."""
        return style_code(self.model, self.colorway)

    @property
    def title(self) -> str:
        """Brand and name, as a shop writes them."""
        return f"{self.model.brand} {self.model.name}"

    @property
    def price(self) -> str:
        """The price as a decimal number with two digits, "129.00"."""
        return f"{self.model.price_cents // 100}.{self.model.price_cents % 100:02d}"


def all_articles(models: Iterable[ShoeModel] = MODELS) -> tuple[Article, ...]:
    """Every article; the colorways of a model stand beside each other."""
    return tuple(Article(model, colorway) for model in models for colorway in model.colorways)


def in_department(articles: Iterable[Article], department: str) -> tuple[Article, ...]:
    """The articles for men, women or kids; unisex shoes are for grown-ups."""
    fits = {department} if department == "kids" else {department, "unisex"}
    return tuple(article for article in articles if article.model.gender in fits)


def of_brand(articles: Iterable[Article], brand_slug: str) -> tuple[Article, ...]:
    """The articles of a brand, named as in its URL."""
    return tuple(article for article in articles if slug_of(article.model.brand) == brand_slug)


def brands(articles: Iterable[Article]) -> dict[str, str]:
    """The brands on sale: slug to name, by name."""
    return dict(sorted({slug_of(article.model.brand): article.model.brand for article in articles}.items()))


def slug_of(name: str) -> str:
    """A name as it stands in a URL: "New Harbor" is "new-harbor"."""
    return "-".join(name.lower().split())
