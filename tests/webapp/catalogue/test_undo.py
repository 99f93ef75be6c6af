"""Each run can be undone: the catalogue is as it was, and what the run added is hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from scraper.listing import Listing
from tests.webapp.catalogue.conftest import dump
from tests.webapp.shoes import listing, picture, write_picture
from webapp.accounts.models import User
from webapp.catalogue.browse import Search, find
from webapp.catalogue.editing import edit
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.joining import merge, split
from webapp.catalogue.merging import merge_run
from webapp.catalogue.models import Product
from webapp.catalogue.offer_models import Offer, OfferPrice
from webapp.catalogue.run_models import ScrapeRun
from webapp.catalogue.runs import RunError
from webapp.catalogue.staging import stage
from webapp.catalogue.undo import undo
from webapp.database import db, write_transaction
from webapp.image_store import current_images

pytestmark = pytest.mark.usefixtures("app_context")
SEEN = datetime(2026, 11, 3, 9, tzinfo=UTC)
Publish = Callable[..., ScrapeRun]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Stage and merge listings as a run that reads a day later than the one before."""
    days = iter(range(100))

    def publish(listings: Sequence[Listing], site: str = "test") -> ScrapeRun:
        with write_transaction() as session:
            run = ScrapeRun(site=site, state="running", read_at=SEEN + timedelta(days=next(days)))
            session.add(run)
        stage(run.id, listings, tmp_path, current_images(), Intake())
        merge_run(run)
        return run

    return publish


def without_counters() -> dict[str, list[object]]:
    """The catalogue; how often it has changed, and which ids history had in between, are left out."""
    kept = dump()
    for name in ("catalogue_state", "run_changes"):
        kept.pop(name)
    return kept


def test_what_a_run_changed_is_as_it_was_and_what_it_added_is_hidden(
    tmp_path: Path, publish: Publish, person: User
) -> None:
    shoes = [listing(tmp_path, number, angles=2) for number in range(4)]
    publish(shoes)
    publish(shoes)
    before = without_counters()
    other = replace(shoes[1].images[0], file=write_picture(tmp_path, picture(44, 200)))
    changed = [replace(shoes[0], price_cents=1, name="Wrong"), replace(shoes[1], images=(other, shoes[1].images[1]))]
    run = publish([*changed, shoes[2], listing(tmp_path, 9)])  # number 3 is missed
    assert (run.new, run.changed, run.unchanged) == (1, 2, 1)
    assert without_counters() != before
    undo(run, person)
    assert (run.state, run.decided_by) == ("undone", person.id)
    after = without_counters()
    added = db.session.scalars(select(Product).where(Product.style_code == "T-00009")).one()
    assert (added.retired_because, added.retired_at is not None) == ("undone", True)
    assert [row for row in after["products"] if row[0] != added.id] == before["products"]
    assert [row for row in after["offers"] if row[1] != added.id] == before["offers"]
    pictures = [(row[1], *row[3:]) for row in after["product_images"] if row[1] != added.id]
    assert sorted(pictures) == sorted((row[1], *row[3:]) for row in before["product_images"])
    assert find(Search()).total == 4
    prices = db.session.scalars(select(OfferPrice.price_cents).order_by(OfferPrice.id)).all()
    assert prices == [5000, 5100, 5200, 5300, 5900]


def test_pictures_come_back(tmp_path: Path, publish: Publish, person: User) -> None:
    shoe = listing(tmp_path, 1, angles=3)
    publish([shoe])
    product = db.session.scalars(select(Product)).one()
    had = [(image.sha256, image.angle_deg, image.position) for image in product.images]
    other = write_picture(tmp_path, picture(44, 200))
    run = publish([replace(shoe, images=(replace(shoe.images[2], file=other), shoe.images[0]))])
    assert len(product.images) == 2
    undo(run, person)
    assert [(image.sha256, image.angle_deg, image.position) for image in product.images] == had


def test_an_undone_product_returns_when_a_shop_shows_it_again(tmp_path: Path, publish: Publish, person: User) -> None:
    publish([listing(tmp_path, 1)])
    run = publish([listing(tmp_path, 1), listing(tmp_path, 2)])
    undo(run, person)
    assert find(Search()).total == 1
    again = publish([listing(tmp_path, 1), listing(tmp_path, 2)])
    assert (again.new, again.changed, again.unchanged) == (0, 1, 1)
    assert find(Search()).total == 2


def test_retiring_is_undone_too(tmp_path: Path, publish: Publish, person: User) -> None:
    shoes = [listing(tmp_path, number) for number in range(2)]
    publish(shoes)
    for _ in range(2):
        publish(shoes[:1])
    before = without_counters()
    run = publish(shoes[:1])
    assert run.retired == 1
    assert find(Search()).total == 1
    undo(run, person)
    assert without_counters() == before
    assert db.session.scalars(select(Offer.missed).order_by(Offer.id)).all() == [0, 2]


def test_later_runs_come_first(tmp_path: Path, publish: Publish, person: User) -> None:
    shoe = listing(tmp_path, 1)
    first = publish([shoe])
    second, third = publish([replace(shoe, price_cents=2)]), publish([replace(shoe, price_cents=3)])
    with pytest.raises(RunError, match=f"undo run {third.id} first"):
        undo(first, person)
    undo(third, person)
    undo(second, person)
    assert db.session.scalars(select(Product.price_cents)).one() == 5100
    undo(first, person)
    assert find(Search()).total == 0
    with pytest.raises(RunError, match="is undone: there is nothing to undo"):
        undo(first, person)


