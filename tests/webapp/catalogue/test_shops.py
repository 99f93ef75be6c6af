"""Shops are only read where an admin has said that they may be; a removed one leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.scraper.local_shop import LocalShop, Reply
from tests.tiny_bundle import write_tiny_bundle
from tests.webapp.catalogue.conftest import ANGLES, PRODUCTS, dump
from tests.webapp.shoes import listing
from webapp.accounts.models import User
from webapp.admin.shops import refusals_in
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import Embedding, Product, ProductImage
from webapp.catalogue.offer_models import Offer, StoredPicture
from webapp.catalogue.removal import remove_shop, removed_sources
from webapp.catalogue.run_models import ScrapeRun, Shop
from webapp.catalogue.schedule import start_due
from webapp.catalogue.scrape import NotAllowedError, UnknownSiteError, scrapes_folder, start_run
from webapp.catalogue.shops import (
    ShopError,
    add_shop,
    all_shops,
    confirm_shop,
    set_schedule,
    set_start_urls,
    shop_of,
    start_urls_of,
    withdraw_confirmation,
)
from webapp.catalogue.snapshot import write_catalogue_snapshot
from webapp.database import db, now, write_transaction
from webapp.identify.models import Identification, Upload
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import run_job
from webapp.studio.models import VariantEmbedding

pytestmark = pytest.mark.usefixtures("app_context")


def test_only_the_demo_shop_is_confirmed_by_itself(person: User) -> None:
    assert start_run("demo").state == "queued"
    with pytest.raises(NotAllowedError, match="Nobody has confirmed that footlocker may be scraped"):
        start_run("footlocker")
    confirm_shop("footlocker", person)
    assert shop_of("footlocker").confirmed_by == person.id
    run = start_run("footlocker", person)
    assert (run.site, run.started_by) == ("footlocker", person.id)
    assert start_run("footlocker") is run
    withdraw_confirmation("footlocker")
    with pytest.raises(NotAllowedError):
        start_run("footlocker")
    with pytest.raises(UnknownSiteError, match="demo, footlocker"):
        confirm_shop("amazon", person)


def test_a_confirmation_that_is_withdrawn_meanwhile_stops_the_job(app: Flask, person: User) -> None:
    confirm_shop("footlocker", person)
    run = start_run("footlocker")
    withdraw_confirmation("footlocker")
    run_job(app, run.job_id or 0)
    db.session.rollback()
    assert (run.state, "Nobody has confirmed" in run.why) == ("failed", True)


def test_a_shop_that_is_switched_off_is_not_read() -> None:
    set_schedule("demo", "daily", enabled=False)
    with pytest.raises(NotAllowedError, match="switched off"):
        start_run("demo")
    assert start_due() == []


def test_schedules(person: User) -> None:
    assert start_due() == []
    set_schedule("demo", "daily")
    set_schedule("footlocker", "weekly")  # not confirmed: waits
    assert start_due() == ["demo"]
    assert start_due() == []
    for days, due in ((0.9, []), (1.1, ["demo"])):
        with write_transaction() as session:
            session.execute(update(ScrapeRun).values(created_at=now() - timedelta(days=days)))
            session.execute(update(Job).values(state="failed"))
        assert start_due() == due
    with pytest.raises(ShopError, match="off, daily, weekly"):
        set_schedule("demo", "hourly")


def test_one_shop_that_cannot_be_begun_does_not_hold_up_the_others(person: User) -> None:
    add_shop("aaa", "generic", ["https://shop.example/"], person)
    with write_transaction() as session:
        session.get_one(Shop, "aaa").reader = "a parser of long ago"
    for site in ("aaa", "demo"):
        set_schedule(site, "daily")
    assert start_due() == ["demo"]
    with pytest.raises(NotAllowedError, match="which is not there any more"):
        start_run("aaa")


def let_stand_near(app: Flask, *sites: str) -> None:
    """As SOLESCOPE_OWN_SHOPS does."""
    app.extensions["settings"] = replace(app.extensions["settings"], own_shops=sites)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost", "LOCALHOST.", "x.localhost", "10.0.0.5", "[::1]"],
)
def test_private_addresses_are_refused_but_for_the_demo_shop(app: Flask, person: User, address: str) -> None:
    url = f"http://{address}:8100/"
    with pytest.raises(ShopError, match="is a private address"):
        add_shop("sole-and-sons", "demo", [url], person)
    with pytest.raises(ShopError, match="is a private address"):
        set_start_urls("footlocker", [url])
    set_start_urls("demo", [url])
    let_stand_near(app, "sole-and-sons")
    assert add_shop("sole-and-sons", "demo", [url], person).start_urls == [url]


def test_a_name_that_leads_to_this_machine_is_not_asked(app: Flask, shop: LocalShop, person: User) -> None:
    """It was let through earlier, or its name leads elsewhere since: the run says why, and the shop hears nothing."""
    let_stand_near(app, "sole-and-sons")
    add_shop("sole-and-sons", "demo", [f"{shop.url}/"], person)
    let_stand_near(app)
    run = start_run("sole-and-sons", person)
    run_job(app, run.job_id or 0)
    db.session.rollback()
    assert (run.state, run.listings) == ("failed", 0)
    assert "not on the public internet" in run.why, run.why
    assert not shop.asked


def test_a_run_keeps_how_its_shop_answered(read_shop: Callable[[], ScrapeRun], shop: LocalShop) -> None:
    shop["/pictures/0-0.png"] = Reply(status=403)
    run = read_shop()
    assert run.crawl["statuses"]["403"] == 1
    assert run.crawl["statuses"]["200"] > PRODUCTS
    assert datetime.fromisoformat(run.crawl["next_request_at"]).tzinfo
    assert refusals_in(run) == {"403": 1, "429": 0}


def test_an_added_shop_is_read_under_its_own_name(app: Flask, shop: LocalShop, person: User) -> None:
    let_stand_near(app, "sole-and-sons")
    add_shop("sole-and-sons", "demo", [f"{shop.url}/"], person)
    assert [one.site for one in all_shops()] == ["demo", "footlocker", "sole-and-sons", "stockx", "zappos"]
    run = start_run("sole-and-sons", person)
    run_job(app, run.job_id or 0)
    db.session.rollback()
    assert (run.state, run.new) == ("succeeded", PRODUCTS), run.why
    assert set(db.session.scalars(select(Offer.site))) == {"sole-and-sons"}


@pytest.mark.parametrize(
    ("name", "reader", "urls", "sentence"),
    [
        ("demo", "demo", ["http://x.example/"], "already"),
        ("known-models", "demo", ["http://x.example/"], "small letters"),
        ("A Shop", "demo", ["http://x.example/"], "small letters"),
        ("shop", "amazon", ["http://x.example/"], "no parser"),
        ("shop", "demo", ["javascript:alert(1)"], "not a web address"),
        ("shop", "demo", ["http://me:secret@x.example/"], "not a web address"),
        ("shop", "demo", ["http://[/"], "not a web address"),
    ],
)
def test_unfit_shops_are_refused(person: User, name: str, reader: str, urls: list[str], sentence: str) -> None:
    with pytest.raises(ShopError, match=sentence):
        add_shop(name, reader, urls, person)


def test_start_addresses_are_kept() -> None:
    usual = start_urls_of(shop_of("demo"))
    set_start_urls("demo", [" http://x.example/a ", "", "http://x.example/a"])
    assert start_urls_of(shop_of("demo")) == ("http://x.example/a",)
    set_start_urls("demo", [])
    assert start_urls_of(shop_of("demo")) == usual


def pictures_on_disk() -> set[str]:
    return {file.stem for file in current_images().folder.rglob("*.*") if file.is_file()}


def test_a_removed_shop_leaves_nothing_behind(
    app: Flask, shop: LocalShop, read_shop: Callable[[], ScrapeRun], person: User
) -> None:
    read_shop()
    store = current_images()
    images = db.session.scalars(select(ProductImage).order_by(ProductImage.id)).all()
    variant = store.put(b"\xff\xd8\xff variant", "jpg")
    sent_too = images[-1].sha256
    for image in images:
        store.thumbnail(image.sha256, 96)
    with write_transaction() as session:
        session.add(Embedding(image_id=images[0].id, bundle_id="b", vector=b"...."))
        session.add(
            VariantEmbedding(
                image_id=images[0].id,
                augment="sketch",
                bundle_id="b",
                sha256=variant,
                width=1,
                height=1,
                vector=b".",
                augment_probabilities=b".",
            )
        )
        asked = Identification(bundle_id="b", answer={})
        asked.uploads = [
            Upload(
                position=0, photo_sha256=sent_too, cutout_sha256="0" * 64, width=1, height=1, coverage=1, fallback=False
            )
        ]
        session.add(asked)
    removed = remove_shop("demo", person)
    assert (removed.products, removed.pictures) == (PRODUCTS, PRODUCTS * ANGLES)  # one stays, a variant goes
    assert not any(rows for table, rows in dump().items() if table != "catalogue_state")
    assert pictures_on_disk() == {sent_too}  # a person has sent the same picture
    assert not scrapes_folder("demo").exists()
    assert db.session.scalar(select(func.count()).select_from(StoredPicture)) == 1
    assert shop_of("demo").removed_at is not None
    with pytest.raises(NotAllowedError, match="Nobody has confirmed"):  # our own neither, before somebody says so
        start_run("demo")
    confirm_shop("demo", person)
    assert start_run("demo").state == "queued"


def test_a_product_that_another_shop_has_stays_with_what_that_shop_says(tmp_path: Path, person: User) -> None:
    one = listing(tmp_path, 1, angles=2, site="demo", style_code="CT8012-100")
    other = replace(listing(tmp_path, 2, angles=2), site="two", style_code="CT8012 100", brand=one.brand, name="Theirs")
    take_in([one, other], tmp_path, current_images())
    product = db.session.scalars(select(Product)).one()
    assert (product.site, len(product.images)) == ("demo", 4)
    assert remove_shop("demo", person).products == 0
    assert (product.site, product.name, product.price_cents) == ("two", "Theirs", 5200)
    assert [image.position for image in product.images] == [0, 1]
    assert {image.sha256 for image in product.images} == pictures_on_disk()


def test_a_shop_that_is_being_read_is_not_removed(person: User) -> None:
    run = start_run("demo")
    with pytest.raises(ShopError, match="is being read"):
        remove_shop("demo", person)
    current_jobs().cancel(db.session.get_one(Job, run.job_id))
    remove_shop("demo", person)


def test_bundles_that_learned_from_a_removed_shop_are_marked(tmp_path: Path, person: User) -> None:
    take_in([listing(tmp_path, number, site="demo") for number in range(3)], tmp_path, current_images())
    take_in([listing(tmp_path, 7)], tmp_path, current_images())
    write_catalogue_snapshot(tmp_path / "snapshot", current_images())
    told = json.loads((tmp_path / "snapshot" / "snapshot.json").read_text())
    assert told["sites"] == {"demo": 3, "test": 1}
    card = write_tiny_bundle(tmp_path / "bundle", ("vello_dart_0",)).card
    card = replace(card, created_at=now().isoformat(timespec="seconds"), settings={"sites": told["sites"]})
    assert removed_sources(card) == {}
    remove_shop("demo", person)
    with write_transaction():
        shop_of("demo").removed_at = now() + timedelta(seconds=5)  # the card tells only seconds
    assert list(removed_sources(card) or ()) == ["demo"]
    later = replace(card, created_at=datetime(2100, 1, 1, tzinfo=UTC).isoformat())
    assert removed_sources(later) == {}
    while_it_was_trained = replace(later, settings={"sites": told["sites"], "sites_at": told["sites_at"]})
    assert list(removed_sources(while_it_was_trained) or ()) == ["demo"]
    assert removed_sources(replace(card, settings={})) is None
