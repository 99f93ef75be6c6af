"""What every answer says to the browser about trust."""

from __future__ import annotations

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from webapp.settings import current_settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",  # blob: a photo shown before it is sent; data: arrows drawn by the style sheet
        "media-src 'self' blob:",  # the camera's picture
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # pages know who is asking; pictures say otherwise themselves
}
_ONE_YEAR_S = 365 * 24 * 3600


class _Sessions(SecureCookieSessionInterface):
    """Sessions in signed cookies, which never travel with an answer that anyone may keep."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not response.cache_control.public:
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    """Add the headers to every answer, errors too."""
    app.session_interface = _Sessions()
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if current_settings().https:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_ONE_YEAR_S}; includeSubDomains")
    return response
