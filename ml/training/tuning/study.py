"""A study: its trials in a database, run one after another by as many processes as there are, none of them lost.

A trial whose process died is marked as failed and its settings are queued again: at once where the process ran on this
machine, after a minute of silence where it ran on another.
"""

from __future__ import annotations

import json
import os
import socket
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import DuplicatedStudyError, ExperimentalWarning, TrialPruned, UpdateFinishedTrialError
from optuna.storages import BaseStorage, fail_stale_trials
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState

from ml.training.run_folder import RunError
from ml.training.tuning.storage import SILENCE_S, UNTUNED, put_back

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
PLAN, WORKER = "plan", "worker"
"""What the database says beside the scores: what a study is about, and who runs a trial."""

SECONDS_BETWEEN_LOOKS = 2.0
LOOKS_FOR_A_FOUNDER = 25
Objective = Callable[[Trial], float]


def open_study(
    storage: BaseStorage, name: str, plan: Mapping[str, Any], untuned: Mapping[str, Any], *, maximise: bool = False
) -> Study:
    """The study by its name: founded with the untuned settings as its first trial, or joined.

    Raises RunError where the study of that name is about something else (`plan` differs).
    """
    asked = json.loads(json.dumps(plan))
    try:
        direction = StudyDirection.MAXIMIZE if maximise else StudyDirection.MINIMIZE
        study = optuna.create_study(storage=storage, study_name=name, direction=direction)
        study.set_user_attr(PLAN, asked)
        study.enqueue_trial(dict(untuned), user_attrs={UNTUNED: True})
    except DuplicatedStudyError:
        study = optuna.load_study(storage=storage, study_name=name)
        _await_founder(study, asked, untuned)
    found = study.user_attrs[PLAN]
    if differing := sorted(key for key in {*asked, *found} if asked.get(key) != found.get(key)):
        raise RunError(
            f"the study {name!r} is about something else ({', '.join(differing)}): name another --study or --out"
        )
    return study


def run_trials(study: Study, objective: Objective, wanted: int, told: Callable[[FrozenTrial], None]) -> None:
    """Run trials until `wanted` are finished, whoever finished them; `told` hears of each that ended here.

    Where others are at work on the last ones it waits for them, and does them itself if they die.
    """
    fail_dead_neighbours(study)

    def attempt(trial: Trial) -> float:
        trial.set_user_attr(WORKER, _this_process())
        try:
            return objective(trial)
        except TrialPruned:
            raise
        except BaseException as error:
            # Settings that cannot be trained would fail again; the untuned ones have to be there.
            if isinstance(error, KeyboardInterrupt | OSError) or trial.user_attrs.get(UNTUNED):
                put_back(study, trial)
            raise

    while True:
        states = [trial.state for trial in study.get_trials(deepcopy=False)]
        finished = sum(state in FINISHED for state in states)
        if finished >= wanted:
            return
        if finished + states.count(TrialState.RUNNING) < wanted:
            # Where this machine slept so long that others took the trial over, they have its score.
            with suppress(UpdateFinishedTrialError):
                study.optimize(attempt, n_trials=1, callbacks=[lambda _, trial: told(trial)])
        else:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            fail_dead_neighbours(study)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExperimentalWarning)
                fail_stale_trials(study)


def fail_dead_neighbours(study: Study) -> None:
    """Mark trials as failed whose process ran here and is gone, and queue their settings again."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_gone(trial):
            try:
                study.tell(trial.number, state=TrialState.FAIL)
            except (ValueError, UpdateFinishedTrialError):
                continue  # another process was quicker
            put_back(study, trial)


def best_of(study: Study, least_accuracy: float = 0.0) -> FrozenTrial | None:
    """The finished trial with the best score among those whose `accuracy` is at least so high; None without any."""
    done = [trial for trial in study.get_trials(deepcopy=False) if trial.state == TrialState.COMPLETE]
    able = [trial for trial in done if trial.user_attrs.get("accuracy", 1.0) >= least_accuracy]
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    return min(able, key=lambda trial: (sign * float(trial.value or 0.0), trial.number), default=None)


def untuned_trial(study: Study) -> FrozenTrial | None:
    """The finished trial with the untuned settings; None before there is one."""
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return next((trial for trial in done if trial.user_attrs.get(UNTUNED)), None)


def _await_founder(study: Study, plan: Mapping[str, Any], untuned: Mapping[str, Any]) -> None:
    """Give the process that founds the study the time to say what it is about; do it in its place where it died."""
    for _ in range(LOOKS_FOR_A_FOUNDER):
        if PLAN in study.user_attrs and study.get_trials(deepcopy=False):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS / LOOKS_FOR_A_FOUNDER)
    if PLAN not in study.user_attrs:
        study.set_user_attr(PLAN, plan)
    study.enqueue_trial(dict(untuned), user_attrs={UNTUNED: True})


def _this_process() -> str:
    """Machine, namespace of its process numbers (two containers may share a name), and number."""
    return f"{socket.gethostname()}:{_namespace()}:{os.getpid()}"


def _is_gone(trial: FrozenTrial) -> bool:
    """Whether the process of a trial is known to be dead, or has not even said who it is."""
    if WORKER not in trial.user_attrs:
        begun = trial.datetime_start
        return begun is not None and (datetime.now() - begun).total_seconds() > SILENCE_S
    machine, _, number = str(trial.user_attrs[WORKER]).rpartition(":")
    if machine != f"{socket.gethostname()}:{_namespace()}":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _namespace() -> int:
    place = Path("/proc/self/ns/pid")
    return place.stat().st_ino if place.exists() else 0
