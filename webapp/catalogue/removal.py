"""Remove a shop: its products, pictures, embeddings and cached files go; bundles that learned from it are marked."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ml.serving.bundle import Card
from webapp.accounts.models import User
from webapp.catalogue.models import ProductImage
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.pieces import slices
from webapp.catalogue.run_models import RunChange, ScrapeRun, Shop, StagedListing
from webapp.catalogue.runs import runs_of, standing_of
from webapp.catalogue.scrape import scrapes_folder
from webapp.catalogue.shops import ShopError, shop_of
from webapp.catalogue.staging import staged_pictures
from webapp.catalogue.taking_out import take_out
from webapp.catalogue.undo import changed_pictures
from webapp.database import db, now, table_of, write_transaction
from webapp.image_store import current_images
from webapp.picture_sweep import pictures_below, remove_unless_spoken_of

_AT_A_TIME = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removed:
    """How many products went, and how many picture files of the image store."""

    products: int
    pictures: int


def remove_shop(site: str, person: User) -> Removed:
    """Remove what came from a shop; products that another shop has too stay with that shop's facts and pictures.

    It is not scraped any more until somebody confirms anew that it may be. Raises UnknownSiteError, and ShopError while
    the shop is being read.
    """
    shop = shop_of(site)
    with write_transaction() as session:
        runs = runs_of(site, most=1_000_000)
        if any(standing_of(run).state in ("queued", "running") for run in runs):
            raise ShopError(f"{site} is being read. Stop that first.")
        pictures = {sha256 for run in runs for sha256 in staged_pictures(session, run.id)}
        pictures |= {sha256 for run in runs for sha256 in changed_pictures(session, run.id)}
        pictures |= _made_of_theirs(session, site)
        ids = [run.id for run in runs]
        session.execute(delete(StagedListing).where(StagedListing.run_id.in_(ids)))
        session.execute(delete(RunChange).where(RunChange.run_id.in_(ids)))
        out = take_out(site)
        session.execute(update(ScrapeRun).where(ScrapeRun.site == site).values(is_reversible=False))
        waiting = (ScrapeRun.site == site, ScrapeRun.state == "suspect")
        session.execute(update(ScrapeRun).where(*waiting).values(state="cancelled", why="The shop was removed."))
        session.add(shop)
        shop.confirmed_by = shop.confirmed_at = None
        shop.schedule, shop.removed_by, shop.removed_at = "off", person.id, now()
    removed = remove_unless_spoken_of(current_images(), pictures | out.sha256s)
    shutil.rmtree(scrapes_folder(site), ignore_errors=True)
    log.info("user %s removed the shop %s: %s products, %s pictures", person.id, site, out.products, removed)
    return Removed(out.products, removed)


def _made_of_theirs(session: Session, site: str) -> set[str]:
    """The pictures that were made of those of a shop."""
    theirs = select(ProductImage.id).join(Offer, Offer.id == ProductImage.offer_id).where(Offer.site == site)
    images = table_of(ProductImage)
    return {
        sha256
        for some in slices(session.scalars(theirs).all(), _AT_A_TIME)
        for sha256 in pictures_below(session, images, some)
    }


def removed_sources(card: Card) -> dict[str, datetime] | None:
    """The shops that this bundle learned from and that were removed after it had their pictures, and when.

    None where its card does not say which shops it learned from (bundles that came before that was kept).
    """
    sites = card.settings.get("sites")
    if not isinstance(sites, dict):
        return None
    had_at = {site: datetime.fromisoformat(at) for site, at in (card.settings.get("sites_at") or {}).items()}
    made_at = datetime.fromisoformat(card.created_at)
    gone = db.session.scalars(select(Shop).where(Shop.site.in_(list(sites)), Shop.removed_at.is_not(None)))
    return {
        shop.site: shop.removed_at
        for shop in gone
        if shop.removed_at is not None and shop.removed_at > had_at.get(shop.site, made_at)
    }
