"""Say: a person tells us what the shoe really is. Saying it again replaces what was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from webapp.catalogue.labels import spelled
from webapp.catalogue.models import Product
from webapp.database import db, now, write_transaction
from webapp.identify.models import Feedback, Identification

Names = Mapping[str, Mapping[str, str]]


class FeedbackError(ValueError):
    """Feedback about a shoe that we do not know. The message can be shown to a person."""


def say_right(identification: Identification) -> None:
    """The first match is right."""
    _keep(identification, correct=True, label=None, product_id=None)


def say_other(identification: Identification, label: str | None, product_id: int | None, known: Sequence[str]) -> None:
    """The first match is wrong; it is this label or product where the person knows it.

    `known` are the labels of the bundle on duty; those of the catalogue count as well. Raises FeedbackError for a
    label or product that neither knows, or a product of another label.
    """
    if product_id is not None:
        product = db.session.get(Product, product_id)
        if product is None:
            raise FeedbackError(f"There is no product {product_id}. GET /api/v1/products lists what there is.")
        if label is not None and spelled(label) != product.label:
            raise FeedbackError(
                f"Product {product_id} has the label {product.label!r}, not {label!r}. Send one of the two."
            )
        label = product.label
    elif label is not None and label not in known:
        if not _in_catalogue(spelled(label)):
            raise FeedbackError(f"We know no label {label!r}. Send one of a product, or leave it out.")
        label = spelled(label)
    _keep(identification, correct=False, label=label, product_id=product_id)


def label_of_words(words: str, names: Names) -> str | None:
    """The label that a person means by `words`: a label itself, or brand and name, in any case; None where unclear."""
    plain = _plain(words)
    if plain in names or _in_catalogue(plain):
        return plain
    for label, name in names.items():
        if plain in {_plain(f"{name['brand']} {name['name']}"), _plain(name["name"])}:
            return label
    return db.session.scalar(
        select(Product.label).where(func.lower(Product.brand + " " + Product.name) == plain).limit(1)
    )


def _plain(words: str) -> str:
    return " ".join(words.split()).lower()


def _in_catalogue(label: str) -> bool:
    return db.session.scalar(select(Product.id).where(Product.label == label).limit(1)) is not None


def _keep(identification: Identification, *, correct: bool, label: str | None, product_id: int | None) -> None:
    with write_transaction() as session:
        if identification.is_gone:  # deleted a moment ago: nothing of it is kept
            return
        session.merge(
            Feedback(
                identification_id=identification.id, correct=correct, label=label, product_id=product_id, given_at=now()
            )
        )
