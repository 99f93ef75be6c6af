"""Identify: photos come in, an answer goes out, and people say whether it is right."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`, and the door to the models, which compares photos with the catalogue."""
    from webapp import recognition
    from webapp.catalogue.unused_pictures import add_use
    from webapp.identify import forget, models, privacy_pages, views
    from webapp.identify.headline import name_of, percent_of
    from webapp.identify.shelf_reader import CatalogueShelfReader

    assert privacy_pages
    recognition.register(app)
    app.extensions["recognition"].shelf_reader = CatalogueShelfReader(app)
    add_use(app, models.pictures_in_use)
    jobs = app.extensions["jobs"]
    jobs.add_chore("expired uploads", forget.forget_expired)
    jobs.add_chore("unreferenced pictures", forget.sweep_unspoken)
    app.register_blueprint(views.blueprint)
    app.jinja_env.filters.update(percent=percent_of, shoe_name=name_of)
