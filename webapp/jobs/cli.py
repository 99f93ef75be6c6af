"""`flask worker`."""

from __future__ import annotations

import logging

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.jobs.worker import SecondWorkerError, work


def register(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(worker)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Do the jobs of the queue, one after another, until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would print a line for each picture
    try:
        work(current_app._get_current_object())  # type: ignore[attr-defined]
    except SecondWorkerError as error:
        raise click.ClickException(str(error)) from error
