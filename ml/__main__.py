"""python -m ml pretrain | train | evaluate | publish: from a snapshot to a published bundle. `--help` says how."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

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
    _add_pretrain(commands.add_parser("pretrain", help="train VGG16's trunk from scratch on a snapshot"))
    _add_train(commands.add_parser("train", help="train VGG16 on a snapshot or class folders and make a bundle"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a bundle on pictures"))
    _add_publish(commands.add_parser("publish", help="make a bundle the one in service"))
    return parser


def _add_pretrain(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_pretrain)
    _add_pictures(parser)
    _add_cache(parser)
    parser.add_argument("--out", type=Path, required=True, help="the weight file to write, *.weights.h5")
    parser.add_argument("--sizes", type=_whole_numbers, default=(48, 64, 96), help="picture sizes, growing: 48,64,96")
    parser.add_argument("--epochs", type=_whole_numbers, default=(16, 12, 6), help="epochs at each size: 16,12,6")
    parser.add_argument("--minutes", type=float, help="train for this long instead; the epochs say in which shares")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--optimizer", choices=("sgd", "adamw"), default="adamw")
    parser.add_argument("--rate", type=float, default=0.001, help="the highest learning rate")
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=0)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_train)
    _add_pictures(parser)
    _add_cache(parser)
    parser.add_argument("--out", type=Path, required=True, help="the run folder: settings, curves, metrics, bundle")
    parser.add_argument("--weights", default="none", help="imagenet, a weight file, or none (random)")
    parser.add_argument("--size", type=int, default=96, help="side of the pictures in pixels")
    parser.add_argument("--frozen", type=int, default=15, help="layers that stay as they are; the input counts as one")
    parser.add_argument("--variants", type=int, default=6, help="augmented versions of each picture in the cache")
    parser.add_argument("--negatives", type=Path, help="a folder of pictures that show no shoe of ours")
    parser.add_argument("--epochs-top", type=int, default=30, help="epochs of the top model")
    parser.add_argument("--rate-top", type=float, default=0.001)
    parser.add_argument("--epochs-fine", type=int, default=15, help="epochs of fine-tuning; 0 for none")
    parser.add_argument("--rate-fine", type=float, default=0.002)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--dimensions", type=int, default=256, help="length of the embedding")
    parser.add_argument("--minimum", type=int, default=1, help="leave out labels with fewer pictures than this")
    parser.add_argument("--seed", type=int, default=0)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_evaluate)
    parser.add_argument("bundle", type=Path)
    _add_pictures(parser)
    parser.add_argument("--split", choices=("train", "validation", "test", "all"), default="test")
    parser.add_argument("--seed", type=int, help="of the split, where the pictures come without one: the bundle's own")
    parser.add_argument("--report-by-folder", action="store_true", help="numbers of each folder too")
    parser.add_argument("--json", action="store_true", help="numbers for programs")


def _add_publish(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_publish)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--to", type=Path, required=True, help="the folder of published bundles")


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pictures", type=Path, help="a snapshot, or a folder with one folder of pictures for each label"
    )


def _add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache", type=Path, default=Path("runs/cache"), help="where decoded pictures and features lie"
    )


def _pretrain(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.loading import open_pictures
    from ml.training.machine import prepare_tensorflow
    from ml.training.pretraining import PretrainSettings, pretrain

    prepare_tensorflow()
    settings = PretrainSettings(
        sizes=chosen.sizes,
        epochs=chosen.epochs,
        minutes=chosen.minutes,
        batch_size=chosen.batch,
        optimizer=chosen.optimizer,
        rate=chosen.rate,
        weight_decay=chosen.weight_decay,
        seed=chosen.seed,
    )
    pretrain(open_pictures(chosen.pictures), chosen.out, chosen.cache, settings, console)


def _train(chosen: argparse.Namespace, console: Console) -> None:
    from ml.training.loading import open_pictures, with_negatives, without_rare_labels
    from ml.training.machine import prepare_tensorflow
    from ml.training.recipe import TrainSettings, train

    snapshot = without_rare_labels(open_pictures(chosen.pictures), chosen.minimum)
    if chosen.negatives:
        snapshot = with_negatives(snapshot, chosen.negatives)
    prepare_tensorflow()
    settings = TrainSettings(
        weights=chosen.weights,
        size=chosen.size,
        frozen=chosen.frozen,
        variants=chosen.variants,
        top_epochs=chosen.epochs_top,
        top_rate=chosen.rate_top,
        fine_epochs=chosen.epochs_fine,
        fine_rate=chosen.rate_fine,
        batch_size=chosen.batch,
        dimensions=chosen.dimensions,
        seed=chosen.seed,
    )
    train(snapshot, chosen.out, chosen.cache, settings, console)


def _evaluate(chosen: argparse.Namespace, console: Console) -> None:
    from ml.serving.bundle import read_bundle
    from ml.training.evaluation import evaluate_bundle, print_numbers
    from ml.training.loading import open_pictures

    numbers = evaluate_bundle(
        read_bundle(chosen.bundle),
        open_pictures(chosen.pictures),
        console,
        split=chosen.split,
        seed=chosen.seed,
        by_folder=chosen.report_by_folder,
    )
    if chosen.json:
        print(json.dumps(numbers))
    else:
        print_numbers(numbers, console)


def _publish(chosen: argparse.Namespace, console: Console) -> None:
    from ml.serving.publish import publish

    published = publish(chosen.bundle, chosen.to)
    console.print(f"{published.card.id} is in service: {published.folder}", highlight=False, soft_wrap=True)


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"whole numbers with commas between them, not {text!r}") from error


if __name__ == "__main__":
    sys.exit(main())
