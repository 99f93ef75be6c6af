"""The admin's desk: its front page, and the ways to the other pages. Every page is for admins only."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from webapp.accounts.access import role_required
from webapp.admin.overview import look

NUMBER = "int(max=2147483647)"
"""The part of an address that is the number of a row."""

PLACES = {
    "Overview": "admin.overview",
    "Shops": "admin.shops",
    "Products": "admin.products",
    "Feedback": "admin.feedback",
    "Trainings": "admin.trainings",
    "Bundles": "admin.bundles",
    "Jobs": "admin.jobs",
    "People": "admin.people",
    "Audit": "admin.audit",
}

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("")
@role_required("admin")
def overview() -> str:
    """What is there, what is going on."""
    return render_template("admin/overview.html", overview=look())


def desk_places() -> list[tuple[str, str]]:
    """The title and address of each page of the desk."""
    return [(title, url_for(endpoint)) for title, endpoint in PLACES.items()]
