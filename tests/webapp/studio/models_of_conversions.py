"""Tiny conversion models, for tests of the studio."""

from __future__ import annotations

from pathlib import Path

from benchmarks.drawn_pictures import drawn_pictures
from ml.conversions.boosting import Settings
from ml.conversions.learning import learn
from ml.conversions.model_folder import ConversionCard, save_model
from ml.conversions.rows import CampaignRows
from ml.conversions.simulators import simulate_funnel
from webapp.studio.past_rows import write_past

QUICK = Settings(rounds=6, fewest_pairs=1, most_pairs=1)


def tiny_rows(products: int = 12, rows: int = 150) -> CampaignRows:
    """Simulated sends of a few drawn products."""
    return simulate_funnel(drawn_pictures(products, dimensions=8), rows, seed=5).rows


def write_tiny_model(folder: Path, name: str, rows: CampaignRows | None = None, *, past: bool = True) -> ConversionCard:
    """A model of a few trees in `folder`, trained on `rows` (tiny simulated ones where none are given)."""
    rows = rows or tiny_rows()
    model = learn(rows, bundle="tiny", settings=QUICK)
    card = save_model(folder, model, identifier=name, created_at="2026-01-02T03:04:05+00:00")
    if past:
        write_past(folder, rows)
    return card
