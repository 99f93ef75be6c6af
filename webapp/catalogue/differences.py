"""What a run would change, or has changed: new products, changed fields, price jumps, missing products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from sqlalchemy import Row, func, select

from webapp.catalogue.incoming import Incoming, Placed
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.offer_pictures import pictures_of
from webapp.catalogue.pieces import slices
from webapp.catalogue.run_models import RunChange, ScrapeRun, StagedListing
from webapp.catalogue.staging import staged_of
from webapp.catalogue.upsert import changes_of, takes_pictures
from webapp.database import db

JUMP = 0.30
"""A price that changed by this share of what it was, or more, is a jump."""
_AT_A_TIME = 500


@dataclass(frozen=True)
class Difference:
    """One product's part: `kind` is new, changed, returned or missing. `changes` maps a field to what it was and is;
    pictures are the SHA-256 of the first one before and after, for thumbnails. `price_jump` is the share by which the
    price went up or down."""

    kind: str
    style_code: str
    title: str
    product_id: int | None
    changes: Mapping[str, tuple[Any, Any]]
    picture_before: str | None
    picture_after: str | None
    price_jump: float | None = None


@dataclass
class Differences:
    """The first differences of each kind, and how many there are in all; `price_jumps` are the largest."""

    most: int
    new: list[Difference] = field(default_factory=list)
    changed: list[Difference] = field(default_factory=list)
    price_jumps: list[Difference] = field(default_factory=list)
    missing: list[Difference] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    changed_fields: Counter[str] = field(default_factory=Counter)

    def add(self, difference: Difference) -> None:
        """Count a difference, and keep it if there is room."""
        self.counts[difference.kind] += 1
        self.changed_fields.update(difference.changes.keys())
        kept = {"new": self.new, "missing": self.missing}.get(difference.kind, self.changed)
        if len(kept) < self.most:
            kept.append(difference)
        if difference.price_jump is not None and abs(difference.price_jump) >= JUMP:
            self.counts["price_jumps"] += 1
            self.price_jumps = nlargest(
                self.most, [*self.price_jumps, difference], key=lambda one: abs(one.price_jump or 0)
            )


def differences(run: ScrapeRun, most: int = 50) -> Differences:
    """What publishing a suspect run would change, or what one that was published has changed; at most `most` of each
    kind. Empty for other runs."""
    found = Differences(most)
    if run.state == "suspect":
        for piece in staged_of(run.id, run.site, _AT_A_TIME):
            _compare(piece, run, found)
        _add_offers(_missing(run), "missing", found)
    elif run.state == "succeeded":
        _add_offers(select(*Offer.__table__.c).where(Offer.first_run_id == run.id), "new", found)
        _add_changes(run, found)
    return found


def _compare(piece: Sequence[Incoming], run: ScrapeRun, found: Differences) -> None:
    """Staged listings beside the offers that are there."""
    codes = [one.style_code for one in piece]
    table = Offer.__table__
    rows = db.session.execute(select(*table.c).where(table.c.site == run.site, table.c.style_code.in_(codes))).all()
    offers = {row.style_code: row for row in rows}
    pictures = pictures_of(db.session(), [row.id for row in rows])
    for one in piece:
        offer = offers.get(one.style_code)
        if offer is None:
            found.add(Difference("new", one.style_code, _title(one.facts), None, {}, None, _first(one.pictures)))
            continue
        have = pictures.get(offer.id, [])
        changes = {name: (_told(offer, name), value) for name, value in changes_of(one, offer).items()}
        if takes_pictures(one, have):
            changes["pictures"] = (len(have), len(one.pictures))
        if changes or offer.gone_at is not None:
            kind = "changed" if offer.gone_at is None else "returned"
            after = _first(one.pictures) if "pictures" in changes else _first(have)
            found.add(_difference(kind, offer, changes, _first(have), after))


def _missing(run: ScrapeRun) -> Any:
    """The offers that are there and that a suspect run has not seen."""
    staged = select(StagedListing.style_code).where(StagedListing.run_id == run.id)
    there = (Offer.site == run.site, Offer.gone_at.is_(None), Offer.style_code.not_in(staged))
    return select(*Offer.__table__.c).where(*there)


def _add_offers(question: Any, kind: str, found: Differences) -> None:
    """Offers that are only on one side."""
    shown = db.session.execute(question.order_by(Offer.id).limit(found.most)).all()
    in_all = db.session.scalar(question.with_only_columns(func.count(Offer.id))) or 0
    pictures = pictures_of(db.session(), [row.id for row in shown])
    for row in shown:
        picture = _first(pictures.get(row.id, []))
        before, after = (None, picture) if kind == "new" else (picture, None)
        found.add(_difference(kind, row, {}, before, after))
    if in_all > len(shown):
        found.counts[kind] += in_all - len(shown)


def _add_changes(run: ScrapeRun, found: Differences) -> None:
    """What a published run has changed, as it has kept it."""
    for rows in _kept_changes(run):
        pictures = pictures_of(db.session(), [row.id for row, *_ in rows])
        for offer, said, before, after in rows:
            have = pictures.get(offer.id, [])
            was = before["pictures"]
            changes = {name: (_was(before, name), value) for name, value in after.items()}
            if changes or said != "changed":
                first = _first(have) if was is None else _first([Placed.of(kept) for kept in was])
                kind = "missing" if said == "gone" else said
                found.add(_difference(kind, offer, changes, first, None if kind == "missing" else _first(have)))


def _kept_changes(run: ScrapeRun) -> Iterator[list[tuple[Row[Any], str, dict[str, Any], dict[str, Any]]]]:
    ids = db.session.scalars(select(RunChange.id).where(RunChange.run_id == run.id).order_by(RunChange.id)).all()
    kept = (RunChange.kind, RunChange.before, RunChange.after, RunChange.offer_id)
    for some in slices(ids, _AT_A_TIME):
        changes = db.session.execute(select(*kept).where(RunChange.id.in_(some)).order_by(RunChange.id)).all()
        table = Offer.__table__
        rows = db.session.execute(select(*table.c).where(table.c.id.in_([row.offer_id for row in changes])))
        offers = {row.id: row for row in rows}
        yield [(offers[offer_id], kind, before, after) for kind, before, after, offer_id in changes]


def _difference(
    kind: str, offer: Row[Any], changes: Mapping[str, tuple[Any, Any]], before: str | None, after: str | None
) -> Difference:
    was, is_now = changes.get("price_cents", (None, None))
    jump = (is_now - was) / was if was and is_now is not None else None
    return Difference(kind, offer.style_code, _title(offer.facts), offer.product_id, changes, before, after, jump)


def _told(offer: Row[Any], name: str) -> Any:
    return offer.facts[name] if name in offer.facts else getattr(offer, name)


def _was(before: Mapping[str, Any], name: str) -> Any:
    if name == "pictures":
        return len(before["pictures"] or ())
    return before["facts"][name] if name in before["facts"] else before.get(name)


def _title(facts: Mapping[str, str]) -> str:
    return f"{facts['brand']} {facts['name']}"


def _first(pictures: Sequence[Placed]) -> str | None:
    return pictures[0].picture.sha256 if pictures else None
