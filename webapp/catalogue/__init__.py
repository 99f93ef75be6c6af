"""The sneakers that we know: listings come in, people browse, a snapshot goes out to training."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.catalogue import cli, facets, re_embed, scrape, views

    app.extensions["kept_facets"] = facets.KeptFacets()
    jobs = app.extensions["jobs"]
    jobs.add_kind(scrape.KIND, scrape.scrape)
    jobs.add_kind(re_embed.KIND, re_embed.embed_catalogue)
    jobs.add_watch(re_embed.watch_bundle())
    app.register_blueprint(views.blueprint)
    cli.register(app)
