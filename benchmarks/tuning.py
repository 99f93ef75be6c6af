"""Does an adaptive search beat random search? Studies with the same number of trials, several seeds each, one data set.

Top models on features of a small ImageNet network of real shoes (`sneakers50`), or of the demo world where those are
missing. All studies begin with the untuned settings; the score is what `python -m ml tune` searches by, the validation
log-loss at the best temperature. A table on the terminal, and a figure.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.servers import ROOT
from demo.starter import MOBILENET, real_pictures
from ml.datasets.snapshot import Snapshot, read_class_folders, read_snapshot
from ml.datasets.split import split_by_group

if TYPE_CHECKING:
    from ml.training.settings import TrainSettings
    from ml.training.tuning.bench import TopBench
    from ml.training.tuning.rehearsal import Marks, Told
    from ml.training.tuning.search_space import SearchSpace

LABELS, PICTURES_PER_LABEL, SIZE, VARIANTS = 20, 40, 96, 2
UNTUNED_EPOCHS = 10
SHARES = {"train": 0.7, "validation": 0.3}
SHOWN_AFTER = (5, 10, 15, 20, 25, 30, 40, 50)
RANDOM = "random"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all studies, print the table and write the figure. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tuning", description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "tuning")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--samplers", default="random,tpe,gp")
    parser.add_argument("--figure", type=Path, help="where to put the figure: tuning.svg in the work folder")
    chosen = parser.parse_args(arguments)
    from ml.training.machine import prepare_tensorflow

    prepare_tensorflow()
    chosen.work.mkdir(parents=True, exist_ok=True)
    console = Console(width=140, highlight=False)
    snapshot, networks, starts = _pictures(chosen.work)
    space = _space(networks, starts)
    bench = _bench(snapshot, chosen.work / "cache", console)
    known = chosen.work / _about(snapshot, space)
    known.mkdir(exist_ok=True)
    samplers, spent = chosen.samplers.split(","), 0.0
    curves: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for seed in range(chosen.seeds):
        for sampler in samplers:
            curve, seconds = _known_study(known, sampler, seed, chosen.trials, space, bench)
            curves[sampler].append(curve)
            spent += seconds
            console.print(f"seed {seed}, {sampler}: {curve[0]:.4f} untuned, {curve[-1]:.4f} best, {seconds:.0f} CPU s")
    lines = {name: np.stack(found) for name, found in curves.items()}
    pictures = f"{len(snapshot.labels)} labels, {len(snapshot.images)} pictures"
    about = f"{snapshot.source}: {pictures}, features of {networks[0]} at {SIZE} px"
    print("\n".join(_table(lines, about)))
    figure = chosen.figure or chosen.work / "tuning.svg"
    figure.write_text(_figure(lines), encoding="utf-8")
    print(f"\n{figure}; {spent / 60:.1f} CPU minutes in all", file=sys.stderr)
    return 0


@dataclass
class _RememberingBench:
    """A bench that tries the same settings once: all studies begin with the untuned ones."""

    bench: TopBench
    known: dict[TrainSettings, Marks] = field(default_factory=dict)

    def try_out(self, settings: TrainSettings, told: Told) -> Marks:
        if settings not in self.known:
            self.known[settings] = self.bench.try_out(settings, told)
        return self.known[settings]


def _bench(snapshot: Snapshot, cache: Path, console: Console) -> _RememberingBench:
    from ml.training.tuning.bench import TopBench

    return _RememberingBench(TopBench(snapshot, cache, console))


def _about(snapshot: Snapshot, space: SearchSpace) -> str:
    """A name for what is searched on: studies of other pictures or settings are other studies."""
    asked = f"{snapshot.digest}\t{space.untuned}\t{space.distributions}"
    return hashlib.sha256(asked.encode()).hexdigest()[:12]


def _known_study(
    known: Path, sampler: str, seed: int, trials: int, space: SearchSpace, bench: _RememberingBench
) -> tuple[NDArray[np.float64], float]:
    """A study's curve and its CPU seconds, from the folder of those that are known or run now."""
    file = known / f"{sampler}-{seed}-{trials}.json"
    if not file.is_file():
        started = time.process_time()
        curve = _study(sampler, seed, trials, space, bench).tolist()
        file.write_text(json.dumps({"curve": curve, "seconds": time.process_time() - started}), encoding="utf-8")
    found = json.loads(file.read_text(encoding="utf-8"))
    return np.array(found["curve"]), float(found["seconds"])


