"""The answer: what the conversion model said, in the API's shape, with pictures, names and where it is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.conversions.evidence import PastSend
from ml.conversions.recommend import Comparison, Prediction, Recommendation
from ml.imaging.augments.table import AUGMENTS
from webapp.studio.alt_text import with_augment
from webapp.studio.conversion_models import Loaded
from webapp.studio.questions import Question
from webapp.studio.variants import Variant

DIGITS = 6


@dataclass(frozen=True)
class Shown:
    """Which picture was asked about: its source (`catalogue` or `upload`), product, alt text, and what to mind."""

    source: str
    product_id: int | None
    alt_text: str
    warnings: tuple[str, ...]


def answer_of(
    scored: Recommendation,
    question: Question,
    loaded: Loaded,
    pictures: Sequence[Variant],
    portraits: Mapping[int, Mapping[str, Any]],
    shown: Shown,
) -> dict[str, Any]:
    """The JSON that is stored and given: see `Recommendation` in webapp/api/openapi.py.

    `pictures` are the variants in the order of the predictions: original, augments, alternates. Augments and
    alternates are given best first. `portraits` are the alternates' products by id, with their alt texts.
    """
    count, sign = 1 + len(scored.augments), question.target.sign
    augments = [
        _augment_of(prediction, picture, shown)
        for prediction, picture in zip((scored.original, *scored.augments), pictures[:count], strict=True)
    ]
    alternates = [
        _alternate_of(prediction, picture, portraits[prediction.product_id])
        for prediction, picture in zip(scored.alternates, pictures[count:], strict=True)
        if prediction.product_id is not None and prediction.product_id in portraits
    ]
    return {
        "target": scored.target,
        "direction": scored.direction,
        "unit": "cents" if question.target.is_amount else "probability",
        "provenance": scored.provenance,
        "base_rate": _number(scored.base_rate),
        "base_interval": _pair(scored.base_interval),
        "original": augments[0],
        "augments": sorted(augments[1:], key=lambda one: -sign * one["probability"]),
        "best_augment": scored.best_augment,
        "too_close_to_call": scored.too_close_to_call,
        "keep_original": scored.keep_original,
        "against_best_augment": _comparison(scored.against_best_augment),
        "split_plan": [{"augment": one.augment, "share": round(one.share, 4)} for one in scored.split_plan],
        "alternates": sorted(alternates, key=lambda one: -sign * one["probability"]),
        "best_alternate": scored.best_alternate,
        "against_best_alternate": _comparison(scored.against_best_alternate),
        "extrapolating": scored.extrapolating,
        "reasons": list(scored.reasons),
        "evidence": [_evidence(send) for send in scored.evidence],
        "warnings": list(shown.warnings),
        "question": {name: getattr(question.context, name) for name in ("campaign_type", "industry", "sneaker_type")},
        "picture": {"source": shown.source, "product_id": shown.product_id, "alt_text": shown.alt_text},
        "model": _model(loaded, question),
    }


def _augment_of(prediction: Prediction, picture: Variant, shown: Shown) -> dict[str, Any]:
    augment = AUGMENTS[prediction.augment]
    return {
        "augment": prediction.augment,
        "title": augment.title,
        **_predicted(prediction, picture),
        "alt_text": with_augment(shown.alt_text, prediction.augment),
        "caution": augment.caution,
    }


def _alternate_of(prediction: Prediction, picture: Variant, portrait: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: portrait[name] for name in ("product_id", "brand", "name", "colorway", "price_cents", "currency")}
    return {**names, **_predicted(prediction, picture), "alt_text": portrait["alt_text"]}


def _predicted(prediction: Prediction, picture: Variant) -> dict[str, Any]:
    return {
        "probability": _number(prediction.probability),
        "interval": _pair(prediction.interval),
        "extrapolating": prediction.extrapolating,
        "image_url": f"/images/{picture.sha256}.jpg",
        "width": picture.width,
        "height": picture.height,
    }


def _comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "difference": _number(comparison.difference),
        "interval": _pair(comparison.interval),
        "too_close_to_call": comparison.too_close_to_call,
        "sends_to_settle": comparison.sends_to_settle,
    }


def _evidence(send: PastSend) -> dict[str, Any]:
    return {
        "picture": send.picture,
        "augment": send.augment,
        "similarity": round(send.similarity, 4),
        "campaign_type": send.context.campaign_type,
        "industry": send.context.industry,
        "sneaker_type": send.context.sneaker_type,
        "happened": send.happened,
        "emails": send.emails,
        "rate": _number(send.rate),
        "provenance": send.provenance,
    }


def _model(loaded: Loaded, question: Question) -> dict[str, Any]:
    """Where the numbers come from, kept with the answer: the model may be gone when someone reads it again."""
    facts = loaded.model.of(question.target).facts
    return {
        "id": loaded.card.id,
        "created_at": loaded.card.created_at,
        "bundle": loaded.model.bundle,
        "provenance": facts.provenance,
        "rows": facts.rows,
        "emails": facts.emails,
        "products": facts.groups,
        "beats_base_rate": facts.weight > 0,
    }


def _number(number: float) -> float:
    return round(float(number), DIGITS)


def _pair(interval: tuple[float, float]) -> list[float]:
    return [_number(interval[0]), _number(interval[1])]
