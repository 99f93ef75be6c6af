"""Make accounts, change them, find the one behind a password or a token."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import ROLES, User
from webapp.accounts.passwords import hash_password, hash_token, is_password, new_token
from webapp.database import db, write_transaction

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


class AccountError(ValueError):
    """An account that cannot be made or found. The message can be shown to a person."""


def find_by_email(email: str) -> User | None:
    """The account of this address, however it is capitalised."""
    return db.session.scalar(select(User).where(User.email == _plain(email)))


def find_by_password(email: str, password: str) -> User | None:
    """The account that this password opens."""
    user = find_by_email(email)
    return user if is_password(password, user.password_hash if user else None) else None


def find_by_token(token: str) -> User | None:
    """The account that this API token belongs to."""
    return db.session.scalar(select(User).where(User.token_hash == hash_token(token)))


def create_user(email: str, role: str, password: str) -> User:
    """Make an account; raises AccountError with a sentence where that cannot be."""
    if not _EMAIL.fullmatch(_plain(email)):
        raise AccountError(f"{email!r} is not an e-mail address.")
    if role not in ROLES:
        raise AccountError(f"A role is one of {', '.join(ROLES)}, not {role!r}.")
    try:
        user = User(email=_plain(email), role=role, password_hash=hash_password(password))
        with write_transaction() as session:
            session.add(user)
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


def renew_token(user: User) -> str:
    """Give a person a new API token, which ends the old one. It is returned here and never again."""
    token = new_token()
    with write_transaction():
        user.token_hash = hash_token(token)
    return token


def _plain(email: str) -> str:
    return email.strip().lower()
