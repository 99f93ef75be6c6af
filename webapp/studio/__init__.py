"""The studio: which picture should an e-mail carry? Campaign results come in, models of conversions go out."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
