"""Start a training: from the desk, or through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.accounts.audit import recorded
from webapp.accounts.models import User
from webapp.admin.training_settings import TrainingError, chosen_settings
from webapp.database import now
from webapp.jobs.models import Job
from webapp.jobs.queue import UnknownKindError, current_jobs
from webapp.settings import current_settings

KIND = "train"


def start_training(sent: Mapping[str, Any], who: User) -> Job:
    """Have the worker train on the catalogue as it is when the job begins; raises TrainingError.

    The job's options are what was chosen, with the `name` of the run.
    """
    chosen = chosen_settings(sent)
    name = chosen.setdefault("name", f"{chosen['network']}-{now():%Y%m%d-%H%M%S}")
    if (current_settings().runs_folder / name).exists():
        raise TrainingError("name", f"There is a training {name} already. Choose another name.")
    try:
        with recorded(who, "start training", name, **chosen) as details:
            job = current_jobs().enqueue(KIND, chosen, f"Waiting to train {name}.", who.email)
            details["job"] = job.id
    except UnknownKindError as error:
        raise TrainingError("network", "This site cannot train. `python -m ml train` can.") from error
    return job
