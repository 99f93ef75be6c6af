"""The pages about shops: which there are, whether they may be scraped, when that is done. For admins only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts.access import role_required, signed_in_user
from webapp.accounts.audit import recorded, recorded_around
from webapp.accounts.models import User
from webapp.admin.shops import coverage_of, failures_in, hosts_of, next_request_at, next_run_at, refusals_in, shop_rows
from webapp.admin.views import blueprint
from webapp.catalogue import shops as shop_verbs
from webapp.catalogue.differences import differences
from webapp.catalogue.removal import remove_shop
from webapp.catalogue.run_models import SCHEDULES, Shop
from webapp.catalogue.runs import runs_of
from webapp.catalogue.scrape import start_run as begin_run
from webapp.catalogue.shops import ShopError, UnknownSiteError

Page = Response | tuple[str, int]
SHOWN_DIFFERENCES = 6
MOST_TYPED = 20_000
FEW_LISTINGS = 5_000
"""The differences of a larger run take seconds to find: they are shown on its own page only."""


@blueprint.get("/shops")
@role_required("admin")
def shops() -> str:
    """All shops, and a form for one more."""
    return _shops_page()


@blueprint.post("/shops")
@role_required("admin")
def add_shop() -> Page:
    """Add a shop, whose admin says that it may be scraped."""
    typed = {name: request.form.get(name, "").strip() for name in ("site", "reader", "start_urls")}
    urls = typed["start_urls"].splitlines()
    try:
        if request.form.get("confirmed") != "yes":
            raise ShopError("Say that this shop may be scraped: read its terms of use first, and ask where in doubt.")
        with recorded(_admin(), "add shop", typed["site"], reader=typed["reader"], start_urls=urls):
            shop_verbs.add_shop(typed["site"], typed["reader"], urls, _admin())
    except ShopError as error:
        return _shops_page(str(error), typed), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"{typed['site']} is here. Start its first run when you are ready.", "success")
    return redirect(url_for("admin.shop", site=typed["site"]), 303)


@blueprint.get("/shops/<site>")
@role_required("admin")
def shop(site: str) -> str:
    """One shop: settings, runs, how complete its listings are."""
    return _shop_page(_found(site))


@blueprint.post("/shops/<site>/confirm")
@role_required("admin")
def confirm_shop(site: str) -> Page:
    """Keep that this admin says that the shop may be scraped."""
    found = _found(site)
    if request.form.get("confirmed") != "yes":
        said = "Tick that the shop may be scraped, after reading its terms of use."
        return _shop_page(found, said), HTTPStatus.UNPROCESSABLE_ENTITY
    confirmed = f"{site} may be scraped from now on."
    return _change(found, "confirm shop", partial(shop_verbs.confirm_shop, site, _admin()), confirmed)


@blueprint.post("/shops/<site>/withdraw")
@role_required("admin")
def withdraw_shop(site: str) -> Page:
    """Scrape this shop no longer."""
    said = f"{site} is not scraped any more, until somebody confirms it again."
    return _change(_found(site), "withdraw shop", partial(shop_verbs.withdraw_confirmation, site), said)


@blueprint.post("/shops/<site>/schedule")
@role_required("admin")
def schedule_shop(site: str) -> Page:
    """How often the shop is read by itself, and whether it is read at all."""
    schedule, enabled = request.form.get("schedule", ""), request.form.get("enabled") == "yes"
    said = f"{site}: {schedule}{'' if enabled else ', switched off'}."
    change = partial(shop_verbs.set_schedule, site, schedule, enabled=enabled)
    return _change(_found(site), "schedule shop", change, said, schedule=schedule, enabled=enabled)


@blueprint.post("/shops/<site>/addresses")
@role_required("admin")
def address_shop(site: str) -> Page:
    """Where reading begins."""
    urls = request.form.get("start_urls", "").splitlines()
    change = partial(shop_verbs.set_start_urls, site, urls)
    return _change(_found(site), "change start addresses", change, f"{site} is read from there.", start_urls=urls)


@blueprint.post("/shops/<site>/runs")
@role_required("admin")
def start_run(site: str) -> Page:
    """Have the worker read the shop."""
    found = _found(site)
    try:
        with recorded(_admin(), "start run", site):
            run = begin_run(site, _admin())
    except ShopError as error:
        return _shop_page(found, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"{site} is read by the worker.", "success")
    return redirect(url_for("admin.run", run_id=run.id), 303)


@blueprint.post("/shops/<site>/remove")
@role_required("admin")
def remove(site: str) -> Page:
    """Remove all that came from a shop."""
    found = _found(site)
    if request.form.get("name", "").strip() != site:
        return _shop_page(found, f"Type {site} to remove it."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with recorded_around(_admin(), "remove shop", site) as details:
            removed = remove_shop(site, _admin())
            details.update(vars(removed))
    except (ShopError, UnknownSiteError) as error:
        return _shop_page(found, str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"{site} is removed: {removed.products} products and {removed.pictures} pictures are gone.", "success")
    return redirect(url_for("admin.shops"), 303)


def _admin() -> User:
    return signed_in_user() or abort(401)


def _found(site: str) -> Shop:
    try:
        return shop_verbs.shop_of(site)
    except UnknownSiteError:
        abort(404)


def _change(shop: Shop, act: str, change: Callable[[], None], said: str, **details: object) -> Page:
    site = shop.site
    try:
        with recorded(_admin(), act, site, **details):
            change()
    except (ShopError, UnknownSiteError) as error:
        return _shop_page(_found(site), str(error), request.form.get("start_urls")), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(said, "success")
    return redirect(url_for("admin.shop", site=site), 303)


def _shops_page(problem: str = "", typed: dict[str, str] | None = None) -> str:
    shown = {"problem": problem, "typed": typed or {}, "parsers": shop_verbs.parsers()}
    return render_template("admin/shops.html", rows=shop_rows(), **shown)


def _shop_page(found: Shop, problem: str = "", typed_urls: str | None = None) -> str:
    runs = runs_of(found.site)
    last = runs[0] if runs else None
    read = next((run for run in runs if run.state in ("suspect", "succeeded")), None)
    return render_template(
        "admin/shop.html",
        shop=found,
        parser=shop_verbs.parsers().get(found.reader),
        problem=problem,
        runs=runs,
        refusals_in=refusals_in,
        read=read,
        coverage=coverage_of(read) if read else [],
        differences=differences(read, SHOWN_DIFFERENCES) if read and read.listings <= FEW_LISTINGS else None,
        hosts=hosts_of(last) if last else [],
        next_request_at=next_request_at(last) if last else None,
        forbidden=[sentence for sentence in failures_in(last) if "robots.txt" in sentence] if last else [],
        next_run_at=next_run_at(found, last),
        start_urls="\n".join(shop_verbs.start_urls_of(found)) if typed_urls is None else typed_urls[:MOST_TYPED],
        refusal=shop_verbs.refusal_of(found),
        schedules=SCHEDULES,
    )
