"""What people set stays set, whatever shops say; products are merged, split, retired and restored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from scraper.listing import Listing
from tests.webapp.shoes import listing
from webapp.accounts.models import User
from webapp.catalogue.browse import Search, find
from webapp.catalogue.editing import EditError, edit, release, restore, retire, set_angle
from webapp.catalogue.intake import take_in
from webapp.catalogue.joining import merge, split
from webapp.catalogue.labels import label_of
from webapp.catalogue.models import CatalogueState, Product
from webapp.database import db
from webapp.image_store import current_images

pytestmark = pytest.mark.usefixtures("app_context")
Take = Callable[..., list[Product]]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Take listings in; all products."""

    def take(*listings: Listing) -> list[Product]:
        take_in(listings, tmp_path, current_images())
        db.session.rollback()
        return list(db.session.scalars(select(Product).order_by(Product.id)))

    return take


def state() -> tuple[int, int]:
    db.session.rollback()
    kept = db.session.get_one(CatalogueState, 1)
    return kept.products, kept.embeddings


def test_what_a_person_has_set_no_shop_changes(tmp_path: Path, take: Take, person: User) -> None:
    shoe = listing(tmp_path, 1)
    (product,) = take(shoe)
    before = state()
    edit(product, {"name": " Dart  Low ", "price_cents": 999, "category": "Low"}, person)
    assert (product.name, product.label, product.price_cents, product.category) == (
        "Dart Low",
        "norda_dart_low",
        999,
        "low",
    )
    assert all(now > then for now, then in zip(state(), before, strict=True))
    (product,) = take(replace(shoe, name="Something Else", colorway="Rose", price_cents=1))
    assert (product.name, product.label, product.price_cents, product.colorway) == (
        "Dart Low",
        "norda_dart_low",
        999,
        "Rose",
    )
    release(product, ["name", "label", "price_cents"], person)
    assert (product.name, product.label, product.price_cents) == ("Something Else", "norda_something_else", 1)
    assert product.edited == []  # the category is what the shop says too


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " "}, "needs a name"),
        ({"brand": "x" * 121}, "at most 120"),
        ({"gender": "robots"}, "one of men"),
        ({"label": "Nike Dunk"}, "nike_dunk"),
        ({"price_cents": -1}, "cents"),
        ({"price_cents": "12"}, "cents"),
        ({"site": "mine"}, "cannot be changed"),
    ],
)
def test_impossible_values_are_refused(
    tmp_path: Path, take: Take, person: User, values: dict[str, Any], sentence: str
) -> None:
    (product,) = take(listing(tmp_path, 1))
    with pytest.raises(EditError, match=sentence):
        edit(product, values, person)
    db.session.rollback()
    assert product.edited == []


