"""What a marketer may call a picture: a product's style code or number, or the name of a picture's file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from sqlalchemy import select

from ml.imaging.augments.table import AUGMENTS
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db
from webapp.studio.download_names import name_of_product, parted, slug_of
from webapp.studio.models import VariantEmbedding

_AFTER_PATH = re.compile("[?#]")


class PictureNames(Collection[str]):
    """The names of the catalogue's pictures, in lower case, and what each stands for.

    A product's style code or number stands for its first picture. The file of a variant, as the studio hands it out
    (vello-dart-low-in-chalk-brighter.jpg, or its SHA-256), stands for its picture and augment.
    """

    def __init__(
        self,
        images: Mapping[str, int],
        variants: Mapping[str, tuple[int, str]],
        categories: Mapping[int, str],
        downloads: Mapping[str, int],
    ) -> None:
        self._images, self._variants, self._categories, self._downloads = images, variants, categories, downloads

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
        file = PurePosixPath(_AFTER_PATH.split(name)[0]).name if "/" in name else name
        stem = file.rpartition(".")[0] or file
        if stem in self._variants:
            return self._variants[stem]
        return (self._images[stem], "") if stem in self._images else self._downloaded(stem)

    def category_of(self, image_id: int) -> str:
        """The category of the product that a picture shows."""
        return self._categories.get(image_id, "")

    def _downloaded(self, stem: str) -> tuple[int, str] | None:
        return next(
            ((self._downloads[slug], augment) for slug, augment in parted(stem) if slug in self._downloads), None
        )


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
    variants, downloads = _variants(), _downloads(numbers)
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    return PictureNames(numbers | codes | files, variants, categories, downloads)


def augment_named(words: str) -> str | None:
    """The augment of this name or title, whatever its case and spaces; the original where nothing is said."""
    said = _plain(words)
    if not said:
        return "original"
    return next((one.name for one in AUGMENTS.values() if said in (_plain(one.name), _plain(one.title))), None)


def _variants() -> dict[str, tuple[int, str]]:
    question = select(VariantEmbedding.sha256, VariantEmbedding.image_id, VariantEmbedding.augment).distinct()
    return {sha256: (image_id, augment) for sha256, image_id, augment in db.session.execute(question)}


def _downloads(numbers: Mapping[str, int]) -> dict[str, int]:
    """The first picture of each product by the beginning of what its downloads are called (see `download_names.py`).

    A name that several products share stands for none.
    """
    products = db.session.execute(select(Product.id, Product.brand, Product.name, Product.colorway)).all()
    slugs = {}
    for product_id, brand, name, colorway in products:
        slugs[product_id] = slug_of(name_of_product(brand, name, colorway).split(",")[0])
    times = Counter(slugs.values())
    return {
        slug: numbers[str(product_id)]
        for product_id, slug in slugs.items()
        if times[slug] == 1 and str(product_id) in numbers
    }


def _plain(words: str) -> str:
    return "".join(letter for letter in words.lower() if letter.isalnum())
