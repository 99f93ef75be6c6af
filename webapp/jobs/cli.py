"""`flask worker`."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.jobs.chores import enqueue_clean_up
from webapp.jobs.worker import SecondWorkerError, work
from webapp.logs import set_up_logging
from webapp.settings import current_settings


def register(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(worker)
    app.cli.add_command(clean_up)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Do the jobs of the queue, one after another, until stopped."""
    set_up_logging(current_settings())
    try:
        work(current_app._get_current_object())  # type: ignore[attr-defined]
    except SecondWorkerError as error:
        raise click.ClickException(str(error)) from error


@click.command("clean-up")
@with_appcontext
def clean_up() -> None:
    """Have the worker remove what is kept too long, as it does every day."""
    click.echo(f"Job {enqueue_clean_up().id} is in the queue.")
