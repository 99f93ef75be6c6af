"""The label of a product: what a classifier may learn to call it, the same for all colorways and sizes of a model."""

from __future__ import annotations

import re
import unicodedata

# "Nike LeBron 15 - Men's" and "Nike LeBron 15 - Boys' Grade School" are one model.
_AUDIENCE = re.compile(
    r"\s+[-–—]\s+(?:men|women|boys?|girls?|kids?|unisex|adult|youth|toddler|infant|preschool|grade school)\b.*$", re.I
)
_LONGEST = 300
_APOSTROPHES = re.compile(r"['’‘`´]")


def label_of(brand: str, name: str) -> str:
    """("Vello", "Dart Low") -> "vello_dart_low"; ("nike", "Nike LeBron 15 - Men's") -> "nike_lebron_15".

    Lower-case words of brand and name, joined by "_"; a name that begins with its brand does not repeat it. Letters
    of other scripts stand as they are. Two names that give one label are one model to the classifier.
    """
    brand_words = _words(brand)
    name_words = _words(_AUDIENCE.sub("", name))
    if name_words[: len(brand_words)] == brand_words:
        name_words = name_words[len(brand_words) :]
    return _joined([*brand_words, *name_words])


def spelled(label: str) -> str:
    """A bundle's label as the catalogue spells it: "asics_gel-lyte_iii" -> "asics_gel_lyte_iii". One of `label_of`
    stays as it is. Labels of data sets are the names of their folders, and those are written in many ways."""
    return _joined(_words(label))


def _joined(words: list[str]) -> str:
    return "_".join(words)[:_LONGEST].rstrip("_")


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).lower()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word for word in re.split(r"[\W_]+", plain) if word]
