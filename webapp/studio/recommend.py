"""Recommend: a picture and a question -> its variants as delivered -> what each would bring, kept and answered.

The variants of a catalogue picture were made ahead, as a rule; those of a picture that was sent are made now.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import delete, select

from ml.conversions.contexts import sneaker_type_of
from ml.conversions.recommend import Candidate
from ml.conversions.recommend import recommend as score
from ml.imaging.decode import DecodeError
from ml.imaging.pool import PreparedPhoto
from webapp.accounts.models import User
from webapp.catalogue.models import Product
from webapp.database import db, write_transaction
from webapp.identify.portraits import portraits_of
from webapp.identify.receive import read_photo
from webapp.image_store import ImageStore, PictureMissingError
from webapp.recognition import Recognition
from webapp.studio.alt_text import alt_text_of_product, alt_text_of_upload
from webapp.studio.answer import Shown, answer_of
from webapp.studio.conversion_models import Loaded, current_conversions
from webapp.studio.model_watch import what_is_under_way
from webapp.studio.models import Recommendation
from webapp.studio.questions import Question
from webapp.studio.refusals import NoModelError, PictureUnusableError
from webapp.studio.variants import Variant, first_images, kept_variants, variants_of_image, variants_of_photo

ALTERNATES = 6
LEAST_SIDE = 100
BLURRED_BELOW = 400
KEPT_PER_PERSON = 500
"""Of the history; older ones are forgotten."""


@dataclass(frozen=True)
class Studio:
    """What a recommendation needs: the models, where pictures lie, for whom it is."""

    recognition: Recognition
    images: ImageStore
    user: User


def recommend_for_product(product: Product, question: Question, studio: Studio) -> Recommendation:
    """Which variant of the product's first picture the e-mail should carry.

    Raises PictureUnusableError where the product has no usable picture, NoModelError, NotReady and Busy.
    """
    started = time.perf_counter()
    loaded = _conversions(question, studio.recognition)
    image = first_images([product.id]).get(product.id)
    if image is None:
        raise PictureUnusableError(f"{product.name} has no picture yet. Choose another product, or send a picture.")
    variants = kept_variants([image.id], loaded.model.bundle).get(image.id, [])
    if not variants or variants[0].augment != "original":
        variants = _make_now(image.id, product, loaded, studio)
    alternates = [one.product_id for one in studio.recognition.alternates_of(product.id, ALTERNATES)]
    shown = Shown("catalogue", product.id, alt_text_of_product(product), ())
    return _answered(question, loaded, variants, alternates, shown, studio, started)


def recommend_for_photo(photo: BinaryIO, question: Question, studio: Studio, max_bytes: int) -> Recommendation:
    """Which variant of a picture that somebody sent the e-mail should carry.

    Raises DecodeError for a picture that cannot be used, NoModelError, NotReady and Busy.
    """
    started = time.perf_counter()
    loaded = _conversions(question, studio.recognition)
    with studio.recognition.admission.place():  # pictures take memory and a core
        studio.recognition.wait_until_looked()
        if studio.recognition.bundle is not None:
            _check_bundle(studio.recognition.bundle.card.id, loaded)  # before a photo takes seconds for nothing
        prepared = studio.recognition.prepare(read_photo(photo, max_bytes))
        warnings = _warnings(prepared)
        bundle_id, variants = variants_of_photo(prepared, studio.recognition, studio.images)
    _check_bundle(bundle_id, loaded)
    near = studio.recognition.nearest(variants[0].embedding, ALTERNATES)
    shown = Shown("upload", None, alt_text_of_upload(question.context.sneaker_type), warnings)
    return _answered(question, loaded, variants, [one.product_id for one in near], shown, studio, started)


def _conversions(question: Question, recognition: Recognition) -> Loaded:
    loaded = current_conversions()
    if loaded is None:
        told = what_is_under_way(recognition.bundle.card.id) if recognition.bundle else "No bundle is on duty yet."
        raise NoModelError(f"The first conversion model is still being trained, minutes after the start. {told}")
    if question.target.name not in loaded.model.targets:
        raise NoModelError(
            f"No campaign tells of {question.target.title.lower()} yet. Import some that do, or choose another target."
        )
    return loaded


def _make_now(image_id: int, product: Product, loaded: Loaded, studio: Studio) -> list[Variant]:
    """The variants of a catalogue picture that nobody has made ahead yet."""
    with studio.recognition.admission.place():
        studio.recognition.wait_until_looked()
        image = first_images([product.id])[product.id]
        try:
            bundle_id, variants = variants_of_image(image, studio.recognition, studio.images)
        except (DecodeError, PictureMissingError) as error:
            raise PictureUnusableError(
                f"The picture of {product.name} cannot be opened: choose another one."
            ) from error
    _check_bundle(bundle_id, loaded)
    return variants


def _check_bundle(bundle_id: str, loaded: Loaded) -> None:
    if bundle_id != loaded.model.bundle:
        raise NoModelError(
            "The model that looks at pictures has changed, and the conversion model is trained anew for it. "
            f"{what_is_under_way(bundle_id)} Products of the catalogue can be asked about meanwhile."
        )


def _warnings(photo: PreparedPhoto) -> tuple[str, ...]:
    height, width = photo.image.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise DecodeError(
            "limits",
            f"The picture is {width} x {height} pixels, too small for an e-mail. Send one at least 600 pixels wide.",
        )
    warnings = []
    if photo.cutout.fallback:
        reason = photo.cutout.reason or "No shoe could be told from its background in this picture."
        warnings.append(
            f"{reason} Swivel, backgrounds and colours therefore treat all of it as the shoe: look before you send. "
            "A picture from the side on a plain background works best."
        )
    if width < BLURRED_BELOW:
        warnings.append(f"The picture is {width} pixels wide and will look blurred in an e-mail, which shows 600.")
    return tuple(warnings)


def _answered(
    question: Question,
    loaded: Loaded,
    variants: Sequence[Variant],
    alternate_ids: Sequence[int],
    shown: Shown,
    studio: Studio,
    started: float,
) -> Recommendation:
    """Score, keep and answer."""
    others = _alternates(alternate_ids, loaded.model.bundle)
    types = _sneaker_types(list(others))
    candidates = [_candidate(one, shown.product_id) for one in variants]
    alternates = [
        _candidate(one, product_id, types[product_id]) for product_id, one in others.items() if product_id in types
    ]
    past = loaded.past_of(question.target)
    scored = score(loaded.model, question.target, question.context, candidates[0], candidates[1:], alternates, past)
    pictures = [*variants, *(others[one.product_id] for one in alternates if one.product_id is not None)]
    answer = answer_of(scored, question, loaded, pictures, _portraits(others), shown)
    answer["timings_ms"] = {"total": round(1000 * (time.perf_counter() - started), 1)}
    return _keep(answer, question, shown, studio.user)


def _alternates(product_ids: Sequence[int], bundle_id: str) -> Mapping[int, Variant]:
    """The alternates' pictures as delivered, by product; those whose variants are not made yet are left out."""
    images = first_images(product_ids)
    kept = kept_variants([image.id for image in images.values()], bundle_id, ("original",))
    return {
        product_id: kept[images[product_id].id][0]
        for product_id in product_ids
        if product_id in images and images[product_id].id in kept
    }


