"""What people send: the photos of one shoe, and what they say about an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

from flask import Request
from werkzeug.datastructures import MultiDict

PHOTO_FIELD = "photo"
TRAINING_FIELD = "training"


class PhotosError(ValueError):
    """An upload without photos, with too many, or under another name. The message says what to send instead."""


def sent_photos(sent: Request, max_photos: int) -> list[BinaryIO]:
    """The files of the field `photo`, unread; raises PhotosError unless they are 1 to `max_photos`."""
    # A browser sends an empty part without a name for each file button that was not used.
    photos = [part for part in sent.files.getlist(PHOTO_FIELD) if part.filename]
    if len(photos) > max_photos:
        raise PhotosError(f"These are {len(photos)} photos. Send at most {max_photos}, all of the same shoe.")
    if photos:
        return [cast(BinaryIO, part.stream) for part in photos]
    if PHOTO_FIELD in sent.form:
        raise PhotosError("The field photo came as text. Send it as a file: a multipart part with a file name.")
    others = ", ".join(sorted({*sent.files, *sent.form} - {"csrf_token", TRAINING_FIELD})[:5])
    if others:
        raise PhotosError(f"The field for photos is named photo, and what came is named {others}. Rename it to photo.")
    raise PhotosError("There was no photo. Send 1 to 4 files of the same shoe in the field photo.")


def training_allowed(sent: Request) -> bool:
    """Whether the person has said that models may be trained on the photos: nobody has who says nothing."""
    return sent.form.get(TRAINING_FIELD, "").strip().lower() in {"yes", "on", "true", "1"}


@dataclass(frozen=True)
class FeedbackForm:
    """What was said about an answer: that it is right, that it is another shoe (in words or by product), or neither."""

    verdict: Literal["right", "other", "none"]
    words: str
    product_id: int | None

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> FeedbackForm:
        """Read the page's form; raises ValueError with a sentence where nothing was said."""
        verdict, words = form.get("verdict", ""), form.get("actual", "").strip()
        product_id = form.get("product_id", type=int)
        if verdict == "right":
            return cls("right", "", None)
        if verdict == "none":
            return cls("none", "", None)
        if not words:
            raise ValueError("Type the brand and the model, or say that it is none of our shoes.")
        return cls("other", words, product_id)
