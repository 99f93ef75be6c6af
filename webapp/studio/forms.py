"""What a marketer sends from the studio's page: a picture or a product, and the four choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from flask import Request

from webapp.identify.forms import PhotosError, sent_photos
from webapp.studio.questions import FIELDS


def usable_id(text: str | None) -> int | None:
    """The number of a product, where it can be one."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


class NothingChosenError(ValueError):
    """Neither a picture nor a product. The message says what to do."""


@dataclass(frozen=True)
class StudioForm:
    """`photo` (unread) where a picture was sent, else the `product_id` that was chosen; `said` holds the choices."""

    photo: BinaryIO | None
    product_id: int | None
    said: dict[str, str]

    @classmethod
    def of(cls, sent: Request) -> StudioForm:
        """Read the page's form; raises NothingChosenError."""
        said = {name: sent.form.get(name, "").strip() for name in FIELDS}
        product_id = usable_id(sent.form.get("product_id"))
        try:
            (photo,) = sent_photos(sent, 1)
        except PhotosError as error:
            if product_id is None:
                raise NothingChosenError("Pick a shoe of the catalogue, or choose one picture to send.") from error
            return cls(None, product_id, said)
        return cls(photo, None, said)
