"""The bundles that come with Solescope, made again.

Two networks learn the demo world's shoes and the 50 real models of `sneakers50`: VGG16, which is served, and
MobileNetV2, small enough to lie beside it. VGG16's trunk begins with nothing: it learns the demo world first, from
there the real pictures with two small ImageNet networks as teachers (docs/pretraining.md), and then the three steps.
Both are taught a second head at the end, which names the augment of a picture (docs/augments.md).

Each step is a command of its own that goes on where it was interrupted, so this can be stopped and started at will.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from ml.networks.published_files import MOBILENETV2_FILE

ROOT = Path(__file__).resolve().parents[1]
SETS, NAMES = ROOT / "demo" / "starter_sets.toml", ROOT / "demo" / "starter_models.csv"
MOBILENET = f"weights/{MOBILENETV2_FILE}"
"""Where MobileNetV2's ImageNet weights lie below the real pictures."""

REAL_TRUNK = "real_trunk.weights.h5"
"""VGG16's trunk after the real pictures, in the work folder."""

FOOTLOCKER = ROOT / "runs" / "real" / "footlocker"
"""The catalogue that `make results` scrapes from saved pages."""

SEED_TRUNK = ("--sizes", "48,64,96", "--epochs", "18,7,3")
TRUNK = (
    *("--head-epochs", "1", "--teachers", "squeezenet,mobilenetv2", "--label-weight", "0.3", "--rate", "0.0007"),
    *("--side", "128", "--sizes", "80,96,112", "--epochs", "5,9,5"),
    *("--probe", "sneakers50,footlocker", "--probe-epochs", "3"),
)
DEMO_ONLY = ("--size", "96", "--variants", "3", "--seed", "7")
VGG16 = ("--size", "112", "--variants", "3")
MOBILENETV2 = (
    *("--network", "mobilenetv2", "--size", "160", "--batch", "32", "--variants", "2"),
    *("--epochs-top", "20", "--rate-fine", "0.0005", "--epochs-fine", "8"),
)
AUGMENTS = ("--augments", "14000", "--epochs", "10", "--rate", "0.003")


class PicturesMissingError(ValueError):
    """The real pictures are not there. The message says what is looked for, and what can be had without them."""


def real_pictures() -> Path:
    """The folder of real pictures: $SOLESCOPE_SHARED_DATA, or shared/data beside the repository."""
    return Path(os.environ.get("SOLESCOPE_SHARED_DATA") or ROOT.parent / "shared" / "data")


def colorway_pattern() -> str:
    """The regular expression that reads a colorway from the names of restocks7's pictures, as SETS has it."""
    sets = tomllib.loads(SETS.read_text(encoding="utf-8"))["set"]
    return next(str(one["group_pattern"]) for one in sets if Path(one["path"]).name == "restocks7")


def make_bundles(work: Path, out: Path, data: Path) -> None:
    """Write the bundles `starter` and `small` below `out`; everything on the way to them lies in `work`.

    Raises PicturesMissingError without the real pictures, CalledProcessError where a step fails.
    """
    needed = [*(data / name for name in ("sneakers50", "restocks7", "backgrounds", MOBILENET)), FOOTLOCKER]
    if missing := [place for place in needed if not place.exists()]:
        raise PicturesMissingError(
            f"{missing[0]} is missing. The starter learns from the real pictures too, and from what `make results` "
            "writes. `python -m demo starter --demo-only` makes a bundle that knows the demo world alone."
        )
    world, trunk = _world(work), work / REAL_TRUNK
    if not trunk.exists():
        seed, scenes = _seed_trunk(work, world), data / "backgrounds"
        sources = ("--seed-from", str(seed), "--teacher-weights", str(data / "weights"), "--scenes", str(scenes))
        _python("ml", "pretrain", str(SETS), "--out", str(trunk), *sources, *TRUNK)
    for name, weights, options in (("starter", trunk, VGG16), ("small", data / MOBILENET, MOBILENETV2)):
        pictures = (str(world), "--join", str(data / "sneakers50"), "--negatives", str(data / "backgrounds"))
        run = work / f"run_{name}"
        _python(
            *("ml", "train", *pictures, "--label-names", str(NAMES), "--out", str(run)),
            *("--weights", str(weights), *options),
        )
        _replace(_teach_augments(work, run, name, data), out / name)


def make_demo_bundle(work: Path, out: Path, *, hold_out_colorways: bool = False) -> None:
    """Write the bundle `demo` below `out`, which knows the demo world alone: an experiment, not what is shipped.

    With `hold_out_colorways` training never sees one colorway of each model, and the card's numbers by folder say how
    well it is recognised all the same. Raises CalledProcessError where a step fails.
    """
    world, run = _world(work, *(["--hold-out-colorways"] if hold_out_colorways else [])), work / "run"
    _python(
        *("ml", "train", str(world), "--out", str(run), "--weights", str(_seed_trunk(work, world)), *DEMO_ONLY),
    )
    _replace(run / "bundle", out / "demo")


def _teach_augments(work: Path, run: Path, name: str, data: Path) -> Path:
    """The run's bundle with a second head, which learned from the catalogue and from real pictures."""
    catalogue, taught = work / "catalogue", work / f"run_{name}_augments"
    _python("demo", "catalogue", "--out", str(catalogue))
    real = (data / "sneakers50", data / "restocks7", FOOTLOCKER)
    joined = [argument for place in real for argument in ("--join", str(place))]
    _python("ml", "augments", str(run / "bundle"), str(catalogue), *joined, "--out", str(taught), *AUGMENTS)
    return taught / "bundle"


def _world(work: Path, *options: str) -> Path:
    """The demo world's pictures."""
    _python("demo", "snapshot", "--out", str(work / "world"), *options)
    return work / "world"


def _seed_trunk(work: Path, world: Path) -> Path:
    """VGG16's trunk after the demo world."""
    trunk = work / "trunk.weights.h5"
    if not trunk.exists():
        _python("ml", "pretrain", str(world), "--out", str(trunk), *SEED_TRUNK)
    return trunk


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", *arguments], check=True)  # noqa: S603 (our own commands)


def _replace(bundle: Path, out: Path) -> None:
    """Put a copy of the bundle in the place of the one before it."""
    fresh = out.with_name(f".{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(bundle, fresh)
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)
