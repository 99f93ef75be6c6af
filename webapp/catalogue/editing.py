"""What people change about products. No shop changes a column that a person has set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from webapp.accounts.models import User
from webapp.catalogue.models import Product, ProductImage


class EditError(ValueError):
    """A change that cannot be made. The message is a sentence."""


def edit(product: Product, values: Mapping[str, str | int | None], person: User) -> None:
    """Set columns (brand, name, label, colorway, gender, category, price_cents) of a product, whatever shops say from
    now on; raises EditError."""
    raise NotImplementedError


def release(product: Product, columns: Sequence[str], person: User) -> None:
    """Let the shops say again what is in these columns."""
    raise NotImplementedError


def merge(product: Product, into: Product, person: User) -> None:
    """Make two products one: offers and pictures of `product` go over to `into`; it stays as a signpost. EditError."""
    raise NotImplementedError


def split(product: Product, offer_ids: Sequence[int], person: User) -> Product:
    """Make some of a product's offers, with their pictures, a product of their own, which is returned; EditError."""
    raise NotImplementedError


def retire(product: Product, person: User) -> None:
    """Hide a product from browsing and alternates until somebody restores it."""
    raise NotImplementedError


def restore(product: Product, person: User) -> None:
    """Show a retired product again; EditError for a signpost."""
    raise NotImplementedError


def set_angle(picture: ProductImage, degrees: int | None, person: User) -> None:
    """Say how the shoe is turned on a picture (0 to 359, None: unknown); EditError."""
    raise NotImplementedError
