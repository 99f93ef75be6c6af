"""How far a run is, in a small file that others may read at any time: the site's live page does.

    progress.json   state (running, finished, stopped or failed), step, epoch of epochs, share of the step, seconds left

The file is written in one rename. While the run is at work a thread touches it every few seconds: one that says
"running" and has not been touched for a minute belongs to a run that was killed.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ml.training.run_folder import write_json

PROGRESS_FILE = "progress.json"
TOUCHED_EVERY_S = 10.0
RUNNING, FINISHED, STOPPED, FAILED = "running", "finished", "stopped", "failed"


def say_progress(
    folder: Path, step: str, epoch: int = 0, epochs: int = 0, share: float = 0, seconds: float = 0
) -> None:
    """Say that a run is in a step: the epoch under way of `epochs` (0: not counted), and its `share` done, 0 to 1.

    `seconds` is what that share took; what is left is reckoned from it. A full disk does not stop a run here.
    """
    left = round(seconds * (1 - share) / share) if share > 0.01 else None
    facts = {"step": step, "epoch": epoch, "epochs": epochs, "share": round(share, 4), "seconds_left": left}
    with suppress(OSError):
        _write(folder, RUNNING, **facts)


@contextmanager
def telling(folder: Path) -> Iterator[None]:
    """Say that a run is at work while the block is; then that it has finished, was stopped, or failed and why."""
    with suppress(OSError):
        _write(folder, RUNNING, step="", sentence="")
    over = threading.Event()
    thread = threading.Thread(target=_touch_until, args=(folder / PROGRESS_FILE, over), daemon=True)
    thread.start()
    state, sentence = STOPPED, ""
    try:
        yield
        state = FINISHED
    except Exception as error:
        state, sentence = FAILED, str(error)
        raise
    finally:
        over.set()
        thread.join()
        with suppress(OSError):
            _write(folder, state, sentence=sentence)


def read_progress(folder: Path) -> dict[str, Any]:
    """What the file says; nothing where there is none."""
    try:
        facts: dict[str, Any] = json.loads((folder / PROGRESS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts


def _write(folder: Path, state: str, **facts: Any) -> None:
    content = read_progress(folder) | {"state": state, "at": round(time.time(), 1)} | facts
    write_json(folder / PROGRESS_FILE, content)


def _touch_until(file: Path, over: threading.Event) -> None:
    while not over.wait(TOUCHED_EVERY_S):
        with suppress(OSError):
            os.utime(file)
