"""Find the shoe in a cluttered photo, before anything tries to cut it out.

Nothing here was learned by a network. Some hundred ellipses of a shoe's size and shape are laid over the picture and
each is asked what a photographed shoe would answer: does its colour differ from what surrounds it, is there detail
inside, is it near the middle, does it keep off the border? The best few are spread over the regions that share their
colours and stop at edges, and what came of them is asked again. The weights of the questions are constants, fitted
once on shoes pasted into rooms (benchmarks/cutouts.py measures them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.imaging.regions import Floats, Regions

WIDTHS = (0.36, 0.5, 0.68, 0.85)
"""Widths of the ellipses, as shares of the picture's width."""
ASPECTS = (0.6, 1.1, 1.7, 2.5)
"""Width by height: a shoe from above, from the front or a high one, half turned, from the side."""
ROUNDNESS = 2.5
"""Exponent of the superellipse: 2 is an ellipse, more is boxier, as shoes are."""
MODES = 8
"""How many separate places are looked into."""

QUESTIONS = (
    "ring_overlap",
    "outside_overlap",
    "size",
    "size_squared",
    "off_centre_x",
    "height",
    "height_squared",
    "border",
    "texture",
    "weak_edge",
    "raggedness",
)
"""What `ask` answers about a candidate, column by column."""


@dataclass(frozen=True)
class Found:
    """Where the shoe seems to be: (H, W) float32, 0 background to 1 shoe, and the score of the choice."""

    likelihood: Floats
    score: float


def find_shoe(regions: Regions) -> Found:
    """The likeliest place of the one shoe in a picture."""
    ellipses = lay_ellipses(regions)
    scores = ask(regions, ellipses) @ FIRST_WEIGHTS
    priors, places = gather(regions, ellipses, scores)
    spreads = spread(regions, priors)
    final = ask_again(regions, spreads, places) @ SECOND_WEIGHTS
    best = int(np.argmax(final))
    return Found(likelihood=spreads[best][regions.labels], score=float(final[best]))


def lay_ellipses(regions: Regions) -> Floats:
    """(ellipses, n) 0 or 1: the regions whose centre lies within each ellipse."""
    height, width = regions.labels.shape
    shapes = []
    for share in WIDTHS:
        for aspect in ASPECTS:
            half_width = share * width / 2
            half_height = min(half_width / aspect, 0.47 * height)
            shapes += [
                (x, y, half_width, half_height)
                for x in _places(width, half_width)
                for y in _places(height, half_height)
            ]
    ellipses = np.array(shapes, np.float32)
    distance = np.abs(regions.centres[None] - ellipses[:, None, :2]) / ellipses[:, None, 2:]
    inside = np.asarray((distance**ROUNDNESS).sum(axis=2) < 1, np.float32)
    occupied = inside.any(axis=1)
    return inside[occupied] if occupied.any() else np.ones((1, len(regions.areas)), np.float32)


def _places(length: int, half: float) -> Floats:
    """Centres along one side, half an ellipse's half-width apart, none of which leaves the picture."""
    count = max(2, int((length - 2 * half) / (half * 0.5)) + 1)
    return np.asarray(np.linspace(half, length - half, count), np.float32)


def ask(regions: Regions, inside: Floats) -> Floats:
    """(candidates, questions): the answers of each candidate, rows of 0 and 1 over the regions."""
    outside = 1 - inside
    total = np.float32(regions.areas.sum())
    area = np.maximum(inside @ regions.areas, 1)
    colours = inside @ regions.histograms
    own = colours / area[:, None]
    rest = (regions.histograms.sum(axis=0) - colours) / np.maximum(total - area, 1)[:, None]
    crossing = (inside @ regions.shared) * outside
    around = (crossing > 0).astype(np.float32) @ regions.histograms
    around /= np.maximum(around.sum(axis=1, keepdims=True), 1)
    outline = np.maximum(crossing.sum(axis=1), 1)
    weak = ((inside @ (regions.shared * (regions.contrast < _faint(regions)))) * outside).sum(axis=1)
    border = inside @ regions.on_border
    height, width = regions.labels.shape
    centre = (inside * regions.areas) @ regions.centres / area[:, None] / (width, height) - 0.5
    texture = inside @ regions.texture
    size = np.log(area / total)
    answers = (
        np.minimum(own, around).sum(axis=1),
        np.minimum(own, rest).sum(axis=1),
        size,
        size**2,
        centre[:, 0] ** 2,
        centre[:, 1],
        centre[:, 1] ** 2,
        border / (outline + border),
        texture / area - (regions.texture.sum() - texture) / np.maximum(total - area, 1),
        weak / outline,
        np.log((outline + border) ** 2 / area / (4 * np.pi)),
    )
    return np.stack(answers, axis=1).astype(np.float32)


