"""The bundle: a folder with everything that serving needs, and the card that says what it is.

    card.json       the facts: labels, input size, preprocessing, thresholds, metrics, provenance, SHA-256 of the files
    model.onnx      picture batch -> embedding and calibrated probabilities, in one pass; where the card names augments,
                    also the probability of each of them
    prototypes.npy  (labels, dimensions) float32: the mean unit embedding of each label's training pictures

Weights never travel alone: loading refuses a folder whose files do not agree with its card.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

MODEL_FILE = "model.onnx"
PROTOTYPES_FILE = "prototypes.npy"
FORMAT = 1


class BundleError(ValueError):
    """A folder that is not a whole bundle. The message says what does not agree."""


@dataclass(frozen=True)
class Threshold:
    """When a photo counts as a shoe of the catalogue.

    score = probability_weight * log-odds(highest probability) + similarity_weight * highest cosine similarity to a
    label's prototype + intercept; the photo is in the catalogue where the score is at least 0. A logistic regression
    fitted on held-out pictures and non-shoes; `fitted_on` says which, and how well it separates them.
    """

    probability_weight: float
    similarity_weight: float
    intercept: float
    fitted_on: str


@dataclass(frozen=True)
class Card:
    """The facts about a bundle. `metrics` maps a split's name to its numbers; `provenance` says what trained it.

    `label_names` maps a label to its "brand" and "name" as people write them. Where it also has "listed" set to
    "without pictures", the site shows the label as a product before any shop has brought it. `augments` are those that
    the graph tells apart, in the order of its answers; none where it was never taught.
    """

    id: str
    network: str
    labels: tuple[str, ...]
    input_size: int
    preprocessing: str
    embedding_dimensions: int
    temperature: float
    threshold: Threshold
    answer_set_quantile: float
    answer_set_coverage: float
    provenance: str
    created_at: str
    weights: str
    snapshot_digest: str
    label_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    augments: tuple[str, ...] = ()
    format: int = FORMAT


@dataclass(frozen=True)
class Bundle:
    """A card and the folder that it was read from."""

    folder: Path
    card: Card

    @property
    def model_file(self) -> Path:
        return self.folder / MODEL_FILE

    @property
    def prototypes_file(self) -> Path:
        return self.folder / PROTOTYPES_FILE


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_card(folder: Path, card: Card) -> Bundle:
    """Seal a folder that already holds the model and the prototypes: their digests and the card are written last."""
    digests = {name: file_digest(folder / name) for name in (MODEL_FILE, PROTOTYPES_FILE)}
    text = json.dumps(asdict(card) | {"sha256": digests}, indent=1)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")
    return read_bundle(folder)


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle; raises BundleError where a file is missing, damaged or not the one that the card speaks of."""
    try:
        facts = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{folder} is not a bundle: its card.json cannot be read ({error})") from error
    if facts.get("format") != FORMAT:
        raise BundleError(f"{folder} has format {facts.get('format')!r}, this version reads format {FORMAT}")
    facts.setdefault("augments", ())  # bundles from before there was a second head
    missing = {field.name for field in fields(Card)} - facts.keys()
    if missing:
        raise BundleError(f"{folder}/card.json lacks {', '.join(sorted(missing))}")
    for name, digest in facts["sha256"].items():
        if not (folder / name).is_file():
            raise BundleError(f"{folder} lacks {name}")
        if file_digest(folder / name) != digest:
            raise BundleError(f"{folder}/{name} is not the file that its card speaks of: its SHA-256 differs")
    facts["labels"], facts["augments"] = tuple(facts["labels"]), tuple(facts["augments"])
    facts["threshold"] = Threshold(**facts["threshold"])
    return Bundle(folder=folder, card=Card(**{field.name: facts[field.name] for field in fields(Card)}))
