"""Charts of bars and boxes: accuracy by angle, pictures of each label, pairs sold, and who is taken for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ml.training.class_measures import AngleScore, Box, Counts
from ml.training.popularity import PopularProduct
from ml.training.reports.drawing import WIDTH, Axes, Drawing, Scale, draw_grid, percent_scale

LEFT, RIGHT = 40.0, WIDTH - 8.0
MOST_BARS = 36
SECTOR_DEG = 15
MOST_LABELS_DRAWN = 200


def draw_angles(scores: Sequence[AngleScore]) -> Drawing:
    """Accuracy against viewing angle: a bar an angle, or a sector of 15 degrees where there are many angles."""
    sectors = _sectors(scores) if len(scores) > MOST_BARS else list(scores)
    worst = min(sectors, key=lambda score: score.accuracy)
    words = f"{len(sectors)} bars; the lowest is {worst.accuracy:.0%} at {worst.angle_deg} degrees."
    drawing = Drawing("angles", "Accuracy by viewing angle", words, 252)
    axes = Axes(Scale(0, len(sectors), LEFT, RIGHT), percent_scale(208, 52))
    name = f"accuracy, by sectors of {SECTOR_DEG}°" if len(scores) > MOST_BARS else "accuracy"
    draw_grid(drawing, axes, name, "viewing angle (degrees)", percent=True)
    every = max(1, round(len(sectors) / 8))
    for at, score in enumerate(sectors):
        left, right = axes.x(at), axes.x(at + 1)
        gap = min(2.0, (right - left) * 0.12)
        told = f"{score.angle_deg}°: {score.accuracy:.1%} of {score.pictures} pictures"
        top = axes.y(score.accuracy)
        drawing.bar(left + gap, top, right - left - 2 * gap, 208 - top, "chart-bar", told)
        if at % every == 0:
            drawing.text((left + right) / 2, 223, f"{score.angle_deg}°", anchor="middle")
    return drawing


def draw_boxes(boxes: Mapping[str, Box]) -> Drawing:
    """Pictures per label, a box plot for each split: quartiles, Tukey's whiskers, outliers as rings."""
    row, top, left = 44.0, 34.0, 84.0
    words = ". ".join(
        f"{name}: median {box.median:g}, quartiles {box.first_quartile:g} and {box.third_quartile:g}, "
        f"from {box.lowest:g} to {box.highest:g} pictures"
        for name, box in boxes.items()
    )
    drawing = Drawing("boxes", "Pictures per label", words + ".", int(top + row * len(boxes) + 40))
    bottom = top + row * len(boxes)
    across = Scale(0, max(box.highest for box in boxes.values()), left, RIGHT - 6)
    for tick in across.ticks(5):
        drawing.line(across(tick), top, across(tick), bottom, "chart-grid")
        drawing.text(across(tick), bottom + 15, f"{tick:g}", anchor="middle")
    drawing.text(RIGHT, bottom + 31, "pictures of a label", "chart-name", "end")
    for number, (name, box) in enumerate(boxes.items()):
        _draw_box(drawing, across, name, box, top + row * (number + 0.5))
    return drawing


def _draw_box(drawing: Drawing, across: Scale, name: str, box: Box, middle: float) -> None:
    drawing.clipped(across.begin - 10, middle + 4, name, across.begin - 12, "chart-strong")
    drawing.line(across(box.low_whisker), middle, across(box.high_whisker), middle, "chart-whisker")
    for end in (box.low_whisker, box.high_whisker):
        drawing.line(across(end), middle - 5, across(end), middle + 5, "chart-whisker")
    left, right = across(box.first_quartile), across(box.third_quartile)
    told = f"{name}: half of the {box.count} labels have {box.first_quartile:g} to {box.third_quartile:g} pictures"
    drawing.bar(left, middle - 11, max(1.5, right - left), 22, "chart-box", told)
    drawing.line(across(box.median), middle - 11, across(box.median), middle + 11, "chart-median")
    for value in box.outliers:
        drawing.dot(across(value), middle, 2.4, "chart-outlier", f"{value:g} pictures")


def draw_popular(products: Sequence[PopularProduct]) -> Drawing:
    """The products with the most pairs sold, a bar each, the most sold on top."""
    row, top, left = 19.0, 28.0, 168.0
    first = products[0]
    words = f"{len(products)} products; most sold is {first.name} with {first.pairs_sold:,} pairs."
    drawing = Drawing("popular", "Most popular products", words, int(top + row * len(products) + 24))
    across = Scale(0, first.pairs_sold, left, RIGHT - 46)
    for number, product in enumerate(products):
        y = top + row * number
        drawing.clipped(left - 8, y + 12, product.name, left - 10, "chart-strong")
        end = across(product.pairs_sold)
        drawing.bar(left, y + 2, end - left, row - 6, "chart-bar", f"{product.name}: {product.pairs_sold:,} pairs")
        drawing.text(end + 5, y + 12, f"{product.pairs_sold:,}")
    drawing.text(RIGHT, top + row * len(products) + 16, "pairs sold", "chart-name", "end")
    return drawing


def draw_confusion(confusion: Counts, labels: Sequence[str]) -> Drawing:
    """The confusion matrix: rows are right labels, columns answers, each cell as strong as its share of the row.

    Labels are shown by their numbers in the table; the diagonal is grey, mistakes have the accent.
    """
    wrong = int(confusion.sum() - np.trace(confusion))
    words = f"{len(labels)} labels; {int(np.trace(confusion))} answers lie on the diagonal, {wrong} beside it."
    drawing = Drawing("confusion", "Confusion matrix", words, 376)
    left, top, side = 30.0, 44.0, RIGHT - 30.0
    drawing.bar(left, top, side, side, "chart-ground")
    cell = side / len(labels)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    for row, column in np.argwhere(confusion > 0):
        told = (
            f"{labels[row]} answered as {labels[column]}: {confusion[row, column]} of {confusion[row].sum()} pictures"
        )
        look = "chart-right" if row == column else "chart-wrong"
        strength = 0.15 + 0.85 * float(shares[row, column])
        gap = 0.5 if cell > 4 else 0.0
        x, y = left + column * cell, top + row * cell
        drawing.bar(x + gap, y + gap, cell - 2 * gap, cell - 2 * gap, look, told, strength)
    every = next(step for step in (1, 2, 5, 10, 20, 50) if len(labels) / step <= 20)
    for number in [1, *range(every, len(labels) + 1, every)] if every > 1 else range(1, len(labels) + 1):
        middle = (number - 0.5) * cell
        drawing.text(left - 5, top + middle + 4, str(number), anchor="end")
        drawing.text(left + middle, top - 5, str(number), anchor="middle")
    drawing.text(RIGHT, 14, "answered → across, right label ↓ down", "chart-name", "end")
    return drawing


def _sectors(scores: Sequence[AngleScore]) -> list[AngleScore]:
    """The scores joined by sectors; a sector is named by where it begins."""
    joined = []
    for begin in range(0, 360, SECTOR_DEG):
        inside = [score for score in scores if begin <= score.angle_deg < begin + SECTOR_DEG]
        pictures = sum(score.pictures for score in inside)
        if pictures:
            right = sum(score.accuracy * score.pictures for score in inside)
            joined.append(AngleScore(begin, pictures, right / pictures))
    return joined