def test_the_log_names_a_person_by_number(
    tmp_path: Path, take: Take, person: User, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = take(listing(tmp_path, 1), listing(tmp_path, 2))
    with caplog.at_level("INFO"):
        edit(first, {"name": "Dart"}, person)
        merge(second, first, person)
    assert f"user {person.id} edited product {first.id}: " in caplog.text
    assert f"user {person.id} merged product {second.id} into {first.id}" in caplog.text
    assert person.email not in caplog.text


def test_two_products_become_one_and_the_old_link_leads_on(
    app: Flask, tmp_path: Path, take: Take, person: User
) -> None:
    one, other = listing(tmp_path, 1, angles=2), listing(tmp_path, 2, angles=2, site="two")
    first, second = take(one, other)
    merge(second, first, person)
    assert [offer.site for offer in first.offers] == ["test", "two"]
    assert [image.position for image in first.images] == [0, 1, 2, 3]
    assert (first.name, first.price_cents) == ("Dart 0", 5100)
    assert (second.retired_because, second.merged_into_id, second.images) == ("merged", first.id, [])
    assert find(Search()).total == 1
    moved = app.test_client().get(f"/products/{second.id}")
    assert (moved.status_code, moved.location) == (302, f"/products/{first.id}")
    assert app.test_client().get(f"/api/v1/products/{second.id}").json["merged_into"] == first.id  # type: ignore[index]
    products = take(replace(other, price_cents=4000), one)
    assert (len(products), first.price_cents) == (2, 4000)
    for change in (lambda: merge(second, first, person), lambda: edit(second, {"name": "x"}, person)):
        with pytest.raises(EditError, match="merged into"):
            change()
    with pytest.raises(EditError, match="same product"):
        merge(first, first, person)


def test_what_was_merged_can_be_split_and_has_its_old_id(tmp_path: Path, take: Take, person: User) -> None:
    one, other = listing(tmp_path, 1, angles=2), listing(tmp_path, 2, angles=3, site="two")
    first, second = take(one, other)
    had = [[(image.sha256, image.angle_deg) for image in shoe.images] for shoe in (first, second)]
    merge(second, first, person)
    with pytest.raises(EditError, match="not all of them"):
        split(first, [offer.id for offer in first.offers], person)
    with pytest.raises(EditError, match="some of its offers"):
        split(first, [999], person)
    back = split(first, [first.offers[1].id], person)
    assert (back.id, back.name, back.retired_at, back.merged_into_id) == (second.id, "Dart 0", None, None)
    assert [[(image.sha256, image.angle_deg) for image in shoe.images] for shoe in (first, back)] == had
    assert [image.position for image in back.images] == [0, 1, 2]
    assert len(take(one, other)) == 2
    assert find(Search()).total == 2


def test_a_product_that_was_joined_wrongly_is_split(tmp_path: Path, take: Take, person: User) -> None:
    one = listing(tmp_path, 1, style_code="CT8012-100")
    other = replace(one, site="two", style_code="CT8012 100", name="Quite Another", price_cents=1)
    (product,) = take(one, other)
    parted = split(product, [product.offers[0].id], person)  # the first one goes
    assert (product.site, product.name, product.price_cents) == ("two", "Quite Another", 1)
    assert (parted.site, parted.name, parted.price_cents) == ("test", one.name, one.price_cents)
    assert len(take(one, other)) == 2  # and it stays so


def test_what_a_person_retires_no_shop_brings_back(tmp_path: Path, take: Take, person: User) -> None:
    shoe = listing(tmp_path, 1)
    (product,) = take(shoe)
    retire(product, person)
    (product,) = take(replace(shoe, price_cents=1))
    assert (product.retired_because, find(Search()).total) == ("by hand", 0)
    restore(product, person)
    assert (product.retired_at, find(Search()).total) == (None, 1)


def test_an_angle_that_a_person_has_set_stays(tmp_path: Path, take: Take, person: User) -> None:
    shoe = listing(tmp_path, 1, angles=3)
    (product,) = take(shoe)
    set_angle(product.images[1], 33, person)
    (product,) = take(replace(shoe, images=shoe.images[1:], price_cents=1))
    assert [(image.angle_deg, image.told_angle_deg) for image in product.images] == [(33, 120), (240, 240)]
    with pytest.raises(EditError, match="0 to 359"):
        set_angle(product.images[0], 360, person)


def test_products_are_merged_one_after_another_and_parted_again(tmp_path: Path, take: Take, person: User) -> None:
    first, second, third, fourth = take(*(listing(tmp_path, number) for number in range(4)))
    merge(first, second, person)
    merge(second, third, person)
    assert (first.merged_into_id, second.merged_into_id, len(third.offers)) == (third.id, third.id, 3)
    split(third, [third.offers[1].id], person)
    assert (second.name, second.merged_into_id, len(second.offers)) == ("Dart 0", None, 1)
    split(third, [third.offers[0].id], person)
    assert (first.merged_into_id, len(third.offers)) == (None, 1)
    merge(first, second, person)
    own = next(offer.id for offer in second.offers if offer.style_code == second.style_code)
    moved = split(second, [own], person)  # what is left of it has the first one's name
    merge(second, third, person)
    merge(moved, fourth, person)
    assert (second.merged_into_id, len(third.offers)) == (third.id, 2)


def test_two_people_merge_the_same_products_the_other_way_round(
    app: Flask, tmp_path: Path, take: Take, person: User
) -> None:
    """Each has looked before the other wrote; else both would be signposts, each to the other."""
    first, second = take(*(listing(tmp_path, number) for number in range(2)))
    ids, start, outcomes = (first.id, second.id), threading.Barrier(2), []

    def merge_these(one: int, other: int) -> None:
        with app.app_context():
            here, into = (db.session.get_one(Product, product_id) for product_id in (one, other))
            who = db.session.get_one(User, person_id)
            assert (here.site, into.site) == ("test", "test")
            start.wait(10)
            try:
                merge(here, into, who)
                outcomes.append("merged")
            except EditError as error:
                outcomes.append(str(error))

    person_id = person.id
    db.session.rollback()
    threads = [threading.Thread(target=merge_these, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["One of the two was merged into another product before.", "merged"]


def test_brand_and_name_are_set_by_two_people_at_once(app: Flask, tmp_path: Path, take: Take, person: User) -> None:
    (product,) = take(listing(tmp_path, 1))
    product_id, person_id, start = product.id, person.id, threading.Barrier(2)
    db.session.rollback()

    def set_often(column: str) -> None:
        with app.app_context():
            mine, who = db.session.get_one(Product, product_id), db.session.get_one(User, person_id)
            for number in range(25):
                assert mine.brand  # read, as the page does
                assert mine.name
                start.wait(10)
                edit(mine, {column: f"{column} {number}"}, who)

    threads = [threading.Thread(target=set_often, args=(column,)) for column in ("brand", "name")]
    for thread in threads:
        thread.start()
    wrong = []
    while any(thread.is_alive() for thread in threads):
        db.session.rollback()
        seen = db.session.get_one(Product, product_id)
        if {"brand", "name"} <= {*seen.edited} and seen.label != label_of(seen.brand, seen.name):
            wrong.append((seen.brand, seen.name, seen.label))
    assert not wrong
