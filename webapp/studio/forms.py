"""What a marketer sends from the studio's page: a picture or a product, and the four choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from flask import Request

from webapp.identify.forms import PhotosError, sent_photos
from webapp.studio.questions import FIELDS


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
        product_id = sent.form.get("product_id", type=int)
        try:
            (photo,) = sent_photos(sent, 1)
        except PhotosError as error:
            if product_id is None or not 0 < product_id < 2**63:
                raise NothingChosenError("Pick a shoe of the catalogue, or choose one picture to send.") from error
            return cls(None, product_id, said)
        return cls(photo, None, said)
