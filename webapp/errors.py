"""What a person reads when something goes wrong. Under /api the same errors are problem+json (webapp.api.problems)."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp import full_disk
from webapp.api import problems

_SENTENCES = {
    400: (
        "That did not come through",
        "Something in the form or the address was not as we expect it. Please go back and try again.",
    ),
    401: ("Please sign in", "This page is for people with an account."),
    403: ("This is not for you", "Your account may not do this. Ask an admin if you think that it should."),
    404: ("There is nothing here", "The page may have moved, or the address has a slip in it."),
    405: ("That does not work here", "This address does not take that kind of request."),
    410: (
        "This is gone",
        "The photos and the answer were deleted: by who sent them, or because they were kept long enough.",
    ),
    413: (
        "That is too large",
        "Send less at once: of photos at most four, of 16 MB each.",
    ),
    415: ("That is not a picture we can read", "JPEG, PNG, WebP, AVIF and HEIC work."),
    429: ("A little slower, please", "You have tried this very often in a short time. Wait a minute and try again."),
    500: ("That was our fault", "Something broke on our side. It has been noted. Please try again in a moment."),
    503: ("Everyone is busy", "All places are taken at the moment. Please try again in a few seconds."),
}


def register(app: Flask) -> None:
    """Answer errors with a page, and those below /api in the API's words."""
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(CSRFError, _stale_form)
    full_disk.register(app)


def _page(error: HTTPException) -> ResponseReturnValue:
    if problems.is_api(request.path):
        return problems.of_http_error(error)
    code = error.code or InternalServerError.code
    if code == 413:
        problems.drain_body()
    title, sentence = _SENTENCES.get(code, (error.name, error.description or ""))
    headers = [(name, value) for name, value in error.get_headers() if name in {"Retry-After", "Allow"}]
    return render_template("errors/error.html", code=code, title=title, sentence=sentence), code, headers


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    if problems.is_api(request.path):
        return problems.of_http_error(error)
    sentence = "The form was too old, or cookies are off. Go back, reload the page and send it again."
    return render_template("errors/error.html", code=400, title="Please send that again", sentence=sentence), 400