def test_a_run_is_undone_together_with_those_after_it(tmp_path: Path, publish: Publish, person: User) -> None:
    shoes = [listing(tmp_path, number) for number in range(3)]
    publish(shoes[:2])
    publish(shoes[:2])
    before = without_counters()
    wrong = publish([replace(shoes[0], price_cents=2), shoes[1]])
    later = [publish([replace(shoes[0], price_cents=price), shoes[1]]) for price in (3, 3)]
    with pytest.raises(RunError, match=f"undo run {later[1].id} first, or all of them together"):
        undo(wrong, person)
    with pytest.raises(RunError, match="Other runs build on it by now"):
        undo(wrong, person, with_later=[later[0].id])
    undo(wrong, person, with_later=[later[1].id, later[0].id])
    assert [run.state for run in (wrong, *later)] == ["undone"] * 3
    assert without_counters() == before


def test_a_product_of_two_shops_is_as_it_was_before_the_second(tmp_path: Path, publish: Publish, person: User) -> None:
    """Nothing of an undone offer is shown, or learned from, under another shop's product."""
    ours = listing(tmp_path, 1, angles=2, style_code="CT8012-100")
    theirs = replace(listing(tmp_path, 2, angles=3, brand=ours.brand, name="Wrong"), site="two", style_code="ct8012100")
    publish([ours])
    before = without_counters()
    run = publish([theirs], site="two")
    product = db.session.scalars(select(Product)).one()
    assert (len(product.offers), len(product.images), product.price_cents) == (2, 5, 5100)
    undo(run, person)
    assert without_counters() == before
    again = publish([theirs], site="two")
    assert (again.new, len(db.session.scalars(select(Product)).one().images)) == (1, 5)


def test_what_another_shop_says_counts_where_the_first_is_undone(
    tmp_path: Path, publish: Publish, person: User
) -> None:
    ours = listing(tmp_path, 1, angles=2, style_code="CT8012-100", name="Wrong")
    theirs = replace(listing(tmp_path, 2, angles=3, brand=ours.brand, name="Right"), site="two", style_code="ct8012100")
    run = publish([ours])
    publish([theirs], site="two")
    undo(run, person)
    product = db.session.scalars(select(Product)).one()
    assert (product.site, product.name, product.retired_at) == ("two", "Right", None)
    assert [image.position for image in product.images] == [0, 1, 2]


def test_what_people_did_meanwhile_stays(tmp_path: Path, publish: Publish, person: User) -> None:
    shoes = [listing(tmp_path, number, angles=2) for number in range(3)]
    publish(shoes[:2])
    run = publish([replace(shoes[0], name="Wrong", images=shoes[2].images), replace(shoes[1], name="Wrong"), shoes[2]])
    first, second, third = db.session.scalars(select(Product).order_by(Product.id)).all()
    edit(second, {"name": "By Hand"}, person)
    merge(first, second, person)
    merge(third, second, person)
    undo(run, person)
    names = {offer.facts["name"] for offer in second.offers}
    assert (second.name, names) == ("By Hand", {"Dart 0"})
    assert [image.angle_deg for image in second.images] == [0, 180, 0, 180]
    own = next(offer for offer in second.offers if offer.style_code == "T-00000")
    split(second, [own.id], person)
    assert (first.name, first.retired_at, len(first.images)) == ("Dart 0", None, 2)


def test_misses_of_what_came_without_a_run_are_taken_back(tmp_path: Path, publish: Publish, person: User) -> None:
    shoes = [listing(tmp_path, number) for number in range(2)]
    take_in(shoes, tmp_path, current_images(), seen_at=SEEN)
    run = publish(shoes[:1])
    assert db.session.scalars(select(Offer.missed).order_by(Offer.id)).all() == [0, 1]
    undo(run, person)
    assert db.session.scalars(select(Offer.missed).order_by(Offer.id)).all() == [0, 0]


def test_what_is_no_longer_kept_cannot_be_undone(
    tmp_path: Path, publish: Publish, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.catalogue.merging.RUNS_REVERSIBLE", 2)
    shoe = listing(tmp_path, 1)
    runs = [publish([replace(shoe, price_cents=price)]) for price in (1, 2, 3)]
    undo(runs[2], person)
    undo(runs[1], person)
    with pytest.raises(RunError, match="no longer kept"):
        undo(runs[0], person)


def test_prices_are_kept_with_their_dates(tmp_path: Path, publish: Publish) -> None:
    shoe = listing(tmp_path, 1)
    runs = [publish([replace(shoe, price_cents=price)]) for price in (100, 100, 90, None, 95)]
    history = db.session.scalars(select(OfferPrice).order_by(OfferPrice.id)).all()
    assert [(price.price_cents, price.since, price.run_id) for price in history] == [
        (100, SEEN, runs[0].id),
        (90, SEEN + timedelta(days=2), runs[2].id),
        (None, SEEN + timedelta(days=3), runs[3].id),
        (95, SEEN + timedelta(days=4), runs[4].id),
    ]
