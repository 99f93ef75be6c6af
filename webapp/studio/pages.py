"""What the studio's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template

from ml.conversions.contexts import sneaker_type_of
from ml.conversions.targets import TARGETS
from webapp.accounts.models import User
from webapp.catalogue.browse import Search, SearchError, find, with_first_images
from webapp.catalogue.models import Product, ProductImage
from webapp.identify.headline import name_of
from webapp.image_store import current_images
from webapp.recognition import current_recognition
from webapp.studio.conversion_models import current_conversions
from webapp.studio.download_names import file_name_of
from webapp.studio.forget import goes_at
from webapp.studio.history import last_question
from webapp.studio.model_watch import what_is_under_way
from webapp.studio.models import Recommendation
from webapp.studio.questions import FIELDS
from webapp.studio.wording import best_alternate_of, best_augment_of, top_of, verdict_of

PICKED_FROM = 12
_USUAL = {"target": "click_to_open", "campaign_type": "promotional", "industry": "retail", "sneaker_type": "lifestyle"}


@dataclass(frozen=True)
class Choice:
    """One drop-down: its field, what it is called, its values with their titles, and the one that is chosen."""

    field: str
    title: str
    values: Sequence[tuple[str, str]]
    chosen: str


def start_page(
    user: User,
    arguments: Mapping[str, str],
    chosen_id: int | None,
    *,
    problem: str = "",
    said: Mapping[str, str] | None = None,
) -> str:
    """The studio's front page; `problem` and `said` say what was wrong with the form just sent."""
    chosen = next(iter(with_first_images([chosen_id] if chosen_id else [])), None)
    try:
        search = replace(Search.from_arguments(arguments), per_page=PICKED_FROM)
    except SearchError as error:
        search, problem = Search(per_page=PICKED_FROM), problem or str(error)
    found = find(search)
    loaded, bundle = current_conversions(), current_recognition().bundle
    return render_template(
        "studio/start.html",
        chosen=chosen,
        choices=choices_of({**_usual(user, chosen), **{k: v for k, v in (said or {}).items() if v}}),
        targets=TARGETS.values(),
        found=found,
        pickable=[(product, image) for product, image in found.products if image],
        loaded=loaded,
        outdated=what_is_under_way(bundle.card.id)
        if loaded and bundle and loaded.model.bundle != bundle.card.id
        else "",
        problem=problem,
    )


def recommendation_page(recommendation: Recommendation) -> str:
    """The page of one recommendation."""
    answer = recommendation.document
    store = current_images()
    return render_template(
        "studio/recommendation.html",
        recommendation=recommendation,
        answer=answer,
        verdict=verdict_of(answer),
        best_augment=best_augment_of(answer),
        best_alternate=best_alternate_of(answer),
        top=top_of(answer),
        target=TARGETS.get(answer["target"]),
        instead=TARGETS.get(TARGETS[answer["target"]].instead) if answer["target"] in TARGETS else None,
        file_name=lambda shown: file_name_of(answer, shown),
        goes_at=goes_at(recommendation),
        evidence_pictures={one["picture"] for one in answer["evidence"] if store.has(one["picture"])},
    )


def compare_page(recommendation: Recommendation, wanted: Sequence[str]) -> str | None:
    """Two pictures of a recommendation side by side; None unless two of them are wanted."""
    answer = recommendation.document
    by_key = {key_of(one): one for one in (answer["original"], *answer["augments"], *answer["alternates"])}
    pair = [by_key[key] for key in dict.fromkeys(wanted) if key in by_key]
    if len(pair) != 2:
        return None
    return render_template(
        "studio/compare.html", recommendation=recommendation, answer=answer, pair=pair, top=top_of(answer)
    )


def key_of(shown: Mapping[str, Any]) -> str:
    """What names a picture among those of a recommendation: its augment, or its product for an alternate."""
    return str(shown["augment"]) if "augment" in shown else f"product-{shown['product_id']}"


def title_of(shown: Mapping[str, Any]) -> str:
    """What a picture is called on a page."""
    return str(shown["title"]) if "augment" in shown else name_of(shown)


def choices_of(chosen: Mapping[str, str]) -> list[Choice]:
    """The four drop-downs."""
    titles = {"target": "What to improve", "campaign_type": "Kind of e-mail"}
    return [
        Choice(
            field,
            titles.get(field, field.replace("_", " ").capitalize()),
            [(value, TARGETS[value].title if field == "target" else value.capitalize()) for value in values],
            chosen.get(field, ""),
        )
        for field, values in FIELDS.items()
    ]


def _usual(user: User, chosen: tuple[Product, ProductImage | None] | None) -> dict[str, str]:
    """What the drop-downs begin with: the last question, and the sneaker type of the chosen product."""
    own = {**_USUAL, **last_question(user)}
    return own | ({"sneaker_type": sneaker_type_of(chosen[0].category)} if chosen else {})
