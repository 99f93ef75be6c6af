"""How HTTP says why a photo was refused."""

from __future__ import annotations

from http import HTTPStatus

STATUS_OF_REASON = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "corrupt": HTTPStatus.UNPROCESSABLE_ENTITY,
    "limits": HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""By `DecodeError.reason`."""
