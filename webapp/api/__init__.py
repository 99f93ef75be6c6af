"""Placeholder until the subject is written. `register(app)` is what create_app calls.

identify: register(app) sets app.extensions["recognition"], imports its models, adds blueprint "identify" whose front
page "/" has the endpoint "identify.start". api: blueprint(s) "api..."; health outside /api/v1.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
