"""`make lab`: the networks trained on the real pictures, one run for each line of the table in docs/results.md.

Every run is an ordinary `python -m ml train`, whose command is printed; it goes on where it was stopped, and a finished
one is only read. The numbers are those of its report, about held-out pictures that went the way of an upload.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results_page import RESULTS, fill, when_and_where
from benchmarks.servers import ROOT
from benchmarks.table import markdown
from demo.starter import MOBILENET, REAL_TRUNK, colorway_pattern, real_pictures

TRUNK = ROOT / "runs" / "starter" / REAL_TRUNK
HEADINGS = (
    "pictures, network",
    "held out",
    "top-1",
    "top-5",
    "macro-F1",
    "log-loss",
    "ECE before, after, by chance",
    "float32, int8",
    "MB",
    "ms a view",
    "minutes",
    "asked",
    "reached",
)
NAMES = {
    "accuracy": "top-1",
    "top5": "top-5",
    "macro_f1": "macro-F1",
    "log_loss": "log-loss",
    "calibration_error": "ECE",
}
FROM_ABOVE = {"log_loss", "calibration_error"}

NETWORKS: Mapping[str, tuple[str, str | Path]] = {"vgg16": ("VGG16", TRUNK), "mobilenetv2": ("MobileNetV2", MOBILENET)}
"""Each network's title, and the weight file that has to be there first, relative to the real pictures."""

SETS = {
    "sneakers50": ("sneakers50", "sneakers50"),
    "restocks7": ("restocks7", "restocks7, unseen colorways"),
    "views360": ("views360", "views360, unseen angles"),
    "fashion_shoes": ("fashion", "fashion_shoes, 7 types"),
}
"""By the folder of the pictures: what runs are named by, and the title in the table."""

CALIBRATED = {"calibration_error": 0.03}
COLORWAYS = {"accuracy": 0.97, **CALIBRATED}
ANGLES = {"accuracy": 0.98, "log_loss": 0.10, **CALIBRATED}
TYPES = {"macro_f1": 0.90, **CALIBRATED}


@dataclass(frozen=True)
class Attempt:
    """One run: on which set, which network, with which options of `ml train`, and what was asked of its numbers.

    `asked` are bounds of numbers of the test split: from below, but for losses and errors from above.
    """

    pictures: str
    network: str
    options: str
    asked: Mapping[str, float]

    @property
    def name(self) -> str:
        return f"{SETS[self.pictures][0]}-{self.network}"

    @property
    def title(self) -> str:
        return f"{SETS[self.pictures][1]}, {NETWORKS[self.network][0]}"

    def weights(self, data: Path) -> Path:
        """Where the starting weights lie."""
        return data / NETWORKS[self.network][1]  # of an absolute one nothing is changed

    def command(self, data: Path, run: Path) -> list[str]:
        """What trains it into the folder `run`, as arguments of python -m."""
        return [
            *("ml", "train", str(data / self.pictures), "--out", str(run), "--network", self.network),
            *("--weights", str(self.weights(data)), *reading(self.pictures), *self.options.split()),
        ]


ATTEMPTS = (
    Attempt("sneakers50", "vgg16", "--size 112 --variants 3", {"accuracy": 0.50, "top5": 0.80, **CALIBRATED}),
    Attempt(
        *("sneakers50", "mobilenetv2"),
        "--size 160 --batch 32 --variants 2 --epochs-top 20 --rate-fine 0.0005 --epochs-fine 8",
        {"accuracy": 0.72, "top5": 0.93, **CALIBRATED},
    ),
    Attempt("restocks7", "vgg16", "--size 112", COLORWAYS),
    Attempt("restocks7", "mobilenetv2", "--size 160 --batch 32 --epochs-fine 20", COLORWAYS),
    Attempt("views360", "vgg16", "--size 112 --batch 16 --epochs-fine 40", ANGLES),
    Attempt("views360", "mobilenetv2", "--size 160 --batch 16 --epochs-fine 40", ANGLES),
    Attempt("fashion_shoes", "vgg16", "--size 112 --oversample 0.5", TYPES),
    Attempt("fashion_shoes", "mobilenetv2", "--size 160 --batch 32 --epochs-fine 10", TYPES),
)


