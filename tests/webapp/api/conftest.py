"""The API's tests use the same site as those of the identify pages."""

from __future__ import annotations

from tests.webapp.identify.conftest import products, recognition, red_shoe, settings, shoe_bundle, shoe_file

__all__ = ["products", "recognition", "red_shoe", "settings", "shoe_bundle", "shoe_file"]
