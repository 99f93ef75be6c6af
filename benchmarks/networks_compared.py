"""`make lab`, first part: every network of the field on one set of real pictures, by `python -m ml compare`.

`restocks7`, tested on colorways that none has seen: small enough that networks which begin with nothing are
trained to the end too. All get pictures of one size and the same number of epochs.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from benchmarks.lab import TRUNK
from benchmarks.results_page import RESULTS, fill, when_and_where
from benchmarks.servers import ROOT
from demo.starter import MOBILENET, colorway_pattern, real_pictures

FROM_NOTHING = ("benchmark-cnn", "fashion-cnn", "resnet18", "resnet34", "resnet50")
FROM_WEIGHTS = ("vgg16+bottleneck", "vgg16", "mobilenetv2", "mobilenetv2+oversample", "mobilenetv2+class-weights")
OPTIONS = ("--size", "112", "--batch", "32", "--epochs-top", "20", "--epochs-fine", "12", "--variants", "3")


def main() -> int:
    """Compare and print the table. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.networks_compared", description=__doc__)
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "compared")
    parser.add_argument("--write", action="store_true", help="put the table into docs/results.md too")
    chosen = parser.parse_args()
    data = real_pictures()
    starts = {"vgg16": TRUNK, "mobilenetv2": data / MOBILENET}
    command = [
        *("ml", "compare", str(data / "restocks7"), "--out", str(chosen.runs), "--group-pattern", colorway_pattern()),
        *("--networks", ",".join((*FROM_NOTHING, *FROM_WEIGHTS)), *OPTIONS),
        *(word for network, weights in starts.items() for word in ("--weights", f"{network}={weights}")),
    ]
    print(f"$ python -m {shlex.join(command)}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
    page = f"Measured on {when_and_where()}.\n\n" + (chosen.runs / "comparison.md").read_text(encoding="utf-8")
    print(page)
    if chosen.write:
        fill("make lab, networks compared", page)
        print(f"{RESULTS} holds the table", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
