"""Trainings and searches for settings, as the folders of their runs tell of them: `python -m ml` writes there, this
only reads.

A run is a folder with a settings.json, at most three levels below the folder of runs; its name is the path to it.
Files may be missing, half old or made by another version: what cannot be read is left out, nothing fails.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LEVELS = 3
SILENT_AFTER_S = 60.0
"""A running training touches its progress.json every 10 seconds: one that was silent for this long was killed."""

SHOWN_FILES = {
    "report.html": "text/html",
    "report.json": "application/json",
    "curves.svg": "image/svg+xml",
    "study.svg": "image/svg+xml",
    "study.md": "text/plain",
}
LARGEST_FILE = 16 * 1024 * 1024
STEP_NAMES = {"bottleneck": "top model", "fine_tuned": "fine-tuning", "pretrain": "pretraining"}
TUNE = "tune"
_FACTS = ("settings.json", "progress.json", "metrics.json", "curves.jsonl", "report.json", "study.json")


@dataclass(frozen=True)
class Training:
    """One run. `state` is running, finished, stopped or failed; `changed_at` is when it last wrote something.

    `numbers` are those of `split`, as served, or of the last epoch on validation.
    """

    name: str
    folder: Path
    network: str
    state: str
    changed_at: datetime
    settings: dict[str, Any]
    progress: dict[str, Any]
    numbers: dict[str, Any] = field(default_factory=dict)
    split: str = ""

    @property
    def task(self) -> str:
        """What the command was: train, pretrain or tune."""
        return str(self.settings.get("command") or "train")

    @property
    def pictures(self) -> str:
        """What was learned from."""
        return str(self.settings.get("snapshot") or "unknown pictures")

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def has_report(self) -> bool:
        return self.file("report.html") is not None

    @property
    def is_search(self) -> bool:
        """Whether it searched for better settings: many trials, and two trainings that are compared."""
        return self.task == TUNE

    @property
    def drawing(self) -> str:
        """The name of the file that shows how it went."""
        return "study.svg" if self.is_search else "curves.svg"

    @property
    def verdict(self) -> str:
        """What a search has found, in a sentence; empty for a training, and before a search has ended."""
        return str(_verdict(self.folder).get("sentence") or "")

    @property
    def bundle_folder(self) -> Path:
        """Where its bundle lies, once it has one; of a search, the better one of its two trainings."""
        kept = Path(str(_verdict(self.folder).get("bundle") or "")).parent.name if self.is_search else ""
        return self.folder / kept / "bundle"

    @property
    def bundle_id(self) -> str:
        """The id of its bundle; empty as long as there is none."""
        return str(_json(self.bundle_folder / "card.json").get("id") or "")

    @property
    def words(self) -> str:
        """In a sentence, how far it is, or why it ended."""
        if not self.is_running:
            return str(self.progress.get("sentence") or "") if self.state == "failed" else ""
        said = [_step_name(self.progress.get("step")) or "getting ready"]
        if epoch := _whole(self.progress.get("epoch")):
            epochs, unit = _whole(self.progress.get("epochs")), "trial" if self.is_search else "epoch"
            said.append(f"{unit} {min(epoch, epochs) or epoch} of {epochs}" if epochs else f"{unit} {epoch}")
        if (left := _whole(self.progress.get("seconds_left"))) > 0:
            said.append(f"about {max(1, round(left / 60))} min left in this step")
        return ", ".join(said)

    @property
    def share(self) -> float | None:
        """How much of the step is done, 0 to 1; None where nobody knows."""
        share = self.progress.get("share")
        return min(1.0, max(0.0, float(share))) if isinstance(share, int | float) and share else None

    def file(self, name: str) -> Path | None:
        """One of the files that may be shown; None where it is missing, too large, or a link that leads elsewhere."""
        file = self.folder / name
        if name not in SHOWN_FILES or not file.is_file():
            return None
        inside = file.resolve().is_relative_to(self.folder.resolve())
        return file if inside and file.stat().st_size <= LARGEST_FILE else None


def find_trainings(runs: Path) -> list[Training]:
    """The trainings below the folder of runs, those that last wrote something first."""
    found = (read_training(runs, folder.relative_to(runs).as_posix()) for folder in _folders(runs, LEVELS))
    return sorted((one for one in found if one), key=lambda one: one.changed_at, reverse=True)


def read_training(runs: Path, name: str) -> Training | None:
    """The training of this name; None where there is none, or where the name leads out of the folder of runs."""
    parts = name.split("/")
    if not 1 <= len(parts) <= LEVELS or any(part.startswith(".") or not part or "\\" in part for part in parts):
        return None
    folder = runs.joinpath(*parts)
    try:
        if "\0" in name or not folder.resolve().is_relative_to(runs.resolve()) or not _is_run(folder):
            return None
        changed = max(file.stat().st_mtime for file in (folder / fact for fact in _FACTS) if file.is_file())
    except (OSError, ValueError):
        return None
    settings, (numbers, split) = _json(folder / "settings.json"), _numbers(folder)
    return Training(
        name=name,
        folder=folder,
        network=_network(folder, settings),
        state=_state(folder),
        changed_at=datetime.fromtimestamp(changed, UTC),
        settings=settings,
        progress=_json(folder / "progress.json"),
        numbers=numbers,
        split=split,
    )


def _network(folder: Path, settings: dict[str, Any]) -> str:
    """As the bundle's card writes its name, or as the settings do; runs that name none are VGG16's."""
    contestants = settings.get("contestants")
    asked = ", ".join(contestants) if isinstance(contestants, dict) else settings.get("network")
    return str(_json(folder / "bundle" / "card.json").get("network") or asked or "VGG16")


def _state(folder: Path) -> str:
    """What the run says of itself; one that is silent has finished where its bundle or its trunk's numbers are."""
    said = _json(folder / "progress.json").get("state")
    if said == "running" and time.time() - (folder / "progress.json").stat().st_mtime < SILENT_AFTER_S:
        return "running"
    if said in ("finished", "stopped", "failed"):
        return str(said)
    done = (folder / "bundle" / "card.json").is_file() or "pretrain" in _json(folder / "metrics.json")
    return "finished" if done else "stopped"


