"""The studio: which picture should an e-mail carry? Campaign results come in, models of conversions go out."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add this subject to `app`."""
    from webapp.picture_sweep import keep_only_where
    from webapp.studio import ahead, campaigns, forget, models, pages, views, wording

    jobs = app.extensions["jobs"]
    jobs.add_kind(ahead.KIND, ahead.make_ahead)
    jobs.add_watch(ahead.watch_catalogue())
    jobs.add_chore("old recommendations", forget.forget_old, first=True)
    keep_only_where(app, models.Recommendation.answer, ~forget.of_gone_product())
    app.register_blueprint(views.blueprint)
    app.jinja_env.filters.update(
        rate=wording.rate_of,
        difference=wording.difference_of,
        target_title=wording.target_title,
        augment_title=wording.augment_title,
        verdict=wording.verdict_of,
        picture_key=pages.key_of,
        picture_title=pages.title_of,
    )
    campaigns.register(app)
