"""What a marketer may call a picture: a product's style code or number, or the name of a picture's file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from sqlalchemy import select

from ml.imaging.augments.table import AUGMENTS
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db
from webapp.studio.models import VariantEmbedding


class PictureNames(Collection[str]):
    """The names of the catalogue's pictures, in lower case, and what each stands for.

    A product's style code or number stands for its first picture. The file of a variant, as the studio hands it out
    under its SHA-256, stands for its picture and augment.
    """

    def __init__(
        self, images: dict[str, int], variants: dict[str, tuple[int, str]], categories: dict[int, str]
    ) -> None:
        self._images, self._variants, self._categories = images, variants, categories

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.found(name) is not None

    def __iter__(self) -> Iterator[str]:
        yield from self._images
        yield from self._variants

    def __len__(self) -> int:
        return len(self._images) + len(self._variants)

    def found(self, name: str) -> tuple[int, str] | None:
        """The picture's id, and the augment that the name itself tells (empty where it tells none)."""
        name = name.strip().lower()
        if name in self._images:
            return self._images[name], ""
        file = PurePosixPath(urlsplit(name).path).name if "/" in name else name
        stem = file.rpartition(".")[0] or file
        if stem in self._variants:
            return self._variants[stem]
        return (self._images[stem], "") if stem in self._images else None

    def category_of(self, image_id: int) -> str:
        """The category of the product that a picture shows."""
        return self._categories.get(image_id, "")


def read_names() -> PictureNames:
    """The names of this moment. Where two products share a style code, the older one has it."""
    rows = db.session.execute(
        select(
            ProductImage.id,
            ProductImage.sha256,
            ProductImage.position,
            Product.id,
            Product.style_code,
            Product.category,
        )
        .join(Product, Product.id == ProductImage.product_id)
        .order_by(Product.id.desc(), ProductImage.position.desc())
    ).all()
    numbers, codes, files, categories = {}, {}, {}, {}
    for image_id, sha256, _, product_id, style_code, category in rows:  # the last one of a name has it
        numbers[str(product_id)] = codes[style_code.lower()] = files[sha256] = image_id
        categories[image_id] = category
    variants = _variants()
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    return PictureNames(numbers | codes | files, variants, categories)


def augment_named(words: str) -> str | None:
    """The augment of this name or title, whatever its case and spaces; the original where nothing is said."""
    said = _plain(words)
    if not said:
        return "original"
    return next((one.name for one in AUGMENTS.values() if said in (_plain(one.name), _plain(one.title))), None)


def _variants() -> dict[str, tuple[int, str]]:
    question = select(VariantEmbedding.sha256, VariantEmbedding.image_id, VariantEmbedding.augment).distinct()
    return {sha256: (image_id, augment) for sha256, image_id, augment in db.session.execute(question)}


def _plain(words: str) -> str:
    return "".join(letter for letter in words.lower() if letter.isalnum())
