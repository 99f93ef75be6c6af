"""Undo a run: what it changed is as before, what it added is retired."""

from __future__ import annotations

from webapp.accounts.models import User
from webapp.catalogue.run_models import ScrapeRun


def undo(run: ScrapeRun, person: User) -> None:
    """Take back what a run did. Later runs of the same shop must be undone first; raises RunError with a sentence where
    that, or anything else, stands in the way."""
    raise NotImplementedError
