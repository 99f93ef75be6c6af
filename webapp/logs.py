"""What the site writes to its log: one line for each request, each with the request's id; as text or as JSON.

The id comes from the header X-Request-ID where a proxy has sent one, and goes back in the same header. Neither photos
nor what people type, neither addresses of people (of their machines or their mail) nor query strings are written.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from webapp.settings import Settings

HEADER = "X-Request-ID"
log = logging.getLogger("webapp.requests")

_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OWN = ("request_id", "job_id", "method", "path", "status", "ms")
_QUIET = ("/health/", "/static/", "/metrics", "/jobs/current.json")
"""What programs ask for all day long."""


def register(app: Flask) -> None:
    """Give each request its id, and write a line when it has been answered. To be registered first, so that what others
    refuse before it reaches a page has an id, too."""
    app.before_request(_begin)
    app.after_request(_write)


def set_up_logging(settings: Settings) -> None:
    """Write the log to stderr in the format that is set. For programs, when they start; never at import."""
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(_AsJson() if settings.log_format == "json" else _AsText())
    writer.addFilter(_with_request_id)
    root = logging.getLogger()
    root.handlers[:] = [writer]
    root.setLevel(logging.INFO)
    for name in ("gunicorn.error", "gunicorn.access"):  # gunicorn's own words, in our format
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("httpx", "huey"):  # they would print a line for each picture and each job
        logging.getLogger(name).setLevel(logging.WARNING)


def request_id() -> str:
    """The id of the request at work; empty outside of one."""
    return str(g.get("request_id", "")) if has_request_context() else ""


def _begin() -> None:
    sent = request.headers.get(HEADER, "")
    g.request_id = sent if _FIT.fullmatch(sent) else secrets.token_hex(8)
    g.began_at = time.perf_counter()


def _write(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    spent = round(1000 * (time.perf_counter() - g.began_at), 1)
    if not request.path.startswith(_QUIET) or response.status_code >= 500:
        facts = {"method": request.method, "path": request.path, "status": response.status_code, "ms": spent}
        log.info("%s %s %s %.1f ms", request.method, request.path[:300], response.status_code, spent, extra=facts)
    return response


def _with_request_id(record: logging.LogRecord) -> bool:
    record.request_id = request_id()
    return True


class _AsJson(logging.Formatter):
    """One object a line: at, level, logger, message, request_id, and the facts of a request."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _OWN if getattr(record, name, "") != ""}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _AsText(logging.Formatter):
    """The same for people; a line never holds the line breaks of what somebody sent."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
