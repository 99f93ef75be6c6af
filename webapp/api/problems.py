"""Errors of the API as `application/problem+json` (RFC 9457): type, title, status, a detail that says what to do."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    default_exceptions,
)

from ml.imaging.decode import DecodeError
from webapp.admission import Busy, NotReady
from webapp.identify.refusals import STATUS_OF_REASON
from webapp.settings import MEGABYTE, current_settings
from webapp.studio.refusals import NoModelError

MEDIA_TYPE = "application/problem+json"
DRAIN_BYTES = 256 * MEGABYTE


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """What a caller did wrong, raised anywhere in the API's views."""

    def __init__(self, status: HTTPStatus, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.members = status, detail, members


def answer(status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any) -> Response:
    """A problem document; `members` are its additional fields."""
    title = HTTPStatus(status).phrase
    document = {"type": "about:blank", "title": title, "status": int(status), "detail": detail, **members}
    return Response(json.dumps(document), int(status), headers, mimetype=MEDIA_TYPE)


def is_api(path: str) -> bool:
    """Whether a path is answered in the API's words."""
    return path == "/api" or path.startswith("/api/")


def of_decode_error(error: DecodeError) -> Response:
    return answer(STATUS_OF_REASON[error.reason], error.sentence, reason=error.reason)


def of_waiting(error: Busy | NotReady | NoModelError) -> Response:
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers={"Retry-After": str(error.retry_after_s)})


def of_problem(error: Problem) -> Response:
    return answer(error.status, error.detail, **error.members)


def of_http_error(error: HTTPException) -> Response:
    """Werkzeug's and Flask-Limiter's errors, with sentences of our own where theirs do not help."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    detail = _sentence(error)
    if isinstance(error, RequestEntityTooLarge):
        drain_body()
    headers = {
        name: value
        for name, value in error.get_headers(request.environ)
        if name.lower() not in {"content-type", "content-length"}
    }
    return answer(status, detail, headers=headers)


def drain_body() -> None:
    """Read the rest of a refused body and forget it.

    A server that closes a connection with unread bytes resets it, and the client then sees a broken connection instead
    of our answer. Bodies beyond DRAIN_BYTES are not worth that courtesy.
    """
    stream, length = request.environ["wsgi.input"], request.content_length
    if length is None and not request.environ.get("wsgi.input_terminated"):
        return  # nobody knows where this body ends
    left = DRAIN_BYTES if length is None else length
    if left > DRAIN_BYTES:
        return
    while left > 0 and (read := stream.read(min(left, MEGABYTE))):
        left -= len(read)


def _sentence(error: HTTPException) -> str:
    match error:
        case NotFound() if error.description == NotFound.description:
            return f"There is nothing at {request.path}. /api/v1/openapi.json lists what there is."
        case MethodNotAllowed():
            allowed = ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
            return f"{request.path} does not take {request.method}. It takes {allowed}."
        case RequestEntityTooLarge():
            return _too_large()
        case RateLimitExceeded():
            return f"That is more than {error.description}. Wait a little, or send a token to be allowed more."
        case InternalServerError():
            return "Something went wrong on our side. It was logged; please try again later."
        case _:
            code = error.code
            standard = default_exceptions[code].description if code in default_exceptions else None
            return error.description or standard or "The request cannot be answered."


def _too_large() -> str:
    if request.is_json:
        return "The JSON is too large. Send what openapi.json describes and nothing else."
    settings = current_settings()
    return (
        f"The request is larger than {settings.max_request_bytes // MEGABYTE} MB. Send at most "
        f"{settings.max_photos} photos of at most {settings.max_photo_bytes // MEGABYTE} MB each."
    )


def register(api: Blueprint) -> None:
    """Answer what the API's views raise; `webapp.errors` asks `of_http_error` for all else below /api."""
    api.register_error_handler(Problem, of_problem)
    api.register_error_handler(DecodeError, of_decode_error)
    api.register_error_handler(Busy, of_waiting)
    api.register_error_handler(NotReady, of_waiting)
    api.register_error_handler(NoModelError, of_waiting)
