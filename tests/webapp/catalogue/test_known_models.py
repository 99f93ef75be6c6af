"""Models that a bundle knows are products without pictures, until a shop brings one: then they are that product."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from ml.serving.bundle import Bundle, Card
from scraper.sites import SITES
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.shoes import listing
from webapp import create_app
from webapp.catalogue.browse import Search, find
from webapp.catalogue.embed import embed_missing
from webapp.catalogue.incoming import Incoming
from webapp.catalogue.intake import take_in
from webapp.catalogue.known_models import list_known_models
from webapp.catalogue.models import KNOWN_MODELS, CatalogueState, Product
from webapp.catalogue.snapshot import SnapshotFolderError, write_catalogue_snapshot
from webapp.catalogue.upsert import write
from webapp.database import db, now
from webapp.image_store import current_images
from webapp.recognition import current_recognition
from webapp.settings import Settings

LABELS = ("asics_gel-lyte_iii", "nike_air_max_plus_(tn)", "vello_dart_low")
LISTED = LABELS[:2]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that knows two real models, to be listed, and one of the demo world."""
    return write_tiny_bundle(tmp_path_factory.mktemp("known") / "first", LABELS, listed=LISTED)


@pytest.fixture
def site(settings: Settings, bundle: Bundle) -> Iterator[Flask]:
    """A site with that bundle on duty and an empty catalogue."""
    app = create_app(dataclasses.replace(settings, starter_bundle=bundle.folder))
    with app.app_context():
        yield app
        current_recognition().close()


def rows() -> list[Any]:
    db.session.rollback()
    return list(db.session.execute(text("SELECT * FROM products ORDER BY id")))


def counted() -> int:
    db.session.rollback()
    return db.session.get_one(CatalogueState, 1).products


def product_of(label: str) -> Product:
    db.session.rollback()
    return db.session.scalars(select(Product).where(Product.label == label).order_by(Product.id).limit(1)).one()


def look(site: Flask) -> None:
    """The worker's next look."""
    for watch in site.extensions["jobs"].watches:
        watch()


def renamed(card: Card, label: str, **names: object) -> Card:
    return dataclasses.replace(card, label_names={**card.label_names, label: names})  # type: ignore[dict-item]


def gel_lyte(folder: Path, number: int, **changes: object) -> Any:
    return listing(folder, number, brand="Asics", name="Gel-Lyte III", **changes)


def test_the_worker_lists_the_models_that_the_card_wants_listed_once(site: Flask, settings: Settings) -> None:
    look(site)
    shown = {product.label: product for product in db.session.scalars(select(Product))}
    assert set(shown) == {"asics_gel_lyte_iii", "nike_air_max_plus_tn"}
    one = shown["asics_gel_lyte_iii"]
    assert (one.site, one.style_code, one.brand, one.url) == (KNOWN_MODELS, LISTED[0], "Asics", "")
    assert (one.gender, one.category, one.price_cents, one.images) == ("unisex", "", None, [])
    assert not one.is_from_a_shop
    assert KNOWN_MODELS not in SITES
    before, count = rows(), counted()
    assert count == 1
    look(site)
    assert (rows(), counted()) == (before, count)

    write_tiny_bundle(settings.bundles_folder / "second", ("puma_suede",), listed=("puma_suede",))
    (settings.bundles_folder / "current").symlink_to("second")
    look(site)
    assert rows()[:2] == before  # old answers link to them
    assert counted() == count + 1
    assert product_of("puma_suede").site == KNOWN_MODELS


def test_again_changes_nothing(site: Flask, bundle: Bundle) -> None:
    assert list_known_models(bundle.card) == 2
    before = rows()
    assert list_known_models(bundle.card) == 0
    assert rows() == before


def test_a_label_that_a_product_has_is_not_listed_again(site: Flask, bundle: Bundle, tmp_path: Path) -> None:
    take_in([gel_lyte(tmp_path, 1)], tmp_path, current_images())
    assert list_known_models(bundle.card) == 1
    assert product_of("asics_gel_lyte_iii").site == "test"


@pytest.mark.parametrize(
    "names",
    [
        {},
        {"brand": "Asics", "name": "Gel"},
        {"brand": "Asics", "name": "Gel", "listed": ""},
        {"brand": "Asics", "name": "Gel", "listed": True},
        {"brand": "", "name": "Gel", "listed": "without pictures"},
        {"brand": "Asics", "listed": "without pictures"},
        {"brand": "Asics", "name": float("nan"), "listed": "without pictures"},
        {"brand": "Asics", "name": "x" * 301, "listed": "without pictures"},
    ],
)
def test_what_cannot_be_a_product_is_left_out(site: Flask, bundle: Bundle, names: dict[str, object]) -> None:
    assert list_known_models(renamed(bundle.card, LISTED[0], **names)) == 1
    assert [row.label for row in rows()] == ["nike_air_max_plus_tn"]


