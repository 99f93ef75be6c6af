"""`make lab`'s table of runs, without running them: commands that `ml train` takes, and honest verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import lab
from benchmarks.lab import ATTEMPTS, NAMES, SETS
from ml.__main__ import _parser


def test_every_network_learns_from_every_set_once() -> None:
    assert len({attempt.name for attempt in ATTEMPTS}) == len(ATTEMPTS) == len(SETS) * len(lab.NETWORKS)
    assert {(attempt.pictures, attempt.network) for attempt in ATTEMPTS} == {
        (pictures, network) for pictures in SETS for network in lab.NETWORKS
    }


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
def test_a_command_is_one_that_train_takes(attempt: lab.Attempt, tmp_path: Path) -> None:
    _, *command = attempt.command(Path("pictures"), tmp_path)
    asked = _parser().parse_args(command)
    assert (asked.pictures, asked.out, asked.network) == (
        Path("pictures") / attempt.pictures,
        tmp_path,
        attempt.network,
    )
    assert Path(asked.weights) == attempt.weights(Path("pictures"))
    assert attempt.asked.keys() <= NAMES.keys()


def test_losses_and_errors_are_asked_from_above_and_shares_from_below() -> None:
    asked = {"accuracy": 0.98, "log_loss": 0.1, "calibration_error": 0.03}
    assert lab._verdict(asked, asked) == "yes"
    assert lab._verdict(asked, {"accuracy": 0.979, "log_loss": 0.09, "calibration_error": 0.02}) == "NO: top-1"
    assert lab._verdict(asked, {"accuracy": 0.99, "log_loss": 0.11, "calibration_error": 0.04}) == "NO: log-loss, ECE"


def test_without_the_weights_nothing_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOLESCOPE_SHARED_DATA", str(tmp_path / "nowhere"))
    runs = tmp_path / "runs"
    assert lab.main(["sneakers50-mobilenetv2", "--runs", str(runs)]) == 2
    assert str(tmp_path / "nowhere" / lab.MOBILENET) in capsys.readouterr().err
    with pytest.raises(SystemExit):
        lab.main(["sneakers50-alexnet"])
    assert not runs.exists()
