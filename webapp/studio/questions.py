"""What a marketer asks: which target, in what kind of e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.conversions.contexts import CAMPAIGN_TYPES, CONTEXT_FIELDS, INDUSTRIES, SNEAKER_TYPES, Context, code_of
from ml.conversions.targets import TARGETS, Target, UnknownNameError, target_named

FIELDS: Mapping[str, Sequence[str]] = {"target": tuple(TARGETS), **CONTEXT_FIELDS}


class QuestionError(ValueError):
    """A question with a value that there is none of. The message names the allowed ones, `allowed` holds them."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.allowed = field, list(FIELDS[field])


@dataclass(frozen=True)
class Question:
    """A target and the kind of e-mail that the picture goes into."""

    target: Target
    context: Context


def question_of(values: Mapping[str, Any], sneaker_type: str = "") -> Question:
    """The question that fields ask; `sneaker_type` stands in where none is said. Raises QuestionError for the first
    field that is missing or unknown."""
    said: dict[str, Any] = {name: values.get(name) for name in FIELDS}
    said["sneaker_type"] = said["sneaker_type"] or sneaker_type
    for name, value in said.items():
        words = name.replace("_", " ")
        if not value:
            raise QuestionError(name, f"Say which {words}, in the field {name}: one of {', '.join(FIELDS[name])}.")
        if not isinstance(value, str):
            raise QuestionError(name, f"{name} is a text: one of {', '.join(FIELDS[name])}.")
    try:
        target = target_named(said["target"])
    except UnknownNameError as error:
        raise QuestionError("target", _sentence(error)) from error
    known: dict[str, str] = {}
    for name, allowed in CONTEXT_FIELDS.items():
        try:
            known[name] = allowed[code_of(name, said[name])]
        except UnknownNameError as error:
            raise QuestionError(name, _sentence(error)) from error
    return Question(target, Context(**known))


def options() -> dict[str, list[str]]:
    """The allowed values of each field, in the API's shape."""
    return {
        "targets": list(TARGETS),
        "campaign_types": list(CAMPAIGN_TYPES),
        "industries": list(INDUSTRIES),
        "sneaker_types": list(SNEAKER_TYPES),
    }


def _sentence(error: UnknownNameError) -> str:
    words = str(error)
    return f"{words[0].upper()}{words[1:]}."
