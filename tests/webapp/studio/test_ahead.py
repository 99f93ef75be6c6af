"""Variants made ahead: once for each bundle and product, a picture at a time, gone with the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from flask import Flask
from sqlalchemy import delete, func, select

from ml.conversions.contexts import RECOGNISED_AUGMENTS
from ml.imaging.augments.table import AUGMENTS
from ml.imaging.decode import decode
from ml.imaging.email import MAX_BYTES, MAX_WIDTH
from ml.serving.bundle import Bundle
from ml.serving.runtime import Recogniser
from tests.tiny_bundle import tiny_embedding, write_tiny_bundle
from webapp.catalogue.models import CatalogueState, Product, ProductImage
from webapp.database import db, write_transaction
from webapp.image_store import current_images
from webapp.jobs.models import Job
from webapp.jobs.queue import last_job
from webapp.jobs.runner import run_job
from webapp.settings import Settings
from webapp.studio.ahead import images_lacking, watch_catalogue
from webapp.studio.augment_probabilities import made
from webapp.studio.embedded_pictures import embedded_pictures
from webapp.studio.models import VariantEmbedding
from webapp.studio.variants import first_images, kept_variants


def run_last(app: Flask, bundle_id: str) -> Job:
    job = last_job("variants", bundle=bundle_id)
    assert job is not None
    run_job(app, job.id)
    db.session.rollback()
    return job


def jobs() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Job)) or 0


def test_a_bundle_on_duty_and_new_products_make_variants_once(
    app: Flask, products: dict[str, int], shoe_bundle: Bundle, settings: Settings
) -> None:
    with app.app_context():
        look = watch_catalogue()
        look()
        look()
        assert jobs() == 1
        job = run_last(app, shoe_bundle.card.id)
        assert (job.state, job.counts) == ("succeeded", {"made": 6, "unusable": 0, "left": 0})
        assert images_lacking(shoe_bundle.card.id) == []
        look()
        watch_catalogue()()  # a worker that is started anew finds nothing to do
        assert jobs() == 1

        with write_transaction() as session:  # a product arrives
            image = ProductImage(position=0, sha256="0" * 64, suffix="png", width=9, height=9)
            session.add(
                Product(site="t", style_code="t", brand="T", name="T", label="t", url="http://t/", images=[image])
            )
            state = session.get(CatalogueState, 1)
            assert state is not None
            state.products += 1
        look()
        job = run_last(app, shoe_bundle.card.id)
        assert job.counts == {"made": 0, "unusable": 1, "left": 0}
        look()
        look()
        assert jobs() == 2, "a picture that cannot be used is not tried for ever"


def test_variants_are_what_is_delivered_as_the_bundle_sees_it(
    app: Flask, products: dict[str, int], shoe_bundle: Bundle
) -> None:
    with app.app_context():
        watch_catalogue()()
        run_last(app, shoe_bundle.card.id)
        image = first_images([products["kumo_drift-A"]])[products["kumo_drift-A"]]
        variants = kept_variants([image.id], shoe_bundle.card.id)[image.id]
        assert [one.augment for one in variants] == list(AUGMENTS)
        for one in variants:
            jpeg = current_images().path(one.sha256).read_bytes()
            assert len(jpeg) <= MAX_BYTES and one.width <= MAX_WIDTH
            np.testing.assert_allclose(one.embedding, tiny_embedding(decode(jpeg)), atol=1e-5)


def test_another_bundle_looks_at_the_same_jpegs(
    app: Flask, products: dict[str, int], shoe_bundle: Bundle, settings: Settings
) -> None:
    with app.app_context():
        look = watch_catalogue()
        look()
        run_last(app, shoe_bundle.card.id)
        second = write_tiny_bundle(settings.bundles_folder / "second", labels=shoe_bundle.card.labels)
        (settings.bundles_folder / "current").symlink_to("second")
        look()
        run_last(app, second.card.id)
        digests = {
            bundle_id: set(db.session.scalars(select(VariantEmbedding.sha256).filter_by(bundle_id=bundle_id)))
            for bundle_id in (shoe_bundle.card.id, second.card.id)
        }
        assert digests[shoe_bundle.card.id] == digests[second.card.id]


def test_what_a_bundle_recognises_is_kept_beside_what_it_sees(
    app: Flask, products: dict[str, int], shoe_bundle: Bundle, settings: Settings
) -> None:
    with app.app_context():
        theirs = tuple(reversed(RECOGNISED_AUGMENTS))
        taught = write_tiny_bundle(settings.bundles_folder / "taught", labels=shoe_bundle.card.labels, augments=theirs)
        (settings.bundles_folder / "current").symlink_to("taught")
        watch_catalogue()()
        run_last(app, taught.card.id)
        [image_id] = images_of(products["kumo_drift-A"])
        for one in kept_variants([image_id], taught.card.id)[image_id]:
            seen = Recogniser(taught).see([decode(current_images().path(one.sha256).read_bytes())]).augments
            assert seen is not None
            np.testing.assert_allclose(one.augment_probabilities, seen[0][::-1], atol=1e-5)
        pictures = embedded_pictures(taught.card.id)
        assert pictures is not None
        place = pictures.place_of(image_id, "sketch")
        assert pictures.pictures.augment_probabilities[place].max() < 0.999


def test_a_bundle_that_recognises_none_is_told_what_was_made(
    app: Flask, products: dict[str, int], shoe_bundle: Bundle
) -> None:
    with app.app_context():
        watch_catalogue()()
        run_last(app, shoe_bundle.card.id)
        [image_id] = images_of(products["kumo_drift-A"])
        kept = {one.augment: one for one in kept_variants([image_id], shoe_bundle.card.id)[image_id]}
        assert kept["sketch"].augment_probabilities.tolist() == made("sketch").tolist()
        assert kept["square_crop"].augment_probabilities.tolist() == made("original").tolist()


def test_a_run_broken_off_goes_on_where_it_was_and_rows_go_with_their_product(
    app: Flask, products: dict[str, int], shoe_bundle: Bundle
) -> None:
    with app.app_context():
        watch_catalogue()()
        run_last(app, shoe_bundle.card.id)
        some = images_of(products["kumo_drift-A"], products["kumo_drift-B"])
        with write_transaction() as session:
            session.execute(delete(VariantEmbedding).where(VariantEmbedding.image_id.in_(some)))
        assert sorted(images_lacking(shoe_bundle.card.id)) == sorted(some)
        with write_transaction() as session:
            session.delete(session.get(Product, products["kumo_drift-A"]))
        assert images_lacking(shoe_bundle.card.id) == some[1:]
        watch_catalogue()()
        assert run_last(app, shoe_bundle.card.id).counts["made"] == 1


def images_of(*product_ids: int) -> list[int]:
    images = first_images(product_ids)
    return [images[product_id].id for product_id in product_ids]


def test_a_real_view_stands_for_the_swivel(app: Flask, products: dict[str, int], shoe_bundle: Bundle) -> None:
    with app.app_context():
        turned = current_images().path(first_images([products["kumo_drift-B"]])[products["kumo_drift-B"]].sha256)
        with write_transaction() as session:
            product = session.get(Product, products["kumo_drift-A"])
            assert product is not None
            product.images[0].angle_deg = 350
            product.images.append(
                ProductImage(position=1, sha256=turned.stem, suffix="png", angle_deg=20, width=480, height=360)
            )
            image_id = product.images[0].id
        watch_catalogue()()
        run_last(app, shoe_bundle.card.id)
        swivel = kept_variants([image_id], shoe_bundle.card.id, ("swivel",))[image_id][0]
        other = kept_variants(images_of(products["kumo_drift-B"]), shoe_bundle.card.id, ("original",))
        assert [swivel.sha256] == [one.sha256 for [one] in other.values()]


def test_without_a_bundle_nothing_is_enqueued(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        settings: Settings = app.extensions["settings"]
        object.__setattr__(settings, "starter_bundle", tmp_path / "none")
        watch_catalogue()()
        assert jobs() == 0
