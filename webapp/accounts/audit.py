"""The audit log: who did what to what. An act and its entry are written together or not at all; an act among files,
which cannot be taken back, has its entry first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, String, cast, or_, select

from webapp.accounts.models import AuditEntry, User
from webapp.database import db, write_transaction

ON_THE_MACHINE = "command line"
OUTCOME, BEGUN, DONE = "outcome", "begun", "done"
PER_PAGE = 50


@contextmanager
def recorded(who: User | None, act: str, subject: str = "", **details: Any) -> Iterator[dict[str, Any]]:
    """Do what the block does in one write transaction, and write down who did it; nothing where the block raises.

    The block may add to the details that it is given. `who` is None for a command on the machine. Nothing secret may
    be in them: every admin reads the log.
    """
    with write_transaction() as session:
        yield details
        session.add(_entry(who, act, subject, details))


@contextmanager
def recorded_around(who: User | None, act: str, subject: str = "", **details: Any) -> Iterator[dict[str, Any]]:
    """Like `recorded`, for an act that no transaction can take back: one that moves or removes files.

    Its entry is there before the act begins, and tells its `outcome`: begun, then done, or failed and why. So nothing
    happens that the log does not know; what a crash broke off stays "begun".
    """
    with write_transaction() as session:
        session.add(entry := _entry(who, act, subject, {**details, OUTCOME: BEGUN}))
        session.flush()
        entry_id = entry.id
    try:
        yield details
    except BaseException as error:
        _tell(entry_id, {**details, OUTCOME: f"failed: {str(error) or type(error).__name__}"[:300]})
        raise
    _tell(entry_id, {**details, OUTCOME: DONE})


def read_entries(*, who: str = "", act: str = "", words: str = "", page: int = 1) -> tuple[list[AuditEntry], bool]:
    """A page of entries, the latest first, and whether there are older ones.

    `who` and `act` must agree; `words` are looked for in the subject and the details.
    """
    question = _filtered(who, act, words).order_by(AuditEntry.id.desc())
    found = list(db.session.scalars(question.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)))
    return found[:PER_PAGE], len(found) > PER_PAGE


def people_and_acts() -> tuple[list[str], list[str]]:
    """Everyone who did something, and all kinds of acts: what the page offers to choose from."""
    people = db.session.scalars(select(AuditEntry.who).distinct().order_by(AuditEntry.who))
    acts = db.session.scalars(select(AuditEntry.act).distinct().order_by(AuditEntry.act))
    return list(people), list(acts)


def _filtered(who: str, act: str, words: str) -> Select[AuditEntry]:
    question = select(AuditEntry)
    if who:
        question = question.where(AuditEntry.who == who)
    if act:
        question = question.where(AuditEntry.act == act)
    if words:
        told = (AuditEntry.subject, cast(AuditEntry.details, String))
        question = question.where(or_(*(column.icontains(words, autoescape=True) for column in told)))
    return question


def _entry(who: User | None, act: str, subject: str, details: dict[str, Any]) -> AuditEntry:
    entry = AuditEntry(act=act[:60], subject=subject[:300], details=details)
    entry.user_id, entry.who = (who.id, who.email) if who else (None, ON_THE_MACHINE)
    return entry


def _tell(entry_id: int, details: dict[str, Any]) -> None:
    with write_transaction() as session:
        session.get_one(AuditEntry, entry_id).details = details
