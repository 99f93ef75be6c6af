"""What people change about products. No shop changes a column that a person has set."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from scraper.listing import GENDERS
from webapp.accounts.models import User
from webapp.catalogue.labels import label_of, spelled
from webapp.catalogue.models import BY_HAND, MERGED, CatalogueState, Product, ProductImage
from webapp.catalogue.settle import SHOWN_ANYWAY, settle
from webapp.database import now, write_transaction

LONGEST: Mapping[str, int] = {"brand": 120, "name": 300, "label": 300, "colorway": 200, "gender": 20, "category": 60}
EDITABLE = (*LONGEST, "price_cents")
_NEEDED = ("brand", "name", "label", "gender")
_DEAREST_CENTS = 100_000_000

log = logging.getLogger(__name__)


class EditError(ValueError):
    """A change that cannot be made. The message is a sentence."""


def edit(product: Product, values: Mapping[str, str | int | None], person: User) -> None:
    """Set columns (brand, name, label, colorway, gender, category, price_cents) of a product, whatever shops say from
    now on; raises EditError. The label follows brand and name unless it is set itself."""
    checked = {name: _checked(name, value) for name, value in values.items()}
    with write_transaction() as session:
        _expect_a_product(product)
        if checked.keys() & {"brand", "name"} and "label" not in checked:
            brand, name = checked.get("brand", product.brand), checked.get("name", product.name)
            checked["label"] = label_of(str(brand), str(name))
        changed = [name for name, value in checked.items() if getattr(product, name) != value]
        for name in changed:
            setattr(product, name, checked[name])
        fixed = {*product.edited, *changed} | ({"currency"} if "price_cents" in changed else set())
        product.edited = sorted(fixed)
        count_change(session)
    log.info("user %s edited product %s: %s", person.id, product.id, ", ".join(changed))


def release(product: Product, columns: Sequence[str], person: User) -> None:
    """Let the shops say again what is in these columns."""
    with write_transaction() as session:
        freed = {*columns} | ({"currency"} if "price_cents" in columns else set())
        product.edited = sorted({*product.edited} - freed)
        settle(session, [product.id])
        count_change(session)
    log.info("user %s released %s of product %s", person.id, ", ".join(columns), product.id)


def retire(product: Product, person: User) -> None:
    """Hide a product from browsing and alternates until somebody restores it; EditError for a signpost."""
    with write_transaction() as session:
        _expect_a_product(product)
        product.retired_at, product.retired_because = product.retired_at or now(), BY_HAND
        product.edited = sorted({*product.edited} - {SHOWN_ANYWAY})
        count_change(session)
    log.info("user %s retired product %s", person.id, product.id)


def restore(product: Product, person: User) -> None:
    """Show a retired product again, though no shop may show it; EditError for a signpost."""
    with write_transaction() as session:
        _expect_a_product(product)
        is_shown = any(offer.gone_at is None for offer in product.offers)
        product.retired_at, product.retired_because = None, ""
        product.edited = sorted({*product.edited} - {SHOWN_ANYWAY} | (set() if is_shown else {SHOWN_ANYWAY}))
        count_change(session)
    log.info("user %s restored product %s", person.id, product.id)


def set_angle(picture: ProductImage, degrees: int | None, person: User) -> None:
    """Say how the shoe is turned on a picture (0 to 359, None: unknown); EditError."""
    if degrees is not None and not 0 <= degrees <= 359:
        raise EditError("An angle is a whole number of degrees from 0 to 359.")
    with write_transaction() as session:
        picture.angle_deg = degrees
        count_change(session)
    log.info("user %s set the angle of picture %s to %s", person.id, picture.id, degrees)


def count_change(session: Session) -> None:
    """Tell whoever keeps a copy of the catalogue that it is out of date."""
    counts = {"products": CatalogueState.products + 1, "embeddings": CatalogueState.embeddings + 1}
    session.flush()
    session.execute(update(CatalogueState).values(**counts))


def _expect_a_product(product: Product) -> None:
    if product.site == MERGED:
        raise EditError(f"Product {product.id} was merged into product {product.merged_into_id}; change that one.")


def _checked(name: str, value: str | int | None) -> str | int | None:
    """A value as it is kept."""
    if name == "price_cents":
        if value is not None and not (isinstance(value, int) and 0 <= value <= _DEAREST_CENTS):
            raise EditError(f"A price is a whole number of cents from 0 to {_DEAREST_CENTS:,}, or nothing.")
        return value
    if name not in LONGEST:
        raise EditError(f"{name[:60]} cannot be changed. What can: {', '.join(EDITABLE)}.")
    text = " ".join(str(value or "").split())
    if name in _NEEDED and not text:
        raise EditError(f"A product needs a {name}.")
    if len(text) > LONGEST[name]:
        raise EditError(f"A {name} has at most {LONGEST[name]} characters.")
    if name == "gender" and text not in GENDERS:
        raise EditError(f"A gender is one of {', '.join(GENDERS)}.")
    if name == "label" and text != spelled(text):
        raise EditError(f"A label is small letters and digits joined by _, such as {spelled(text) or 'nike_dunk_low'}.")
    return text.lower() if name == "category" else text
