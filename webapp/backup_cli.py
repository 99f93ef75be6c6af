"""`flask backup` and `flask restore`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from webapp import backup as verbs
from webapp.database import db
from webapp.image_store import current_images
from webapp.settings import current_settings


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Write database, pictures and bundles to FOLDER, while the site is at work."""
    try:
        facts = verbs.back_up(current_settings(), current_images(), folder.absolute())
    except (verbs.BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{folder} holds the site as of {facts['made_at']}: {facts['pictures']} pictures.")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_appcontext
def restore(folder: Path) -> None:
    """Put the backup in FOLDER into the instance folder, which must have no database yet."""
    db.engine.dispose()
    try:
        facts = verbs.restore(current_settings(), folder.absolute())
    except (verbs.BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored the site as of {facts['made_at']}. Next: flask db upgrade, then start it.")
