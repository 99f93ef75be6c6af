"""What the studio's downloads are called: by product and augment, so that imported results may name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ml.imaging.augments.table import AUGMENTS
from webapp.identify.headline import name_of

LONGEST = 60
_NUMBER = re.compile(r"^\d{2}-")


def slug_of(words: str) -> str:
    """Words as part of a file's name: `Vello Dart Low in Chalk / Ink` is `vello-dart-low-in-chalk-ink`."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:LONGEST].strip("-") or "picture"


def name_of_product(brand: str, name: str, colorway: str) -> str:
    """A product with its colorway, as file names and alt texts begin."""
    whole = name_of({"brand": brand, "name": name})
    return f"{whole} in {colorway}" if colorway else whole


def file_name_of(answer: Mapping[str, Any], shown: Mapping[str, Any]) -> str:
    """What a picture of an answer is called. Alternates are pictures as they are: the originals of their products."""
    if "augment" in shown:
        return f"{slug_of(answer['picture']['alt_text'].split(',')[0])}-{slug_of(shown['augment'])}.jpg"
    return f"{slug_of(name_of_product(shown['brand'], shown['name'], shown['colorway']))}-original.jpg"


def parted(stem: str) -> Iterator[tuple[str, str]]:
    """What a download's name without its ending may mean: a product's slug and an augment, the likelier one first.

    Downloads that come in a ZIP are numbered: 01-vello-dart-low-in-chalk-brighter. Names of products begin like that,
    too: 47-laces-brighter.
    """
    for augment in AUGMENTS:
        ending = f"-{slug_of(augment)}"
        if stem.endswith(ending):
            slug = stem.removesuffix(ending)
            yield slug, augment
            yield _NUMBER.sub("", slug), augment
