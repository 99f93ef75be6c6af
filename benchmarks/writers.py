"""Eight processes write to one SQLite file for a minute: `python -m benchmarks.writers [seconds]`.

They write as the site does: each reads, thinks, and changes in a write transaction what it has read. Four of them count
up one and the same row, two put products in with their pictures, one puts jobs through the queue, one feeds back
identifications and deletes them. In the end each number must be the sum of what every process says that it has done.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.queues import Queue
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from benchmarks.table import Row, print_table
from webapp import create_app
from webapp.catalogue.models import CatalogueState, Product
from webapp.database import db, now, write_transaction
from webapp.identify.models import Feedback, Identification
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.jobs.runner import run_job
from webapp.settings import Settings

SECONDS = 60.0
START_WITHIN_S = 200.0


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
    context = multiprocessing.get_context("spawn")
    said: Queue[tuple[str, int, str, float]] = context.Queue()
    kinds = ["counts"] * 4 + ["products"] * 2 + ["jobs", "identifications"]
    gate = context.Barrier(len(kinds))
    processes = [
        context.Process(target=_write, args=(settings, kind, n, seconds, gate, said)) for n, kind in enumerate(kinds)
    ]
    for process in processes:
        process.start()
    told = [said.get(timeout=seconds + START_WITHIN_S) for _ in processes]
    for process in processes:
        process.join(60)
    expected = dict.fromkeys(("counts", "products", "jobs", "identifications"), 0)
    for kind, number, _, _ in told:
        expected[kind] += number
    with app.app_context():
        found = _found()
        db.engine.dispose()
    errors = [error for _, _, error, _ in told if error]
    return sum(expected.values()), errors, expected, found, max(slowest for *_, slowest in told)


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
            said.put((kind, done, f"{type(error).__name__}: {error}", slowest))
            return
    said.put((kind, done, "", slowest))


def _count(_app: Flask, _number: int, _done: int) -> None:
    db.session.scalar(select(func.count()).select_from(Product))  # a page reads before it writes
    with write_transaction() as session:
        session.get_one(CatalogueState, 1).products += 1


def _add_product(_app: Flask, number: int, done: int) -> None:
    with write_transaction() as session:
        session.add(Product(site=f"shop {number}", style_code=str(done), brand="b", name="n", label="l", url=""))


def _run_job(app: Flask, number: int, done: int) -> None:
    job = current_jobs().enqueue("nothing", {"writer": number, "number": done}, "Waiting.")
    run_job(app, job.id)
    db.session.rollback()


def _identify_and_say(_app: Flask, _number: int, done: int) -> None:
    with write_transaction() as session:
        session.add(one := Identification(bundle_id="b", answer={"number": done}))
    with write_transaction() as session:
        session.merge(Feedback(identification_id=one.id, correct=True, given_at=now()))
    with write_transaction() as session:
        session.get_one(Identification, one.id).deleted_at = now()


def _found() -> dict[str, int]:
    """What is there in the end; only what is whole counts."""
    ended = select(func.count()).select_from(Job).where(Job.kind == "nothing", Job.state == "succeeded")
    said = select(func.count()).select_from(Identification).join(Feedback).where(Identification.deleted_at.is_not(None))
    return {
        "counts": db.session.scalars(select(CatalogueState.products)).one(),
        "products": db.session.scalar(select(func.count()).select_from(Product)) or 0,
        "jobs": db.session.scalar(ended) or 0,
        "identifications": db.session.scalar(said) or 0,
    }


ONCE: dict[str, Callable[[Flask, int, int], None]] = {
    "counts": _count,
    "products": _add_product,
    "jobs": _run_job,
    "identifications": _identify_and_say,
}


if __name__ == "__main__":
    rows = list(measure(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
    print_table(rows, "writers")
    sys.exit(int(any(row.reached is False for row in rows)))
