"""What an admin decides about a suspect run: it is published as it is, or thrown away."""

from __future__ import annotations

from webapp.accounts.models import User
from webapp.catalogue.run_models import ScrapeRun


def approve(run: ScrapeRun, person: User) -> None:
    """Publish a suspect run; raises RunError where it is none, or a later run of its shop has been published."""
    raise NotImplementedError


def reject(run: ScrapeRun, person: User) -> None:
    """Throw a suspect run away: it is cancelled, and the pictures that only it brought go. Raises RunError."""
    raise NotImplementedError