def _faint(regions: Regions) -> np.float32:
    """The contrast below which an edge of this picture says nothing."""
    touching = regions.contrast[regions.shared > 0]
    return np.float32(np.clip(np.median(touching), 3, 12)) if touching.size else np.float32(3)


def gather(regions: Regions, ellipses: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Join good ellipses into places: (places, n) probabilities, and (places,) how far each is below the best.

    The first place is the weighted mean of all ellipses; each other is the mean of those that overlap one good ellipse.
    """
    odds = np.exp((scores - scores.max()) / 2)
    weighted = ellipses * np.sqrt(regions.areas)
    areas = (weighted**2).sum(axis=1)
    priors, places, kept = [odds @ ellipses / odds.sum()], [0.0], np.zeros(len(ellipses), bool)
    for candidate in np.argsort(-scores):
        common = weighted @ weighted[candidate]
        overlap = common / (areas + areas[candidate] - common)
        if (overlap[kept] < 0.45).all():
            kept[candidate] = True
            near = np.where(overlap > 0.4, odds, 0)
            priors.append(near @ ellipses / near.sum())
            places.append(float(scores[candidate] - scores.max()))
        if len(priors) > MODES:
            break
    return np.array(priors, np.float32), np.array(places, np.float32)


def spread(regions: Regions, priors: Floats, *, rounds: int = 4) -> Floats:
    """(places, n): each place grown over the regions that have its colours, smoothed where no edge divides them.

    A random walk between regions that prefers to stay within edges, pulled by colour models that are fitted anew in
    each round, as GrabCut does with pixels. One inverse serves all places and rounds.
    """
    ties = (np.exp(-((regions.contrast / 6) ** 2)) + 0.01) * regions.shared
    pull = regions.areas * 0.025
    walk = np.linalg.inv(np.diag(ties.sum(axis=1) + pull) - ties).astype(np.float32) * pull
    spot = np.log((priors + 0.02) / (1.02 - priors))
    likelihood = priors
    for _ in range(rounds):
        shoe = likelihood @ regions.histograms + 0.5
        ground = (1 - likelihood) @ regions.histograms + 0.5
        shoe /= shoe.sum(axis=1, keepdims=True)
        ground /= ground.sum(axis=1, keepdims=True)
        colour = np.log(shoe / ground) @ regions.histograms.T / np.maximum(regions.areas, 1)
        belief = 1 / (1 + np.exp(-(spot + 1.2 * colour)))
        likelihood = np.clip(2 * (belief @ walk.T).clip(0, 1) - 0.5, 0, 1)
    return likelihood.astype(np.float32)


def ask_again(regions: Regions, spreads: Floats, places: Floats) -> Floats:
    """(places, questions + 2): the answers about what a place grew to, how sure it is, and the score it came with."""
    inside = (spreads > 0.5).astype(np.float32)
    area = np.maximum(inside @ regions.areas, 1)
    certainty = (spreads * inside) @ regions.areas / area
    return np.column_stack([ask(regions, inside), certainty, places]).astype(np.float32)


FIRST_WEIGHTS = np.array([-25, -13, 2.5, -0.75, -57, 5.1, -42, -38, 1.2, -4, 0.84], np.float32)
SECOND_WEIGHTS = np.array([-18, -11, 0.43, -0.43, -66, 11, -64, -87, 0.63, -6.7, -6.1, 40, 0.21], np.float32)
