"""The web image, without Docker: its requirements in a bare environment, its process started from there."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the web image's requirements and nothing else."""
    folder = tmp_path_factory.mktemp("image") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*install, "-r", str(ROOT / "requirements" / "web.txt")], check=True)
    return folder


def copied_into_the_image(to: Path) -> None:
    """Copy what the Dockerfile's web target copies."""
    web = (ROOT / "Dockerfile").read_text().split("FROM web AS train")[0]
    for line in re.findall(r"^COPY (.+)$", web, re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            destination = to / target / Path(source).name if target.endswith("/") else to / target
            destination.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, destination)
            else:
                shutil.copy(ROOT / source, destination)


def test_the_image_serves_from_a_bare_environment(bare_environment: Path, tmp_path: Path) -> None:
    """wsgi.py starts, becomes ready with the starter bundle, and there is no TensorFlow about."""
    listed = subprocess.run(
        [str(bare_environment / "bin" / "python"), "-m", "pip", "list"], capture_output=True, text=True, check=True
    )
    assert not re.search(r"tensorflow|keras|torch|scikit-learn", listed.stdout, re.IGNORECASE)
    app, instance = tmp_path / "app", tmp_path / "instance"
    copied_into_the_image(app)
    for path in app.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": f"{bare_environment / 'bin'}:/usr/bin:/bin",
        "SOLESCOPE_INSTANCE": str(instance),
        "PORT": str(port),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(tmp_path),
    }
    subprocess.run(["flask", "--app", "wsgi", "db", "upgrade"], cwd=app, env=environment, check=True)
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(["honcho", "start", "web"], cwd=app, env=environment, stdout=log, stderr=log)
    try:
        assert answers(f"http://127.0.0.1:{port}/health/ready"), (tmp_path / "log").read_text()
    finally:
        server.terminate()
        server.wait(timeout=20)


def answers(url: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    return False
