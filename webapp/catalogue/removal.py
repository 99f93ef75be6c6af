"""Remove a shop: its products, pictures, embeddings and cached files go; bundles that learned from it are marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ml.serving.bundle import Card
from webapp.accounts.models import User


@dataclass(frozen=True)
class Removed:
    """How much went."""

    products: int
    pictures: int
    files: int


def remove_shop(site: str, person: User) -> Removed:
    """Remove what came from a shop; products that another shop has too stay with that shop's facts and pictures.

    Raises UnknownSiteError, and ShopError while the shop is being read.
    """
    raise NotImplementedError


def removed_sources(card: Card) -> dict[str, datetime] | None:
    """The shops that this bundle learned from and that were removed after it was made, and when.

    None where its card does not say which shops it learned from (bundles that came before that was kept).
    """
    raise NotImplementedError
