"""Browse the catalogue, look at one product."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/products")
def browse() -> str:
    """The browse page."""
    return render_template("layout.html")


@blueprint.get("/products/<int:product_id>")
def product(product_id: int) -> str:
    """One product."""
    return render_template("layout.html")
