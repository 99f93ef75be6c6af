"""What a shop shows is published only when it is plausible; else the catalogue stays as it is, byte for byte."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from scraper.fetch import Manners
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import product_page
from tests.webapp import shoes
from tests.webapp.catalogue.conftest import ANGLES, PRODUCTS, dump, stock
from webapp.accounts.models import User
from webapp.catalogue.decisions import approve, reject
from webapp.catalogue.differences import differences
from webapp.catalogue.models import Product
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.run_models import ScrapeRun, StagedListing
from webapp.catalogue.runs import RunError, runs_of, standing_of, usual_listings
from webapp.catalogue.scrape import enqueue_scrape, scrapes_folder
from webapp.database import db, write_transaction
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.runner import run_job

pytestmark = pytest.mark.usefixtures("app_context")
Read = Callable[[], ScrapeRun]
QUICK = Manners(delay_s=0.0, attempts=2, first_backoff_s=0.01, most_backoff_s=0.02, exchange_s=10.0)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetcher that does not wait half a minute for a shop that is down."""
    monkeypatch.setattr("webapp.catalogue.reading.Manners", lambda **wanted: replace(QUICK, **wanted))


def only(numbers: range) -> Reply:
    """A front page that leads to these products only."""
    links = "".join(f"<li><a href='/product/{number}'>{number}</a></li>" for number in numbers)
    return Reply.html(f"<html><ul>{links}</ul></html>")


def no_price(shop: LocalShop) -> None:
    for number in range(PRODUCTS):
        shop[f"/product/{number}"] = product_page(number, ANGLES, offers={"@type": "Offer"})


def no_pictures(shop: LocalShop) -> None:
    for number in range(PRODUCTS):
        for angle in (0, 10):
            shop[f"/pictures/{number}-{angle}.png"] = Reply(
                body=b"\x89PNG\r\n\x1a\n" + b"cut off" * 30, headers={"Content-Type": "image/png"}
            )


def redesigned(shop: LocalShop) -> None:
    script = json.dumps({"@type": "Product", "title": "a shoe"})
    for number in range(PRODUCTS):
        shop[f"/product/{number}"] = Reply.html(f"<html><script type='application/ld+json'>{script}</script></html>")


def captcha(shop: LocalShop) -> None:
    page = Reply.html("<html><title>Are you human?</title><form><img src='/captcha.png'></form></html>")
    shop["/"] = shop["/shoes?page=1"] = shop["/shoes?page=2"] = page
    for number in range(PRODUCTS):
        shop[f"/product/{number}"] = page


def broken(shop: LocalShop) -> None:
    for number in range(PRODUCTS):
        shop[f"/product/{number}"] = Reply(500)