def _numbers(folder: Path) -> tuple[dict[str, Any], str]:
    """The numbers of the test split as served, else of validation; else the last epoch's accuracy on validation. Of a
    search, those of what it kept."""
    verdict = _verdict(folder)
    judged = verdict.get("validation")
    kept = judged.get("untuned" if verdict.get("kept") == "untuned" else "tuned") if isinstance(judged, dict) else None
    if isinstance(kept, dict):
        return _plain(kept), "validation"
    served = _json(folder / "metrics.json").get("served")
    for split in ("test", "validation"):
        numbers = served.get(split) if isinstance(served, dict) else None
        if isinstance(numbers, dict) and "accuracy" in numbers:
            return _plain(numbers), split
    for line in reversed(_lines(folder / "curves.jsonl")):
        try:
            accuracy = json.loads(line)["validation_accuracy"]
        except (ValueError, KeyError, TypeError):
            continue
        return ({"accuracy": accuracy}, "validation so far") if isinstance(accuracy, int | float) else ({}, "")
    return {}, ""


def _plain(numbers: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in numbers.items() if isinstance(value, int | float)}


def _verdict(folder: Path) -> dict[str, Any]:
    verdict = _json(folder / "study.json").get("verdict")
    return verdict if isinstance(verdict, dict) else {}


def _folders(place: Path, levels: int) -> Iterator[Path]:
    """The run folders below `place`; what lies inside a run is not looked at, links are not followed."""
    try:
        inside = [Path(entry.path) for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for folder in inside:
        if folder.name.startswith("."):
            continue
        if _is_run(folder):
            yield folder
        elif levels > 1:
            yield from _folders(folder, levels - 1)


def _is_run(folder: Path) -> bool:
    return (folder / "settings.json").is_file()


def _json(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _step_name(step: object) -> str:
    name = str(step or "")
    return STEP_NAMES.get(name, name.replace("_", " "))


def _whole(number: object) -> int:
    return int(number) if isinstance(number, int | float) else 0
