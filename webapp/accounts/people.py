"""Make accounts, change them, find the one behind a password."""

from __future__ import annotations

import re

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import ROLES, User
from webapp.accounts.passwords import hash_password, is_password
from webapp.database import db, now, write_transaction

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


class AccountError(ValueError):
    """An account that cannot be made or found. The message can be shown to a person."""


def find_by_email(email: str) -> User | None:
    """The account of this address, however it is capitalised."""
    return db.session.scalar(select(User).where(User.email == _plain(email)))


def find_by_password(email: str, password: str) -> User | None:
    """The account that this password opens; None for one that is closed."""
    user = find_by_email(email)
    opens = is_password(password, user.password_hash if user else None)
    return user if opens and user is not None and user.may_come_in else None


def create_user(email: str, role: str, password: str) -> User:
    """Make an account; raises AccountError with a sentence where that cannot be."""
    if not _EMAIL.fullmatch(_plain(email)):
        raise AccountError(f"{email[:100]!r} is not an e-mail address.")
    _check_role(role)
    try:
        user = User(email=_plain(email), role=role, password_hash=hash_password(password))
        with write_transaction() as session:
            session.add(user)
            session.flush()
    except IntegrityError as error:
        raise AccountError(f"There is an account for {email} already.") from error
    except ValueError as error:
        raise AccountError(str(error)) from error
    return user


def set_password(user: User, password: str) -> None:
    """Change a password; every session of that person ends. Raises AccountError where it is too short."""
    try:
        hashed = hash_password(password)
    except ValueError as error:
        raise AccountError(str(error)) from error
    with write_transaction():
        user.password_hash = hashed


def set_role(user: User, role: str) -> None:
    """Let a person do what this role may; raises AccountError for the last admin and for a role that is none."""
    _check_role(role)
    with write_transaction():
        if role != "admin":
            _check_not_last_admin(user)
        user.role = role


def close_account(user: User) -> None:
    """Let a person in no longer, by password, session or token. Raises AccountError for the last admin."""
    with write_transaction():
        _check_not_last_admin(user)
        user.disabled_at = user.disabled_at or now()


def open_account(user: User) -> None:
    """Let a person in again."""
    with write_transaction():
        user.disabled_at = None


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(f"A role is one of {', '.join(ROLES)}, not {role[:40]!r}.")


def _check_not_last_admin(user: User) -> None:
    others = select(func.count()).where(User.role == "admin", User.disabled_at.is_(None), User.id != user.id)
    if user.is_admin and user.may_come_in and not db.session.scalar(others):
        raise AccountError(f"{user.email} is the only admin: nobody else could let them in again.")


def _plain(email: str) -> str:
    return email.strip().lower()
