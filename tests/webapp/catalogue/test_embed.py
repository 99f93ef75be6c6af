"""Pictures are embedded by the bundle on duty, once each; what looks alike is found by that."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from ml.serving.bundle import Bundle
from tests.webapp.shoes import listing
from webapp import create_app
from webapp.catalogue.embed import NothingToEmbedWithError, embed_missing
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import CatalogueState, Embedding, ProductImage
from webapp.database import db
from webapp.image_store import current_images
from webapp.recognition import Recognition, current_recognition
from webapp.settings import Settings


@pytest.fixture
def site(settings: Settings, tiny_bundle: Bundle, tmp_path: Path) -> Iterator[Flask]:
    """A site with the tiny bundle on duty and five products, one of them with 36 pictures."""
    app = create_app(dataclasses.replace(settings, starter_bundle=tiny_bundle.folder))
    with app.app_context():
        listings = [listing(tmp_path, number, angles=36 if number == 0 else 2) for number in range(5)]
        take_in(listings, tmp_path, current_images())
        current_recognition().refresh()
        yield app
        current_recognition().close()


def embeddings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Embedding)) or 0


def embed(**changes: int) -> int:
    return embed_missing(current_recognition(), current_images(), **changes)  # type: ignore[arg-type]


@pytest.mark.usefixtures("site")
def test_each_product_is_embedded_evenly_and_once() -> None:
    assert embed(of_each=12) == 12 + 4 * 2
    assert embeddings() == 20
    angles = db.session.scalars(
        select(ProductImage.angle_deg)
        .join(Embedding, Embedding.image_id == ProductImage.id)
        .where(ProductImage.product_id == 1)
        .order_by(ProductImage.angle_deg)
    ).all()
    assert angles == list(range(0, 360, 30))
    changes = db.session.scalars(select(CatalogueState.embeddings)).one()
    assert embed(of_each=12) == 0
    db.session.rollback()
    assert db.session.scalars(select(CatalogueState.embeddings)).one() == changes > 0


@pytest.mark.usefixtures("site")
def test_vectors_are_unit_vectors_of_the_bundle(tiny_bundle: Bundle) -> None:
    embed()
    for embedding in db.session.scalars(select(Embedding)):
        vector = np.frombuffer(embedding.vector, "<f4")
        assert vector.shape == (tiny_bundle.card.embedding_dimensions,)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)
        assert embedding.bundle_id == tiny_bundle.card.id


@pytest.mark.usefixtures("site")
def test_it_goes_on_where_it_was_broken_off() -> None:
    def stop_early(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_missing(current_recognition(), current_images(), progress=stop_early)
    assert embeddings() == 16
    assert embed() == 4


@pytest.mark.usefixtures("site")
def test_a_picture_whose_file_is_gone_is_left_out() -> None:
    sha256 = db.session.scalars(select(ProductImage.sha256).where(ProductImage.product_id == 2)).first()
    assert sha256 is not None
    current_images().remove(sha256)
    assert embed() == 19


def test_alternates_are_shown_on_the_product_page(site: Flask) -> None:
    embed()
    recognition = current_recognition()
    deadline = time.monotonic() + 20
    while not recognition.alternates_of(1, 1) and time.monotonic() < deadline:
        recognition.refresh()  # a shelf that has just been read is not read again at once
        time.sleep(0.05)
    client: FlaskClient = site.test_client()
    page = client.get("/products/1").text
    assert "Looks like it" in page
    assert "% alike" in page
    assert page.count('class="product-card"') == 4


def test_nothing_is_embedded_without_a_bundle(settings: Settings) -> None:
    recognition = Recognition(settings)
    app = create_app(settings)
    with app.app_context(), pytest.raises(NothingToEmbedWithError, match="No bundle is published"):
        embed_missing(recognition, current_images(), [1])
