"""What a training begins with: the VGG16 in service, unless something else is asked for or a shop was removed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from ml.serving.bundle import BundleError, write_card
from ml.serving.publish import publish
from tests.tiny_bundle import write_tiny_bundle
from webapp.catalogue.run_models import Shop
from webapp.database import now, write_transaction
from webapp.settings import Settings
from webapp.training.asking import ask_training
from webapp.training.starts import start_of, starting_weights, usual_start


@pytest.fixture
def on_duty(app_context: Flask, settings: Settings) -> str:
    """A bundle in service whose card says that it is a VGG16, learned from the shop zappos."""
    bundle = write_tiny_bundle(settings.instance / "made" / "vgg16-tiny")
    write_card(bundle.folder, replace(bundle.card, network="VGG16", settings={"sites": {"zappos": 9}}))
    publish(bundle.folder, settings.bundles_folder)
    return bundle.card.id


def test_vgg16_begins_where_the_bundle_on_duty_stands(on_duty: str, settings: Settings) -> None:
    assert ask_training({}).options["weights"] == on_duty
    assert ask_training({"weights": "none"}).options["weights"] == "none"
    assert "weights" not in ask_training({"network": "mobilenetv2"}).options
    assert on_duty in starting_weights(settings)
    assert start_of(settings, on_duty).endswith(f"{on_duty}/model.onnx")
    with pytest.raises(BundleError, match="There is no bundle vgg16-gone"):
        start_of(settings, "vgg16-gone")


def test_nothing_begins_with_what_was_learned_from_a_shop_that_is_removed(on_duty: str, settings: Settings) -> None:
    with write_transaction() as session:
        session.add(Shop(site="zappos", reader="zappos", removed_at=now()))
    assert usual_start(settings, "vgg16") is None
    assert on_duty not in starting_weights(settings)
