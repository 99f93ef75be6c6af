"""The job "conversions": learn from campaign rows, and put the model into service.

Imported rows alone train each target that enough of them tell of; simulated ones, drawn over the catalogue's pictures,
train the others and are called simulated wherever a number of theirs is seen.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from flask import current_app

from ml.conversions.boosting import Settings
from ml.conversions.contexts import CONTEXT_FIELDS
from ml.conversions.learning import learn, tables_by_provenance
from ml.conversions.model import ConversionModel
from ml.conversions.model_folder import save_model
from ml.conversions.rows import IMPORTED, CampaignRows
from ml.conversions.simulators import simulate_funnel
from ml.conversions.targets import TARGETS
from ml.serving.bundle import Bundle
from webapp.database import now
from webapp.jobs.progress import Progress
from webapp.jobs.runner import JobFailed
from webapp.studio.conversion_models import conversions_folder, publish_conversions
from webapp.studio.embedded_pictures import EmbeddedPictures, embedded_pictures
from webapp.studio.known_rows import imported_rows
from webapp.studio.past_rows import write_past

SIMULATED_SENDS = 6000
SEED = 0


def train_conversions(progress: Progress) -> dict[str, Any]:
    """Train all targets and publish the model. Raises JobFailed, with a sentence, where there is nothing to learn from;
    one that is cancelled leaves the model in service as it is."""
    progress.report(0, 0, "Gathering campaign rows", at_once=True)
    bundle = _bundle_on_duty()
    seen = embedded_pictures(bundle.card.id)
    if seen is None:
        raise JobFailed("No picture of the catalogue has been looked at yet: fill the catalogue first, then train.")
    rows, missed = gathered(seen)
    if missed:
        progress.log(f"{missed:,} imported rows are about pictures that {bundle.card.id} has not seen: left out")

    def tell(title: str, share: float) -> None:
        done = round(share * len(TARGETS))
        words = f"Training {title.lower()}: target {min(done + 1, len(TARGETS))} of {len(TARGETS)}"
        progress.report(done, len(TARGETS), words, at_once=True)

    model = learn(rows, bundle=bundle.card.id, settings=Settings(threads=1, seed=SEED), told=tell)
    progress.report(len(TARGETS), len(TARGETS), "Publishing the model", at_once=True)
    name = _publish(model, rows)
    imported = sum(of_target.facts.provenance == "imported" for of_target in model.targets.values())
    words = f"The conversion model is trained: {imported} of {len(model.targets)} targets on imported results"
    progress.report(
        1, 1, f"{words}, the others simulated." if imported < len(model.targets) else f"{words}.", at_once=True
    )
    return {"rows": len(rows), "targets": len(model.targets), "imported": imported, "left out": missed, "model": name}


def gathered(seen: EmbeddedPictures) -> tuple[CampaignRows, int]:
    """The rows to learn from, and how many imported ones are about pictures that were not seen.

    Simulated rows are drawn only where some target needs them.
    """
    rows, missed = imported_rows(seen)
    alone = tables_by_provenance(rows).get(IMPORTED, [])
    simulated = simulate_funnel(seen.pictures, SIMULATED_SENDS, seed=SEED, sneaker_types=seen.sneaker_types).rows
    both = _together(rows, simulated)
    enough = tables_by_provenance(both).get(IMPORTED, [])
    return (rows if len(enough) == len(TARGETS) == len(alone) else both), missed


def _together(first: CampaignRows, second: CampaignRows) -> CampaignRows:
    """Rows over the same pictures as one table."""
    names = ("picture", *CONTEXT_FIELDS, "counts", "provenance")
    return CampaignRows(
        first.pictures, **{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    )


def _publish(model: ConversionModel, rows: CampaignRows) -> str:
    made = now()
    name = f"conversions-{made:%Y%m%d-%H%M%S}-{model.digest[:6]}-{secrets.token_hex(2)}"
    folder: Path = conversions_folder() / f".{name}.made"
    try:
        save_model(folder, model, identifier=name, created_at=made.isoformat(timespec="seconds"))
        write_past(folder, rows)
        publish_conversions(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return name


def _bundle_on_duty() -> Bundle:
    recognition = current_app.extensions["recognition"]
    recognition.refresh()
    bundle: Bundle | None = recognition.bundle
    if bundle is None:
        raise JobFailed("No bundle is on duty, so that there is nothing to look at pictures with: publish one first.")
    return bundle