def _study(sampler: str, seed: int, trials: int, space: SearchSpace, bench: _RememberingBench) -> NDArray[np.float64]:
    """(trials,): the best score after each trial of one study."""
    import optuna

    from ml.training.tuning.objective import TrialObjective
    from ml.training.tuning.strategies import build_pruner, build_sampler
    from ml.training.tuning.study import open_study, run_trials
    from ml.training.tuning.summary import best_so_far

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # A study's seed is the search's alone: what a trial trains with stays the same.
    study = open_study(optuna.storages.InMemoryStorage(), f"{sampler}-{seed}", {}, space.place_of_untuned())
    study.sampler, study.pruner = build_sampler(sampler, space, seed), build_pruner("none")
    run_trials(study, TrialObjective(space, bench), trials, lambda _: None)
    return np.array([score for _, score in best_so_far(study)])


def _pictures(work: Path) -> tuple[Snapshot, tuple[str, ...], tuple[str, ...]]:
    """What to learn from, with which network, from which weights."""
    data = real_pictures()
    weights = data / MOBILENET
    if (data / "sneakers50").is_dir() and weights.is_file():
        snapshot = read_class_folders(data / "sneakers50")
        return _fewer(snapshot), ("mobilenetv2",), (f"mobilenetv2={weights}",)
    from demo.snapshot import Plan, write_demo_snapshot

    folder = work / "demo"
    write_demo_snapshot(folder, Plan(per_model=PICTURES_PER_LABEL, held_out=1, negatives=1, held_out_negatives=1))
    return _fewer(read_snapshot(folder)), ("vgg16",), ()


def _fewer(snapshot: Snapshot) -> Snapshot:
    """PICTURES_PER_LABEL pictures of LABELS labels, drawn by their paths; no test split, since nothing is tested."""
    counts: dict[str, int] = defaultdict(int)
    kept = []
    for image in sorted(snapshot.images, key=lambda image: hashlib.sha256(image.path.encode()).digest()):
        counts[image.label] += 1
        if counts[image.label] <= PICTURES_PER_LABEL and image.label in snapshot.labels[:LABELS]:
            kept.append(replace(image, split=""))
    return replace(snapshot, images=split_by_group(sorted(kept, key=lambda image: image.path), SHARES))


def _space(networks: Sequence[str], starts: Sequence[str]) -> SearchSpace:
    from ml.training.settings import changed
    from ml.training.tuning.search_plan import plan_search

    space = plan_search(networks, starts, size=SIZE, variants=VARIANTS, fine_epochs=0)
    (contestant,) = space.contestants
    settings = changed(contestant.settings, top_epochs=UNTUNED_EPOCHS)
    return replace(space, contestants=(replace(contestant, settings=settings),))


def _table(lines: Mapping[str, NDArray[np.float64]], about: str) -> Iterator[str]:
    """Mean and standard deviation over seeds of the best score after so many trials."""
    trials = next(iter(lines.values())).shape[1]
    after = [number for number in SHOWN_AFTER if number <= trials]
    yield f"{about}. Best validation log-loss after so many trials, mean ± deviation over seeds.\n"
    yield "| sampler | " + " | ".join(f"{number} trials" for number in after) + " | better than random at the end |"
    yield "|---" * (len(after) + 2) + "|"
    for name, curves in lines.items():
        cells = [f"{curves[:, number - 1].mean():.4f} ± {curves[:, number - 1].std(ddof=1):.4f}" for number in after]
        yield f"| {name} | " + " | ".join(cells) + f" | {_won(name, lines)} |"
    yield f"\nUntuned: {next(iter(lines.values()))[0, 0]:.4f}."


def _won(name: str, lines: Mapping[str, NDArray[np.float64]]) -> str:
    if name == RANDOM or RANDOM not in lines:
        return ""
    won = int((lines[name][:, -1] < lines[RANDOM][:, -1]).sum())
    return f"{won} of {len(lines[name])} seeds"


def _figure(lines: Mapping[str, NDArray[np.float64]]) -> str:
    """Mean of best so far by trial, in a band from the worst seed to the best."""
    from ml.training.tuning.study_chart import Line, draw_best_so_far

    drawn = [
        Line(name, list(enumerate(curves.mean(0).tolist())), (), curves.min(0).tolist(), curves.max(0).tolist())
        for name, curves in lines.items()
    ]
    return draw_best_so_far("Best so far: mean and range over seeds", "validation log-loss", drawn)


if __name__ == "__main__":
    sys.exit(main())
