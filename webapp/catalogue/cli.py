"""`flask catalogue ...` and `flask scrape`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from scraper.listing import ListingError, read_listings
from webapp.accounts.audit import recorded
from webapp.catalogue.embed import NothingToEmbedWithError, embed_missing
from webapp.catalogue.intake import Intake, take_in
from webapp.catalogue.snapshot import SnapshotFolderError, write_catalogue_snapshot
from webapp.image_store import current_images

catalogue = AppGroup("catalogue", help="Fill the catalogue, embed its pictures, write it as training data.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(catalogue)
    app.cli.add_command(scrape)


@catalogue.command("intake")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def intake(file: Path) -> None:
    """Take in the listings of FILE; their pictures lie beside it. The same FILE again changes nothing."""
    seen_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    try:
        came = take_in(read_listings(file), file.parent, current_images(), seen_at=seen_at, progress=_tell_taken)
    except ListingError as error:
        raise click.ClickException(f"{error}. The listings before it were taken in.") from error
    for sentence in came.sentences:
        click.echo(f"Left out: {sentence}", err=True)
    click.echo(", ".join(f"{number} {name}" for name, number in came.counts().items()))


@catalogue.command("embed")
def embed() -> None:
    """Embed all pictures that the published bundle has not embedded yet."""
    recognition = current_app.extensions["recognition"]
    recognition.refresh()

    def tell(done: int, total: int) -> None:
        _tell(f"{done} of {total} products")

    try:
        embedded = embed_missing(recognition, current_images(), progress=tell)
    except NothingToEmbedWithError as error:
        raise click.ClickException(str(error)) from error
    finally:
        recognition.close()
    click.echo(f"{embedded} pictures embedded.")


@catalogue.command("snapshot")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def snapshot(folder: Path) -> None:
    """Write the catalogue as training data to DIR, which must be new or empty."""
    try:
        written = write_catalogue_snapshot(folder, current_images())
    except SnapshotFolderError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(written.images)} pictures of {len(written.labels)} labels are in {folder}.")


@click.command("scrape")
@click.argument("site")
@click.option("--start-url", "start_urls", multiple=True, metavar="URL", help="Begin here from now on.")
@click.option("--unless-done", is_flag=True, help="Do nothing where the newest reading of this shop succeeded.")
@with_appcontext
def scrape(site: str, start_urls: tuple[str, ...], unless_done: bool) -> None:
    """Have the worker read the shop SITE into the catalogue."""
    from webapp.catalogue.scrape import UnknownSiteError, enqueue_scrape, is_done
    from webapp.catalogue.shops import ShopError

    if unless_done and is_done(site):
        click.echo(f"{site} has been read already.")
        return
    try:
        with recorded(None, "start run", site) as details:
            job = enqueue_scrape(site, start_urls)
            details["job"] = job.id
    except (UnknownSiteError, ShopError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Job {job.id} waits to read {site}. The worker (flask worker) does it.")


def _tell_taken(came: Intake) -> None:
    _tell(f"{came.taken} listings")


def _tell(words: str) -> None:
    """Show progress to a person; a log has no use for it."""
    if sys.stderr.isatty():
        click.echo(f"\r{words} ", err=True, nl=False)
