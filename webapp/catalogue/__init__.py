"""The sneakers that we know: listings come in, people browse, a snapshot goes out to training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask

from webapp.database import table_of

if TYPE_CHECKING:
    from webapp.jobs.progress import Progress


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.catalogue import cli, facets, known_models, offer_models, re_embed, run_models, views  # noqa: F401
    from webapp.catalogue.looks import is_shown_to_all
    from webapp.image_store import let_anyone_keep
    from webapp.picture_sweep import add_memory

    let_anyone_keep(app, is_shown_to_all)
    add_memory(app, table_of(offer_models.StoredPicture), ("sha256", "same_as"))
    app.extensions["kept_facets"] = facets.KeptFacets()
    jobs = app.extensions["jobs"]
    jobs.add_kind("scrape", _scrape)
    jobs.add_kind(re_embed.KIND, re_embed.embed_catalogue)
    jobs.add_watch(_start_due)
    jobs.add_watch(known_models.watch_known_models())
    jobs.add_watch(re_embed.watch_bundle())
    app.register_blueprint(views.blueprint)
    cli.register(app)


def _start_due() -> None:
    """The watch of the shops' schedules."""
    from webapp.catalogue.schedule import start_due

    start_due()


def _scrape(progress: Progress) -> Mapping[str, Any]:
    """The job "scrape". Parsers and HTTP are loaded by the worker only: the site would start later for them."""
    from webapp.catalogue.scrape import scrape

    return scrape(progress)
