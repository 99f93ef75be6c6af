"""`make run`: the whole product on one machine, filled from the demo shop.

It starts what the Procfile names (web, worker) and the demo shop beside them, asks the worker to scrape the shop, and
shows the progress until the catalogue is full. Everything it writes lies in the instance folder, so that a second run
goes on where the first one stopped. What trainings need is large: it is installed last, while the site is in use.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
from honcho.environ import parse_procfile
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 120.0
QUIET_S = 15.0
TRAINING_TOOLS = Path(".venv") / "train.installed"
"""What the Makefile makes once requirements/train.txt is installed."""


def run(port: int, shop_port: int) -> int:
    """Serve until interrupted. Returns the exit status of the process that ended first, 0 after Ctrl-C."""
    environment = {**os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    for step in (("db", "upgrade"), ("demo-accounts",)):
        _flask(step, environment)
    manager = Manager()
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    processes["shop"] = f"{sys.executable} -m demo shop --port {shop_port}"
    for name, command in processes.items():
        manager.add_process(name, command, env=environment, cwd=str(ROOT))
    threading.Thread(target=_fill_and_watch, args=(port, shop_port, environment), daemon=True).start()
    manager.loop()
    return manager.returncode or 0


def _fill_and_watch(port: int, shop_port: int, environment: dict[str, str]) -> None:
    """Wait for site and shop, have the shop scraped, and say how far it is."""
    site = f"http://127.0.0.1:{port}"
    shop = f"http://127.0.0.1:{shop_port}/"
    if not (_answers(f"{site}/health/ready") and _answers(shop)):
        _say(f"Solescope did not come up on port {port}: see above. Another port: make run PORT=8001")
        return
    _say(f"Solescope is at {site}   (stop: Ctrl-C; demo accounts: instance/demo_accounts.json)")
    _flask(("scrape", "demo", "--start-url", shop, "--unless-done"), environment)
    _show_progress(f"{site}/jobs/current.json", until_quiet_s=QUIET_S)
    prepare_trainings(ROOT)
    _show_progress(f"{site}/jobs/current.json")


def prepare_trainings(root: Path) -> None:
    """Install TensorFlow and what else a training needs, as the Makefile in `root` does; says why where that fails."""
    if (root / TRAINING_TOOLS).exists() or not (root / TRAINING_TOOLS).parent.is_dir():
        return
    _say("Installing what trainings need, once and in the background (TensorFlow, 600 MB) ...")
    made = subprocess.run(["nice", "-n", "19", "make", str(TRAINING_TOOLS)], cwd=root, check=False)  # noqa: S603, S607
    if made.returncode:
        _say(f"Nothing can be trained yet: see above, and try again with: make {TRAINING_TOOLS}")
    else:
        _say("Trainings can be started now, under Admin, Trainings.")


def _show_progress(url: str, until_quiet_s: float = math.inf) -> None:
    """Say what the worker is at, until it has had nothing to do for so many seconds."""
    shown, busy_at = "", time.monotonic()
    while time.monotonic() - busy_at < until_quiet_s:
        job = _current_job(url)
        line = str(job.get("message") or "")
        if job.get("active"):
            busy_at = time.monotonic()
        if line and line != shown:
            _say(line)
            shown = line
        time.sleep(3)


def _answers(url: str) -> bool:
    """Whether the address answers 200 before our patience ends."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    return False


def _current_job(url: str) -> dict[str, Any]:
    """The job at work or, where there is none, the last one; nothing where the site does not say."""
    try:
        return httpx.get(url, timeout=5).json().get("job") or {}
    except (httpx.HTTPError, ValueError):
        return {}


def _flask(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)  # noqa: S603 (our own commands)


def _say(line: str) -> None:
    print(f"\n  {line}\n", flush=True)  # noqa: T201 (the terminal of `make run`)
