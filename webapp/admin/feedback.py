"""The feedback queue: what people said about our answers becomes training data, or does not.

Photos are only ever used where the person consented; those that were accepted and whose consent is gone are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import selectinload

from webapp.admin.models import ACCEPTED, REJECTED, FeedbackReview
from webapp.catalogue.labels import spelled
from webapp.catalogue.models import Product
from webapp.catalogue.snapshot import MorePicture
from webapp.database import db, now, write_transaction
from webapp.identify.headline import name_of
from webapp.identify.models import Feedback, Identification

WAITING = "waiting"
QUEUES = (WAITING, ACCEPTED, REJECTED)
PER_PAGE = 20


class ReviewError(ValueError):
    """Feedback that cannot be accepted. The message is a sentence."""


@dataclass(frozen=True)
class Said:
    """One entry of the queue: the answer that we gave, what the person said, what an admin made of it."""

    identification: Identification
    feedback: Feedback
    review: FeedbackReview | None
    product: Product | None = None
    """The product that the person picked, as long as it is there."""

    @property
    def answer(self) -> Mapping[str, Any]:
        return self.identification.answer

    @property
    def our_words(self) -> str:
        """What we said."""
        if not self.answer["in_catalogue"] or not self.answer["matches"]:
            return "not in our catalogue"
        return name_of(self.answer["matches"][0])

    @property
    def their_words(self) -> str:
        """What the person says."""
        if self.feedback.correct:
            return "that is right"
        if self.product is not None:
            return f"it is the {name_of({'brand': self.product.brand, 'name': self.product.name})}"
        if self.feedback.label:
            return f"it is the {self.feedback.label.replace('_', ' ').title()}"
        return "it is none of ours, or they do not know which"

    @property
    def proposed_label(self) -> str:
        """The label to learn, as far as the person knows it."""
        if self.feedback.correct:
            return spelled(self.answer["matches"][0]["label"]) if self.answer["matches"] else ""
        return spelled(self.feedback.label or "")

    @property
    def has_consent(self) -> bool:
        return has_consent(self.identification)


def has_consent(identification: Identification) -> bool:
    """Whether the person let us train on their photos."""
    return identification.training_allowed_at is not None


def count_waiting() -> int:
    """How much feedback nobody has looked at."""
    waiting = _of(WAITING).with_only_columns(func.count()).order_by(None)
    return db.session.scalar(waiting) or 0


def read_queue(queue: str, page: int = 1) -> tuple[list[Said], bool]:
    """A page of one of QUEUES, the latest first, and whether there is more."""
    rows = db.session.execute(_of(queue).offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    ids = [feedback.product_id for feedback, _ in rows if feedback.product_id]
    picked = {one.id: one for one in db.session.scalars(select(Product).where(Product.id.in_(ids)))}
    said = [Said(one.identification, one, review, picked.get(one.product_id or 0)) for one, review in rows]
    return said[:PER_PAGE], len(said) > PER_PAGE


def accept(identification: Identification, label: str, known: Sequence[str]) -> None:
    """Have the next snapshot show these photos as `label`, or as no shoe of ours where that is empty.

    `known` are labels that count beside the catalogue's. Raises ReviewError without consent or for an unknown label.
    """
    if not has_consent(identification):
        raise ReviewError("The person has not consented to training on their photos, so they cannot be used.")
    plain = spelled(label)
    if label.strip() and not plain:
        raise ReviewError("A label has letters or digits.")
    if plain and plain not in {spelled(one) for one in known} and not _in_catalogue(plain):
        raise ReviewError(f"We know no label {plain[:100]!r}. Take one of the catalogue.")
    _keep(identification, ACCEPTED, plain)


def reject(identification: Identification) -> None:
    """Learn nothing from these photos."""
    _keep(identification, REJECTED, None)


def accepted_pictures() -> Iterator[MorePicture]:
    """What the next snapshot learns from people; photos of one shoe are one group."""
    for feedback, review in db.session.execute(_of(ACCEPTED)):
        identification = feedback.identification
        if has_consent(identification):
            for upload in identification.uploads:
                yield MorePicture(upload.photo_sha256, "jpg", review.label or "", f"upload-{identification.id}")


def _keep(identification: Identification, verdict: str, label: str | None) -> None:
    if identification.feedback is None:
        raise ReviewError("Nobody has said anything about this answer.")
    with write_transaction() as session:
        review = FeedbackReview(identification_id=identification.id, verdict=verdict, label=label, reviewed_at=now())
        session.merge(review)


def _of(queue: str) -> Select[Feedback, FeedbackReview]:
    reviewed = and_(
        FeedbackReview.identification_id == Feedback.identification_id,
        FeedbackReview.reviewed_at >= Feedback.given_at,
    )
    question = select(Feedback, FeedbackReview).outerjoin(FeedbackReview, reviewed).order_by(Feedback.given_at.desc())
    question = question.options(selectinload(Feedback.identification))
    if queue == WAITING:
        return question.where(FeedbackReview.identification_id.is_(None))
    return question.where(FeedbackReview.verdict == queue)


def _in_catalogue(label: str) -> bool:
    return db.session.scalar(select(Product.id).where(Product.label == label).limit(1)) is not None
