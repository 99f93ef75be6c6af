"""Runs the migrations: `flask db upgrade`, and `flask db migrate` to draft a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import ForeignKeyConstraint, MetaData
from sqlalchemy.engine import Connection
from sqlalchemy.schema import SchemaItem

from webapp.database import WRITES, UtcDateTime

database = current_app.extensions["migrate"].db
metadata: MetaData = database.metadata


# Foreign keys that were added with a column: SQLAlchemy does not read their names and options back from SQLite.
ADDED_KEYS = {("products", "merged_into_id"), ("product_images", "offer_id")}


def is_ours(thing: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: SchemaItem | None) -> bool:
    """Leave the tables of the full-text index alone, which the models do not know, and what cannot be compared."""
    if isinstance(thing, ForeignKeyConstraint):
        return (thing.table.name, *thing.column_keys) not in ADDED_KEYS
    return not (kind == "table" and (name or "").startswith("products_search"))


def as_plain_types(kind: str, thing: object, _context: AutogenContext) -> str | Literal[False]:
    """Migrations outlive the code: they name SQLAlchemy's types, not ours."""
    return "sa.DateTime()" if kind == "type" and isinstance(thing, UtcDateTime) else False


@contextmanager
def _untied(connection: Connection) -> Iterator[None]:
    """Let a migration make a table anew without its rows' children going with them: SQLite would follow the foreign
    keys when the old table is dropped. Whatever leads nowhere afterwards is a fault of the migration."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection  # no transaction has begun: inside one the pragma does nothing
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = driver.execute("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise RuntimeError(f"rows that point nowhere after migrating (table, row, parent, key): {lost[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    engine = database.engine
    # On SQLite each migration is one writing transaction: it happens as a whole or not at all.
    with engine.connect().execution_options(**WRITES) as connection, _untied(connection):
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=is_ours,
            render_item=as_plain_types,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(url=str(database.engine.url), target_metadata=metadata, literal_binds=True, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
