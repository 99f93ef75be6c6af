"""Pictures that no row speaks of come to an end, and no others do."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import delete

from tests.webapp.conftest import Person
from tests.webapp.studio.test_pages import ask
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db, now, write_transaction
from webapp.image_store import ImageStore, current_images
from webapp.studio.clean_up import CleanedUp, clean_up, remove_unspoken
from webapp.studio.models import Recommendation


def grow_old(images: ImageStore, hours: float = 2) -> None:
    for file in images.folder.rglob("*.*"):
        os.utime(file, (time.time() - 3600 * hours,) * 2)


def there(images: ImageStore) -> set[str]:
    return set(images.untouched_for(-60))


def test_what_rows_speak_of_stays_and_the_rest_goes_after_an_hour(
    app: Flask, marketer: Person, products: dict[str, int], conversions: None, red_shoe: bytes
) -> None:
    address = ask(marketer, photo=(BytesIO(red_shoe), "shoe.jpg")).location
    shown = marketer.client.get(f"/api/v1/products/{products['kumo_drift-A']}").json
    with app.app_context():
        images = current_images()
        before = there(images)
        stray = images.put(b"nobody speaks of this", "jpg")
        assert clean_up() == CleanedUp(0, 0), "it may belong to a row that is about to be written"
        grow_old(images)
        assert clean_up() == CleanedUp(0, 1)
        assert there(images) == before and not images.has(stray)
        assert clean_up() == CleanedUp(0, 0)

        with write_transaction() as session:
            session.execute(delete(Product).where(Product.id == products["kumo_drift-B"]))
        assert clean_up().pictures == 1, "a product's picture goes with it"
    assert shown and marketer.client.get(shown["images"][0]["url"]).status_code == 200
    page = marketer.client.get(address).get_data(as_text=True)
    sources = {part.split('"')[0] for part in page.split(' src="')[1:] if part.startswith("/images/")}
    assert len(sources) >= 10
    assert {marketer.client.get(source).status_code for source in sources} == {200}


def test_recommendations_for_sent_pictures_grow_old_those_for_products_do_not(
    app: Flask, marketer: Person, products: dict[str, int], conversions: None, red_shoe: bytes
) -> None:
    ask(marketer, photo=(BytesIO(red_shoe), "shoe.jpg"))
    ask(marketer, product_id=products["kumo_drift-A"])
    with app.app_context():
        days = app.extensions["settings"].upload_days
        assert clean_up().recommendations == 0
        with write_transaction() as session:
            for kept in session.query(Recommendation):
                kept.created_at = now() - timedelta(days=days + 1)
        grow_old(current_images())
        cleaned = clean_up()
        assert cleaned.recommendations == 1 and cleaned.pictures >= 8
        assert [one.source for one in db.session.query(Recommendation)] == ["catalogue"]


def test_a_picture_that_is_put_again_is_young(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        images = current_images()
        sha256 = images.put(b"a picture", "jpg")
        grow_old(images)
        assert images.put(b"a picture", "jpg") == sha256
        assert remove_unspoken(images) == 0 and images.has(sha256)
        grow_old(images)
        with write_transaction() as session:
            product = Product(site="t", style_code="t", brand="T", name="T", label="t", url="")
            product.images.append(ProductImage(position=0, sha256=sha256, suffix="jpg", width=9, height=9))
            session.add(product)
        assert remove_unspoken(images) == 0 and images.has(sha256)
