"""When the disk is full: what is sent is refused with a sentence, and nothing that was there before is lost.

Pictures are written beside their place and rows in transactions, so that a write that fails leaves nothing behind.
"""

from __future__ import annotations

import errno
import logging

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from webapp.api import problems
from webapp.database import db

log = logging.getLogger(__name__)

SENTENCE = "The disk of this site is full, so that nothing can be kept at the moment. Nothing is lost; try again later."
STATUS = 507
RETRY_AFTER_S = 300
_FULL = (errno.ENOSPC, errno.EDQUOT)


def register(app: Flask) -> None:
    """Answer 507 wherever a write finds no room."""
    app.register_error_handler(OSError, _answer)
    app.register_error_handler(OperationalError, _answer)


def is_full_disk(error: BaseException) -> bool:
    """Whether an error means that there is no room: of a file, or of the database."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, OperationalError) and "disk is full" in str(error.orig)


def _answer(error: OSError | OperationalError) -> ResponseReturnValue:
    if not is_full_disk(error):
        raise error
    db.session.rollback()
    log.error("the disk is full: %s %s is refused", request.method, request.path)
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    if problems.is_api(request.path):
        return problems.answer(STATUS, SENTENCE, headers=headers)
    page = render_template("errors/error.html", code=STATUS, title="There is no room", sentence=SENTENCE)
    return page, STATUS, headers
