"""python -m ml describe | train | compare | tune | evaluate | publish ...: from pictures to a bundle; see --help."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from ml.datasets.division import SplitPlan
    from ml.datasets.importers import ImportOptions
    from ml.datasets.snapshot import Snapshot

FAILED = 2
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0, 2 with a sentence on stderr where it cannot be done, or 130 where it was stopped."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.command(chosen, Console())
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return STOPPED
    except (ValueError, OSError) as error:
        # SnapshotError, BundleError, RunError, WeightsError: their messages say what to do.
        print(f"python -m ml: {error}", file=sys.stderr)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_describe(commands.add_parser("describe", help="say what training would make of a folder of pictures"))
    _add_pretrain(commands.add_parser("pretrain", help="train VGG16's trunk on piles of shoe pictures"))
    _add_train(commands.add_parser("train", help="train a network on a folder of pictures and make a bundle"))
    _add_compare(commands.add_parser("compare", help="train several networks on one split and print the table"))
    _add_tune(commands.add_parser("tune", help="search for better settings, and keep them only where they are"))
    _add_augments(commands.add_parser("augments", help="teach a bundle to name the augment of a picture"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a bundle on pictures"))
    _add_report(commands.add_parser("report", help="write the report of a finished run anew"))
    _add_publish(commands.add_parser("publish", help="make a bundle the one in service"))
    return parser


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_describe)
    _add_pictures(parser)
    _add_cache(parser)
    _add_split(parser)
    parser.add_argument("--minimum", type=int, default=1, help="what leaving out labels with fewer pictures would cost")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="numbers for programs, and every problem by name")


def _add_pretrain(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_pretrain)
    _add_pictures(parser, several=True)
    _add_cache(parser)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--out", type=Path, help="the weight file to write, *.weights.h5")
    place.add_argument("--pack", type=Path, help="write all that is needed into a folder instead, for another machine")
    parser.add_argument("--aside", type=Path, action="append", default=[], help="pictures to keep away from; repeat it")
    parser.add_argument("--scenes", type=Path, help="a folder of pictures to stand behind shoes on white")
    parser.add_argument("--sizes", type=_whole_numbers, default=(48, 64, 96), help="picture sizes, growing: 48,64,96")
    parser.add_argument("--epochs", type=_whole_numbers, default=(16, 12, 6), help="epochs at each size: 16,12,6")
    parser.add_argument("--minutes", type=float, help="train for this long instead; the epochs say in which shares")
    parser.add_argument("--side", type=int, default=0, help="side of the pictures that are augmented: the largest size")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--optimizer", choices=("sgd", "adamw"), default="adamw")
    parser.add_argument("--rate", type=float, default=0.001, help="the highest learning rate")
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--label-weight", type=float, default=1.0, help="how much the labels count")
    parser.add_argument("--seed-from", default="", help="squeezenet, or a file of VGG16 weights, to begin with")
    parser.add_argument("--head-epochs", type=int, default=0, help="epochs of the heads alone, before the trunk learns")
    parser.add_argument("--probe", type=_names, default=(), help="sets to probe on the way, by name: the first one")
    parser.add_argument("--probe-epochs", type=int, default=5, help="epochs between two probes")
    parser.add_argument("--seed", type=int, default=0)
    teaching = parser.add_argument_group("teachers (docs/pretraining.md)")
    teaching.add_argument("--teachers", type=_names, default=(), help="squeezenet,mobilenetv2")
    teaching.add_argument(
        "--teaching", default="crop", help="crop: they see the trunk's crop; cached: the clean picture"
    )
    teaching.add_argument("--teacher-weights", type=Path, help="the folder of the teachers' weight files")
    teaching.add_argument("--teacher-weight", type=float, default=1.0, help="how much the teachers' word counts")
    teaching.add_argument("--hint-weight", type=float, default=1.0, help="... and that from the middle of the networks")


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_train)
    _add_from_and_to(parser, out="the run folder: settings, curves, metrics, bundle")
    parser.add_argument("--network", default="vgg16", help="a network of docs/training.md: vgg16, mobilenetv2, ...")
    parser.add_argument("--weights", help="imagenet, a weight file, or none (random)")
    parser.add_argument("--frozen", type=int, help="layers that stay as they are; the input counts as one")
    parser.add_argument("--dimensions", type=int, help="neurons of the top model: the length of the embedding")
    _add_learning(parser)


def _add_augments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_augments)
    parser.add_argument("bundle", type=Path)
    _add_pictures(parser)
    _add_cache(parser)
    parser.add_argument("--out", type=Path, required=True, help="the run folder: settings, curves, the bundle's copy")
    parser.add_argument(
        "--join", type=Path, action="append", default=[], metavar="SET", help="learn from this set as well; repeatable"
    )
    parser.add_argument("--augments", type=int, default=2000, dest="count", metavar="PICTURES", help="at most so many")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=0.002)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_compare)
    _add_from_and_to(parser, out="the folder of the runs and of the table")
    parser.add_argument("--networks", type=_names, required=True, help="vgg16,mobilenetv2,resnet18+oversample,...")
    _add_starts(parser)
    parser.add_argument("--threads", type=int, default=1, help="for the milliseconds a picture")
    _add_learning(parser)


def _add_tune(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_tune)
    _add_from_and_to(parser, out="the study folder: trials, table, figure, both models")
    parser.add_argument("--networks", type=_names, default=("vgg16",), help="one or several to choose among")
    _add_starts(parser)
    parser.add_argument("--dimensions", type=int, help="neurons of the top model")
    search = parser.add_argument_group(
        "the search: settings that are given are fixed, the others searched (docs/tuning.md)"
    )
    search.add_argument("--trials", type=int, default=40, help="in all, over every sitting and machine")
    search.add_argument("--sampler", default="tpe", help="tpe, random or gp (a Gaussian process)")
    search.add_argument("--pruner", help="hyperband, or none: usual for trials of top models")
    search.add_argument("--objective", default="log-loss", help="of validation pictures: log-loss or accuracy")
    search.add_argument("--fine-tune", action="store_true", help="trials run the whole recipe")
    search.add_argument("--most-epochs", type=int, help="that a trial may choose: twice the usual number")
    search.add_argument("--storage", default="", help="sqlite:////folder/study.sqlite, postgresql://user@host/base")
    search.add_argument("--study", default="", help="its name there: that of the study folder")
    _add_learning(parser)


def _add_from_and_to(parser: argparse.ArgumentParser, *, out: str) -> None:
    """What every command that learns begins with: pictures, how they are divided, and a folder for what is made."""
    _add_pictures(parser)
    _add_cache(parser)
    _add_split(parser)
    parser.add_argument("--out", type=Path, required=True, help=out)


def _add_starts(parser: argparse.ArgumentParser) -> None:
    """Starting weights where several networks learn."""
    parser.add_argument(
        "--weights", action="append", default=[], metavar="NETWORK=START", help="starting weights of one network"
    )


def _add_learning(parser: argparse.ArgumentParser) -> None:
    """What is chosen about learning; where nothing is given it is what is usual for the network."""
    parser.add_argument("--negatives", type=Path, help="a folder of pictures that show no shoe of ours")
    parser.add_argument(
        "--join", type=Path, action="append", default=[], metavar="SET", help="learn from this set as well; repeatable"
    )
    parser.add_argument("--minimum", type=int, default=1, help="leave out labels with fewer pictures than this")
    parser.add_argument("--label-names", type=Path, metavar="TABLE", help="brand and name of each label, for people")
    learning = parser.add_argument_group("learning (docs/training.md says what is usual for each network)")
    learning.add_argument("--size", type=int, help="side of the pictures in pixels")
    learning.add_argument("--batch", type=int, dest="batch_size")
    learning.add_argument("--seed", type=int, default=0)
    learning.add_argument("--variants", type=int, help="augmented versions of each picture in the cache: 6")
    learning.add_argument("--no-augmentation", action="store_false", dest="augmentation", help="pictures as they are")
    learning.add_argument("--email-pipeline", action="store_true", help="vary as the published e-mail model does")
    learning.add_argument("--oversample", type=float, help="repeat rare labels to this share of the largest, 0 to 1")
    learning.add_argument("--class-weights", action="store_true", help="let pictures of rare labels count for more")
    learning.add_argument("--epochs-top", type=int, dest="top_epochs", help="epochs of the top model: 30")
    learning.add_argument("--optimizer-top", dest="top_optimizer", help="sgd, adam, rmsprop or adamw")
    learning.add_argument("--rate-top", type=float, dest="top_rate")
    learning.add_argument("--epochs-fine", type=int, dest="fine_epochs", help="epochs of fine-tuning: 15; 0 for none")
    learning.add_argument("--optimizer-fine", dest="fine_optimizer", help="sgd, adam, rmsprop or adamw")
    learning.add_argument("--rate-fine", type=float, dest="fine_rate")
    learning.add_argument("--weight-decay", type=float)
    learning.add_argument("--momentum", type=float)
    learning.add_argument("--schedule", help="cosine, or plateau: slower after 3 epochs without progress")
    learning.add_argument("--early-stop", type=int, help="end a step after so many epochs without progress")
    learning.add_argument("--label-smoothing", type=float)
    learning.add_argument("--dropout", type=float)
    learning.add_argument(
        "--augments", type=int, metavar="PICTURES", help="teach a second head augments, from at most so many pictures"
    )
    learning.add_argument("--precision", help="auto, float32 or bfloat16: auto asks the processor")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_evaluate)
    parser.add_argument("bundle", type=Path)
    _add_pictures(parser)
    _add_cache(parser)
    parser.add_argument("--split", choices=("train", "validation", "test", "all"), default="test")
    parser.add_argument("--seed", type=int, help="of the split, where the pictures come without one: the bundle's own")
    parser.add_argument("--report-by-folder", action="store_true", help="numbers of each folder too")
    parser.add_argument("--json", action="store_true", help="numbers for programs")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_report)
    parser.add_argument("run", type=Path, help="the run folder: what `train --out` named")


def _add_publish(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_publish)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--to", type=Path, required=True, help="the folder of published bundles")


def _add_pictures(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    parser.add_argument(
        "pictures",
        type=Path,
        nargs="+" if several else None,
        help="a folder: a snapshot, one folder of pictures for each label, or pictures and a table",
    )
    reading = parser.add_argument_group("reading the pictures (docs/datasets.md shows each layout)")
    reading.add_argument("--format", default="auto", help="auto, snapshot, folders, fashion, stockx or listed")
    reading.add_argument(
        "--label-columns", type=_names, default=(), help="columns of the table, joined to a label: a,b"
    )
    reading.add_argument(
        "--repair-labels", type=_names, default=(), metavar="LABELS", help="labels to replace by display name: Others"
    )
    reading.add_argument(
        "--group-pattern", default="", help="a regular expression: what its brackets catch is the group"
    )
    reading.add_argument(
        "--angle-pattern", default="", help="... is the angle in degrees; (?P<frame>...) a view's number"
    )
    reading.add_argument("--train-every", type=int, default=0, help="train on every n-th angle, test on the others")


def _add_split(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--split",
        default="80/20",
        help="80/20, 72/18/10, or fold:1 to fold:5; for pictures without a split of their own",
    )
    parser.add_argument(
        "--split-near-duplicates", action="store_true", help="let copies of a picture lie on both sides of the split"
    )


def _add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache", type=Path, default=Path("runs/cache"), help="where decoded pictures and features lie"
    )


def _describe(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.description import describe, print_description

    numbers = describe(_open(chosen), _split_plan(chosen), chosen.cache, console, minimum=chosen.minimum)
    if chosen.json:
        print(json.dumps(numbers))
    else:
        print_description(numbers, console)


def _pretrain(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.machine import prepare_keras
    from ml.training.pretraining.pretraining import pretrain
    from ml.training.pretraining.settings import PretrainSettings
    from ml.training.pretraining.sources import open_sources, pack

    prepare_keras()
    settings = PretrainSettings(
        sizes=chosen.sizes,
        epochs=chosen.epochs,
        minutes=chosen.minutes,
        side=chosen.side,
        batch_size=chosen.batch,
        optimizer=chosen.optimizer,
        rate=chosen.rate,
        weight_decay=chosen.weight_decay,
        label_weight=chosen.label_weight,
        teacher_weight=chosen.teacher_weight,
        hint_weight=chosen.hint_weight,
        teachers=chosen.teachers,
        teaching=chosen.teaching,
        seed_from=chosen.seed_from,
        head_epochs=chosen.head_epochs,
        probes=chosen.probe,
        probe_epochs=chosen.probe_epochs,
        seed=chosen.seed,
    )
    where = (chosen.pictures, _import_options(chosen), chosen.aside, chosen.scenes, chosen.teacher_weights)
    sources, settings = open_sources(*where, chosen.cache, settings, console)
    if chosen.pack:
        pack(sources, settings, chosen.pack, console)
    else:
        pretrain(sources, chosen.out, settings, console)


def _train(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.recipe import train
    from ml.training.settings import choose_settings

    chosen_here = {name: getattr(chosen, name) for name in ("weights", "frozen", "dimensions")}
    settings = choose_settings(chosen.network, **chosen_here, **_learning(chosen))
    snapshot = _open_to_learn(chosen, console)
    _prepare(settings.precision)
    train(snapshot, chosen.out, chosen.cache, settings, console)


def _augments(chosen: argparse.Namespace, console: Console) -> None:
    from ml.serving.bundle import read_bundle
    from ml.training.augment_lessons import AugmentSettings, add_augments
    from ml.training.loading import open_pictures

    settings = AugmentSettings(chosen.count, chosen.epochs, chosen.rate, chosen.batch, chosen.seed)
    bundle = read_bundle(chosen.bundle)
    sets = [_open(chosen, console), *(open_pictures(place, None, console) for place in chosen.join)]
    _prepare("auto")
    taught = add_augments(bundle, sets, chosen.out, chosen.cache, settings, console)
    console.print(f"{taught.folder}: {taught.card.id}", highlight=False, soft_wrap=True)


def _compare(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.comparison import compare
    from ml.training.contestants import plan_contestants

    contestants = plan_contestants(chosen.networks, chosen.weights, **_learning(chosen))
    snapshot = _open_to_learn(chosen, console)
    _prepare(contestants[0].settings.precision)
    compare(snapshot, contestants, chosen.out, chosen.cache, console, threads=chosen.threads)


def _tune(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.tuning.search_plan import plan_search
    from ml.training.tuning.tune import TuneSettings, tune

    how = {"fine_tune": chosen.fine_tune, "most_epochs": chosen.most_epochs, "dimensions": chosen.dimensions}
    space = plan_search(chosen.networks, chosen.weights, **how, **_learning(chosen))
    snapshot = _open_to_learn(chosen, console)
    _prepare(space.untuned.precision)
    search = TuneSettings(**{field.name: getattr(chosen, field.name) for field in fields(TuneSettings)})
    tune(snapshot, chosen.out, chosen.cache, space, search, console)


def _learning(chosen: argparse.Namespace) -> dict[str, Any]:
    """What was chosen of the options of `_add_learning` that settings know."""
    from ml.training.settings import TrainSettings

    known = {field.name for field in fields(TrainSettings)} - {"network", "weights", "frozen", "dimensions"}
    return {name: choice for name, choice in vars(chosen).items() if name in known}


def _open_to_learn(chosen: argparse.Namespace, console: Console) -> Snapshot:
    """The pictures to learn from, each set divided by itself, with negatives and without rare labels as chosen."""
    from ml.datasets.label_names import with_label_names
    from ml.training.loading import joined, open_pictures, split_pictures, with_negatives, without_rare_labels

    sets = [_open(chosen, console), *(open_pictures(place, None, console) for place in chosen.join)]
    sets = [without_rare_labels(one, chosen.minimum) for one in sets]
    if chosen.negatives:
        sets[0] = with_negatives(sets[0], chosen.negatives)
    snapshot = joined([split_pictures(one, _split_plan(chosen), chosen.cache, console) for one in sets])
    return with_label_names(snapshot, chosen.label_names) if chosen.label_names else snapshot


def _prepare(precision: str) -> None:
    from ml.training.machine import prepare_tensorflow

    prepare_tensorflow(bfloat16=None if precision == "auto" else precision == "bfloat16")


def _evaluate(chosen: argparse.Namespace, console: Console) -> None:
    from ml.serving.bundle import read_bundle
    from ml.training.evaluation import evaluate_bundle, print_numbers

    numbers = evaluate_bundle(
        read_bundle(chosen.bundle),
        _open(chosen),
        console,
        split=chosen.split,
        seed=chosen.seed,
        by_folder=chosen.report_by_folder,
        cache=chosen.cache,
    )
    if chosen.json:
        print(json.dumps(numbers))
    else:
        print_numbers(numbers, console)


def _report(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.reports.writing import write_report

    write_report(chosen.run, console)


def _publish(chosen: argparse.Namespace, console: Console) -> None:
    from ml.serving.publish import publish

    published = publish(chosen.bundle, chosen.to)
    console.print(f"{published.card.id} is in service: {published.folder}", highlight=False, soft_wrap=True)


def _open(chosen: argparse.Namespace, console: Console | None = None) -> Snapshot:
    """The pictures that the options name; problems with single ones are said on `console`."""
    from ml.training.loading import open_pictures

    return open_pictures(chosen.pictures, _import_options(chosen), console)


def _import_options(chosen: argparse.Namespace) -> ImportOptions:
    from ml.datasets.importers import ImportOptions

    return ImportOptions(
        format=chosen.format,
        label_columns=chosen.label_columns,
        ambiguous=chosen.repair_labels,
        group_pattern=chosen.group_pattern,
        angle_pattern=chosen.angle_pattern,
        train_every=chosen.train_every,
    )


def _split_plan(chosen: argparse.Namespace) -> SplitPlan:
    from ml.datasets.division import SplitPlan

    return SplitPlan(chosen.split, chosen.seed, near_duplicates=not chosen.split_near_duplicates)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"whole numbers with commas between them, not {text!r}") from error


if __name__ == "__main__":
    sys.exit(main())
