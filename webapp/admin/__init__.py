"""The admin's desk: shops, products, feedback, trainings, bundles, jobs, people, and the log of what admins did."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`; the pages join the blueprint of views."""
    from webapp.admin import (  # noqa: F401
        audit_pages,
        bundle_pages,
        feedback,
        feedback_pages,
        flips,
        job_pages,
        models,
        people_pages,
        product_pages,
        run_pages,
        shop_pages,
        training_pages,
        views,
    )
    from webapp.catalogue.snapshot import add_source
    from webapp.jobs.lanes import QUICK

    app.extensions["jobs"].add_kind(flips.KIND, flips.find_flips, QUICK)
    add_source(app, feedback.accepted_pictures)
    app.register_blueprint(views.blueprint)
    app.context_processor(lambda: {"desk_places": views.desk_places})