def slow(shop: LocalShop) -> None:
    def dribble(asked: object) -> Callable[[BaseHTTPRequestHandler], None]:
        def send(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            for _ in range(40):
                handler.wfile.write(b"<html>")
                handler.wfile.flush()
                time.sleep(0.05)

        return send

    shop["/shoes?page=1"] = dribble


def redirected(address: str) -> Callable[[LocalShop], None]:
    def move(shop: LocalShop) -> None:
        for number in range(PRODUCTS):
            shop[f"/product/{number}"] = Reply(302, headers={"Location": address})

    return move


def emptied(shop: LocalShop) -> None:
    shop["/"] = Reply.html("<html><p>Nothing for sale.</p></html>")


def third(shop: LocalShop) -> None:
    shop["/"] = only(range(2))


BAD = {
    "0 products": (emptied, "failed", "shows no products"),
    "a third of the products": (third, "suspect", "Only 2 products, where recent runs found 6 (33.3 %)."),
    "no prices": (no_price, "suspect", "Only 0 % of the products have a price."),
    "no pictures": (no_pictures, "suspect", "Only 0 % of the products have a picture."),
    "redesigned markup": (redesigned, "failed", "Its JSON-LD has no sku and no brand and no name"),
    "captcha": (captcha, "failed", "shows no products"),
    "500": (broken, "failed", "500"),
    "slow bodies": (slow, "failed", "/shoes?page=1"),
    "redirect to this machine": (redirected("http://127.0.0.2:80/"), "failed", "127.0.0.2"),
    "redirect to the cloud's own": (redirected("http://169.254.169.254/latest"), "failed", "169.254.169.254"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_shop_that_turns_bad_changes_nothing_and_the_run_says_why(
    shop: LocalShop, read_shop: Read, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    turn, state, why = BAD[case]
    assert read_shop().state == "succeeded"
    before = dump()
    turn(shop)
    if turn is slow:
        monkeypatch.setattr("webapp.catalogue.reading.Manners", lambda **wanted: replace(QUICK, exchange_s=0.5))
    run = read_shop()
    assert (run.state, why in run.why) == (state, True), run.why
    assert run.why.endswith("The catalogue is as it was.")
    assert dump() == before


def test_the_shop_recovers_and_the_next_run_is_good(shop: LocalShop, read_shop: Read) -> None:
    read_shop()
    captcha(shop)
    assert read_shop().state == "failed"
    stock(shop)
    run = read_shop()
    assert (run.state, run.unchanged) == ("succeeded", PRODUCTS)


def test_what_a_suspect_run_would_change_is_shown_and_published_when_approved(
    shop: LocalShop, read_shop: Read, person: User
) -> None:
    read_shop()
    shop["/"] = only(range(2, 4))
    shop["/product/2"] = product_page(
        2, ANGLES, name="Dart Zero", offers={"@type": "Offer", "price": "185.00", "priceCurrency": "USD"}
    )
    shop["/product/3"] = product_page(3, ANGLES, sku="VD-0999", name="Brand New")
    run = read_shop()
    assert (run.state, standing_of(run).state) == ("suspect", "suspect")
    found = differences(run)
    assert [(one.style_code, one.title) for one in found.new] == [("VD-0999", "Vello Brand New")]
    assert [one.style_code for one in found.missing] == ["VD-0000", "VD-0001", "VD-0003", "VD-0004", "VD-0005"]
    (changed,) = found.changed
    assert changed.changes["name"] == ("Dart 2", "Dart Zero")
    assert changed.changes["price_cents"] == (9250, 18500)
    assert changed.changes["label"] == ("vello_dart_2", "vello_dart_zero")
    assert found.price_jumps == [changed]
    assert changed.price_jump == pytest.approx(1.0)
    assert found.counts == {"new": 1, "missing": 5, "changed": 1, "price_jumps": 1}
    pictures = [
        changed.picture_before,
        changed.picture_after,
        found.new[0].picture_after,
        found.missing[0].picture_before,
    ]
    assert all(picture and current_images().has(picture) for picture in pictures)
    approve(run, person)
    assert (run.state, run.decided_by, run.new, run.changed) == ("succeeded", person.id, 1, 1)
    assert run.why.startswith("Approved by ada@example.com, although: Only 2 products")
    assert db.session.scalars(select(Product.name).where(Product.style_code == "VD-0002")).one() == "Dart Zero"
    assert not db.session.scalars(select(StagedListing)).all()
    after = differences(run)
    assert [one.style_code for one in after.new] == ["VD-0999"]
    assert after.changed[0].changes == changed.changes
    with pytest.raises(RunError, match="is succeeded"):
        approve(run, person)


def test_a_rejected_run_leaves_nothing_behind(shop: LocalShop, read_shop: Read, person: User) -> None:
    read_shop()
    before = dump()
    pictures = {file.name for file in current_images().folder.rglob("*.png")}
    shop["/"] = only(range(1))
    shop["/pictures/0-0.png"] = Reply(body=_another(), headers={"Content-Type": "image/png"})
    run = read_shop()
    assert run.state == "suspect"
    assert len({file.name for file in current_images().folder.rglob("*.png")} - pictures) == 1
    reject(run, person)
    assert (run.state, run.decided_by) == ("cancelled", person.id)
    assert run.why.startswith("Rejected by ada@example.com. Only 1 products")
    assert dump() == before
    assert {file.name for file in current_images().folder.rglob("*.png")} == pictures
    assert not db.session.scalars(select(StagedListing)).all()
    with pytest.raises(RunError, match="is cancelled"):
        reject(run, person)


def _another() -> bytes:
    from tests.webapp.shoes import picture

    return picture(33, 240, size=(128, 96))


def test_only_the_newest_run_waits_for_a_decision(shop: LocalShop, read_shop: Read, person: User) -> None:
    read_shop()
    third(shop)
    first, second = read_shop(), read_shop()
    db.session.refresh(first)
    assert (first.state, second.state) == ("cancelled", "suspect")
    assert {row.run_id for row in db.session.scalars(select(StagedListing))} == {second.id}
    stock(shop)
    assert read_shop().state == "succeeded"
    db.session.refresh(second)
    with pytest.raises(RunError, match="is cancelled"):
        approve(second, person)


def test_what_is_usual_is_what_recent_good_runs_found() -> None:
    found = [("succeeded", 1), *[("succeeded", number) for number in (90, 100, 110, 95)]]
    others = [("suspect", 10), ("failed", 0), ("undone", 5), ("cancelled", 7), ("succeeded", 105)]
    with write_transaction() as session:
        runs = [ScrapeRun(site="demo", state=state, listings=number) for state, number in (*found, *others)]
        session.add_all([*runs, ScrapeRun(site="other", state="succeeded", listings=7)])
        session.add(newest := ScrapeRun(site="demo", state="running"))
        session.add(ScrapeRun(site="demo", state="succeeded", listings=9))  # later than the one that is judged
    assert sorted(usual_listings(newest)) == [90, 95, 100, 105, 110]


def test_listings_that_cannot_be_products_are_not_expected_again(shop: LocalShop, read_shop: Read) -> None:
    """A shop some of whose listings are always refused would else be suspect for ever."""
    shop["/product/0"] = product_page(0, ANGLES, name="x" * 301)
    shop["/product/1"] = product_page(1, ANGLES, name="x" * 301)
    assert [(run.state, run.listings, run.errors) for run in (read_shop(), read_shop())] == [("succeeded", 4, 2)] * 2


def test_a_product_that_three_good_runs_have_not_seen_retires_and_returns(
    app: Flask, shop: LocalShop, read_shop: Read
) -> None:
    read_shop()
    all_six = shop._routes["/"]
    shop["/"] = only(range(5))
    retired = [read_shop().retired for _ in range(4)]
    assert retired == [0, 0, 1, 0]
    gone = db.session.scalars(select(Product).where(Product.style_code == "VD-0005")).one()
    assert (gone.retired_because, gone.retired_at is not None) == ("unseen", True)
    assert len(gone.images) == ANGLES
    client = app.test_client()
    assert client.get("/api/v1/products").json["total"] == 5  # type: ignore[index]
    shown = client.get(f"/api/v1/products/{gone.id}").json
    assert shown is not None
    assert (shown["retired"], shown["offers"]) == (True, [])
    assert "No shop shows this sneaker any more" in client.get(f"/products/{gone.id}").text
    shop["/"] = all_six
    run = read_shop()
    assert (run.new, run.changed, run.unchanged) == (0, 1, 5)
    assert client.get("/api/v1/products").json["total"] == 6  # type: ignore[index]
    assert differences(run).counts == {"returned": 1}


def test_pictures_that_a_shop_shows_no_more_do_not_fill_the_disk(shop: LocalShop, read_shop: Read) -> None:
    folder = scrapes_folder("demo") / "images"
    read_shop()
    first = {file.name for file in folder.iterdir()}
    assert len(first) == PRODUCTS * ANGLES
    shop["/pictures/0-0.png"] = Reply(body=shoes.picture(99), headers={"Content-Type": "image/png"})
    assert read_shop().state == "succeeded"
    second = {file.name for file in folder.iterdir()}
    assert (len(second - first), len(first - second)) == (1, 1)
    assert read_shop().unchanged == PRODUCTS


def test_suspect_runs_do_not_count_as_misses(shop: LocalShop, read_shop: Read) -> None:
    read_shop()
    third(shop)
    assert [read_shop().state for _ in range(3)] == ["suspect"] * 3
    assert {offer.missed for offer in db.session.scalars(select(Offer))} == {0}


def test_a_merge_that_breaks_off_leaves_nothing(
    shop: LocalShop, read_shop: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_shop()
    for number in range(PRODUCTS):
        shop[f"/product/{number}"] = product_page(number, ANGLES, name=f"Renamed {number}")
    before = dump()
    seen: list[set[str]] = []

    def fail(session: Session, run: ScrapeRun) -> int:
        seen.append(set(session.scalars(select(Product.name))))
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("webapp.catalogue.merging.miss_the_unseen", fail)
        run = read_shop()
    assert seen == [{f"Renamed {number}" for number in range(PRODUCTS)}]  # it was nearly done
    assert (run.state, run.why) == ("failed", "It broke off: the disk is full. The catalogue is as it was.")
    assert dump() == before
    assert read_shop().changed == PRODUCTS


def test_a_run_that_waits_gives_way_only_to_one_that_is_whole(
    shop: LocalShop, read_shop: Read, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_shop()
    all_six = shop._routes["/"]
    third(shop)
    waits = read_shop()
    shop["/"] = all_six

    def fail(session: Session, run: ScrapeRun) -> int:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("webapp.catalogue.merging.miss_the_unseen", fail)
        assert read_shop().state == "failed"
    assert (waits.state, len(db.session.scalars(select(StagedListing)).all())) == ("suspect", 2)
    approve(waits, person)
    assert (waits.state, waits.unchanged) == ("succeeded", 2)


def test_a_job_that_is_started_again_goes_on_with_its_run(app: Flask, shop: LocalShop, read_shop: Read) -> None:
    read_shop()
    job = enqueue_scrape("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.catalogue.reading.merge_run", _killed)
        with pytest.raises(KeyboardInterrupt):
            run_job(app, job.id)
    db.session.rollback()
    (run, _) = runs_of("demo")
    assert (run.state, standing_of(run).state) == ("running", "failed")  # its job says "interrupted"
    asked = len(shop.paths())
    _queue_again(job.id)
    run_job(app, job.id)
    db.session.rollback()
    assert [one.state for one in runs_of("demo")] == ["succeeded", "succeeded"]
    assert len(shop.paths()) == asked  # the journal remembers this run's pages
    assert runs_of("demo")[0].unchanged == PRODUCTS


def _killed(run: ScrapeRun) -> list[int]:
    raise KeyboardInterrupt


def _queue_again(job_id: int) -> None:
    from webapp.database import write_transaction

    with write_transaction() as session:
        session.get_one(Job, job_id).state = "queued"


def test_a_catalogue_that_has_been_published_stays_whatever_happens_next(
    read_shop: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(reading: object, message: str) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setattr("webapp.catalogue.reading.Reading._tell", fail)
    run = read_shop()
    assert (run.state, run.new) == ("succeeded", PRODUCTS)
    assert len(dump()["products"]) == PRODUCTS
