"""Which pictures of the image store nobody speaks of any more, and their removal.

Whoever keeps a picture's name keeps it in a column that ends in `sha256`: each such column of each table is looked at,
without anyone having to declare it. Names inside of a text are declared with `mention`, tables that only remember
pictures and keep none with `add_memory`.

A picture is in the store before its row is in the database. So one that was put there, or asked to be, within the last
hour is left alone: the store and the sweep take turns, and no picture goes between a look at its age and its removal.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Select, Table, delete, or_, select
from sqlalchemy.orm import Session

from webapp.database import db, write_transaction
from webapp.image_store import ImageStore

YOUNG_FOR_S = 3600.0
_AT_A_TIME = 1000
_FEW = 8
DIGEST = re.compile(r"[0-9a-f]{64}")

Mentions = Select[Any]
"""A question for texts, such as answers in JSON, in which names of pictures stand."""


def mention(app: Flask, texts: Mentions) -> None:
    """Say that the names in these texts are spoken of, too."""
    app.extensions.setdefault("picture_mentions", []).append(texts)


def add_memory(app: Flask, table: Table, columns: Sequence[str]) -> None:
    """Say that this table only remembers the pictures in these columns: it keeps none, and its rows go with them."""
    app.extensions.setdefault("picture_memories", {})[table] = tuple(columns)


def sweep_pictures(store: ImageStore, *, young_for_s: float = YOUNG_FOR_S) -> int:
    """Remove the pictures that nobody speaks of and that are no longer young; how many. Thumbnails go with them."""
    removed, mentioned = 0, _mentioned_pictures()
    names = store.older_than(young_for_s)
    while batch := set(islice(names, _AT_A_TIME)):
        if unspoken := batch - mentioned - spoken_of(batch):
            removed += _remove(store, unspoken, young_for_s)
    store.drop_lone_thumbnails(young_for_s)
    return removed


def remove_unless_spoken_of(store: ImageStore, names: Iterable[str]) -> int:
    """Remove these pictures at once, young or not, but for those that somebody speaks of; how many.

    No row can come in between: whoever writes one about a picture that may go has a look at the store in the same
    transaction (see `webapp.identify.receive`, `webapp.catalogue.staging`).
    """
    left, removed = iter(sorted(set(names))), 0
    while batch := set(islice(left, _AT_A_TIME)):
        removed += _remove(store, batch, None)
    return removed


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
    mentions: list[Mentions] = current_app.extensions.get("picture_mentions", [])
    return [str(question.compile(db.engine)) for question in (*columns, *mentions)]


def _remove(store: ImageStore, names: Collection[str], young_for_s: float | None) -> int:
    """Remove those of the names that nobody speaks of, and that are old enough; how many.

    The rows of memories go first, the files after them: a process that dies in between leaves files, never a memory of
    a picture that is gone. Everyone who asks takes the database's turn first and then the store's.
    """
    with write_transaction() as session, store.turn(alone=True):
        old = {name for name in names if young_for_s is None or store.age_s(name) > young_for_s}
        unspoken = old - _spoken_of(old)
        unspoken -= _mentioned_pictures(unspoken)
        for memory, names_in in _memories().items():
            session.execute(delete(memory).where(or_(*(memory.columns[name].in_(unspoken) for name in names_in))))
        for name in unspoken:
            store.remove(name)
    return len(unspoken)


def _memories() -> dict[Table, tuple[str, ...]]:
    memories: dict[Table, tuple[str, ...]] = current_app.extensions.get("picture_memories", {})
    return memories


def _mentioned_pictures(names: Collection[str] | None = None) -> set[str]:
    """All names that stand in declared texts, or those of `names`: few are looked for by the database."""
    questions: list[Mentions] = current_app.extensions.get("picture_mentions", [])
    if names is not None and len(names) <= _FEW:
        questions = [_that_contain(question, names) for question in questions if names]
    return {name for text in _texts(questions) for name in DIGEST.findall(text)}


def _that_contain(question: Mentions, names: Collection[str]) -> Mentions:
    text = question.selected_columns[0]
    return question.where(or_(*(text.contains(name) for name in names)))


def _texts(questions: Iterable[Mentions]) -> Iterator[str]:
    for question in questions:
        yield from map(str, db.session.scalars(question.execution_options(yield_per=200)))


def _spoken_of(names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for table, name in picture_columns():
        column = db.metadata.tables[table].columns[name]
        found.update(db.session.scalars(select(column).where(column.in_(names))))
    return found
