"""A site that can identify: the tiny bundle published, and a catalogue of drawn shoes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from ml.serving.bundle import Bundle
from tests.drawn_shoes import SHOES, draw_shoe, encoded, photo_of
from tests.tiny_bundle import tiny_embedding, write_tiny_bundle
from webapp.catalogue.models import CatalogueState, Embedding, Product, ProductImage
from webapp.database import db, write_transaction
from webapp.image_store import current_images
from webapp.recognition import Recognition
from webapp.settings import Settings


@pytest.fixture(scope="session")
def shoe_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that knows the drawn shoes."""
    pictures = {label: draw_shoe(colours) for label, colours in SHOES.items()}
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "shoes", tuple(SHOES), pictures=pictures)


@pytest.fixture
def settings(settings: Settings, shoe_bundle: Bundle) -> Settings:
    """A site whose starter bundle knows the drawn shoes."""
    return replace(settings, starter_bundle=shoe_bundle.folder)


@pytest.fixture
def recognition(app: Flask) -> Iterator[Recognition]:
    """The site's door to the models, loaded."""
    recognition: Recognition = app.extensions["recognition"]
    recognition.refresh()
    recognition.refresh_shelf()
    yield recognition
    recognition.close()


@pytest.fixture
def products(app: Flask, recognition: Recognition) -> dict[str, int]:
    """Ids by style code of a small catalogue: each shoe in its own colours ("A"), and one in others ("B")."""
    with app.app_context():
        for label, (upper, sole) in SHOES.items():
            for letter, colours in (("A", (upper, sole)), ("B", ((120, 60, 140), sole))):
                add_product(recognition.bundle, f"{label}-{letter}", label, draw_shoe(colours))
        recognition.refresh_shelf()
        return {product.style_code: product.id for product in db.session.query(Product)}


def add_product(bundle: Bundle | None, style_code: str, label: str, picture) -> None:  # type: ignore[no-untyped-def]
    """A product with one picture and its embedding."""
    sha256 = current_images().put(encoded(picture, "PNG"), "png")
    brand, name = label.split("_", 1)
    with write_transaction() as session:
        product = Product(
            site="demo",
            style_code=style_code,
            brand=brand.title(),
            name=name.replace("_", " ").title(),
            label=label,
            colorway=f"Colours {style_code[-1]}",
            price_cents=11000,
            url=f"http://shop.example/{style_code}",
        )
        image = ProductImage(position=0, sha256=sha256, suffix="png", width=picture.shape[1], height=picture.shape[0])
        product.images.append(image)
        session.add(product)
        session.flush()
        if bundle is not None:
            session.add(
                Embedding(image_id=image.id, bundle_id=bundle.card.id, vector=tiny_embedding(picture).tobytes())
            )
        state = session.get(CatalogueState, 1) or CatalogueState(id=1, products=0, embeddings=0)
        state.embeddings += 1
        session.add(state)


@pytest.fixture
def red_shoe() -> bytes:
    """A photo of the vello_dart_low in its own colours."""
    return photo_of("vello_dart_low")


@pytest.fixture
def shoe_file(tmp_path: Path, red_shoe: bytes) -> Path:
    """The same as a file."""
    file = tmp_path / "shoe.jpg"
    file.write_bytes(red_shoe)
    return file
