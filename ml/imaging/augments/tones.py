"""Brighter and darker: one tone curve each, over the whole picture.

A gain alone clips: white shoes lose their stitching, black ones their form. These curves bend the middle and move one
end, so nothing clips and the change shows on any picture: also where the backdrop is white and the shoe nearly so.
"""

from __future__ import annotations

import cv2
import numpy as np

from ml.imaging.fit import Picture

BRIGHTER_GAMMA, BRIGHTER_BLACK = 0.62, 0.2
"""Middle grey 128 becomes 184 and black 51. Black moves so far because pale shoes on white have little else to tell it
by."""
BRIGHTER_COLOUR = 1.3
"""How much more colourful: lifted blacks alone look faded, like an old print."""
BRIGHTER_BLUE = 0.975
"""The share of blue that is left, so that white becomes (255, 255, 249): daylight is a little warm. Nobody sees a
border where it meets a white page, and pale shoes without anything dark are told from their brighter picture by it."""
DARKER_GAMMA, DARKER_WHITE = 1.25, 0.66
"""Middle grey 128 becomes 71 and white 168: a dim room; with less light black shoes lose their outline."""
_GREY = np.tile(np.array([0.299, 0.587, 0.114], np.float32), (3, 1))


def brighter(picture: Picture) -> Picture:
    """Lighter at every tone but white, a little more colourful, and a trace warmer."""
    lighter = _curve(picture, BRIGHTER_BLACK, 1.0, BRIGHTER_GAMMA)
    colourful = BRIGHTER_COLOUR * np.eye(3, dtype=np.float32) + (1 - BRIGHTER_COLOUR) * _GREY
    warm = np.diag(np.array([1, 1, BRIGHTER_BLUE], np.float32))
    return np.asarray(cv2.transform(lighter, warm @ colourful), np.uint8)


def darker(picture: Picture) -> Picture:
    """Darker at every tone but black; a white backdrop becomes grey."""
    return _curve(picture, 0.0, DARKER_WHITE, DARKER_GAMMA)


def _curve(picture: Picture, black: float, white: float, gamma: float) -> Picture:
    tones = np.linspace(0, 1, 256) ** gamma
    return np.asarray(cv2.LUT(picture, ((black + (white - black) * tones) * 255).round().astype(np.uint8)), np.uint8)
