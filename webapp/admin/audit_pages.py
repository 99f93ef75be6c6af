"""The page of the audit log: who did what, and when. For admins only."""

from __future__ import annotations

from flask import abort, render_template, request

from webapp.accounts.access import role_required
from webapp.accounts.audit import people_and_acts, read_entries
from webapp.admin.views import blueprint

LAST_PAGE = 100_000


@blueprint.get("/audit")
@role_required("admin")
def audit() -> str:
    """The entries that agree with the filter, the latest first."""
    asked = {name: request.args.get(name, "").strip() for name in ("who", "act", "words")}
    page = asked_page()
    entries, more = read_entries(**asked, page=page)
    people, acts = people_and_acts()
    return render_template(
        "admin/audit.html", entries=entries, more=more, page=page, asked=asked, people=people, acts=acts
    )


def asked_page() -> int:
    """The page that the address asks for; answers 404 for one that cannot be."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= LAST_PAGE):
        abort(404)
    return int(text)
