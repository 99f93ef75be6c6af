"""Where the shop's pictures are developed: rendered when first asked for, or ahead of that, and kept on disk.

All colorways of a model share their geometry, so one angle of a model is always rendered in every colorway at once.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from demo.models import MODELS, ShoeModel, style_code
from demo.phone_camera import encode_jpeg
from demo.render import render_colorways
from demo.stock import ANGLES

SIZE = (480, 320)
QUALITY = 88
STEP_DEG = 360 // ANGLES


class Darkroom:
    """Pictures under `folder` as `<style code>/img01.jpg` .. `img36.jpg`.

    Several threads and processes may share a folder: files appear whole or not at all, and nobody renders what another
    is just rendering.
    """

    def __init__(self, folder: Path, models: Sequence[ShoeModel] = MODELS) -> None:
        self.folder = folder
        self._rendering = threading.Lock()
        self._model_of = {style_code(model, colorway): model for model in models for colorway in model.colorways}

    def picture(self, style: str, number: int) -> Path:
        """The file of picture `number`, 1..36; KeyError where the shop has no such shoe or picture."""
        if style not in self._model_of or not 1 <= number <= ANGLES:
            raise KeyError(f"{style} has no picture {number}")
        path = self._path(style, number)
        if not path.exists():
            self.develop(self._model_of[style], number)
        return path

    def develop(self, model: ShoeModel, number: int) -> None:
        """Render one angle of a model in every colorway, unless that has been done."""
        with _alone(self.folder / ".locks" / f"{model.slug}-{number:02d}"):
            missing = [way for way in model.colorways if not self._path(style_code(model, way), number).exists()]
            if not missing:
                return
            # One rendering at a time in this process: several would only fill its memory with geometry.
            with self._rendering:
                renderings = render_colorways(model, (number - 1) * STEP_DEG, SIZE)
            for colorway, rendering in zip(model.colorways, renderings, strict=True):
                _write_whole(self._path(style_code(model, colorway), number), encode_jpeg(rendering.image, QUALITY))

    def _path(self, style: str, number: int) -> Path:
        return self.folder / style / f"img{number:02d}.jpg"


def develop_ahead(folder: Path, models: Sequence[ShoeModel] = MODELS, go_on: Callable[[], bool] = lambda: True) -> None:
    """Render every picture that is missing, in the shop's order, for as long as `go_on` says so."""
    darkroom = Darkroom(folder, models)
    for model in models:
        for number in range(1, ANGLES + 1):
            if not go_on():
                return
            darkroom.develop(model, number)


def start_ahead(folder: Path) -> subprocess.Popen[bytes]:
    """Run `develop_ahead` in a process of its own, which the caller ends."""
    command = [sys.executable, "-m", "demo", "develop", "--pictures", str(folder.resolve())]
    return subprocess.Popen(command, cwd=Path(__file__).resolve().parent.parent)  # noqa: S603 (our own words)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until nobody else, in this or another process, holds the lock; the system frees it when its holder dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _write_whole(path: Path, content: bytes) -> None:
    """Write so that nobody ever sees half a file, whoever else writes the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
