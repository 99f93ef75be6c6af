"""The answer's page: what is shown of an answer, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template

from webapp.catalogue.models import Product
from webapp.database import db
from webapp.identify.forget import goes_at
from webapp.identify.headline import headline_of, name_of
from webapp.identify.models import Feedback, Identification
from webapp.recognition import current_recognition

SHOWN_MATCHES, MOST_MATCHES = 5, 8
_STEPS = {
    "decode": "Open the photo",
    "cutout": "Cut out the shoe",
    "embed": "Recognise it",
    "search": "Search the catalogue",
}


def answer_page(identification: Identification, *, problem: str = "", typed: str = "", delete_key: str = "") -> str:
    """The page of one answer; `problem` and `typed` say what was wrong with the feedback just sent. With `delete_key`
    the person may decide about the photos."""
    answer = identification.document
    headline = headline_of(answer)
    shown = min(max(headline.likely, SHOWN_MATCHES), MOST_MATCHES)
    return render_template(
        "identify/answer.html",
        identification=identification,
        answer=answer,
        headline=headline,
        shown_matches=answer["matches"][:shown],
        timing_steps=timing_steps(answer["timings_ms"]),
        known_shoes=known_shoes(),
        feedback_said=_said(identification.feedback, answer),
        feedback_problem=problem,
        feedback_typed=typed,
        goes_at=goes_at(identification),
        delete_key=delete_key,
    )


def timing_steps(timings_ms: Mapping[str, float]) -> list[tuple[str, float]]:
    """Each step with its milliseconds, and what is left of the total: writing the pictures and the answer."""
    steps = [(name, timings_ms[step]) for step, name in _STEPS.items() if step in timings_ms]
    return [*steps, ("Keep the pictures", max(0.0, timings_ms["total"] - sum(spent for _, spent in steps)))]


def known_shoes() -> list[str]:
    """The names of all shoes that the bundle on duty knows, sorted."""
    bundle = current_recognition().bundle
    names = bundle.card.label_names.values() if bundle else ()
    return sorted({name_of(name) for name in names})


def _said(feedback: Feedback | None, answer: Mapping[str, Any]) -> str:
    """What a person said about the answer, in words; nothing where nobody did."""
    if feedback is None:
        return ""
    if feedback.correct:
        return f"it is the {name_of(answer['matches'][0])}."
    if feedback.product_id is not None and (product := db.session.get(Product, feedback.product_id)):
        name = name_of({"brand": product.brand, "name": product.name})
        return f"it is the {name}{f', {product.colorway}' if product.colorway else ''}."
    if feedback.label is not None:
        return f"it is the {_name_of(feedback.label)}."
    return "it is none of our shoes, or you do not know which."


def _name_of(label: str) -> str:
    bundle = current_recognition().bundle
    name = bundle.card.label_names.get(label) if bundle else None
    return name_of(name) if name else label.replace("_", " ")
