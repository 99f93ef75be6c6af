"""What the worker does for a training: it starts `python -m ml`, follows what that says, and ends it when asked to."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app

from ml.serving.bundle import BundleError
from ml.serving.publish import publish as put_into_service
from webapp.jobs.apart import python_module, run_apart
from webapp.jobs.progress import Progress
from webapp.jobs.runner import JobFailed
from webapp.settings import current_settings
from webapp.training.orders import arguments_of
from webapp.training.snapshots import pictures_of
from webapp.training.starts import known_bundle, start_of

_STEPS = {"bottleneck": "top model", "fine_tuned": "fine-tuning"}
_WHOLE = 1000
_REFUSED = 2
_LAST_LINES = 30


def run_folder(kind: str, job_id: int, network: str) -> Path:
    """Where a training or a search writes: the same folder each time that the job goes on."""
    return current_settings().runs_folder / f"{kind}-{job_id:04d}-{network}"


def train(progress: Progress) -> dict[str, Any]:
    """Train a network; its numbers on held-out pictures, and the bundle's id. A run that was broken off goes on."""
    folder = _learn("train", progress)
    served = _json(folder / "metrics.json").get("served", {})
    numbers = served.get("test") or served.get("validation") or {}
    bundle = str(_json(folder / "bundle" / "card.json").get("id", ""))
    progress.report(1, 1, f"The training has finished: bundle {bundle}.", at_once=True)
    return {**_short(numbers), "bundle": bundle, "run": folder.name}


def tune(progress: Progress) -> dict[str, Any]:
    """Search for better settings; where the study lies. Trials that are done are not done again when it goes on."""
    folder = _learn("tune", progress)
    progress.report(1, 1, "The search for settings has finished.", at_once=True)
    return {"run": folder.name}


def evaluate(progress: Progress) -> dict[str, Any]:
    """Measure a bundle on pictures; accuracy, top-5 and so on."""
    _needs_tensorflow()
    with _missing_bundles_fail():
        bundle = known_bundle(current_settings(), progress.options["bundle"])
    pictures = pictures_of(progress)
    log_file = _log_file(progress)
    where = log_file.stat().st_size if log_file.exists() else 0
    command = ["evaluate", str(bundle.folder), str(pictures), *arguments_of("evaluate", progress.options)]
    command += ["--json", "--cache", str(current_settings().runs_folder / "cache")]
    words = f"Measuring {bundle.card.id}"
    _run(progress, command, lambda: progress.report(0, 0, words))
    with log_file.open("rb") as said:
        said.seek(where)
        numbers = _last_object(said.read().decode("utf-8", "replace"))
    if numbers is None:
        raise JobFailed(f"Measuring {bundle.card.id} gave no numbers: the log says more.")
    progress.report(1, 1, f"{bundle.card.id} is measured.", at_once=True)
    return {**_short(numbers), "bundle": bundle.card.id}


def publish(progress: Progress) -> dict[str, Any]:
    """Put a bundle into service."""
    folder = Path(progress.options["folder"])
    try:
        bundle = put_into_service(folder, current_settings().bundles_folder)
    except (BundleError, OSError) as error:
        raise JobFailed(f"{progress.options['bundle']} was not published: {error}") from error
    current_app.extensions["recognition"].refresh()
    progress.report(1, 1, f"{bundle.card.id} is in service.", at_once=True)
    return {"bundle": bundle.card.id}


def _learn(kind: str, progress: Progress) -> Path:
    """Train or tune, and say how far it is; the run's folder."""
    _needs_tensorflow()
    settings, order = current_settings(), progress.options
    folder = run_folder(kind, progress.job_id, order["network"])
    command = [kind, str(pictures_of(progress)), "--out", str(folder), "--cache", str(settings.runs_folder / "cache")]
    command += arguments_of(kind, order)
    if weights := order.get("weights"):
        with _missing_bundles_fail():
            start = start_of(settings, weights)
        command += ["--weights", f"{order['network']}={start}" if kind == "tune" else start]

    def tell() -> None:
        said = _json(folder / "progress.json")
        share = said.get("share")
        done = round(_WHOLE * share) if isinstance(share, int | float) else 0
        progress.report(done, _WHOLE if done else 0, _words(order["network"], said))

    _run(progress, command, tell)
    return folder


def _run(progress: Progress, command: list[str], tell: Callable[[], None]) -> None:
    """Run `python -m ml`; raises JobFailed in its own words where it could not do it."""
    threads = current_settings().training_threads
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    limits = {name: str(threads) for name in names} if threads else {}
    status = run_apart(python_module("ml", *command), progress, _log_file(progress), tell, limits)
    if status == 0:
        return
    said = progress.lines.splitlines()
    sentence = next((line.partition("python -m ml: ")[2] for line in reversed(said) if "python -m ml: " in line), "")
    if status == _REFUSED and sentence:
        raise JobFailed(sentence)
    if any(os.strerror(errno.ENOSPC) in line for line in said[-_LAST_LINES:]):
        raise JobFailed("The disk is full. Make room, and let it go on from where it was.")
    raise JobFailed(f"It ended with status {status}: the log says more. Start it again to go on from where it was.")


def _words(network: str, said: Mapping[str, Any]) -> str:
    """How far a training is, in a sentence."""
    step = str(said.get("step") or "getting ready")
    parts = [f"Training {network}: {_STEPS.get(step, step.replace('_', ' '))}"]
    if isinstance(epoch := said.get("epoch"), int) and epoch:
        epochs = said.get("epochs")
        parts.append(f"epoch {epoch} of {epochs}" if epochs else f"epoch {epoch}")
    if isinstance(left := said.get("seconds_left"), int | float) and left > 0:
        parts.append(f"about {max(1, round(left / 60))} min left in this step")
    return ", ".join(parts)


@contextmanager
def _missing_bundles_fail() -> Iterator[None]:
    try:
        yield
    except BundleError as error:
        raise JobFailed(str(error)) from error


def _needs_tensorflow() -> None:
    if importlib.util.find_spec("tensorflow") is None:
        raise JobFailed(
            "This worker has no TensorFlow, so that it cannot train. `make run` installs it once the catalogue is full;"
            " elsewhere: pip install -r requirements/train.txt on the worker's machine. Then start the training again."
        )


def _log_file(progress: Progress) -> Path:
    return current_settings().job_logs_folder / f"{progress.job_id}.log"


def _last_object(text: str) -> dict[str, Any] | None:
    """The last line that is a JSON object."""
    for line in reversed(text.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return None


def _short(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The plain numbers."""
    return {name: value for name, value in numbers.items() if isinstance(value, int | float)}


def _json(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
