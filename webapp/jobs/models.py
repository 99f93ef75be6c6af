"""Long work that goes on while pages are served, and how far it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model, UtcDateTime, now

STATES = ("queued", "running", "succeeded", "failed", "cancelled", "interrupted")
RESUMABLE = ("interrupted", "failed", "cancelled")
HEARTBEAT_S = 5
SILENT_AFTER_S = 30


class Job(Model):
    """One piece of long work. `done` of `total` units are done; `total` is 0 as long as nobody knows it.

    `options` is what it was asked to do, `counts` what came of it, `message` a sentence for people, `log` the last
    lines of what it said. `owner` is the e-mail address of who asked for it, None for the schedule and for what the
    site does by itself. `attempts` counts how often it was begun: what an earlier
    attempt still says is not listened to.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default="queued")
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(String(500), default="")
    log: Mapped[str] = mapped_column(Text, default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str | None] = mapped_column(String(254))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        Index("ix_jobs_state", "state", "id"),
        Index("ix_jobs_kind", "kind", "id"),
    )

    @property
    def is_silent(self) -> bool:
        """Whether it says that it runs, yet has not been heard of for a while: its process is gone."""
        heard = self.heartbeat_at or self.started_at or self.created_at
        return self.state == "running" and now() - heard > timedelta(seconds=SILENT_AFTER_S)

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state == "queued" or (self.state == "running" and not self.is_silent)

    @property
    def is_resumable(self) -> bool:
        """Whether it ended before its work was done, so that it can go on."""
        return self.state in RESUMABLE or self.is_silent
