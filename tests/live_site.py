"""A site as visitors meet it: gunicorn on a port of its own, a database that the migrations made, a bundle."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from webapp import create_app
from webapp.database import db
from webapp.settings import Settings

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


def flask(instance: Path, *commands: Sequence[str], **settings: str) -> None:
    """Run `flask` commands, one after another, on the site of `instance`; raises where one fails."""
    app = create_app(Settings.from_environment(environment_of(instance, **settings)))
    for words in commands:
        finished = app.test_cli_runner().invoke(args=list(words))
        assert finished.exit_code == 0, f"flask {' '.join(words)}: {finished.output} {finished.exception}"
    app.extensions["recognition"].close()
    with app.app_context():
        db.engine.dispose()


@contextmanager
def live_site(instance: Path, *options: str, **settings: str) -> Iterator[LiveSite]:
    """Serve the site of `instance` (its database already made) with the Procfile's own command until the block ends.

    `options` are more words for that command.
    """
    log = instance / "gunicorn.log"
    # The port is taken here and handed over: nobody else can have it first.
    with log.open("w", encoding="utf-8") as written, socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        server = subprocess.Popen(
            [*_web_command(listening.fileno()), *options],
            cwd=ROOT,
            env=environment_of(instance, **settings),
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[listening.fileno()],
        )
    try:
        site = LiveSite(f"http://127.0.0.1:{port}", instance, server.pid, log)
        _wait_until_ready(site, server)
        yield site
    finally:
        end(server)


def end(process: subprocess.Popen[bytes], within_s: float = 30.0) -> None:
    """Stop a program that was started in a session of its own; with all its children where it takes longer."""
    process.terminate()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _web_command(listening: int) -> list[str]:
    """What the Procfile starts as `web`, on the socket of this number and with this Python."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    command = next(line.removeprefix("web:") for line in lines if line.startswith("web:"))
    command = command.replace("${HOST:-127.0.0.1}:${PORT:-8000}", f"fd://{listening}")
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
