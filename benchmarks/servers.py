"""Real servers for measuring: gunicorn in a process of its own, and the memory of a process with its children."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, its process, and when it was started (time.perf_counter)."""

    url: str
    process: psutil.Process
    started_at: float

    def memory_mb(self) -> float:
        """Proportional set size of the process and its children, in MB: shared pages are counted once."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(sum(member.memory_full_info().pss for member in family)) / 1e6


@contextmanager
def gunicorn(
    application: str, *, threads: int = 12, settings: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Iterator[Server]:
    """Serve an application by one gunicorn worker on a free port; it is stopped at the end.

    `folder` is where it runs: in the repository's, gunicorn reads our gunicorn.conf.py.
    """
    port = free_port()
    command = [str(BIN / "gunicorn"), application, "--worker-class", "gthread", "--workers", "1"]
    command += ["--threads", str(threads), "--bind", f"127.0.0.1:{port}", "--timeout", "180", "--no-control-socket"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT), **(settings or {})}
    started_at = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        server = Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid), started_at)
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode} before it was ready")
        # Plain HTTP by the standard library: whoever asks this often must not take the cores that it measures.
        with suppress(OSError), urlopen(f"{server.url}/health/ready", timeout=2):
            return
        time.sleep(0.02)
    raise TimeoutError(f"{server.url} was not ready after {PATIENCE_S:.0f} s")
