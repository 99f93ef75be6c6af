"""The studio's pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("studio", __name__, url_prefix="/studio")
