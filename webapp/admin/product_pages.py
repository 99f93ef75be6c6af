"""The pages about products: what people may change about them. For admins only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.admin.audit_pages import asked_page
from webapp.admin.product_forms import sent_angle, sent_id, sent_ids, sent_values
from webapp.admin.product_search import KINDS, search_products
from webapp.admin.views import NUMBER, blueprint
from webapp.catalogue import editing, joining
from webapp.catalogue.editing import EDITABLE, EditError
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db

Page = Response | tuple[str, int]
MOST_TYPED = 300


@blueprint.get("/products")
@role_required("admin")
def products() -> str:
    """Find a product, a retired one too."""
    words, kind, page = request.args.get("query", "").strip()[:200], request.args.get("kind", "shown"), asked_page()
    if kind not in KINDS:
        abort(404)
    found, more = search_products(words, kind, page)
    asked = {"query": words, "kind": kind}
    return render_template("admin/products.html", products=found, more=more, page=page, asked=asked, kinds=KINDS)


@blueprint.get(f"/products/<{NUMBER}:product_id>")
@role_required("admin")
def product(product_id: int) -> str:
    """One product: its columns, offers and pictures."""
    return _product_page(_found(product_id))


@blueprint.post(f"/products/<{NUMBER}:product_id>")
@role_required("admin")
def edit_product(product_id: int) -> Page:
    """Set what differs from before; no shop changes it any more."""
    found = _found(product_id)
    try:
        values = sent_values(request.form, found)
    except EditError as error:
        return _product_page(found, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    if not values:
        flash("Nothing was changed.", "warning")
        return redirect(url_for("admin.product", product_id=product_id), 303)
    return _change(found, "edit product", partial(editing.edit, found, values, _admin()), "It is changed.", **values)


@blueprint.post(f"/products/<{NUMBER}:product_id>/release")
@role_required("admin")
def release_product(product_id: int) -> Page:
    """Let the shops say again what is in some columns."""
    found, columns = _found(product_id), [one for one in request.form.getlist("column") if one in EDITABLE]
    change = partial(_release, found, columns)
    return _change(found, "release product", change, "The shops say it again.", columns=columns)


@blueprint.post(f"/products/<{NUMBER}:product_id>/merge")
@role_required("admin")
def merge_product(product_id: int) -> Page:
    """Make this product a part of another one."""
    found = _found(product_id)
    try:
        into = sent_id(request.form.get("into", ""))
        target = db.session.get(Product, into)
        if target is None:
            raise EditError(f"There is no product {into}.")
    except EditError as error:
        return _product_page(found, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    said = f"It is a part of product {into} now."
    return _change(found, "merge products", partial(joining.merge, found, target, _admin()), said, into, into=into)


@blueprint.post(f"/products/<{NUMBER}:product_id>/split")
@role_required("admin")
def split_product(product_id: int) -> Page:
    """Make some offers a product of their own."""
    found = _found(product_id)
    try:
        offers = sent_ids(request.form.getlist("offer"))
    except EditError as error:
        return _product_page(found, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    change = partial(joining.split, found, offers, _admin())
    return _change(found, "split product", change, "Those offers are a product of their own now.", offers=offers)


@blueprint.post(f"/products/<{NUMBER}:product_id>/retire")
@role_required("admin")
def retire_product(product_id: int) -> Page:
    """Hide a product."""
    found = _found(product_id)
    said = "It is retired: nobody meets it any more but here."
    return _change(found, "retire product", partial(editing.retire, found, _admin()), said)


@blueprint.post(f"/products/<{NUMBER}:product_id>/restore")
@role_required("admin")
def restore_product(product_id: int) -> Page:
    """Show a retired product again."""
    found = _found(product_id)
    return _change(found, "restore product", partial(editing.restore, found, _admin()), "It is shown again.")


@blueprint.post(f"/products/<{NUMBER}:product_id>/pictures/<{NUMBER}:picture_id>/angle")
@role_required("admin")
def turn_picture(product_id: int, picture_id: int) -> Page:
    """Say how the shoe is turned on a picture."""
    found, picture = _found(product_id), db.session.get(ProductImage, picture_id)
    if picture is None or picture.product_id != product_id:
        abort(404)
    try:
        degrees = sent_angle(request.form.get("angle"))
    except EditError as error:
        return _product_page(found, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    change = partial(editing.set_angle, picture, degrees, _admin())
    return _change(found, "turn picture", change, "The angle is kept.", picture=picture_id, angle=degrees)


def _release(product: Product, columns: Sequence[str]) -> None:
    if not columns:
        raise EditError("Tick what the shops shall say again.")
    editing.release(product, columns, _admin())


def _admin() -> User:
    return signed_in_user() or abort(401)


def _found(product_id: int) -> Product:
    return db.session.get(Product, product_id) or abort(404)


def _change(
    product: Product, act: str, change: Callable[[], object], said: str, then: int | None = None, /, **details: object
) -> Page:
    """Do it and write it down; where it cannot be, the page says why. `then` is the product to show afterwards."""
    product_id, subject = product.id, f"product {product.id}, {product.brand} {product.name}"
    try:
        with recorded(_admin(), act, subject, **details):
            change()
    except EditError as error:
        return _product_page(_found(product_id), str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(said, "success")
    return redirect(url_for("admin.product", product_id=then or product_id), 303)


def _product_page(found: Product, problem: str = "") -> str:
    merged_into = db.session.get(Product, found.merged_into_id) if found.merged_into_id else None
    by_hand = [column for column in EDITABLE if column in found.edited]
    shown = {"product": found, "set_by_hand": by_hand, "merged_into": merged_into}
    return render_template("admin/product.html", problem=problem, typed=_typed() if problem else {}, **shown)


def _typed() -> dict[str, str]:
    """What was sent: who made one mistake shall not type the rest again."""
    return {name: value[:MOST_TYPED] for name, value in request.form.items()}
