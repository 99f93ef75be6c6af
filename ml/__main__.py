"""python -m ml pretrain | train | evaluate | publish: from a snapshot to a published bundle. `--help` says how."""

from __future__ import annotations

import argparse
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
    return parser


def _add_pretrain(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_pretrain)
    _add_pictures(parser)
    parser.add_argument("--out", type=Path, required=True, help="the weight file to write, *.weights.h5")
    parser.add_argument("--sizes", type=_whole_numbers, default=(48, 64, 96), help="picture sizes, growing: 48,64,96")
    parser.add_argument("--epochs", type=_whole_numbers, default=(16, 12, 6), help="epochs at each size: 16,12,6")
    parser.add_argument("--minutes", type=float, help="train for this long instead; the epochs say in which shares")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--optimizer", choices=("sgd", "adamw"), default="sgd")
    parser.add_argument("--rate", type=float, default=0.05, help="the highest learning rate")
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=0)


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pictures", type=Path, help="a snapshot, or a folder with one folder of pictures for each label"
    )
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


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"whole numbers with commas between them, not {text!r}") from error


if __name__ == "__main__":
    sys.exit(main())
