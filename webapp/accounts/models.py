"""Who may do what, the tokens of their programs, and what was done."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from flask_login import UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Model, UtcDateTime, now

ROLES = ("admin", "marketer")


class User(Model, UserMixin):  # type: ignore[misc]
    """A person with an account; the password is kept as argon2id. One with `disabled_at` may no longer come in, by
    session or by token, and what they did keeps their name."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tokens: Mapped[list[ApiToken]] = relationship(
        back_populates="user", order_by="ApiToken.id", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (CheckConstraint("role IN ('admin', 'marketer')", name="role"),)

    @property
    def is_admin(self) -> bool:
        """Whether this person may change the catalogue and the models."""
        return self.role == "admin"

    @property
    def may_come_in(self) -> bool:
        """Whether their password and tokens open anything."""
        return self.disabled_at is None

    def get_id(self) -> str:
        """What the session's cookie holds: a new password ends every session that the old one opened."""
        return f"{self.id}.{hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]}"


class ApiToken(Model):
    """What a program sends in a person's name; kept as SHA-256. `last_used_at` is right to a few minutes."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship(back_populates="tokens", lazy="joined")

    __table_args__ = (UniqueConstraint("user_id", "name"),)


class AuditEntry(Model):
    """One act of an admin. `who` is their address as it was then; `user_id` is empty for commands on the machine."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    who: Mapped[str] = mapped_column(String(254))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index("ix_audit_entries_act", "act", "id"), Index("ix_audit_entries_who", "who", "id"))
