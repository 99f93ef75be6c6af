"""Writers queue up, readers never wait, and a write by mistake fails at once."""

from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from webapp import create_app
from webapp.catalogue.models import CatalogueState
from webapp.database import ReadOnlyTransactionError, db, write_transaction
from webapp.settings import Settings

ROUNDS = 40


def add_one() -> None:
    """Read, think, write: what fails with "database is locked" in a transaction that began by reading."""
    with write_transaction() as session:
        state = session.get_one(CatalogueState, 1)
        state.products += 1


def add_often(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        for _ in range(ROUNDS):
            db.session.scalar(select(CatalogueState.products))  # a page reads before it writes
            add_one()


def products_counted() -> int:
    db.session.rollback()
    return db.session.scalars(select(CatalogueState.products)).one()


def test_writers_in_many_processes_lose_nothing(app: Flask, settings: Settings) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=add_often, args=(settings,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    with app.app_context():
        assert products_counted() == 4 * ROUNDS


def test_writers_in_many_threads_lose_nothing(app: Flask) -> None:
    failures: list[Exception] = []

    def work() -> None:
        with app.app_context():
            try:
                for _ in range(ROUNDS):
                    db.session.scalar(select(CatalogueState.products))
                    add_one()
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    with app.app_context():
        assert products_counted() == 8 * ROUNDS


def test_readers_do_not_wait_for_a_writer(app: Flask) -> None:
    with app.app_context(), write_transaction() as session:
        session.execute(update(CatalogueState).values(products=7))
        session.flush()
        seen: list[tuple[int, float]] = []

        def read() -> None:
            started = time.monotonic()
            with app.app_context():
                seen.append((products_counted(), time.monotonic() - started))

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(20)
    assert seen[0][0] == 0
    assert seen[0][1] < 2


@pytest.mark.usefixtures("app_context")
def test_a_write_outside_a_write_transaction_is_refused() -> None:
    state = db.session.get_one(CatalogueState, 1)
    state.products = 5
    with pytest.raises(ReadOnlyTransactionError, match="write_transaction"):
        db.session.commit()
    db.session.rollback()
    with pytest.raises(ReadOnlyTransactionError):
        db.session.execute(update(CatalogueState).values(products=5))
    db.session.rollback()
    assert products_counted() == 0


@pytest.mark.usefixtures("app_context")
def test_what_was_loaded_before_is_loaded_anew_inside(app: Flask) -> None:
    state = db.session.get_one(CatalogueState, 1)
    assert state.products == 0
    other = threading.Thread(target=lambda: _in_context(app))
    other.start()
    other.join()
    with write_transaction():
        state.products += 1
    assert products_counted() == 2


def _in_context(app: Flask) -> None:
    with app.app_context():
        add_one()


@pytest.mark.usefixtures("app_context")
def test_a_failing_block_leaves_nothing_and_an_inner_one_joins_the_outer() -> None:
    with pytest.raises(RuntimeError, match="half way"), write_transaction() as session:
        session.execute(update(CatalogueState).values(products=5))
        add_one()
        raise RuntimeError("half way")
    assert products_counted() == 0
    with write_transaction():
        add_one()
        add_one()
    assert products_counted() == 2


@pytest.mark.usefixtures("app_context")
def test_connections_keep_their_promises() -> None:
    pragmas = {
        name: db.session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys", "busy_timeout")
    }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 120_000}


def test_models_and_migrations_agree(app: Flask) -> None:
    checked = app.test_cli_runner().invoke(args=["db", "check"])
    assert checked.exit_code == 0, checked.output


def test_migrations_can_be_undone(tmp_path: Path, app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "downgrade", "base"]).exit_code == 0
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
