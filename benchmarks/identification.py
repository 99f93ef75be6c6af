"""One 12-megapixel photo through the API: time, memory, and how soon after the start."""

from __future__ import annotations

import io
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from benchmarks.servers import ROOT, Server, gunicorn
from benchmarks.table import Row

WIDTH, HEIGHT = 4000, 3000
GRABCUT_CAP_S = 60.0
REPEATS = 15
PLAIN_APP = "benchmarks.plain_app:create_plain_app()"


def twelve_megapixel_photo() -> bytes:
    """A sample phone photo of the demo world, enlarged to 4000 x 3000 with sensor noise, as JPEG."""
    sample = sorted((ROOT / "webapp" / "static" / "samples").glob("*.jpg"))[0]
    image = np.asarray(Image.open(sample).convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    noise = np.random.default_rng(7).normal(0, 4, image.shape)
    stream = io.BytesIO()
    Image.fromarray(np.clip(image + noise, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def measure(bundle: Path, name: str) -> Iterator[Row]:
    """Measure our server with the given bundle against the plain application."""
    photo = twelve_megapixel_photo()
    ours_ms, ours_mb, ours_start_s = _measure_ours(photo, bundle)
    plain_ms, cut = _plain_steps(photo)
    plain_mb, plain_start_s = _measure_plain_server(photo)
    ratio = plain_ms / ours_ms
    yield Row(
        f"identify one 12 MP JPEG through the API, p50 ({name})",
        f"{plain_ms:,.0f} ms{' (GrabCut capped at 60 s)' if cut else ''}",
        f"{ours_ms:.0f} ms",
        f"{ratio:.0f} x",
        "20 x, at most 400 ms",
        ratio >= 20 and ours_ms <= 400,
    )
    yield Row(
        f"memory of web process and children ({name})",
        f"{plain_mb:.0f} MB",
        f"{ours_mb:.0f} MB",
        f"{plain_mb / ours_mb:.1f} x",
        "at most 500 MB and half",
        ours_mb <= min(500, plain_mb / 2),
    )
    yield Row(
        f"process start to first identified photo ({name})",
        f"{plain_start_s:.1f} s",
        f"{ours_start_s:.1f} s",
        f"{plain_start_s / ours_start_s:.1f} x",
        "3 x sooner",
        plain_start_s / ours_start_s >= 3,
    )


def _measure_ours(photo: bytes, bundle: Path) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as instance:
        settings = {"SOLESCOPE_INSTANCE": instance, "SOLESCOPE_RATE_LIMITS": "off"}
        shutil.copytree(bundle, Path(instance) / "bundles" / bundle.name)
        (Path(instance) / "bundles" / "current").symlink_to(bundle.name)
        _migrate(settings)
        with gunicorn("wsgi:app", settings=settings) as server:
            _post(server, "/api/v1/identifications", photo)
            start_s = time.perf_counter() - server.started_at
            times = [_post(server, "/api/v1/identifications", photo) for _ in range(REPEATS)]
            return 1000 * statistics.median(times), server.memory_mb(), start_s


def _migrate(settings: dict[str, str]) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=True, capture_output=True)


def _post(server: Server, path: str, photo: bytes) -> float:
    with httpx.Client(timeout=120, verify=False) as client:  # loading certificates would cost more than a photo
        started = time.perf_counter()
        client.post(server.url + path, files={"photo": ("photo.jpg", photo, "image/jpeg")}).raise_for_status()
        return time.perf_counter() - started


def _measure_plain_server(photo: bytes) -> tuple[float, float]:
    """Memory and start of the plain application; GrabCut is left out, which favours it."""
    settings = {"SKIP_GRABCUT": "1"}
    with (
        tempfile.TemporaryDirectory() as folder,
        gunicorn(PLAIN_APP, threads=2, settings=settings, folder=Path(folder)) as server,
    ):
        _post(server, "/identify", photo)
        start_s = time.perf_counter() - server.started_at
        return server.memory_mb(), start_s


def _plain_steps(photo: bytes) -> tuple[float, bool]:
    """Milliseconds of the plain steps, and whether GrabCut was stopped at its cap."""
    parent, child = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_time_plain_steps, args=(photo, child))
    process.start()
    other_s = parent.recv()
    started = time.perf_counter()
    finished = parent.poll(GRABCUT_CAP_S)
    grabcut_s = parent.recv() if finished else time.perf_counter() - started
    process.kill()
    process.join()
    return 1000 * (other_s + grabcut_s), not finished


def _time_plain_steps(photo: bytes, pipe: multiprocessing.connection.Connection) -> None:
    """In a process of its own, because GrabCut cannot be interrupted."""
    from benchmarks.plain_app import cut_out, decode, plain_network, predict

    network = plain_network()
    predict(network, decode(photo))
    times = []
    for _ in range(5):
        started = time.perf_counter()
        image = decode(photo)
        predict(network, image)
        times.append(time.perf_counter() - started)
    pipe.send(statistics.median(times))
    started = time.perf_counter()
    cut_out(image)
    pipe.send(time.perf_counter() - started)
