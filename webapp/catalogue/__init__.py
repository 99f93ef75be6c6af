"""The sneakers that we know: listings come in, people browse, a snapshot goes out to training."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.catalogue import cli, facets, scrape, views

    app.extensions["kept_facets"] = facets.KeptFacets()
    app.extensions["jobs"].add_kind(scrape.KIND, scrape.scrape)
    app.register_blueprint(views.blueprint)
    cli.register(app)
