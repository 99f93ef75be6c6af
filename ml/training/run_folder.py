"""The run folder: everything that a training run leaves, in one place.

settings.json    what was asked for, the digest of the pictures, the seed, the git revision
curves.jsonl     one line an epoch: step, epoch, loss, accuracy, validation, seconds
metrics.json     the numbers of each finished step
<step>.npz       checkpoint of a step under way: weights, optimiser and place, so that the same command goes on
<step>.best.npz  the weights of its best epoch, where those are to be taken in the end
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEIGHTS_SUFFIX = ".weights.h5"


class RunError(ValueError):
    """A run that cannot begin or go on. The message says what to do."""


@dataclass(frozen=True)
class RunFolder:
    """A folder of one run; made by `open_run`."""

    path: Path

    @property
    def curves_file(self) -> Path:
        return self.path / "curves.jsonl"

    def best_file(self, step: str) -> Path:
        return self.path / f"{step}.best.npz"

    def checkpoint_file(self, step: str) -> Path:
        return self.path / f"{step}.npz"

    def settings(self) -> dict[str, Any]:
        return _read_json(self.path / "settings.json")

    def metrics(self) -> dict[str, Any]:
        return _read_json(self.path / "metrics.json")

    def add_metrics(self, step: str, numbers: Mapping[str, Any]) -> None:
        """Put the numbers of a step beside those of the others."""
        write_json(self.path / "metrics.json", self.metrics() | {step: dict(numbers)})

    def curves(self) -> list[dict[str, Any]]:
        """The epochs so far, oldest first; a line cut off by a killed run is left out."""
        if not self.curves_file.is_file():
            return []
        lines = self.curves_file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def add_epoch(self, step: str, epoch: int, numbers: Mapping[str, Any]) -> None:
        """Write an epoch's line; lines of the same step from this epoch on (of a killed run) give way."""
        kept = [line for line in self.curves() if line["step"] != step or line["epoch"] < epoch]
        kept.append({"step": step, "epoch": epoch, **numbers})
        replace_text(self.curves_file, "".join(json.dumps(line) + "\n" for line in kept))


def open_run(path: Path, settings: Mapping[str, Any]) -> RunFolder:
    """The run folder at `path`: new, or the one that a run with the same settings left behind.

    Raises RunError where the folder holds a run with other settings: its checkpoints do not fit.
    """
    run = RunFolder(path)
    asked = json.loads(json.dumps(settings))
    if (path / "settings.json").is_file():
        found = run.settings()
        changed = sorted(name for name in asked if found.get(name) != asked[name])
        if changed:
            raise RunError(
                f"{path} holds a run with other settings ({', '.join(changed)}): "
                "name another --out, or remove that folder to begin anew"
            )
    elif path.is_dir() and any(path.iterdir()):
        raise RunError(f"{path} is not empty and not a run folder: name another --out")
    else:
        path.mkdir(parents=True, exist_ok=True)
        write_json(path / "settings.json", {**asked, "git_revision": git_revision()})
    return run


def folder_of_pretraining(weights: Path) -> Path:
    """Where the run lies that pretrained a weight file: trunk.run beside trunk.weights.h5."""
    return weights.with_name(weights.name.removesuffix(WEIGHTS_SUFFIX) + ".run")


def git_revision() -> str:
    """The revision of the code that runs, with "+changes" where files differ from it; "unknown" outside a checkout."""
    root = Path(__file__).resolve().parent
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("+changes" if _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that is whole or not there."""
    replace_text(file, json.dumps(content, indent=1) + "\n")


def replace_text(file: Path, text: str) -> None:
    """Write a file in one rename."""
    unfinished = file.with_name(f".{os.getpid()}-{file.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def _read_json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _git(folder: Path, *arguments: str) -> str:
    finished = subprocess.run(  # noqa: S603
        ["git", "--no-optional-locks", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.strip()
