"""How the site reads and writes its database: readers never wait, writers queue up and never fail for being two.

A transaction only reads, unless it was opened by `write_transaction()`. On SQLite (in WAL mode) a reading
transaction starts with a plain BEGIN, and so sees one unchanging state while others write; a writing one starts with
BEGIN IMMEDIATE, and so takes its turn before it reads what it is about to change. A transaction that began by reading
and then writes is the one that fails with "database is locked" however long it may wait: the database refuses to
write in it, so that the mistake shows in the first test and not under load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Table, TypeDecorator, event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Session

WRITES = {"webapp_writes": True}
_BUSY_TIMEOUT_MS = 120_000
"""How long a writer waits for its turn. To publish a shop of 100,000 new products takes half a minute where others are
busy, too."""

# Constraints have names, so that a migration can speak of them.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class _Tables(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)


db = SQLAlchemy(model_class=_Tables)

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """What every table's class inherits."""

else:
    Model = db.Model


class ReadOnlyTransactionError(RuntimeError):
    """A write in a transaction that only reads."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Aware in Python, UTC without a zone in the database, so that it sorts and compares everywhere."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


def table_of(model: type[Any]) -> Table:
    """A model's table: thousands of rows go into it, or come out, much quicker than as objects."""
    table: Table = model.__table__
    return table


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


@contextmanager
def write_transaction() -> Iterator[Session]:
    """The one way to write: commits at the end of the block, rolls back where it raises.

    What was loaded before is loaded anew inside, after everyone else's writes. Inside another write_transaction it
    joins that one. Keep slow work (pictures, models, networks) out of it: other writers wait meanwhile.
    """
    session = db.session()
    if "writes" in session.info:
        yield session
        return
    session.rollback()  # ends the reading transaction; there is nothing in it to lose
    waiting: list[Callable[[], object]] = []
    session.info["writes"] = waiting
    try:
        session.connection(execution_options=WRITES)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writes")
    for call in waiting:
        call()


def when_written(call: Callable[[], object]) -> None:
    """Call this when the write transaction around it has been committed; at once where there is none."""
    waiting: list[Callable[[], object]] | None = db.session().info.get("writes")
    if waiting is None:
        call()
    else:
        waiting.append(call)


def prepare(engine: Engine) -> None:
    """Make the engine's connections keep the promises above. Only SQLite needs it."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _open)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _explain)


def _open(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transactions of its own: _begin does
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("webapp_writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _explain(context: ExceptionContext) -> None:
    if "readonly database" in str(context.original_exception):
        raise ReadOnlyTransactionError(
            "this transaction only reads: write inside webapp.database.write_transaction() "
            "(or the database's file or folder cannot be written)"
        ) from context.original_exception
