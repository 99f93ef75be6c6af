"""A conversion model as a folder: trees as UBJSON, arrays as .npy, and a card that says what they are. Never a pickle.

    card.json           what was learned from: provenance, rows, groups, metrics, digest, SHA-256 of the files
    mean.npy  components.npy  seen.npy      the space of features, see `ml.conversions.features`
    <target>.<member>.ubj                   trees; a target that quotes the base rate has none
    <target>.lines.npy  (members, numbers)  the lines that the trees begin at, see `ml.conversions.linear`

Loading refuses a folder whose files do not agree with its card, or whose categories are not this version's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from ml.conversions.boosting import Member
from ml.conversions.calibration import Calibrator
from ml.conversions.contexts import CONTEXT_FIELDS
from ml.conversions.engine import load_xgboost
from ml.conversions.features import FeatureSpace
from ml.conversions.linear import Line, line_of
from ml.conversions.model import ConversionModel, TargetFacts, TargetModel
from ml.conversions.targets import target_named
from ml.serving.bundle import file_digest

CARD_FILE = "card.json"
SPACE_FILES = ("mean", "components", "seen")
FORMAT = 2


class ConversionModelError(ValueError):
    """A folder that is not a whole conversion model. The message says what does not agree."""


@dataclass(frozen=True)
class ConversionCard:
    """The facts about a saved model. `targets` maps a target's name to its facts, as in TargetFacts."""

    id: str
    created_at: str
    bundle: str
    digest: str
    embedding_dimensions: int
    reduced_dimensions: int
    reach: float
    augments: int
    contexts: Mapping[str, Any]
    context_values: Mapping[str, Any]
    targets: Mapping[str, Any]
    sha256: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


def save_model(folder: Path, model: ConversionModel, *, identifier: str, created_at: str) -> ConversionCard:
    """Write a model into a new or empty folder, the card last. Raises ConversionModelError where it has files."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConversionModelError(f"{folder} is not empty: a model is written into a folder of its own")
    space = model.space
    for name in SPACE_FILES:
        np.save(folder / f"{name}.npy", getattr(space, name), allow_pickle=False)
    for name, of_target in model.targets.items():
        for number, member in enumerate(of_target.members):
            member.trees.save_model(folder / f"{name}.{number:02d}.ubj")
        if of_target.members:
            lines = np.stack([member.line.numbers for member in of_target.members])
            np.save(folder / _lines_file(name), lines, allow_pickle=False)
    card = ConversionCard(
        id=identifier,
        created_at=created_at,
        bundle=model.bundle,
        digest=model.digest,
        embedding_dimensions=len(space.mean),
        reduced_dimensions=space.dimensions,
        reach=space.reach,
        augments=space.augments,
        contexts=space.contexts,
        context_values=CONTEXT_FIELDS,
        targets={name: asdict(of_target.facts) for name, of_target in model.targets.items()},
        sha256={file.name: file_digest(file) for file in sorted(folder.iterdir())},
    )
    (folder / CARD_FILE).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    return card


def read_card(folder: Path) -> ConversionCard:
    """The card alone, checked against nothing but itself: quick enough for a list of models."""
    try:
        facts = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConversionModelError(f"{folder} is no conversion model: its card cannot be read ({error})") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ConversionModelError(f"{folder} is no conversion model of format {FORMAT}: train it anew")
    missing = {column.name for column in fields(ConversionCard)} - facts.keys()
    if missing:
        raise ConversionModelError(f"{folder}/{CARD_FILE} lacks {', '.join(sorted(missing))}")
    return ConversionCard(**{column.name: facts[column.name] for column in fields(ConversionCard)})


def load_model(folder: Path, *, threads: int = 1) -> tuple[ConversionModel, ConversionCard]:
    """Read a model; raises ConversionModelError where a file is missing, damaged or not the one of the card."""
    card = read_card(folder)
    _check_files(folder, card)
    for name, values in CONTEXT_FIELDS.items():
        if list(card.context_values.get(name, ())) != list(values):
            raise ConversionModelError(f"{folder} was trained with another list of {name.replace('_', ' ')}s: retrain")
    try:
        space = _space(folder, card)
        quantities = space.dimensions + space.augments
        targets = {name: _target(folder, name, facts, quantities, threads) for name, facts in card.targets.items()}
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ConversionModelError(f"{folder} cannot be read as a conversion model: {error}") from error
    if space.components.shape != (card.reduced_dimensions, card.embedding_dimensions):
        raise ConversionModelError(f"{folder}/components.npy is {space.components.shape}, not what its card says")
    return ConversionModel(space, targets, card.bundle, card.digest), card


def _check_files(folder: Path, card: ConversionCard) -> None:
    wanted = {f"{name}.npy" for name in SPACE_FILES}
    wanted |= {f"{name}.{n:02d}.ubj" for name, facts in card.targets.items() for n in range(facts["members"])}
    wanted |= {_lines_file(name) for name, facts in card.targets.items() if facts["members"]}
    if unsealed := wanted - card.sha256.keys():
        raise ConversionModelError(f"{folder}/{CARD_FILE} has no SHA-256 of {', '.join(sorted(unsealed))}")
    for name, digest in card.sha256.items():
        if not (folder / name).is_file():
            raise ConversionModelError(f"{folder} lacks {name}")
        if file_digest(folder / name) != digest:
            raise ConversionModelError(f"{folder}/{name} is not the file that its card speaks of: its SHA-256 differs")


def _space(folder: Path, card: ConversionCard) -> FeatureSpace:
    arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in SPACE_FILES}
    contexts = {name: tuple(seen) for name, seen in card.contexts.items()}
    return FeatureSpace(**arrays, reach=card.reach, augments=card.augments, contexts=contexts)


def _target(folder: Path, name: str, told: Mapping[str, Any], quantities: int, threads: int) -> TargetModel:
    drawn = told["calibrator"]
    calibrator = Calibrator(**drawn | {"xs": tuple(drawn["xs"]), "ys": tuple(drawn["ys"])})
    facts = TargetFacts(**{**told, "calibrator": calibrator})
    lines = np.load(folder / _lines_file(name), allow_pickle=False) if facts.members else ()
    members = tuple(
        _member(folder / f"{name}.{number:02d}.ubj", line_of(numbers, quantities), threads)
        for number, numbers in zip(range(facts.members), lines, strict=True)
    )
    return TargetModel(target_named(name), facts, members)


def _member(file: Path, line: Line, threads: int) -> Member:
    trees = load_xgboost().Booster({"nthread": threads})
    trees.load_model(file)
    return Member(line, trees)


def _lines_file(target: str) -> str:
    return f"{target}.lines.npy"
