"""The demo catalogue's pictures as a folder for each model: what a shop shows, in the shop's size.

<out>/<label>/<style code>-img01.jpg ...
"""

from __future__ import annotations

import os
from pathlib import Path

from rich.progress import track

from demo.darkroom import Darkroom
from demo.models import MODELS, style_code
from demo.stock import ANGLES


def write_catalogue_pictures(out: Path, angles: int = 12) -> int:
    """Render `angles` views of every colorway of every model into `out`; returns how many pictures lie there.

    Every model begins at another angle, so that all 36 are there. What lies there already is not rendered again.
    """
    darkroom = Darkroom(out / ".darkroom")
    for number, model in enumerate(track(MODELS, "rendering the catalogue")):
        for view in _views(number, angles):
            for colorway in model.colorways:
                _link(darkroom.picture(style_code(model, colorway), view), out / model.slug, view)
    return sum(1 for _ in out.glob("*/*.jpg"))


def _views(number: int, angles: int) -> list[int]:
    return [1 + (view * ANGLES // angles + number) % ANGLES for view in range(angles)]


def _link(picture: Path, folder: Path, view: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{picture.parent.name}-img{view:02d}.jpg"
    if not place.exists():
        os.link(picture, place)