def reading(pictures: str) -> tuple[str, ...]:
    """How `ml train` is to read a set."""
    ways: Mapping[str, tuple[str, ...]] = {
        "restocks7": ("--group-pattern", colorway_pattern()),
        "views360": ("--angle-pattern", r"image_(?P<frame>\d+)", "--train-every", "3"),
        "fashion_shoes": ("--minimum", "101"),
    }
    return ways.get(pictures, ())


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is not trained yet and print the table. Returns the exit status: 1 where something is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab", description=__doc__)
    names = [attempt.name for attempt in ATTEMPTS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all of {', '.join(names)} without any")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "lab")
    parser.add_argument("--write", action="store_true", help="put the table into docs/results.md too")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - set(names):
        parser.error(f"unknown run {', '.join(sorted(unknown))}: there are {', '.join(names)}")
    data = real_pictures()
    attempts = [attempt for attempt in ATTEMPTS if not chosen.names or attempt.name in chosen.names]
    if missing := [attempt.weights(data) for attempt in attempts if not attempt.weights(data).is_file()]:
        print(f"Missing: {', '.join(map(str, missing))}. `make starter` makes {TRUNK}.", file=sys.stderr)
        return 2
    rows = [_line(attempt, data, chosen.runs / attempt.name) for attempt in attempts]
    print(_page(rows))
    if chosen.write:
        fill("make lab", _page(rows))
        print(f"{RESULTS} holds the table", file=sys.stderr)
    return int(any(row[-1] != "yes" for row in rows))


def _line(attempt: Attempt, data: Path, run: Path) -> tuple[str, ...]:
    """Train, where that is left to do, and read the numbers."""
    command = attempt.command(data, run)
    print(f"$ python -m {shlex.join(command)}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    return _cells(attempt, report, _milliseconds(run / "bundle"))


def _cells(attempt: Attempt, report: Mapping[str, Any], milliseconds: float) -> tuple[str, ...]:
    test, bundle = report["splits"]["test"], report["bundle"]
    weights = bundle["metrics"]["weights"]
    minutes = sum(step.get("minutes", 0) for step in report["training"].values())
    return (
        attempt.title,
        str(test["pictures"]),
        *(f"{test[name]:.3f}" for name in ("accuracy", "top5", "macro_f1", "log_loss")),
        ", ".join(f"{error:.3f}" for error in _calibration_errors(report["calibration"])),
        f"{weights['float32']:.3f}, {weights['int8']:.3f}",
        f"{bundle['bytes'] / 1e6:.1f}",
        f"{milliseconds:.1f}",
        f"{minutes:.0f}",
        ", ".join(f"{NAMES[name]} {bound:g}" for name, bound in attempt.asked.items()),
        _verdict(attempt.asked, test),
    )


def _verdict(asked: Mapping[str, float], test: Mapping[str, float]) -> str:
    """yes, or what is not reached."""
    short = [
        NAMES[name]
        for name, bound in asked.items()
        if (test[name] > bound if name in FROM_ABOVE else test[name] < bound)
    ]
    return f"NO: {', '.join(short)}" if short else "yes"


def _calibration_errors(calibration: Mapping[str, Any]) -> tuple[float, ...]:
    """Before and after temperature scaling, and what honest probabilities would show on as many pictures."""
    return (*(calibration[when]["calibration_error"] for when in ("before", "after")), calibration["by_chance"])


def _milliseconds(bundle: Path) -> float:
    from ml.serving.bundle import read_bundle
    from ml.training.comparison import milliseconds_a_picture

    return milliseconds_a_picture(read_bundle(bundle), threads=1)


def _page(rows: Sequence[tuple[str, ...]]) -> str:
    return f"Measured on {when_and_where()}.\n\n{markdown(HEADINGS, rows)}"


if __name__ == "__main__":
    sys.exit(main())
