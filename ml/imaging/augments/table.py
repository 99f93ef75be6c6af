"""The augments by name, and the one way to make any of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from ml.imaging.augments.colours import shoe_colour
from ml.imaging.augments.pencil import sketch
from ml.imaging.augments.staging import background_colour, soft_shadow, square_crop
from ml.imaging.augments.swivel import swivel
from ml.imaging.augments.tones import brighter, darker
from ml.imaging.cutout import Cutout, cut_out, whole_picture
from ml.imaging.fit import Picture


@dataclass(frozen=True)
class Augment:
    """One way to vary a picture: its name in code and URLs, and for people a title, what it does and what to mind."""

    name: str
    title: str
    description: str
    make: Callable[[Picture, Cutout, Generator], Picture]
    needs_cutout: bool = False
    caution: str = ""


AUGMENTS: Mapping[str, Augment] = MappingProxyType(
    {
        augment.name: augment
        for augment in (
            Augment("original", "Original", "The picture as it is.", lambda picture, *_: picture.copy()),
            Augment("brighter", "Brighter", "Lighter, as in full daylight.", lambda picture, *_: brighter(picture)),
            Augment("darker", "Darker", "Dimmer, as in an evening room.", lambda picture, *_: darker(picture)),
            Augment(
                "rotate",
                "Rotated",
                "A quarter turn to the left.",
                lambda picture, *_: np.ascontiguousarray(np.rot90(picture)),
            ),
            Augment("sketch", "Sketch", "Drawn in pencil.", lambda picture, _, random: sketch(picture, random)),
            Augment(
                "swivel",
                "Swivelled",
                "The shoe turned by 30 degrees.",
                lambda picture, cutout, random: swivel(picture, cutout, int(random.choice((-1, 1)))),
                needs_cutout=True,
            ),
            Augment(
                "background_colour",
                "Coloured background",
                "The shoe on a pastel that suits its colour.",
                background_colour,
                needs_cutout=True,
            ),
            Augment(
                "shoe_colour",
                "Another colour",
                "The largest part of the shoe in another colour.",
                shoe_colour,
                needs_cutout=True,
                caution="Send it only where the shoe is sold in this colour.",
            ),
            Augment(
                "soft_shadow",
                "On white",
                "The shoe on white with a soft shadow.",
                lambda picture, cutout, _: soft_shadow(picture, cutout),
                needs_cutout=True,
            ),
            Augment(
                "square_crop",
                "Square",
                "A square close around the shoe.",
                lambda picture, cutout, _: square_crop(picture, cutout),
                needs_cutout=True,
            ),
        )
    }
)
"""Every augment, in the order of the gallery; the published ones come first."""

PUBLISHED = ("original", "brighter", "darker", "rotate", "sketch", "swivel")
"""The six of the published models: what the recogniser tells apart, in the order of its answers."""


def make_augment(name: str, picture: Picture, cutout: Cutout | None = None, seed: int = 0) -> Picture:
    """The augment `name` of an (H, W, 3) RGB picture, uint8, as new pixels; the same for the same four arguments.

    All keep the picture's size but `rotate` (W, H) and `square_crop` (S, S). `cutout` is this picture's, from
    `ml.imaging.cutout` or the photo pool, and says where the shoe is. Without one the shoe is cut out here, where the
    augment needs it; a stranger's picture belongs through the pool, because that cannot be interrupted. Where nothing
    was cut out, the whole picture stands for the shoe. `seed` is 0 or more. Raises ValueError for an unknown name, and
    for a picture or a mask of another form.
    """
    if name not in AUGMENTS:
        raise ValueError(f"there is no augment {name!r}, only {', '.join(AUGMENTS)}")
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise ValueError(f"a picture is a uint8 array of (height, width, 3), not {picture.dtype} of {picture.shape}")
    if cutout is not None and cutout.mask.shape != picture.shape[:2]:
        raise ValueError(f"this cut-out is of a picture of {cutout.mask.shape}, not of {picture.shape[:2]}")
    augment = AUGMENTS[name]
    if cutout is None:
        cutout = cut_out(picture) if augment.needs_cutout else whole_picture(picture, "")
    return augment.make(picture, cutout, np.random.default_rng((seed, zlib.crc32(name.encode()))))
