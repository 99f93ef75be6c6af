"""Tuning from pictures to the better of two models: a study of trials, then untuned and tuned trained side by side.

<out>/settings.json              what was asked for
<out>/study.sqlite               the study, unless another storage is named
<out>/study.json, .md, .svg      its trials, for programs and people
<out>/progress.json              how far it is
<out>/untuned, <out>/trial-NNN   the runs of the verdict, by the ordinary recipe
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from optuna.exceptions import StorageInternalError
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import Bundle
from ml.training.loading import with_every_split
from ml.training.progress import say_progress, telling
from ml.training.recipe import train
from ml.training.run_folder import RunError, RunFolder, open_run
from ml.training.settings import TrainSettings
from ml.training.tuning.bench import Bench, TopBench, WholeBench
from ml.training.tuning.objective import ACCURACY, GOALS, LOG_LOSS, TrialObjective, in_words
from ml.training.tuning.search_space import SearchSpace
from ml.training.tuning.storage import UNTUNED, open_storage, shown_url, sqlite_url
from ml.training.tuning.strategies import build_pruner, build_sampler
from ml.training.tuning.study import FINISHED, best_of, open_study, run_trials
from ml.training.tuning.summary import write_summary
from ml.training.tuning.verdict import Verdict, judge

TRIALS = "trials"


@dataclass(frozen=True)
class TuneSettings:
    """What can be chosen about a search; `pruner` None is "hyperband" where trials are long and "none" where short.

    `storage` is the URL of a database and `study` a name in it; "" for a file in the study folder, and that one's name.
    """

    trials: int = 40
    sampler: str = "tpe"
    pruner: str | None = None
    objective: str = LOG_LOSS
    storage: str = ""
    study: str = ""


def tune(
    snapshot: Snapshot,
    out: Path,
    cache: Path,
    space: SearchSpace,
    chosen: TuneSettings,
    console: Console,
    *,
    bench: Bench | None = None,
) -> Verdict:
    """Search, then train and compare; the verdict. The same call goes on where it was stopped.

    Raises RunError, before anything is computed, where `out` or the study holds something else, or the storage cannot
    be had, and ValueError for a name that there is not.
    """
    _check(chosen)
    sampler = build_sampler(chosen.sampler, space, space.untuned.seed)
    chosen = replace(chosen, pruner=chosen.pruner or ("hyperband" if space.stage == "fine" else "none"))
    pruner = build_pruner(str(chosen.pruner))
    snapshot = _divided(snapshot, space.untuned.seed)
    run, study = _open(snapshot, out, space, chosen)
    study.sampler, study.pruner = sampler, pruner
    facts = {**run.settings(), **asdict(chosen), "study": study.study_name}
    facts["storage"] = shown_url(chosen.storage) if chosen.storage else "study.sqlite"
    bench = bench or (WholeBench(snapshot, cache) if space.stage == "fine" else TopBench(snapshot, cache, console))

    def train_run(name: str, settings: TrainSettings) -> Bundle:
        console.rule(name)
        say_progress(out, f"verdict: {name}")
        return train(snapshot, out / name, cache, settings, console)

    try:
        with telling(out):
            _search(study, TrialObjective(space, bench, chosen.objective), chosen.trials, run, facts, console)
            verdict = judge(study, space, train_run)
            write_summary(out, study, facts, verdict)
    except StorageInternalError as error:
        raise RunError(
            f"the storage {facts['storage']} does not answer ({error.__cause__ or error}): "
            "the same command goes on when it does"
        ) from error
    console.print((out / "study.md").read_text(encoding="utf-8"), highlight=False, markup=False, soft_wrap=True)
    return verdict


def _check(chosen: TuneSettings) -> None:
    if chosen.trials < 1:
        raise ValueError(f"--trials is at least 1, not {chosen.trials}")
    if chosen.objective not in GOALS:
        raise ValueError(f"there is no objective {chosen.objective!r}: choose {', '.join(GOALS)}")


def _divided(snapshot: Snapshot, seed: int) -> Snapshot:
    """With every split that tuning needs; test pictures are in none of what trials see."""
    snapshot = with_every_split(snapshot, seed)
    if not any(image.split == "validation" and image.label for image in snapshot.images):
        raise RunError(f"{snapshot.folder} has no pictures to validate on, which tuning needs: add some")
    return snapshot


def _open(snapshot: Snapshot, out: Path, space: SearchSpace, chosen: TuneSettings) -> tuple[RunFolder, Study]:
    """The study folder and the study in its database: new, or those of the same search."""
    plan = {
        "command": "tune",
        "snapshot_digest": snapshot.digest,
        "objective": chosen.objective,
        "stage": space.stage,
        "contestants": {one.name: _without_places(one.settings) for one in space.contestants},
        "search": {name: str(distribution) for name, distribution in space.distributions.items()},
    }
    storage = open_storage(chosen.storage) if chosen.storage else None
    run = open_run(out, {"snapshot": snapshot.source, **plan})
    storage = storage or open_storage(sqlite_url(out))
    name = chosen.study or out.resolve().name
    study = open_study(storage, name, plan, space.place_of_untuned(), maximise=chosen.objective == ACCURACY)
    return run, study


def _without_places(settings: TrainSettings) -> dict[str, Any]:
    """The settings, with what a weight file holds in the place of where it lies: elsewhere on another machine."""
    known = asdict(settings)
    if settings.weights not in ("none", "imagenet"):
        known["weights"] = hashlib.sha256(Path(settings.weights).read_bytes()).hexdigest()
    return known


def _search(
    study: Study,
    objective: TrialObjective,
    wanted: int,
    run: RunFolder,
    facts: Mapping[str, Any],
    console: Console,
) -> None:
    """Run the trials that are missing, with a bar in the terminal and a line for each."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(
        TextColumn("{task.description}"), *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        before, began = _finished(study), time.monotonic()
        task = bar.add_task("trials", total=wanted, completed=before)
        say_progress(run.path, TRIALS, before, wanted)

        def told(trial: FrozenTrial) -> None:
            best = best_of(study)
            words = f"best {best.value:.4f} (trial {best.number})" if best else "none to its end yet"
            done = _finished(study)
            bar.update(task, completed=done, description=f"trials, {words}")
            each_s = (time.monotonic() - began) / max(1, done - before)
            say_progress(run.path, TRIALS, done, wanted, min(1.0, done / wanted), each_s * done)
            console.print(f"{_line_of(trial)}; {words}", highlight=False, soft_wrap=True)
            write_summary(run.path, study, facts)

        run_trials(study, objective, wanted, told)


def _finished(study: Study) -> int:
    return sum(trial.state in FINISHED for trial in study.get_trials(deepcopy=False))


def _line_of(trial: FrozenTrial) -> str:
    name = f"trial {trial.number}" + (", untuned" if trial.user_attrs.get(UNTUNED) else "")
    if trial.state not in FINISHED:
        return f"{name}: failed"
    notes = trial.user_attrs
    early = " (ended early)" if trial.state == TrialState.PRUNED else ""
    scores = f"log-loss {notes['log_loss']:.4f}, accuracy {notes['accuracy']:.4f}"
    return f"{name}: {scores}{early}, {notes['seconds']:.0f} s: {in_words(trial.params)}"
