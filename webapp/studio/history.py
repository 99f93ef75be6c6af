"""Past recommendations: a person's own, the latest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.database import db
from webapp.studio.models import Recommendation

PER_PAGE = 20


@dataclass(frozen=True)
class PastPage:
    """One page of the history; `page` counts from 1."""

    recommendations: list[Recommendation]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least 1."""
        return max(1, -(-self.total // PER_PAGE))


def past_of(user: User, page: int = 1) -> PastPage:
    """A page of what was recommended to a person."""
    own = Recommendation.user_id == user.id
    question = select(Recommendation).where(own).order_by(Recommendation.created_at.desc(), Recommendation.id)
    total = db.session.scalar(select(func.count()).select_from(Recommendation).where(own)) or 0
    return PastPage(list(db.session.scalars(question.limit(PER_PAGE).offset((page - 1) * PER_PAGE))), page, total)


def last_question(user: User) -> dict[str, str]:
    """The choices of a person's last question; none where they have not asked yet."""
    last = next(iter(past_of(user).recommendations), None)
    return {"target": last.target, **last.answer["question"]} if last else {}
