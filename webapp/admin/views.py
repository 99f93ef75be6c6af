"""The admin's overview."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.accounts.access import role_required

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("")
@role_required("admin")
def overview() -> str:
    """What is there, what is going on."""
    return render_template("layout.html")
