"""The job "flips": which answers would change if another bundle were on duty, asked of photos that people sent.

Pinned answers are asked first, then the most recent ones. Both bundles see the same photos, opened and cut out once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ml.imaging.decode import DecodeError
from ml.serving.bundle import BundleError
from ml.serving.pipeline import catalogue_score, ranked, read
from ml.serving.runtime import Recogniser
from webapp.admin.bundles import UnknownBundleError, find_bundle
from webapp.admin.models import PinnedIdentification
from webapp.database import db
from webapp.identify.models import Identification, Upload
from webapp.image_store import PictureMissingError, current_images
from webapp.jobs.models import Job
from webapp.jobs.progress import Progress
from webapp.jobs.queue import current_jobs, last_job
from webapp.jobs.runner import JobFailed
from webapp.recognition import current_recognition
from webapp.settings import current_settings

KIND = "flips"
MOST_ANSWERS = 60
NOT_OURS = "not in our catalogue"


@dataclass(frozen=True)
class Flip:
    """An answer that would change: what each bundle says (NOT_OURS, or a label) and how probable it holds that."""

    identification_id: str
    photo_sha256: str
    pinned: bool
    before: str
    before_probability: float
    after: str
    after_probability: float


def enqueue_flips(before: str, after: str, owner: str) -> Job:
    """Have the worker ask both bundles; raises UnknownBundleError."""
    for bundle_id in (before, after):
        find_bundle(current_settings(), bundle_id)
    options = {"before": before, "after": after}
    return current_jobs().enqueue(KIND, options, f"Waiting to compare {before} and {after}.", owner)


def find_flips(progress: Progress) -> dict[str, Any]:
    """Ask both bundles; how many answers were asked for, and how many would change."""
    try:
        before, after = (_recogniser(progress.options[name]) for name in ("before", "after"))
    except (UnknownBundleError, BundleError) as error:
        raise JobFailed(str(error)) from error
    asked, pinned = _asked()
    flips: list[Flip] = []
    answered = 0
    for done, uploads in enumerate(asked.values()):
        progress.report(done, len(asked), f"Asking both bundles: {done} of {len(asked)} answers")
        said = _ask(uploads, before, after)
        answered += said is not None
        if said and said[0][0] != said[1][0]:
            first = uploads[0]
            flips.append(
                Flip(first.identification_id, first.photo_sha256, first.identification_id in pinned, *said[0], *said[1])
            )
    _keep(progress.job_id, flips)
    progress.report(answered, answered, f"{len(flips)} of {answered} answers would change.", at_once=True)
    return {"answers": answered, "flips": len(flips), "pinned flips": sum(flip.pinned for flip in flips)}


def flips_of(before: str, after: str) -> tuple[Job | None, list[Flip]]:
    """The newest job about these two bundles, and what it found; nothing before it has ended."""
    job = last_job(KIND, before=before, after=after)
    return job, _kept(job.id) if job is not None and job.state == "succeeded" else []


def _recogniser(bundle_id: str) -> Recogniser:
    return Recogniser(find_bundle(current_settings(), bundle_id).bundle, threads=current_settings().model_threads)


def _asked() -> tuple[dict[str, list[Upload]], set[str]]:
    """The uploads of at most MOST_ANSWERS answers, pinned ones first, and which of them are pinned."""
    pinned = list(
        db.session.scalars(
            select(PinnedIdentification.identification_id)
            .order_by(PinnedIdentification.pinned_at.desc())
            .limit(MOST_ANSWERS)
        )
    )
    recent = db.session.scalars(
        select(Identification.id).order_by(Identification.created_at.desc()).limit(MOST_ANSWERS)
    )
    ids = list(dict.fromkeys([*pinned, *recent]))[:MOST_ANSWERS]
    found = db.session.scalars(select(Identification).where(Identification.id.in_(ids)))
    uploads = {one.id: list(one.uploads) for one in found if one.uploads}
    return {one: uploads[one] for one in ids if one in uploads}, set(pinned)


def _ask(uploads: list[Upload], *bundles: Recogniser) -> list[tuple[str, float]] | None:
    """What each bundle says; None where the photos are gone."""
    try:
        files = [current_images().path(upload.photo_sha256) for upload in uploads]
        photos = [current_recognition().prepare(file.read_bytes()) for file in files]
    except (PictureMissingError, DecodeError, OSError):
        return None
    said = []
    for recogniser in bundles:
        card = recogniser.bundle.card
        embedding, probabilities = read(photos, recogniser)
        first = ranked(card.labels, probabilities)[0]
        is_ours = catalogue_score(card.threshold, probabilities, embedding, recogniser.prototypes) >= 0
        said.append((first.label if is_ours else NOT_OURS, round(first.probability, 4)))
    return said


def _file(job_id: int) -> Path:
    return current_settings().instance / "flips" / f"{job_id}.json"


def _keep(job_id: int, flips: list[Flip]) -> None:
    file = _file(job_id)
    file.parent.mkdir(exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps([asdict(flip) for flip in flips]), encoding="utf-8")
    draft.replace(file)


def _kept(job_id: int) -> list[Flip]:
    try:
        rows: list[Mapping[str, Any]] = json.loads(_file(job_id).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [Flip(**row) for row in rows]
