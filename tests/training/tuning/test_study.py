"""A study is never lost: stopped, killed or shared, it ends with the trials that were asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState

from ml.training.run_folder import RunError
from ml.training.tuning.storage import UNTUNED, open_storage
from ml.training.tuning.study import FINISHED, LOOKS_FOR_A_FOUNDER, PLAN, WORKER, best_of, open_study
from tests.training.tuning.toy import EPOCHS, FormulaBench, run_toy

ROOT = Path(__file__).resolve().parents[3]
GATE = "gate"


AtWork = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[AtWork]:
    """Start a process at work, which waits in the `held`-th trial that it begins until the gate is opened."""
    started: list[subprocess.Popen[bytes]] = []

    def start(database: Path, trials: int, *, held: int) -> subprocess.Popen[bytes]:
        words = [str(database), "shared", str(trials), str(held), str(tmp_path / GATE)]
        command = [sys.executable, "-m", "tests.training.tuning.toy", *words]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def await_running(process: subprocess.Popen[bytes], database: Path, trial: int) -> None:
    """Until the process has begun the trial of that number."""
    deadline = time.monotonic() + 120
    while not is_running(database, trial):
        assert process.poll() is None, "it ended before"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(database: Path, trial: int) -> bool:
    if not database.is_file():
        return False
    try:
        study = optuna.load_study(storage=open_storage(f"sqlite:///{database}"), study_name="shared")
    except (KeyError, RunError):
        return False  # not founded yet
    return len(study.trials) > trial and WORKER in study.trials[trial].user_attrs


def states_of(database: Path) -> Counter[TrialState]:
    study = optuna.load_study(storage=open_storage(f"sqlite:///{database}"), study_name="shared")
    return Counter(trial.state for trial in study.get_trials(deepcopy=False))


def test_the_first_trial_is_the_untuned_one_and_a_search_beats_it() -> None:
    bench = FormulaBench()
    study = run_toy(InMemoryStorage(), "first", 12, bench, sampler="tpe")
    first, best = study.trials[0], best_of(study)
    assert first.user_attrs[UNTUNED]
    assert bench.tried[0].top_rate == 0.001
    assert (bench.tried[0].weight_decay, bench.tried[0].momentum) == (None, None)
    assert best is not None
    assert best.value < first.value
    assert [trial.number for trial in study.trials] == list(range(12))


def test_the_same_seed_gives_the_same_study_in_one_sitting_or_two() -> None:
    for sampler in ("random", "tpe", "gp"):
        whole, halves = InMemoryStorage(), InMemoryStorage()
        once = run_toy(whole, "same", 11, FormulaBench(), sampler=sampler)
        run_toy(halves, "same", 4, FormulaBench(), sampler=sampler)
        twice = run_toy(halves, "same", 11, FormulaBench(), sampler=sampler)
        assert [trial.params for trial in once.trials] == [trial.params for trial in twice.trials], sampler


def test_what_ctrl_c_stopped_is_tried_again(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'study.sqlite'}")
    stopped, again = FormulaBench(dies_at=3), FormulaBench()
    with pytest.raises(KeyboardInterrupt):
        run_toy(storage, "stopped", 5, stopped)
    study = run_toy(storage, "stopped", 5, again)
    assert again.tried[0] == stopped.tried[2]
    assert [trial.state for trial in study.trials].count(TrialState.FAIL) == 1
    assert sum(trial.state in FINISHED for trial in study.trials) == 5


def test_an_untuned_trial_that_was_stopped_stays_the_untuned_one(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'study.sqlite'}")
    with pytest.raises(KeyboardInterrupt):
        run_toy(storage, "stopped", 2, FormulaBench(dies_at=1))
    again = FormulaBench()
    study = run_toy(storage, "stopped", 2, again)
    assert again.tried[0].weight_decay is None
    assert [trial.user_attrs.get(UNTUNED) for trial in study.trials if trial.state in FINISHED] == [True, None]


def test_a_killed_process_loses_no_trial(tmp_path: Path, at_work: AtWork) -> None:
    database = tmp_path / "study.sqlite"
    process = at_work(database, 4, held=2)
    await_running(process, database, 1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = states_of(database)
    assert before == {TrialState.COMPLETE: 1, TrialState.RUNNING: 1}
    run_toy(open_storage(f"sqlite:///{database}"), "shared", 4, FormulaBench())
    after = states_of(database)
    assert after[TrialState.COMPLETE] == 4
    assert after[TrialState.FAIL] == 1
    assert after[TrialState.RUNNING] == 0


def test_two_processes_share_a_study(tmp_path: Path, at_work: AtWork) -> None:
    database = tmp_path / "study.sqlite"
    workers = []
    for number in range(2):
        workers.append(at_work(database, 16, held=1))
        await_running(workers[-1], database, number)
    (tmp_path / GATE).touch()
    assert [worker.communicate()[1] or worker.returncode for worker in workers] == [0, 0]
    study = optuna.load_study(storage=open_storage(f"sqlite:///{database}"), study_name="shared")
    assert [trial.number for trial in study.trials] == list(range(len(study.trials)))
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    assert 16 <= len(study.trials) <= 17, "each looks before it begins a trial, so that one may be too many"
    assert sum(bool(trial.user_attrs.get(UNTUNED)) for trial in study.trials) == 1
    assert len({trial.user_attrs["worker"] for trial in study.trials}) == 2
    assert len({str(trial.params) for trial in study.trials}) == len(study.trials)


@pytest.mark.parametrize("founder_lives", [True, False])
def test_who_comes_while_a_study_is_founded_waits_and_founds_it_where_the_founder_died(
    monkeypatch: pytest.MonkeyPatch, founder_lives: bool
) -> None:
    storage = InMemoryStorage()
    founding = optuna.create_study(storage=storage, study_name="new")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if founder_lives and len(waited) == 3:
            founding.set_user_attr(PLAN, {"about": "shoes"})
            founding.enqueue_trial({}, user_attrs={UNTUNED: True})

    monkeypatch.setattr(time, "sleep", wait)
    joined = open_study(storage, "new", {"about": "shoes"}, {})
    assert joined.user_attrs[PLAN] == {"about": "shoes"}
    assert [trial.user_attrs for trial in joined.trials] == [{UNTUNED: True}]
    assert len(waited) == (3 if founder_lives else LOOKS_FOR_A_FOUNDER)


def test_hyperband_spares_epochs_and_never_the_untuned_trial() -> None:
    storage, patient, quick = InMemoryStorage(), FormulaBench(), FormulaBench()
    run_toy(storage, "patient", 15, patient)
    study = run_toy(storage, "quick", 15, quick, pruner="hyperband")
    assert patient.epochs == 15 * EPOCHS
    assert quick.epochs < patient.epochs
    assert study.trials[0].state == TrialState.COMPLETE
    assert TrialState.PRUNED in {trial.state for trial in study.trials}


def test_a_study_about_something_else_is_left_alone() -> None:
    storage = InMemoryStorage()
    run_toy(storage, "mine", 1, FormulaBench())
    with pytest.raises(RunError, match=r"is about something else \(about\)"):
        open_study(storage, "mine", {"about": "shoes"}, {})
