"""Eight processes write to one SQLite file for a minute: `python -m benchmarks.writers [seconds]`.

They use the site's own verbs. Four edit one and the same product: each sets a column of its own and raises the price by
one cent, having read it. Two take in what two shops say, at another price each time. One puts jobs through the queue,
one keeps identifications, what is said about them, and deletes them. In the end each number must be what all of them
together say that they have done.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.queues import Queue
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, update

from benchmarks.table import Row, print_table
from scraper.listing import Listing
from webapp import create_app
from webapp.accounts.models import User
from webapp.accounts.people import create_user
from webapp.catalogue.browse import Search, find
from webapp.catalogue.editing import edit
from webapp.catalogue.intake import take_in
from webapp.catalogue.labels import label_of
from webapp.catalogue.models import CatalogueState, Product
from webapp.catalogue.offer_models import Offer, OfferPrice
from webapp.database import db, write_transaction
from webapp.identify.forget import allow_training, forget
from webapp.identify.models import Identification, Upload
from webapp.identify.say import say_right
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import run_job
from webapp.settings import Settings

SECONDS = 60.0
START_WITHIN_S = 200.0
EDITED = 1
COLUMNS = ("brand", "name", "colorway", "category")


def measure(seconds: float = SECONDS) -> Iterator[Row]:
    """The row of the table."""
    with tempfile.TemporaryDirectory() as scratch:
        done, errors, expected, found, slowest_s = write_at_once(Path(scratch), seconds)
    lost = sum(abs(expected[name] - found[name]) for name in expected)
    locked = sum("locked" in error for error in errors)
    yield Row(
        f"8 processes write for {seconds:.0f} s: {done:,} transactions, the slowest {slowest_s:.2f} s",
        "",
        f"{locked} x database is locked, {len(errors) - locked} other errors, {lost} updates lost",
        f"{done / seconds:,.0f} a second",
        "none",
        not errors and not lost and done > 0,
    )


def write_at_once(instance: Path, seconds: float) -> tuple[int, list[str], dict[str, int], dict[str, int], float]:
    """Transactions done, errors, what the processes say that they have written, what is there, the longest wait."""
    settings = Settings(instance=instance, secret_key="writers", rate_limits=False)
    app = create_app(settings)
    assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
    with app.app_context():
        _prepare()
        db.engine.dispose()
    context = multiprocessing.get_context("spawn")
    said: Queue[tuple[str, int, int, str, float]] = context.Queue()
    kinds = ["edits"] * len(COLUMNS) + ["listings"] * 2 + ["jobs", "identifications"]
    gate = context.Barrier(len(kinds))
    processes = [
        context.Process(target=_write, args=(settings, kind, n, seconds, gate, said)) for n, kind in enumerate(kinds)
    ]
    for process in processes:
        process.start()
    told = [said.get(timeout=seconds + START_WITHIN_S) for _ in processes]
    for process in processes:
        process.join(60)
    expected = _expected(told)
    with app.app_context():
        found = _found()
        db.engine.dispose()
    errors = [error for *_, error, _ in told if error]
    return sum(done for _, _, done, _, _ in told), errors, expected, found, max(slowest for *_, slowest in told)


def _write(settings: Settings, kind: str, number: int, seconds: float, gate: object, said: Queue[object]) -> None:
    """What one process does; it tells how often it did it, what went wrong, and how long the slowest took."""
    app, once, done, slowest = create_app(settings), ONCE[kind], 0, 0.0
    with app.app_context():
        app.extensions["jobs"].add_kind("nothing", lambda progress: {})
        try:
            gate.wait(START_WITHIN_S)  # type: ignore[attr-defined]
            deadline = time.monotonic() + seconds
            while (began := time.monotonic()) < deadline:
                once(app, number, done)
                done += 1
                slowest = max(slowest, time.monotonic() - began)
        except Exception as error:
            said.put((kind, number, done, f"{type(error).__name__}: {error}", slowest))
            return
    said.put((kind, number, done, "", slowest))


def _edit(_app: Flask, number: int, done: int) -> None:
    find(Search())  # a page reads before it writes
    with write_transaction() as session:
        product, person = session.get_one(Product, EDITED), session.scalars(select(User)).one()
        column = COLUMNS[number % len(COLUMNS)]
        edit(product, {"price_cents": (product.price_cents or 0) + 1, column: f"{column} {done + 1}"}, person)


def _take_in(_app: Flask, number: int, done: int) -> None:
    take_in([_listing(f"shop {number}", done % 20, 1000 + done)], Path(), current_images())


def _listing(site: str, number: int, price_cents: int) -> Listing:
    return Listing(
        site=site,
        style_code=f"W-{number}",
        url=f"https://shop.example/{number}",
        brand="Brand",
        name="Name",
        price_cents=price_cents,
    )


def _run_job(app: Flask, number: int, done: int) -> None:
    job = current_jobs().enqueue("nothing", {"writer": number, "number": done}, "Waiting.")
    run_job(app, job.id)
    db.session.rollback()


def _identify_and_say(_app: Flask, _number: int, done: int) -> None:
    picture = current_images().put(b"photo %d" % done, "jpg")
    upload = Upload(
        position=0, photo_sha256=picture, cutout_sha256=picture, width=1, height=1, coverage=1.0, fallback=False
    )
    with write_transaction() as session:
        session.add(one := Identification(bundle_id="b", answer={"matches": [{"label": "a"}]}, uploads=[upload]))
    say_right(one)
    allow_training(one, True)
    forget(one.id, current_images())


def _prepare() -> None:
    """The product that is edited, and who does it."""
    create_user("writer@example.com", "admin", "as long as it has to be")
    take_in([_listing("first shop", 0, 0)], Path(), current_images())
    with write_transaction() as session:
        session.execute(update(CatalogueState).values(products=0))


def _found() -> dict[str, int]:
    """What is there in the end, by the names of what the processes say; only what is whole counts."""
    product = db.session.get_one(Product, EDITED)
    ended = select(func.count()).select_from(Job).where(Job.kind == "nothing", Job.state == "succeeded")
    gone = select(func.count()).select_from(Identification).where(Identification.deleted_at.is_not(None))
    prices = select(func.count()).select_from(OfferPrice).join(Offer).where(Offer.site != "first shop")
    changes = db.session.scalars(select(CatalogueState.products)).one()
    columns = {column: _number_in(str(getattr(product, column))) for column in COLUMNS}
    left = db.session.scalar(select(func.count()).select_from(Upload)) or 0
    return {
        **columns,
        "cents": product.price_cents or 0,
        "the label that follows": int(product.label == label_of(product.brand, product.name)),
        "changes of the catalogue": changes,
        "listings": db.session.scalar(prices) or 0,
        "jobs": db.session.scalar(ended) or 0,
        "identifications": (db.session.scalar(gone) or 0) - left,
    }


def _number_in(text: str) -> int:
    """The number at the end of what a writer has written; 0 where nothing came of it."""
    last = text.rsplit(maxsplit=1)[-1]
    return int(last) if last.isdigit() else 0


def _expected(told: Sequence[tuple[str, int, int, str, float]]) -> dict[str, int]:
    """What the processes say that they have done."""
    sums = {kind: sum(done for which, _, done, _, _ in told if which == kind) for kind in ONCE}
    columns = {COLUMNS[number % len(COLUMNS)]: done for kind, number, done, _, _ in told if kind == "edits"}
    return {
        **columns,
        "cents": sums["edits"],
        "the label that follows": 1,
        "changes of the catalogue": sums["edits"] + sums["listings"],
        "listings": sums["listings"],
        "jobs": sums["jobs"],
        "identifications": sums["identifications"],
    }


ONCE: dict[str, Callable[[Flask, int, int], None]] = {
    "edits": _edit,
    "listings": _take_in,
    "jobs": _run_job,
    "identifications": _identify_and_say,
}


if __name__ == "__main__":
    rows = list(measure(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
    print_table(rows, "writers")
    sys.exit(int(any(row.reached is False for row in rows)))
