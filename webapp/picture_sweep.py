"""Which pictures of the image store nobody speaks of any more, and their removal.

Whoever keeps a picture's name keeps it in a column that ends in `sha256`: each such column of each table is looked at,
without anyone having to declare it. Names inside of a text are declared with `mention`.

A picture is in the store before its row is in the database. So one that was put there, or asked to be, within the last
hour is left alone: the store and the sweep take turns, and no picture goes between a look at its age and its removal.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Select, select

from webapp.database import db, write_transaction
from webapp.image_store import ImageStore

YOUNG_FOR_S = 3600.0
_AT_A_TIME = 1000
DIGEST = re.compile(r"[0-9a-f]{64}")

Mentions = Select[Any]
"""A question for texts, such as answers in JSON, in which names of pictures stand."""


def mention(app: Flask, texts: Mentions) -> None:
    """Say that the names in these texts are spoken of, too."""
    app.extensions.setdefault("picture_mentions", []).append(texts)


def sweep_pictures(store: ImageStore, *, young_for_s: float = YOUNG_FOR_S) -> int:
    """Remove the pictures that nobody speaks of and that are no longer young; how many. Thumbnails go with them."""
    removed, mentioned = 0, mentioned_pictures()
    names = store.older_than(young_for_s)
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
    with write_transaction(), store.turn(alone=True):
        unspoken = set(names) - _spoken_of(names) - mentioned_pictures()
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
    mentions: list[Mentions] = current_app.extensions.get("picture_mentions", [])
    return [str(question.compile(db.engine)) for question in (*columns, *mentions)]


def mentioned_pictures() -> set[str]:
    """All names that stand in declared texts."""
    questions: list[Mentions] = current_app.extensions.get("picture_mentions", [])
    return {name for text in _texts(questions) for name in DIGEST.findall(text)}


def _texts(questions: Iterable[Mentions]) -> Iterator[str]:
    for question in questions:
        yield from map(str, db.session.scalars(question.execution_options(yield_per=200)))


def _spoken_of(names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for table, name in picture_columns():
        column = db.metadata.tables[table].columns[name]
        found.update(db.session.scalars(select(column).where(column.in_(names))))
    return found
