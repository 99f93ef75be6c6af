"""Who may do what."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model, UtcDateTime, now

ROLES = ("admin", "marketer")


class User(Model, UserMixin):  # type: ignore[misc]
    """A person with an account. Kept are the password as argon2id and the API token as SHA-256."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (CheckConstraint("role IN ('admin', 'marketer')", name="role"),)

    @property
    def is_admin(self) -> bool:
        """Whether this person may change the catalogue and the models."""
        return self.role == "admin"

    def get_id(self) -> str:
        """What the session's cookie holds: a new password ends every session that the old one opened."""
        return f"{self.id}.{hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]}"