def test_names_of_labels_that_the_bundle_does_not_know_are_not_listed(site: Flask, bundle: Bundle) -> None:
    card = renamed(bundle.card, "puma_suede", brand="Puma", name="Suede", listed="without pictures")
    assert list_known_models(card) == 2


def test_the_first_listing_of_a_label_becomes_the_known_model(site: Flask, bundle: Bundle, tmp_path: Path) -> None:
    list_known_models(bundle.card)
    known = product_of("asics_gel_lyte_iii").id
    shoes = [gel_lyte(tmp_path, number, angles=2) for number in (1, 2, 3)]
    intake = take_in(shoes, tmp_path, current_images(), chunk=2)
    assert (intake.new, intake.changed, intake.unchanged) == (3, 0, 0)
    assert intake.product_ids[0] == known
    product = product_of("asics_gel_lyte_iii")
    assert (product.id, product.site, product.style_code) == (known, "test", "T-00001")
    assert (product.url, product.price_cents, len(product.images)) == ("https://shop.example/1", 5100, 2)
    assert product.first_seen_at == product.last_seen_at
    assert len(rows()) == 4
    assert list_known_models(bundle.card) == 0
    again = take_in(shoes, tmp_path, current_images())
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert [found.id for found, _ in find(Search(query="T-00001")).products] == [known]


def test_adoption_asks_one_question_a_chunk(site: Flask, bundle: Bundle, tmp_path: Path) -> None:
    asked: list[str] = []
    listings = [listing(tmp_path, number, style_code=f"S-{number}") for number in range(40)]
    incoming = [Incoming.of_listing(one, (), is_whole=False) for one in listings]
    event.listen(db.engine, "before_cursor_execute", lambda *sent: asked.append(sent[2]))
    write(incoming, now())
    assert len([words for words in asked if words.startswith("SELECT")]) <= 4  # the ids of what was added, too


def test_no_shop_is_named_like_the_known_models(site: Flask, bundle: Bundle, tmp_path: Path) -> None:
    list_known_models(bundle.card)
    before = rows()
    intake = take_in([gel_lyte(tmp_path, 1, site=KNOWN_MODELS, style_code=LISTED[0])], tmp_path, current_images())
    assert (intake.new, intake.changed, intake.errors) == (0, 0, 1)
    assert "no shop may be named" in intake.sentences[0]
    assert rows() == before


def test_newest_first_shows_what_shops_brought_before_them(site: Flask, bundle: Bundle, tmp_path: Path) -> None:
    take_in([listing(tmp_path, number) for number in range(5)], tmp_path, current_images())
    list_known_models(bundle.card)
    pages = [[product.label for product, _ in find(Search(per_page=3, page=page)).products] for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert pages[1][2:] + pages[2] == ["asics_gel_lyte_iii", "nike_air_max_plus_tn"]
    assert find(Search()).total == 7
    assert [product.brand for product, _ in find(Search(brand="Asics")).products] == ["Asics"]
    assert [product.brand for product, _ in find(Search(query="asics")).products] == ["Asics"]


def test_a_product_without_pictures_goes_into_no_snapshot_and_needs_no_embedding(
    site: Flask, bundle: Bundle, tmp_path: Path
) -> None:
    list_known_models(bundle.card)
    with pytest.raises(SnapshotFolderError, match="no pictures"):
        write_catalogue_snapshot(tmp_path / "empty", current_images())
    current_recognition().refresh()
    assert embed_missing(current_recognition(), current_images()) == 0
    take_in([listing(tmp_path, 1)], tmp_path, current_images())
    assert write_catalogue_snapshot(tmp_path / "one", current_images()).labels == ("norda_dart_0",)


def test_its_page_says_what_it_is(site: Flask, bundle: Bundle) -> None:
    list_known_models(bundle.card)
    client: FlaskClient = site.test_client()
    page = client.get(f"/products/{product_of('asics_gel_lyte_iii').id}").text
    assert "No picture yet" in page
    assert "no shop has brought it yet" in page
    for absent in ("See it in the shop", "Style code", "Last seen", "Unisex", 'href=""', KNOWN_MODELS):
        assert absent not in page, absent
    assert client.get("/products").text.count("No picture yet") == 2


def test_the_api_gives_it_without_picture_and_address(site: Flask, bundle: Bundle) -> None:
    list_known_models(bundle.card)
    product = site.test_client().get(f"/api/v1/products/{product_of('asics_gel_lyte_iii').id}").json
    assert product is not None
    assert (product["site"], product["url"], product["image_url"]) == (KNOWN_MODELS, "", None)
    assert (product["images"], product["alternates"], product["price_cents"]) == ([], [], None)
