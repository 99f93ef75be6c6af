"""The schedule begins what is due, once, whatever else fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.database import db, now, write_transaction
from webapp.jobs.models import Job
from webapp.jobs.queue import JobQueue
from webapp.jobs.schedule import DAILY, WEEKLY, Appointment, watch_schedule


@pytest.fixture
def queue(app: Flask, app_context: Flask) -> JobQueue:
    """The site's queue with two shops on its timetable, one read daily, one weekly."""
    queue: JobQueue = app.extensions["jobs"]
    queue.add_kind("scrape", lambda progress: {})
    queue.timetables.clear()

    def appointment(site: str, every: timedelta) -> Appointment:
        options = {"site": site, "start_urls": []}
        return Appointment("scrape", every, lambda: queue.enqueue("scrape", options, "Waiting."), {"site": site})

    queue.add_timetable(lambda: [appointment("quick", DAILY), appointment("slow", WEEKLY)])
    return queue


def begun() -> list[str]:
    db.session.rollback()
    return [job.options["site"] for job in db.session.scalars(select(Job).order_by(Job.id))]


def pass_by(**time: float) -> None:
    """Let time pass: everything was that much earlier. Jobs that waited have been done meanwhile."""
    with write_transaction() as session:
        for job in session.scalars(select(Job)):
            job.created_at -= timedelta(**time)
            job.state = "succeeded"


def test_what_never_was_done_is_due_and_then_only_in_its_turn(queue: JobQueue) -> None:
    watch_schedule(queue)()
    assert begun() == ["quick", "slow"]
    assert {job.owner for job in db.session.scalars(select(Job))} == {None}
    pass_by(hours=23)
    watch_schedule(queue)()
    assert begun() == ["quick", "slow"]
    pass_by(hours=2)
    watch_schedule(queue)()
    assert begun() == ["quick", "slow", "quick"]
    pass_by(days=30)
    watch_schedule(queue)()
    watch_schedule(queue)()
    assert begun()[3:] == ["quick", "slow"]


def test_it_looks_every_half_minute_only(queue: JobQueue) -> None:
    look = watch_schedule(queue)
    look()
    pass_by(days=30)
    look()
    assert len(begun()) == 2


def test_one_that_cannot_be_begun_does_not_hold_up_the_others(queue: JobQueue) -> None:
    def refuse() -> None:
        raise ValueError("nobody has confirmed that this shop may be read")

    queue.timetables.insert(0, lambda: [Appointment("scrape", DAILY, refuse, {"site": "refused"})])
    watch_schedule(queue)()
    assert begun() == ["quick", "slow"]


def test_cleaning_up_is_on_every_sites_timetable(app: Flask, app_context: Flask) -> None:
    watch_schedule(app.extensions["jobs"])()
    db.session.rollback()
    assert [(job.kind, job.created_at <= now()) for job in db.session.scalars(select(Job))] == [("clean_up", True)]