def _portraits(product_ids: Iterable[int]) -> dict[int, dict[str, object]]:
    """Products in few words, each with an alt text in the catalogue's facts."""
    portraits = portraits_of(product_ids)
    products = db.session.scalars(select(Product).where(Product.id.in_(portraits)))
    return {one.id: {**portraits[one.id], "alt_text": alt_text_of_product(one)} for one in products}


def _sneaker_types(product_ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(select(Product.id, Product.category).where(Product.id.in_(product_ids)))
    return {row.id: sneaker_type_of(row.category) for row in rows}


def _candidate(variant: Variant, product_id: int | None, sneaker_type: str = "") -> Candidate:
    return Candidate(variant.augment, variant.embedding, variant.augment_probabilities, product_id, sneaker_type)


def _keep(answer: dict[str, object], question: Question, shown: Shown, user: User) -> Recommendation:
    user_id = user.id
    with write_transaction() as session:
        there = shown.product_id is not None and session.get(Product, shown.product_id) is not None
        kept = Recommendation(
            user_id=user_id,
            product_id=shown.product_id if there else None,
            source=shown.source,
            target=question.target.name,
            answer=answer,
        )
        session.add(kept)
        old = (
            select(Recommendation.id)
            .where(Recommendation.user_id == user_id)
            .order_by(Recommendation.created_at.desc(), Recommendation.id)
            .offset(KEPT_PER_PERSON)
        )
        session.execute(
            delete(Recommendation).where(Recommendation.id.in_(old)).execution_options(synchronize_session=False)
        )
    return kept
