"""Which pictures of the image store nobody speaks of any more, and their removal.

Whoever keeps a picture's name keeps it in a column that ends in `sha256`, or somewhere inside of JSON: each such column
of each table is looked at, without anyone having to declare it. So a new table can only keep too much.

A picture is in the store before its row is in the database. So one that was put there, or asked to be, within the last
hour is left alone: the store and the sweep take turns, and no picture goes between a look at its age and its removal.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Select, Text, cast, select

from webapp.database import db, write_transaction
from webapp.image_store import ImageStore

YOUNG_FOR_S = 3600.0
_AT_A_TIME = 1000
DIGEST = re.compile(r"[0-9a-f]{64}")

KEEPS_NOTHING = frozenset({("identifications", "answer"), ("jobs", "options"), ("jobs", "counts")})
"""JSON that tells of pictures and does not keep them: an answer shows products, which may go."""


def sweep_pictures(store: ImageStore, *, young_for_s: float = YOUNG_FOR_S) -> int:
    """Remove the pictures that nobody speaks of and that are no longer young; how many. Thumbnails go with them."""
    removed, mentioned = 0, mentioned_pictures()
    names = store.untouched_for(young_for_s)
    while batch := set(islice(names, _AT_A_TIME)):
        unspoken = batch - mentioned - spoken_of(batch)
        if not unspoken:
            continue
        with store.turn(alone=True):
            old = {name for name in unspoken if store.age_s(name) > young_for_s}
            for name in old - spoken_of(old):
                store.remove(name)
                removed += 1
    store.drop_lone_thumbnails(young_for_s)
    return removed


def remove_unless_spoken_of(store: ImageStore, names: Collection[str]) -> int:
    """Remove these pictures at once, young or not, but for those that somebody speaks of; how many.

    No row can come in between: whoever writes one about a picture that may go has a look at the store in the same
    transaction (see `webapp.identify.receive`).
    """
    mentioned = mentioned_pictures()  # takes long: nobody should wait for it to write
    with write_transaction(), store.turn(alone=True):
        unspoken = set(names) - _spoken_of(names) - mentioned
        for name in unspoken:
            store.remove(name)
    return len(unspoken)


def spoken_of(names: Collection[str]) -> set[str]:
    """Those of the names that stand in some row at this moment."""
    db.session.rollback()  # an older reading transaction would not see what was written meanwhile
    found = _spoken_of(names)
    db.session.rollback()
    return found


def picture_columns() -> list[tuple[str, str]]:
    """Table and column of everything that may hold a picture's name."""
    tables = db.metadata.tables.values()
    return [(table.name, column.name) for table in tables for column in table.columns if column.name.endswith("sha256")]


def picture_questions() -> list[str]:
    """In SQL, questions for all texts in which names of pictures stand."""
    columns = [select(db.metadata.tables[table].columns[name]) for table, name in picture_columns()]
    return [str(question.compile(db.engine)) for question in (*columns, *_json_questions())]


def mentioned_pictures() -> set[str]:
    """All names that stand in JSON."""
    found: set[str] = set()
    for question in _json_questions():
        for text in db.session.scalars(question.execution_options(yield_per=200)):
            found.update(DIGEST.findall(text or ""))
    return found


def _json_questions() -> list[Select[Any]]:
    """The texts of all columns of JSON that may keep pictures."""
    return [
        select(cast(column, Text))
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JSON) and (table.name, column.name) not in KEEPS_NOTHING
    ]


def _spoken_of(names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for table, name in picture_columns():
        column = db.metadata.tables[table].columns[name]
        found.update(db.session.scalars(select(column).where(column.in_(names))))
    return found
