"""Known models: what a bundle can recognise, shown as products without pictures until a scraper brings some.

The bundle's card says which of its labels are shown so: those whose entry in `label_names` has "listed" set to "without
pictures". The others wait for a shop. Intake makes a known model the product of the first listing of its label (see
`upsert.py`), so that the answers which link to it lead to that product from then on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ml.serving.bundle import Card
from webapp.catalogue.labels import spelled
from webapp.catalogue.models import KNOWN_MODELS, CatalogueState, Product
from webapp.catalogue.on_duty import once_per_bundle
from webapp.catalogue.pieces import slices
from webapp.database import write_transaction

LISTED, WITHOUT_PICTURES = "listed", "without pictures"
_LONGEST = {"style_code": 120, "brand": 120, "name": 300}

log = logging.getLogger(__name__)


def watch_known_models() -> Callable[[], None]:
    """A watch for the worker: lists the models of each bundle that comes on duty."""
    return once_per_bundle(list_known_models)


def list_known_models(card: Card, ids: Mapping[str, int] = MappingProxyType({})) -> int:
    """Make a product of each label that the card wants listed and no product has; how many were made.

    Again changes nothing, and a card that knows less takes nothing away: old answers link to what there was. `ids` are
    the ids of products that have just been taken out, by label: a model comes back under the one that it had.
    """
    wanted = dict(_wanted(card))
    if not wanted:
        return 0
    with write_transaction() as session:
        present = _present(session, wanted)
        missing = [product for label, product in wanted.items() if label not in present]
        for product in missing:
            if product.label in ids:
                product.id = ids[product.label]
        session.add_all(missing)
        if missing:
            session.execute(update(CatalogueState).values(products=CatalogueState.products + 1))
    return len(missing)


def _wanted(card: Card) -> Iterator[tuple[str, Product]]:
    """Each label to list, as the catalogue spells it, and the product that it would be."""
    for label in card.labels:
        names = card.label_names.get(label)
        if not isinstance(names, Mapping) or names.get(LISTED) != WITHOUT_PICTURES:
            continue
        facts = {"style_code": label, "brand": _words(names.get("brand")), "name": _words(names.get("name"))}
        if spelled(label) and all(0 < len(facts[column]) <= longest for column, longest in _LONGEST.items()):
            yield spelled(label), Product(site=KNOWN_MODELS, label=spelled(label), url="", **facts)
        else:
            log.warning(
                "%r of bundle %s is not listed: its label, brand or name is missing or too long", label, card.id
            )


def _words(text: object) -> str:
    return " ".join(text.split()) if isinstance(text, str) else ""


def _present(session: Session, labels: Iterable[str]) -> set[str]:
    """Those of the labels that a product has."""
    return {
        label
        for some in slices(sorted(labels), 500)
        for label in session.scalars(select(Product.label).where(Product.label.in_(some)).distinct())
    }
