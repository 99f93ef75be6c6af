"""Who makes one mistake in a form of the desk gets the form back as it was typed, and stays where it stands."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.webapp.admin.conftest import World, consent
from tests.webapp.conftest import PASSWORD
from webapp.catalogue.run_models import Shop
from webapp.database import write_transaction


@pytest.mark.parametrize(
    ("address", "form", "kept"),
    [
        (
            "/admin/products/{w.product_id}",
            {"brand": 'A "new" brand', "name": "A name", "gender": "kids", "price": "12 or so"},
            ('value="A &#34;new&#34; brand"', 'value="A name"', "<option selected>kids", 'value="12 or so"'),
        ),
        ("/admin/products/{w.product_id}/merge", {"into": "12345678"}, ('value="12345678"',)),
        (
            "/admin/shops/footlocker/addresses",
            {"start_urls": "https://www.footlocker.com/new\r\nno address\r\n</textarea>"},
            ("https://www.footlocker.com/new\r\nno address\r\n&lt;/textarea&gt;",),
        ),
        ("/admin/people/{w.person_id}/tokens", {"name": "phone"}, ("already", 'value="phone"')),
        (
            "/admin/people",
            {"email": "Bob@example.com", "role": "admin", "password": PASSWORD},
            ("already", 'value="Bob@example.com"', "<option selected>admin"),
        ),
        ("/admin/feedback/{w.answer_id}", {"verdict": "accept", "label": "kumo_drfit"}, ('value="kumo_drfit"',)),
    ],
)
def test_what_was_typed_is_still_there(
    app: Flask, world: World, address: str, form: dict[str, str], kept: tuple[str, ...]
) -> None:
    consent(app, world.answer_id)
    answer = world.post(address.format(w=world), **form)
    assert answer.status_code == 422
    for text in kept:
        assert text in answer.text


def test_who_works_through_the_queue_stays_on_its_page(world: World) -> None:
    page = world.admin.client.get("/admin/feedback?queue=waiting&page=1").text
    for act in ("feedback", "pins"):
        assert f"/admin/{act}/{world.answer_id}?queue=waiting&amp;page=1" in page
    there = "?queue=rejected&page=2"
    pinned = world.post(f"/admin/pins/{world.answer_id}{there}", pinned="yes")
    assert pinned.location == f"/admin/feedback{there}"
    rejected = world.post(f"/admin/feedback/{world.answer_id}{there}", verdict="reject")
    assert rejected.location == f"/admin/feedback{there}"


def test_a_shop_whose_parser_is_gone_still_has_its_page(app: Flask, world: World) -> None:
    with app.app_context(), write_transaction() as session:
        session.add(Shop(site="old-shop", reader="gone"))
    for address in ("/admin/shops/old-shop", "/admin/shops", "/admin"):
        assert world.admin.client.get(address).status_code == 200
    page = world.admin.client.get("/admin/shops/old-shop").text
    assert "Read it now" not in page
    assert world.post("/admin/shops/old-shop/runs").status_code == 422
