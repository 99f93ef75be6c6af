"""A site as visitors meet it: gunicorn on a port of its own, a database that the migrations made, a bundle."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class LiveSite:
    """Where the site answers, where it keeps its things, and the process that serves it."""

    url: str
    instance: Path
    process_id: int
    log: Path


def environment_of(instance: Path, **settings: str) -> dict[str, str]:
    """The environment of a site in `instance`; keyword `rate_limits="yes"` sets SOLESCOPE_RATE_LIMITS, and so on."""
    chosen = {"SOLESCOPE_INSTANCE": str(instance), "SOLESCOPE_RATE_LIMITS": "no"}
    chosen |= {f"SOLESCOPE_{name.upper()}": value for name, value in settings.items()}
    others = {name: value for name, value in os.environ.items() if not name.startswith("SOLESCOPE_")}
    return {**others, **chosen, "PYTHONUNBUFFERED": "1"}


def flask(instance: Path, *words: str, **settings: str) -> str:
    """Run a `flask` command on the site of `instance` and return what it printed; raises where it fails."""
    finished = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env=environment_of(instance, **settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@contextmanager
def live_site(instance: Path, **settings: str) -> Iterator[LiveSite]:
    """Serve the site of `instance` (its database already made) with the Procfile's own command until the block ends."""
    port = _free_port()
    log = instance / "gunicorn.log"
    with log.open("w", encoding="utf-8") as written:
        server = subprocess.Popen(
            _web_command(port),
            cwd=ROOT,
            env=environment_of(instance, **settings),
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        site = LiveSite(f"http://127.0.0.1:{port}", instance, server.pid, log)
        _wait_until_ready(site, server)
        yield site
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(5)


def _web_command(port: int) -> list[str]:
    """What the Procfile starts as `web`, on this port and with this Python."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    command = next(line.removeprefix("web:") for line in lines if line.startswith("web:"))
    command = command.replace("${HOST:-127.0.0.1}", "127.0.0.1").replace("${PORT:-8000}", str(port))
    program, *words = shlex.split(command)
    return [str(Path(sys.executable).parent / program), *words]


def _wait_until_ready(site: LiveSite, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{site.url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the site did not become ready:\n{site.log.read_text(encoding='utf-8')}")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
