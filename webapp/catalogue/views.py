"""Browse the catalogue, look at one product."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import selectinload

from webapp.catalogue.browse import SORTS, Search, SearchError, colorways_of, find
from webapp.catalogue.looks import lookalikes_of, turn_of
from webapp.catalogue.models import Product
from webapp.database import db

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/products")
def browse() -> str | tuple[str, int]:
    """The browse page."""
    try:
        found, refusal = find(Search.from_arguments(request.args)), ""
    except SearchError as error:
        found, refusal = find(Search()), str(error)
    page = render_template("catalogue/browse.html", found=found, search=found.search, sorts=SORTS, refusal=refusal)
    return (page, 400) if refusal else page


@blueprint.get("/products/<int(max=2147483647):product_id>")
def product(product_id: int) -> str:
    """One product."""
    shown = db.session.get(Product, product_id, options=[selectinload(Product.images)])
    if shown is None:
        abort(404)
    colorways = colorways_of(shown)
    return render_template(
        "catalogue/product.html",
        product=shown,
        turn=turn_of(shown),
        colorways=colorways,
        lookalikes=lookalikes_of(shown, len(colorways)),
    )
