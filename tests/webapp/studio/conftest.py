"""A studio at work: drawn shoes, the tiny bundle, and a tiny conversion model of a simulated market."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from ml.conversions.boosting import Settings as Boosting
from ml.conversions.contexts import RECOGNISED_AUGMENTS
from ml.conversions.learning import learn
from ml.conversions.model_folder import save_model
from ml.conversions.rows import CampaignRows, Pictures
from ml.conversions.simulators import simulate_published
from ml.imaging.augments.delivered import make_variants
from ml.imaging.cutout import cut_out
from ml.serving.bundle import Bundle
from tests.drawn_shoes import draw_shoe
from tests.tiny_bundle import tiny_embedding
from tests.webapp.identify.conftest import products, recognition, red_shoe, settings, shoe_bundle, shoe_file
from webapp.studio.augment_probabilities import made
from webapp.studio.conversion_models import publish_conversions
from webapp.studio.past_rows import write_past

__all__ = ["products", "recognition", "red_shoe", "settings", "shoe_bundle", "shoe_file"]


def drawn_rows(products: int = 40, rows: int = 2500) -> CampaignRows:
    """The published simulator over shoes in random colours, as the tiny bundle sees their delivered variants."""
    random = np.random.default_rng(5)
    ids, groups, augments, embeddings = [], [], [], []
    for number in range(products):
        upper, sole = (tuple(int(value) for value in colour) for colour in random.integers(0, 256, (2, 3)))
        shoe = draw_shoe((upper, sole), (240, 180))  # type: ignore[arg-type]
        for name, delivered in make_variants(shoe, cut_out(shoe), RECOGNISED_AUGMENTS).items():
            ids.append(f"{number}:{name}")
            groups.append(f"drawn-{number}")
            augments.append(name)
            embeddings.append(tiny_embedding(delivered.pixels))
    probabilities = np.stack([made(name) for name in augments])
    pictures = Pictures(np.array(ids), np.array(groups), np.array(augments), np.stack(embeddings), probabilities)
    return simulate_published(pictures, rows, seed=3).rows


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, shoe_bundle: Bundle) -> Path:
    """A saved model of conversions, for the bundle that knows the drawn shoes."""
    rows = drawn_rows()
    settings = Boosting(rounds=40, fewest_pairs=2, most_pairs=3)
    folder = tmp_path_factory.mktemp("conversions") / "tiny"
    model = learn(rows, bundle=shoe_bundle.card.id, settings=settings)
    save_model(folder, model, identifier="tiny", created_at="2026-01-01T00:00:00+00:00")
    write_past(folder, rows)
    return folder


@pytest.fixture
def conversions(app: Flask, model_folder: Path) -> None:
    """The model in service."""
    with app.app_context():
        publish_conversions(model_folder)
