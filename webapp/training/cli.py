"""`flask train`, `flask tune`, `flask evaluate`, `flask publish`: what the desk's pages ask for, for scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from ml.serving.bundle import BundleError
from webapp.accounts.audit import recorded
from webapp.jobs.models import Job
from webapp.settings import current_settings
from webapp.training.asking import ask_evaluation, ask_publishing, ask_training, ask_tuning
from webapp.training.orders import OrderError
from webapp.training.starts import known_bundle

_SETTINGS = click.argument("settings", nargs=-1, metavar="[NAME=VALUE]...")


def register(app: Flask) -> None:
    """Add the commands."""
    for command in (train, tune, evaluate, publish):
        app.cli.add_command(command)


@click.command("train")
@_SETTINGS
@with_appcontext
def train(settings: Sequence[str]) -> None:
    """Have the worker train a network, as in `flask train network=vgg16 fine_epochs=5`."""
    _ask("start training", ask_training, _sent(settings))


@click.command("tune")
@_SETTINGS
@with_appcontext
def tune(settings: Sequence[str]) -> None:
    """Have the worker search for better settings, as in `flask tune network=vgg16 trials=20`."""
    _ask("start tuning", ask_tuning, _sent(settings))


@click.command("evaluate")
@click.argument("bundle")
@_SETTINGS
@with_appcontext
def evaluate(bundle: str, settings: Sequence[str]) -> None:
    """Have the worker measure the bundle of this id, as in `flask evaluate ID split=test`."""
    _ask("start evaluation", ask_evaluation, {**_sent(settings), "bundle": bundle})


@click.command("publish")
@click.argument("bundle")
@with_appcontext
def publish(bundle: str) -> None:
    """Have the worker put the bundle of this id into service."""
    try:
        found = known_bundle(current_settings(), bundle)
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    with recorded(None, "publish bundle", found.card.id) as details:
        job = ask_publishing(str(found.folder), found.card.id)
        details["job"] = job.id
    _tell(job)


def _sent(settings: Sequence[str]) -> dict[str, Any]:
    """The settings as a form would send them."""
    pairs = [setting.partition("=") for setting in settings]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise click.ClickException(f"{wrong[0]} is no setting: write NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _ask(act: str, ask: Callable[[Mapping[str, Any]], Job], sent: Mapping[str, Any]) -> None:
    try:
        with recorded(None, act, str(sent.get("bundle") or sent.get("network") or "the usual network")) as details:
            job = ask(sent)
            details["job"] = job.id
    except OrderError as error:
        raise click.ClickException(str(error)) from error
    _tell(job)


def _tell(job: Job) -> None:
    click.echo(f"Job {job.id} is in the queue. The worker (flask worker) does it.")
