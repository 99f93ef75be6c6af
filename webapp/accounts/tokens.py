"""API tokens: made once for a name, shown once, found by their hash, revoked at any time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from webapp.accounts.models import ApiToken, User
from webapp.accounts.passwords import hash_token, new_token
from webapp.accounts.people import AccountError
from webapp.database import db, now, write_transaction

USUAL = "usual"
MOST_TOKENS = 20
_NOTED_EVERY = timedelta(minutes=5)


def make_token(user: User, name: str) -> str:
    """Make a token of this name. It is returned here and never again; raises AccountError where that cannot be."""
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= 80 or not plain.isprintable():
        raise AccountError("A token needs a name of 1 to 80 characters that says what uses it.")
    token = new_token()
    with write_transaction() as session:
        names = session.scalars(select(ApiToken.name).where(ApiToken.user_id == user.id)).all()
        if plain in names:
            raise AccountError(f"{user.email} has a token named {plain!r} already. Choose another name.")
        if len(names) >= MOST_TOKENS:
            raise AccountError(f"{user.email} has {MOST_TOKENS} tokens already. Revoke one first.")
        session.add(ApiToken(user_id=user.id, name=plain, token_hash=hash_token(token)))
    return token


def renew_token(user: User, name: str = USUAL) -> str:
    """Make the token of this name anew, which ends the old one. It is returned here and never again."""
    with write_transaction() as session:
        session.execute(delete(ApiToken).where(ApiToken.user_id == user.id, ApiToken.name == name))
        return make_token(user, name)


def revoke_token(token: ApiToken) -> None:
    """End a token: whatever sends it is refused from now on."""
    with write_transaction() as session:
        session.execute(delete(ApiToken).where(ApiToken.id == token.id))


def find_by_token(token: str) -> User | None:
    """The person whose token this is, and who may come in; notes that it was used."""
    found = db.session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_token(token)))
    if found is None or not found.user.may_come_in:
        return None
    user = found.user
    if found.last_used_at is None or now() - found.last_used_at > _NOTED_EVERY:
        with write_transaction() as session:
            session.execute(update(ApiToken).where(ApiToken.id == found.id).values(last_used_at=now()))
    return user
