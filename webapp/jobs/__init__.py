"""Long work that goes on while pages are served, and how far it is."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.jobs import models

    assert models
