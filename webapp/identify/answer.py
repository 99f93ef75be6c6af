"""The answer: what the models said, in the API's shape, with the catalogue's names and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ml.serving.bundle import Card
from webapp.identify.models import Upload
from webapp.identify.portraits import alternates_in_portraits, portraits_of, products_by_label
from webapp.image_store import ImageStore
from webapp.recognition import Recognised

MATCHES = 10


def answer_of(recognised: Recognised, uploads: Sequence[Upload], images: ImageStore) -> dict[str, Any]:
    """The JSON that is stored and given: see `Identification` in webapp/api/openapi.py."""
    said, card = recognised.identification, recognised.bundle.card
    top = said.matches[:MATCHES]
    products = {**products_by_label(match.label for match in top), **recognised.products}
    portraits = portraits_of({*products.values(), *(alternate.product_id for alternate in recognised.alternates)})
    photos = [photo_of(upload, photo.cutout.reason, images) for upload, photo in zip(uploads, said.photos, strict=True)]
    return {
        "in_catalogue": said.in_catalogue,
        "matches": [
            match_of(match.label, match.probability, card, portraits.get(products.get(match.label, 0))) for match in top
        ],
        "answer_set": list(said.answer_set),
        "answer_set_coverage": card.answer_set_coverage,
        "alternates": alternates_in_portraits(recognised.alternates, portraits),
        "cutout": photos[0]["cutout"],
        "photos": photos,
        "card": card_in_brief(card),
        "timings_ms": {step: round(float(spent), 1) for step, spent in said.timings_ms.items()},
    }


def match_of(label: str, probability: float, card: Card, portrait: Mapping[str, Any] | None) -> dict[str, Any]:
    """A label with its probability, by the catalogue's names, else by those that the card knows."""
    names = portrait or card.label_names.get(label) or {"brand": "", "name": label.replace("_", " ")}
    return {
        "label": label,
        "probability": round(float(probability), 4),
        "product_id": portrait and portrait["product_id"],
        "brand": names["brand"],
        "name": names["name"],
        "colorway": portrait and portrait["colorway"],
        "image_url": portrait and portrait["image_url"],
    }


def photo_of(upload: Upload, reason: str, images: ImageStore) -> dict[str, Any]:
    """A photo and its cut-out: where they are, how large, what part of it is shoe, why it is none where it is none."""
    return {
        "url": images.url(upload.photo_sha256),
        "width": upload.width,
        "height": upload.height,
        "cutout": {
            "url": images.url(upload.cutout_sha256),
            "coverage": upload.coverage,
            "fallback": upload.fallback,
            "reason": reason,
        },
    }


def card_in_brief(card: Card) -> dict[str, Any]:
    """Where the numbers come from, kept with the answer: the bundle may be gone when someone reads it again."""
    return {
        "network": card.network,
        "labels": len(card.labels),
        "provenance": card.provenance,
        "threshold_fitted_on": card.threshold.fitted_on,
        "created_at": card.created_at,
    }
