"""What a caller sent as JSON."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from webapp.api.problems import Problem

MOST_JSON_BYTES = 64 * 1024


def sent_object(example: str = "{}") -> dict[str, Any]:
    """The JSON object in the request's body; an empty body is an empty one. Raises a Problem for anything else, which
    shows the `example`."""
    request.max_content_length = MOST_JSON_BYTES
    if not request.is_json:
        if request.content_length in (None, 0) and not request.mimetype:
            return {}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with the header Content-Type: application/json.")
    try:
        sent = request.get_json()
        json.dumps(sent, ensure_ascii=False).encode()
    except (BadRequest, RecursionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not valid JSON.") from error
    except UnicodeEncodeError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body holds half a character (a lone surrogate).") from error
    if not isinstance(sent, dict):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"Send an object such as {example}.")
    return sent
