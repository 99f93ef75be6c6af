"""Listings become products, and the same listings again change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, text

from scraper.listing import ListingImage
from tests.webapp.shoes import listing, picture, write_picture
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.models import CatalogueState, Embedding, Product, ProductImage
from webapp.database import db, write_transaction
from webapp.image_store import ImageStore, current_images

pytestmark = pytest.mark.usefixtures("app_context")
SEEN = datetime(2026, 11, 3, 9, tzinfo=UTC)


@pytest.fixture
def store(app: Flask) -> ImageStore:
    with app.app_context():
        return current_images()


def rows() -> dict[str, list[Any]]:
    """The whole catalogue as it is in the database."""
    db.session.rollback()
    return {
        table: db.session.execute(text(f"SELECT * FROM {table} ORDER BY id")).all()  # type: ignore[misc]
        for table in ("products", "product_images", "catalogue_state")
    }


def only_product() -> Product:
    db.session.rollback()
    return db.session.scalars(select(Product)).one()


def test_listings_become_products_with_pictures(tmp_path: Path, store: ImageStore) -> None:
    shoe = listing(tmp_path, 1, angles=3, name="Dart Low", category="Low ")
    intake = take_in([shoe], tmp_path, store, seen_at=SEEN)
    assert (intake.new, intake.changed, intake.unchanged, intake.errors) == (1, 0, 0, 0)
    product = only_product()
    assert (product.site, product.style_code, product.brand, product.name) == ("test", "T-00001", "Norda", "Dart Low")
    assert (product.label, product.category, product.price_cents) == ("norda_dart_low", "low", 5100)
    assert product.first_seen_at == product.last_seen_at == SEEN
    assert [image.angle_deg for image in product.images] == [0, 120, 240]
    assert [(image.width, image.height, image.suffix) for image in product.images] == [(96, 64, "png")] * 3
    assert all(store.path(image.sha256).is_file() for image in product.images)


def test_twice_changes_nothing(tmp_path: Path, store: ImageStore) -> None:
    shoes = [listing(tmp_path, number, angles=2) for number in range(7)]
    assert take_in(shoes, tmp_path, store, seen_at=SEEN, chunk=3).new == 7
    before = rows()
    again = take_in(shoes, tmp_path, store, seen_at=SEEN, chunk=4)
    assert (again.new, again.changed, again.unchanged, again.errors) == (0, 0, 7, 0)
    assert rows() == before


def test_seen_again_later_changes_only_that(tmp_path: Path, store: ImageStore) -> None:
    shoe = listing(tmp_path, 1)
    take_in([shoe], tmp_path, store, seen_at=SEEN)
    assert take_in([shoe], tmp_path, store, seen_at=SEEN + timedelta(days=1)).unchanged == 1
    product = only_product()
    assert (product.first_seen_at, product.last_seen_at) == (SEEN, SEEN + timedelta(days=1))
    take_in([shoe], tmp_path, store, seen_at=SEEN)
    assert only_product().last_seen_at == SEEN + timedelta(days=1)


def test_a_new_price_changes_the_product_and_keeps_its_pictures(tmp_path: Path, store: ImageStore) -> None:
    shoe = listing(tmp_path, 1, angles=3)
    take_in([shoe], tmp_path, store)
    ids = [image.id for image in only_product().images]
    intake = take_in([replace(shoe, price_cents=1)], tmp_path, store)
    assert (intake.new, intake.changed) == (0, 1)
    assert only_product().price_cents == 1
    assert [image.id for image in only_product().images] == ids


def test_pictures_that_stay_keep_their_embeddings(tmp_path: Path, store: ImageStore) -> None:
    shoe = listing(tmp_path, 1, angles=4)
    take_in([shoe], tmp_path, store)
    kept = {image.sha256: image.id for image in only_product().images}
    with write_transaction() as session:
        session.add_all(Embedding(image_id=number, bundle_id="b", vector=b"....") for number in kept.values())
    turned = replace(shoe, images=(*reversed(shoe.images[1:]),))
    assert take_in([turned], tmp_path, store).changed == 1
    images = only_product().images
    assert [image.angle_deg for image in images] == [270, 180, 90]
    assert [image.position for image in images] == [0, 1, 2]
    assert all(kept[image.sha256] == image.id for image in images)
    assert db.session.query(Embedding).count() == 3
    assert db.session.query(ProductImage).count() == 3


def test_a_broken_picture_is_left_out_with_a_reason(tmp_path: Path, store: ImageStore) -> None:
    broken = write_picture(tmp_path, picture(9)[:200])
    words = write_picture(tmp_path, b"<html>no picture</html>" * 9, "jpg")
    good = listing(tmp_path, 1)
    images = (
        *good.images,
        ListingImage("https://x.example/a", file=broken),
        ListingImage("https://x.example/b", file=words),
    )
    intake = take_in([replace(good, images=images)], tmp_path, store)
    assert (intake.new, intake.errors) == (1, 2)
    assert all("T-00001: a picture is left out" in sentence for sentence in intake.sentences)
    assert len(only_product().images) == 1


def test_one_bad_download_loses_no_picture(tmp_path: Path, store: ImageStore) -> None:
    shoe = listing(tmp_path, 1, angles=4)
    take_in([shoe], tmp_path, store)
    before = rows()
    without = replace(shoe, images=(*shoe.images[:2], replace(shoe.images[2], file=None), shoe.images[3]))
    assert take_in([without], tmp_path, store, seen_at=SEEN).unchanged == 1
    assert rows()["product_images"] == before["product_images"]


def test_a_picture_outside_the_folder_is_refused(tmp_path: Path, store: ImageStore) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    write_picture(tmp_path, picture(1))
    file = f"../{write_picture(tmp_path, picture(2))}"
    shoe = replace(listing(inside, 1), images=(ListingImage("https://x.example/a", file=file),))
    intake = take_in([shoe], inside, store)
    assert intake.errors == 1
    assert "does not lie below" in intake.sentences[0]
    assert only_product().images == []


def test_a_turned_photo_is_stored_upright(tmp_path: Path, store: ImageStore) -> None:
    written, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.open(BytesIO(picture(1))).save(written, "JPEG", exif=exif)
    shoe = listing(tmp_path, 1)
    shoe = replace(shoe, images=(replace(shoe.images[0], file=write_picture(tmp_path, written.getvalue(), "jpg")),))
    take_in([shoe], tmp_path, store)
    image = only_product().images[0]
    assert (image.width, image.height) == (64, 96)
    with Image.open(store.path(image.sha256)) as stored:
        assert stored.size == (64, 96)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": "javascript:alert(1)"}, "not a web address"),
        ({"name": "x" * 301}, "name is longer"),
        ({"price_cents": 10**18}, "price"),
        ({"currency": "DOLLARS"}, "currency is longer"),
    ],
)
def test_an_impossible_listing_is_counted_and_left_out(
    tmp_path: Path, store: ImageStore, change: dict[str, Any], reason: str
) -> None:
    intake = take_in([listing(tmp_path, 1, **change), listing(tmp_path, 2)], tmp_path, store)
    assert (intake.new, intake.errors) == (1, 1)
    assert reason in intake.sentences[0]


def test_whoever_keeps_a_copy_sees_that_it_is_out_of_date(tmp_path: Path, store: ImageStore) -> None:
    def state() -> tuple[int, int]:
        db.session.rollback()
        kept = db.session.get_one(CatalogueState, 1)
        return kept.products, kept.embeddings

    shoe = listing(tmp_path, 1, angles=2)
    take_in([shoe], tmp_path, store)
    assert state() == (1, 0)
    take_in([shoe], tmp_path, store)
    assert state() == (1, 0)
    take_in([replace(shoe, images=shoe.images[:1])], tmp_path, store)
    assert state() == (2, 1)


def test_progress_is_told_after_each_chunk(tmp_path: Path, store: ImageStore) -> None:
    seen: list[int] = []

    def note(intake: Intake) -> None:
        seen.append(intake.taken)

    take_in((listing(tmp_path, number) for number in range(5)), tmp_path, store, chunk=2, progress=note)
    assert seen == [2, 4, 5]
