"""`python -m demo ...`: the demo world from the command line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

HOLD_OUT = "an experiment: test on one colorway of each model that training never sees"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen) or 0)
    except KeyboardInterrupt:
        return 130
    except (OSError, ValueError) as error:
        print(f"python -m demo {chosen.command}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="A world of invented sneakers, for trying things."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shop = commands.add_parser("shop", help="serve the demo shop")
    shop.add_argument("--host", default="127.0.0.1")
    shop.add_argument("--port", type=int, default=8100)
    shop.add_argument("--pictures", type=Path, default=Path("instance/shop"), help="where rendered pictures are kept")
    shop.add_argument("--no-ahead", action="store_true", help="render pictures only when they are asked for")
    shop.set_defaults(run=_shop)
    develop = commands.add_parser("develop", help="render all pictures of the shop")
    develop.add_argument("--pictures", type=Path, default=Path("instance/shop"))
    develop.set_defaults(run=_develop)
    catalogue = commands.add_parser("catalogue", help="render the shop's pictures as a folder for each model")
    catalogue.add_argument("--out", type=Path, required=True)
    catalogue.add_argument("--angles", type=int, default=12, help="views of each colorway, 1 to 36")
    catalogue.set_defaults(run=_catalogue)
    photos = commands.add_parser("photos", help="make sample phone photos")
    photos.add_argument("--out", type=Path, default=Path("webapp/static/samples"))
    photos.add_argument("--count", type=int, default=12)
    photos.add_argument("--seed", type=int, default=11)
    photos.set_defaults(run=_photos)
    snapshot = commands.add_parser("snapshot", help="write a training snapshot")
    snapshot.add_argument("--out", type=Path, required=True)
    snapshot.add_argument("--pictures-per-model", type=int, default=130, help="training pictures of each model")
    snapshot.add_argument("--negatives", type=int, default=1400, help="training pictures without a shoe")
    snapshot.add_argument("--size", type=int, default=128, help="long side of training pictures")
    snapshot.add_argument("--hold-out-colorways", action="store_true", help=HOLD_OUT)
    snapshot.add_argument("--seed", type=int, default=7)
    snapshot.add_argument("--processes", type=int, default=2)
    snapshot.set_defaults(run=_snapshot)
    sheet = commands.add_parser("contact-sheet", help="show every model on one picture")
    sheet.add_argument("--out", type=Path, required=True)
    sheet.set_defaults(run=_contact_sheet)
    augments = commands.add_parser("augments", help="show every augment of three shoes on one picture")
    augments.add_argument("--out", type=Path, default=Path("docs/img/augments.jpg"))
    augments.add_argument("--seed", type=int, default=1)
    augments.set_defaults(run=_augments)
    starter = commands.add_parser("starter", help="train the bundles that come with Solescope anew: hours on 2 cores")
    starter.add_argument("--work", type=Path, default=Path("runs/starter"), help="where the pictures and runs lie")
    starter.add_argument("--out", type=Path, default=Path("bundles"), help="the folder of the bundles")
    starter.add_argument("--demo-only", action="store_true", help="one bundle, `demo`, that knows the demo world alone")
    starter.add_argument("--hold-out-colorways", action="store_true", help=f"with --demo-only: {HOLD_OUT}")
    starter.set_defaults(run=_starter)
    site = commands.add_parser("run", help="serve the site, its worker and the shop together, as `make run` does")
    site.add_argument("--port", type=int, default=None, help="the site's port; $PORT or 8000 without it")
    site.add_argument("--shop-port", type=int, default=8100)
    site.set_defaults(run=_run)
    return parser


def _shop(chosen: argparse.Namespace) -> None:
    from demo.darkroom import start_ahead
    from demo.shop import create_shop, serve

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serve(create_shop(chosen.pictures), chosen.host, chosen.port)
    ahead = None if chosen.no_ahead else start_ahead(chosen.pictures)
    print(f"The demo shop is open at http://{chosen.host}:{server.port}/ (stop: Ctrl-C)", flush=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        if ahead is not None:
            ahead.terminate()
            ahead.wait()


def _develop(chosen: argparse.Namespace) -> None:
    from demo.darkroom import develop_ahead

    parent = os.getppid()
    develop_ahead(chosen.pictures, go_on=lambda: os.getppid() == parent)


def _catalogue(chosen: argparse.Namespace) -> None:
    from demo.catalogue_pictures import write_catalogue_pictures

    print(f"{write_catalogue_pictures(chosen.out, chosen.angles)} pictures in {chosen.out}")


def _photos(chosen: argparse.Namespace) -> None:
    from demo.samples import make_samples

    entries = make_samples(chosen.out, chosen.count, chosen.seed)
    print(f"{len(entries)} sample photos in {chosen.out}")


def _snapshot(chosen: argparse.Namespace) -> None:
    from demo.snapshot import PHOTOS_OF_UNSEEN, Plan, write_demo_snapshot

    plan = Plan(
        per_model=chosen.pictures_per_model,
        unseen_colorway=PHOTOS_OF_UNSEEN if chosen.hold_out_colorways else 0,
        negatives=chosen.negatives,
        size=chosen.size,
        seed=chosen.seed,
    )
    snapshot = write_demo_snapshot(chosen.out, plan, processes=chosen.processes)
    print(f"{len(snapshot.images)} pictures of {len(snapshot.labels)} models in {chosen.out}")


def _contact_sheet(chosen: argparse.Namespace) -> None:
    from demo.contact_sheet import contact_sheet
    from demo.phone_camera import encode_jpeg

    chosen.out.write_bytes(encode_jpeg(contact_sheet(), 92))


def _augments(chosen: argparse.Namespace) -> None:
    from demo.augment_sheet import augment_sheet
    from demo.phone_camera import encode_jpeg

    chosen.out.write_bytes(encode_jpeg(augment_sheet(chosen.seed), 86))


def _starter(chosen: argparse.Namespace) -> None:
    from demo.starter import make_bundles, make_demo_bundle, real_pictures

    if chosen.demo_only:
        make_demo_bundle(chosen.work, chosen.out, hold_out_colorways=chosen.hold_out_colorways)
    else:
        make_bundles(chosen.work, chosen.out, real_pictures())
    print(f"the new bundles are in {chosen.out}")


def _run(chosen: argparse.Namespace) -> int:
    from demo.run import run

    return run(chosen.port or int(os.environ.get("PORT", "8000")), chosen.shop_port)


if __name__ == "__main__":
    sys.exit(main())
