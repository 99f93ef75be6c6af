"""Jobs that an admin may start by hand: what else begins by itself, when a bundle comes on duty or a day is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.catalogue import re_embed
from webapp.jobs import chores
from webapp.jobs.models import Job
from webapp.jobs.queue import current_jobs
from webapp.recognition import current_recognition
from webapp.studio import ahead


class StartError(ValueError):
    """A job that cannot be started. The message is a sentence."""


@dataclass(frozen=True)
class Startable:
    """A kind of job: its button, what it does, what it says while it waits; some need a bundle on duty."""

    title: str
    does: str
    waiting: str
    needs_bundle: bool = True


STARTABLE: Mapping[str, Startable] = {
    re_embed.KIND: Startable(
        "Embed the catalogue",
        "Pictures that the model on duty has not seen yet, so that photos find them.",
        "Waiting to embed the catalogue.",
    ),
    ahead.KIND: Startable(
        "Make the augments ahead",
        "Variants for the studio that are not there yet, so that nobody waits for them.",
        "Waiting to make the studio's variants.",
    ),
    chores.KIND: Startable(
        "Clean up",
        "Photos kept long enough, pictures that nothing needs, old logs and snapshots. Else once a day.",
        "Waiting to clean up.",
        needs_bundle=False,
    ),
}


def start_job(kind: str, who: User) -> Job:
    """Have the worker do it; a job of this kind that waits or runs already is returned. Raises StartError."""
    if kind not in STARTABLE:
        raise StartError(f"Only these are started by hand: {', '.join(one.title for one in STARTABLE.values())}.")
    startable, bundle = STARTABLE[kind], current_recognition().bundle
    if startable.needs_bundle and bundle is None:
        raise StartError("No model is on duty, so that there is nothing to look at pictures with. Publish a bundle.")
    options = {"bundle": bundle.card.id} if startable.needs_bundle and bundle else {}
    with recorded(who, "start job", startable.title) as details:
        job = current_jobs().enqueue(kind, options, startable.waiting, who.email)
        details["job"] = job.id
    return job
