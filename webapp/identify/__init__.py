"""Identify: photos come in, an answer goes out, and people say whether it is right."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.identify import models

    assert models
