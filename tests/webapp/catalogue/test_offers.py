"""The same shoe from two shops is one product with two offers, and its pictures are kept once."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy import select

from scraper.listing import Listing, ListingImage
from tests.webapp.shoes import listing, write_picture
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import Product
from webapp.catalogue.style_keys import style_key
from webapp.database import db
from webapp.image_store import current_images

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("CT8012-100", "CT8012100"),
        (" ct8012 100 ", "CT8012100"),
        ("ＣＴ８０１２－１００", "CT8012100"),
        ("315122-111", "315122111"),
        ("M-990", ""),
        ("1234567", ""),
        ("BLACKWHITE", ""),
        ("---", ""),
    ],
)
def test_style_codes_have_one_spelling(code: str, key: str) -> None:
    assert style_key(code) == key


def shoe_photo(size: int, quality: int, angle: int = 0, colour: str = "firebrick") -> bytes:
    """A photo of one shoe, in another size and compression each time."""
    drawn = Image.new("RGB", (900, 600), "white")
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((120 + angle, 260, 800, 470), fill=colour)
    pen.rectangle((560, 160, 760, 380), fill="navy")
    pen.line((150, 480, 780, 470), fill="black", width=12)
    written = BytesIO()
    drawn.resize((size, size * 2 // 3), Image.Resampling.LANCZOS).save(written, "JPEG", quality=quality)
    return written.getvalue()


def offered(folder: Path, site: str, code: str, photos: list[bytes], **changes: Any) -> Listing:
    images = tuple(
        ListingImage(f"https://{site}.example/{number}.jpg", file=write_picture(folder, photo, "jpg"))
        for number, photo in enumerate(photos)
    )
    facts = {"site": site, "style_code": code, "brand": "Nike", "name": "Dunk Low", "images": images}
    return listing(folder, 1, **{**facts, "url": f"https://{site}.example/{code}", **changes})


def products() -> list[Product]:
    db.session.rollback()
    return list(db.session.scalars(select(Product).order_by(Product.id)))


def test_two_shops_make_one_product(app: Flask, tmp_path: Path) -> None:
    first = offered(tmp_path, "one", "CT8012-100", [shoe_photo(600, 90)], price_cents=11000)
    second = offered(
        tmp_path, "two", "ct8012 100", [shoe_photo(300, 60)], price_cents=9900, name="Dunk Low Retro", brand="NIKE"
    )
    take_in([first, second], tmp_path, current_images())
    (product,) = products()
    assert (product.site, product.style_code, product.name) == ("one", "CT8012-100", "Dunk Low")
    assert (product.price_cents, product.url) == (9900, "https://one.example/CT8012-100")
    shown = app.test_client().get(f"/api/v1/products/{product.id}").json
    assert shown is not None
    assert [(offer["shop"], offer["price_cents"], offer["currency"]) for offer in shown["offers"]] == [
        ("two", 9900, "USD"),
        ("one", 11000, "USD"),
    ]
    listed = app.test_client().get("/api/v1/products").json
    assert listed is not None
    assert listed["products"][0]["offers"] == shown["offers"]
    page = app.test_client().get(f"/products/{product.id}").text
    assert "2 shops have it" in page
    assert "at two</span>" in page
    assert 'href="https://two.example/ct8012 100"' in page
    again = take_in([first, second], tmp_path, current_images())
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_copy_that_was_compressed_anew_is_not_stored_again(tmp_path: Path) -> None:
    store = current_images()
    take_in([offered(tmp_path, "one", "CT8012-100", [shoe_photo(600, 90)])], tmp_path, store)
    copy, another = shoe_photo(300, 60), shoe_photo(300, 60, colour="seagreen")
    take_in([offered(tmp_path, "two", "CT8012100", [copy, another], brand="nike")], tmp_path, store)
    (product,) = products()
    names = [image.sha256 for image in product.images]
    assert len(names) == 3
    assert names[0] == names[1]  # the copy is the first shop's file
    assert len([file for file in store.folder.rglob("*.jpg") if "thumbnails" not in str(file)]) == 2
    second = offered(tmp_path, "two", "CT8012100", [copy, another], brand="nike")
    assert take_in([second], tmp_path, store).unchanged == 1


def test_a_shops_own_new_compression_changes_nothing(tmp_path: Path) -> None:
    shoe = offered(tmp_path, "one", "CT8012-100", [shoe_photo(600, 90)])
    take_in([shoe], tmp_path, current_images())
    anew = offered(tmp_path, "one", "CT8012-100", [shoe_photo(600, 80)])
    assert shoe.images[0].file != anew.images[0].file
    assert take_in([anew], tmp_path, current_images()).unchanged == 1


def test_frames_of_a_turn_are_never_taken_for_copies(tmp_path: Path) -> None:
    photos = [shoe_photo(600, 90, angle) for angle in (0, 1, 2)]
    shoe = offered(tmp_path, "one", "CT8012-100", photos)
    turned = tuple(replace(image, angle_deg=10 * number) for number, image in enumerate(shoe.images))
    take_in([replace(shoe, images=turned)], tmp_path, current_images())
    assert len({image.sha256 for image in products()[0].images}) == 3


@pytest.mark.parametrize("change", [{"brand": "Adidas"}, {"style_code": "CT8012-101"}, {"site": "one"}])
def test_other_shoes_stay_apart(tmp_path: Path, change: dict[str, str]) -> None:
    first = offered(tmp_path, "one", "CT8012-100", [shoe_photo(600, 90)])
    other = replace(first, **{"site": "two", "style_code": "CT8012 100", **change})  # type: ignore[arg-type]
    take_in([first, other], tmp_path, current_images())
    assert len(products()) == 2


def test_a_price_in_another_money_is_shown_but_not_compared(tmp_path: Path) -> None:
    first = offered(tmp_path, "one", "CT8012-100", [shoe_photo(600, 90)], price_cents=11000)
    other = replace(first, site="two", price_cents=9000, currency="EUR")
    third = replace(first, site="three", price_cents=None)
    take_in([first, other, third], tmp_path, current_images())
    (product,) = products()
    assert (product.price_cents, product.currency) == (11000, "USD")
    assert [offer.site for offer in product.live_offers] == ["two", "one", "three"]


def test_pictures_are_opened_in_a_child_that_can_be_killed(app: Flask, tmp_path: Path) -> None:
    asked: list[bytes] = []
    recognition = app.extensions["recognition"]

    def decode(picture: bytes) -> Any:
        asked.append(picture)
        return recognition.decode(picture)

    photo = shoe_photo(600, 90)
    take_in([offered(tmp_path, "one", "CT8012-100", [photo])], tmp_path, current_images(), decode=decode)
    assert asked == [photo]
    assert len(recognition._pool.process_ids) == 1
