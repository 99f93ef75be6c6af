"""Browse the catalogue, look at one product."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from webapp.catalogue.browse import SORTS, Search, SearchError, colorways_of, find
from webapp.catalogue.looks import gallery_of, lookalikes_of, price_from, turn_of
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
def product(product_id: int) -> str | Response:
    """One product; one that was merged leads to the other."""
    shown = db.session.get(Product, product_id, options=[selectinload(Product.images), selectinload(Product.offers)])
    if shown is None:
        abort(404)
    if shown.merged_into_id is not None:
        return redirect(url_for("catalogue.product", product_id=shown.merged_into_id))
    colorways = colorways_of(shown)
    return render_template(
        "catalogue/product.html",
        product=shown,
        gallery=gallery_of(shown),
        price_from=price_from(shown),
        turn=turn_of(shown),
        colorways=colorways,
        lookalikes=lookalikes_of(shown, len(colorways)),
    )
