"""Who may import whom, and that an import does nothing but define."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("webapp", "ml", "scraper", "demo")


def modules_of(package: str) -> list[str]:
    found = pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}.")
    return [package, *(module.name for module in found if not module.name.endswith("__main__"))]


def run_python(script: str, folder: Path, *, isolated_home: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
    if isolated_home:
        environment["HOME"] = str(folder)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_import_contracts_hold() -> None:
    """The contracts of pyproject.toml, by import-linter."""
    lint = Path(sys.executable).parent / "lint-imports"
    finished = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_serving_needs_no_tensorflow(tmp_path: Path) -> None:
    """The web process and everything it reaches leave TensorFlow and Keras out."""
    names = [name for package in ("webapp", "ml.serving", "ml.imaging") for name in modules_of_path(package)]
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "heavy = {name.split('.')[0] for name in sys.modules} & {'tensorflow', 'keras', 'sklearn', 'torch'}\n"
        "sys.exit(f'imported: {sorted(heavy)}' if heavy else 0)\n"
    )
    finished = run_python(script, tmp_path)
    assert finished.returncode == 0, finished.stderr


def test_the_site_starts_without_what_only_the_worker_and_commands_need(tmp_path: Path) -> None:
    """Each of these would make the first page wait."""
    late = {"alembic", "bs4", "protego", "httpx", "scraper.crawl"}
    script = (
        f"import os, sys; os.environ['SOLESCOPE_INSTANCE'] = {str(tmp_path)!r}\n"
        f"import wsgi; sys.exit(sorted(set(sys.modules) & {late!r}) or 0)"
    )
    finished = run_python(script, tmp_path)
    assert finished.returncode == 0, finished.stderr


def modules_of_path(dotted: str) -> list[str]:
    folder = ROOT.joinpath(*dotted.split("."))
    return [dotted, *(module.name for module in pkgutil.walk_packages([str(folder)], prefix=f"{dotted}."))]


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    """No file made, no environment read, no connection opened, no logging set, whichever module is imported."""
    names = [name for package in PACKAGES for name in modules_of(package)]
    script = f"""
import importlib, json, logging, os, sys
sys.dont_write_bytecode = True
ours = {str(ROOT)!r}
broken = []
def by_our_code(frame):
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith('<frozen importlib') or 'site-packages' in file:
            return None  # the import system's or a library's doing
        if file.startswith(ours):
            return file
        frame = frame.f_back  # the standard library, on someone's behalf
    return None
def watch(event, arguments):
    writes = event == 'open' and isinstance(arguments[1], str) and set(arguments[1]) & set('wax+')
    if writes or event in ('socket.connect', 'sqlite3.connect', 'os.mkdir', 'subprocess.Popen'):
        if file := by_our_code(sys._getframe().f_back):
            broken.append(f'{{file}}: {{event}} {{arguments[:1]}}')
sys.addaudithook(watch)
for name in {names!r}:
    before = list(logging.getLogger().handlers)
    importlib.import_module(name)
    if logging.getLogger().handlers != before:
        broken.append(f'{{name}}: sets logging')
print(json.dumps(broken))
"""
    finished = run_python(script, tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout.splitlines()[-1]) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_engine_keeps_to_itself(tmp_path: Path) -> None:
    """ONNX Runtime, as we load it, leaves no device id and no queue of events behind."""
    script = "from ml.serving.engine import load_engine; load_engine().get_available_providers()"
    finished = run_python(script, tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert list(tmp_path.iterdir()) == []
