"""The starter bundle, made again: the demo world's pictures, VGG16's trunk from scratch, the three steps, the bundle.

Each step is a command of its own that goes on where it was interrupted, so this can be stopped and started at will.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SIZE = 96
TRUNK = ("--sizes", "48,64,96", "--epochs", "18,7,3")
THREE_STEPS = ("--size", str(SIZE), "--variants", "3", "--seed", "7")


def make_starter(work: Path, out: Path, *, hold_out_colorways: bool = False) -> None:
    """Write the bundle to `out`; everything on the way to it lies in `work`.

    With `hold_out_colorways` training never sees one colorway of each model, and the card's numbers by folder say how
    well it is recognised all the same: an experiment, not what is shipped.
    Raises CalledProcessError where a step fails.
    """
    world, trunk, run = work / "world", work / "trunk.weights.h5", work / "run"
    _python("demo", "snapshot", "--out", str(world), *(["--hold-out-colorways"] if hold_out_colorways else []))
    if not trunk.exists():
        _python("ml", "pretrain", str(world), "--out", str(trunk), *TRUNK)
    _python("ml", "train", str(world), "--out", str(run), "--weights", str(trunk), *THREE_STEPS)
    _replace(run / "bundle", out)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", *arguments], check=True)  # noqa: S603 (our own commands)


def _replace(bundle: Path, out: Path) -> None:
    """Put a copy of the bundle in the place of the one before it."""
    fresh = out.with_name(f".{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(bundle, fresh)
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)
