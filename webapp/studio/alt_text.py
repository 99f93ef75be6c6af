"""Alt texts: what a picture shows, in the catalogue's facts, for who cannot see it or has pictures off."""

from __future__ import annotations

from ml.imaging.augments.table import AUGMENTS
from webapp.catalogue.models import Product
from webapp.studio.download_names import name_of_product

_WEARERS = {"men": "men's", "women": "women's", "kids": "kids'"}
_MANNERS = {"sketch": "drawn in pencil", "rotate": "turned on its side", "shoe_colour": "in another colour"}


def alt_text_of_product(product: Product) -> str:
    """Name, colorway, for whom and what kind: `Vello Dart Low in Chalk / Ink, men's running sneaker`."""
    name = name_of_product(product.brand, product.name, product.colorway)
    kind = " ".join(word for word in (_WEARERS.get(product.gender, ""), product.category, "sneaker") if word)
    return f"{name}, {kind}"


def alt_text_of_upload(sneaker_type: str) -> str:
    """All that is known of a picture that somebody sent: its kind."""
    kind = sneaker_type if sneaker_type in ("boot",) else f"{sneaker_type} sneaker"
    return f"{kind[0].upper()}{kind[1:]}"


def with_augment(alt_text: str, augment: str) -> str:
    """What a variant's alt text adds, where a reader would miss it."""
    if augment not in AUGMENTS or augment not in _MANNERS:
        return alt_text
    return f"{alt_text}, {_MANNERS[augment]}"
