"""Which pictures of the image store nobody speaks of any more, and their removal.

Whoever keeps a picture's name keeps it in a column that ends in `sha256`, or somewhere inside of JSON: each such column
of each table is looked at, without anyone having to declare it, so that a new table can only keep too much. What keeps
less is declared: `add_memory` for a table, `keep_only_where` for a column of JSON.

A picture is in the store before its row is in the database. So one that was put there, or asked to be, within the last
hour is left alone: the store and the sweep take turns, and no picture goes between a look at its age and its removal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Any

from flask import Flask, current_app
from sqlalchemy import JSON, ColumnElement, Select, Table, Text, cast, delete, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.database import db, write_transaction
from webapp.image_store import ImageStore

YOUNG_FOR_S = 3600.0
_AT_A_TIME = 1000
_FEW = 8
DIGEST = re.compile(r"[0-9a-f]{64}")
Question = Select[Any]

KEEPS_NOTHING = frozenset(
    {
        ("identifications", "answer"),
        ("jobs", "options"),
        ("jobs", "counts"),
        ("offers", "facts"),
        ("staged_listings", "facts"),
        ("audit_entries", "details"),
    }
)
"""JSON that tells of pictures and does not keep them (an answer shows products, which may go), or tells of none."""


def keep_only_where(app: Flask, column: InstrumentedAttribute[Any], condition: ColumnElement[bool]) -> None:
    """Say that of this column of JSON only the rows that fulfil `condition` keep the pictures that they name."""
    app.extensions.setdefault("picture_conditions", {})[column.table.name, column.key] = condition


def add_memory(app: Flask, table: Table, columns: Sequence[str]) -> None:
    """Say that this table only remembers the pictures in these columns: it keeps none, and its rows go with them."""
    app.extensions.setdefault("picture_memories", {})[table] = tuple(columns)


def add_copies(app: Flask, drop: Callable[[Collection[str]], None]) -> None:
    """Have `drop` called with the pictures that were removed at once: it removes what copies there are of them."""
    app.extensions.setdefault("picture_copies", []).append(drop)


def sweep_pictures(
    store: ImageStore, *, young_for_s: float = YOUNG_FOR_S, progress: Callable[[int], None] | None = None
) -> int:
    """Remove the pictures that nobody speaks of and that are no longer young; how many. Thumbnails go with them.
    `progress` is told now and then how many were looked at; what it raises ends the sweep."""
    removed, looked_at, mentioned = 0, 0, _mentioned_pictures()
    names = store.older_than(young_for_s)
    while batch := set(islice(names, _AT_A_TIME)):
        if progress is not None:
            progress(looked_at)
        looked_at += len(batch)
        if unspoken := batch - mentioned - spoken_of(batch):
            removed += len(_remove(store, unspoken, young_for_s))
    store.drop_lone_thumbnails(young_for_s)
    return removed


def remove_unless_spoken_of(store: ImageStore, names: Iterable[str]) -> int:
    """Remove these pictures at once, young or not, but for those that somebody speaks of; how many.

    No row can come in between: whoever writes one about a picture that may go has a look at the store in the same
    transaction (see `webapp.identify.receive`, `webapp.catalogue.staging`).
    """
    left, removed = iter(sorted(set(names))), set[str]()
    while batch := set(islice(left, _AT_A_TIME)):
        removed |= _remove(store, batch, None)
    for drop in current_app.extensions.get("picture_copies", []) if removed else ():
        drop(removed)
    return len(removed)


def pictures_below(session: Session, parent: Table, ids: Collection[int]) -> set[str]:
    """The pictures that rows of other tables name which belong to these rows of `parent`, and go with them."""
    found: set[str] = set()
    for table, name in picture_columns():
        columns = db.metadata.tables[table].columns
        for column in columns:
            if any(key.column.table is parent for key in column.foreign_keys):
                found.update(session.scalars(select(columns[name]).where(column.in_(ids))))
    return found


def spoken_of(names: Collection[str]) -> set[str]:
    """Those of the names that stand in some row at this moment."""
    db.session.rollback()  # an older reading transaction would not see what was written meanwhile
    found = _spoken_of(names)
    db.session.rollback()
    return found


def picture_columns() -> list[tuple[str, str]]:
    """Table and column of everything that may hold a picture's name."""
    tables = [table for table in db.metadata.tables.values() if table not in _memories()]
    return [(table.name, column.name) for table in tables for column in table.columns if column.name.endswith("sha256")]


def picture_questions() -> list[str]:
    """In SQL, questions for all texts in which names of pictures stand."""
    columns = [select(db.metadata.tables[table].columns[name]) for table, name in picture_columns()]
    questions = (*columns, *_json_questions())
    return [str(one.compile(db.engine, compile_kwargs={"literal_binds": True})) for one in questions]


def _remove(store: ImageStore, names: Collection[str], young_for_s: float | None) -> set[str]:
    """Remove those of the names that nobody speaks of, and that are old enough; which.

    Who asks takes the database's turn first and then the store's, so that no two wait for each other. A process that
    dies here may leave a memory of a picture that is gone: who relies on one asks the store (`ImageStore.want`).
    """
    with write_transaction() as session, store.turn(alone=True):
        old = {name for name in names if young_for_s is None or store.age_s(name) > young_for_s}
        unspoken = old - _spoken_of(old)
        unspoken -= _mentioned_pictures(unspoken)
        for memory, names_in in _memories().items():
            session.execute(delete(memory).where(or_(*(memory.columns[name].in_(unspoken) for name in names_in))))
        for name in unspoken:
            store.remove(name)
    return unspoken


def _memories() -> dict[Table, tuple[str, ...]]:
    memories: dict[Table, tuple[str, ...]] = current_app.extensions.get("picture_memories", {})
    return memories


def _mentioned_pictures(names: Collection[str] | None = None) -> set[str]:
    """All names that stand in JSON, or those of `names`: few are looked for by the database."""
    questions = _json_questions()
    if names is not None and len(names) <= _FEW:
        questions = [_that_contain(question, names) for question in questions if names]
    found: set[str] = set()
    for question in questions:
        for text in db.session.scalars(question.execution_options(yield_per=200)):
            found.update(DIGEST.findall(text or ""))
    return found


def _json_questions() -> list[Question]:
    """The texts of all columns of JSON that may keep pictures."""
    conditions: dict[tuple[str, str], ColumnElement[bool]] = current_app.extensions.get("picture_conditions", {})
    return [
        select(cast(column, Text)).where(conditions.get((table.name, column.name), true()))
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JSON) and (table.name, column.name) not in KEEPS_NOTHING
    ]


def _that_contain(question: Question, names: Collection[str]) -> Question:
    text = question.selected_columns[0]
    return question.where(or_(*(text.contains(name) for name in names)))


def _spoken_of(names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for table, name in picture_columns():
        column = db.metadata.tables[table].columns[name]
        found.update(db.session.scalars(select(column).where(column.in_(names))))
    return found
