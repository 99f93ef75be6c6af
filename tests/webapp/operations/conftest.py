"""The tests of operations use the same site as those of the identify pages."""

from __future__ import annotations

from tests.webapp.identify.conftest import products, recognition, settings, shoe_bundle

__all__ = ["products", "recognition", "settings", "shoe_bundle"]
