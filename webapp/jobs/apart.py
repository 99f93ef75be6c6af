"""Programs that a job runs in a process of their own: at the lowest priority, watched, and never left behind.

They get the processor's time that nobody else wants, so that pages and identifications stay quick meanwhile. They end
when the job is cancelled (asked first, killed a few seconds later) and when the worker dies, however it dies.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from webapp.jobs.progress import Progress
from webapp.settings import ROOT

LAUNCHER = Path(__file__).with_name("background.py")
LOOK_EVERY_S = 0.5
STOPS_WITHIN_S = 4.0
_LINE_LENGTH = 500
_MINE_TO_KEEP = ("SOLESCOPE_", "FLASK_", "GUNICORN_")


def run_apart(
    command: Sequence[str],
    progress: Progress,
    log_file: Path,
    tell: Callable[[], None],
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a command until it ends; its exit status, negative where a signal ended it.

    What it says goes to `log_file`, line by line into the job's log as well. `tell` is called twice a second: it should
    report, and what it raises (JobCancelled) ends the command first.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as written:
        follow = _Follower(log_file, progress)
        process = subprocess.Popen(  # noqa: S603 (a command of ours)
            [sys.executable, "-P", str(LAUNCHER), str(os.getpid()), *command],
            cwd=ROOT,
            env=_without_secrets(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                follow()
                tell()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_EVERY_S)
        finally:
            _end(process)
            follow()
    return process.returncode


def python_module(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours with this Python."""
    return [sys.executable, "-m", module, *arguments]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop as Ctrl-C does, so that it can keep what it has; then end it and all its children."""
    if process.poll() is None:
        _signal(process, signal.SIGINT)
        deadline = time.monotonic() + STOPS_WITHIN_S
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _without_secrets(more: Mapping[str, str]) -> dict[str, str]:
    """Our environment but for what only the site should know."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_MINE_TO_KEEP)}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


class _Follower:
    """Hands on each new whole line of a file to a job's log."""

    def __init__(self, file: Path, progress: Progress) -> None:
        self._file, self._progress = file, progress
        self._read = file.stat().st_size

    def __call__(self) -> None:
        with self._file.open("rb") as file:
            file.seek(self._read)
            fresh = file.read(1_000_000)
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            if line.strip():
                self._progress.log(line.rstrip()[:_LINE_LENGTH])
