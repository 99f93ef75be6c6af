"""A model's charts as SVG inside the page: looks are class names of `campaigns.css`, there is no style attribute.

A drawing is as wide as a phone's column, so that its letters are as large as they say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 48.0, 350.0, 20.0, 205.0
Points = Sequence[Mapping[str, float]]
Span = tuple[float, float]


def calibration_chart(points: Points, base_rate: float, *, cents: bool = False) -> Markup:
    """What was predicted against what came of it, in groups of about as many e-mails each. The diagonal is perfect."""
    ends = [*(point[key] for point in points for key in ("predicted", "observed")), base_rate]
    room = 0.08 * (max(ends) - min(ends)) or 0.1 * base_rate or 0.01
    span = (max(0.0, min(ends) - room), max(ends) + room)
    said = "; ".join(
        f"predicted {_told(p['predicted'], cents)}, observed {_told(p['observed'], cents)}" for p in points
    )
    words = f"{said}. Base rate {_told(base_rate, cents)}."
    drawing = _Drawing("calibration", "Calibration curve", words, span, span)
    drawing.grid(lambda value: _told(value, cents), lambda value: _told(value, cents), "predicted", "observed")
    drawing.line([(span[0], span[0]), (span[1], span[1])], "chart-ideal")
    drawing.line([(span[0], base_rate), (span[1], base_rate)], "chart-base")
    drawing.line([(point["predicted"], point["observed"]) for point in points], "chart-first")
    for point in points:
        drawing.dot(point["predicted"], point["observed"], f"{point['emails']:,.0f} e-mails")
    return drawing.markup()


def lift_chart(points: Points) -> Markup:
    """How many times the base rate was observed among the e-mails with the highest predictions; 1 is the base rate."""
    highest = max(1.5, 1.08 * max((point["lift"] for point in points), default=1.0))
    said = "; ".join(f"best {point['share']:.0%}: {point['lift']:.2f} times the base rate" for point in points)
    drawing = _Drawing("lift", "Lift chart", f"{said}.", (0.0, 1.0), (0.0, highest))
    drawing.grid(
        lambda value: f"{value:.0%}", lambda value: f"{value:.1f}×", "e-mails, best first", "times the base rate"
    )
    drawing.line([(0, 1), (1, 1)], "chart-base")
    drawing.line([(point["share"], point["lift"]) for point in points], "chart-first")
    for point in points:
        drawing.dot(point["share"], point["lift"], f"the best {point['share']:.0%}: {point['lift']:.2f} times")
    return drawing.markup()


class _Drawing:
    """An SVG under way; `across` and `up` are the lowest and the highest value of both directions."""

    def __init__(self, slug: str, title: str, description: str, across: Span, up: Span) -> None:
        self._across, self._up = across, up
        named = {"role": "img", "aria-labelledby": f"{slug}-title {slug}-words"}
        self._root = Element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "class": "chart"} | named)
        SubElement(self._root, "title", id=f"{slug}-title").text = title
        SubElement(self._root, "desc", id=f"{slug}-words").text = description

    def grid(self, x_told: Any, y_told: Any, x_name: str, y_name: str) -> None:
        """Four lines across with their numbers, and what both directions measure."""
        for step in range(5):
            x, y = LEFT + step * (RIGHT - LEFT) / 4, BOTTOM - step * (BOTTOM - TOP) / 4
            ends = {"x1": f"{LEFT}", "x2": f"{RIGHT}", "y1": f"{y:.1f}", "y2": f"{y:.1f}"}
            SubElement(self._root, "line", ends | {"class": "chart-grid" if step else "chart-axis"})
            self._text(LEFT - 6, y + 4, y_told(_between(self._up, step / 4)), "end")
            anchor = {0: "start", 4: "end"}.get(step, "middle")
            self._text(x, BOTTOM + 17, x_told(_between(self._across, step / 4)), anchor)
        self._text(LEFT, TOP - 9, y_name, "start", "chart-name")
        self._text(RIGHT, BOTTOM + 37, x_name, "end", "chart-name")

    def line(self, points: Sequence[tuple[float, float]], look: str) -> None:
        """A line through points."""
        places = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in points)
        SubElement(self._root, "polyline", {"points": places, "class": look})

    def dot(self, x: float, y: float, told: str) -> None:
        """A disc; `told` is said when pointed at."""
        place = {"cx": f"{self._x(x):.1f}", "cy": f"{self._y(y):.1f}", "r": "3", "class": "chart-dot"}
        SubElement(SubElement(self._root, "circle", place), "title").text = told

    def markup(self) -> Markup:
        """For the page; words were escaped on their way into the tree."""
        return Markup(tostring(self._root, encoding="unicode"))  # noqa: S704

    def _text(self, x: float, y: float, words: str, anchor: str, look: str = "chart-label") -> None:
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "class": look}
        SubElement(self._root, "text", place).text = words

    def _x(self, value: float) -> float:
        low, high = self._across
        return LEFT + (RIGHT - LEFT) * min((value - low) / (high - low), 1.0)

    def _y(self, value: float) -> float:
        low, high = self._up
        return BOTTOM - (BOTTOM - TOP) * min((value - low) / (high - low), 1.0)


def _told(value: float, cents: bool) -> str:
    if cents:
        return f"${value / 100:.2f}"
    return f"{value:.0%}" if value == 0 else f"{value:.1%}" if value >= 0.1 else f"{value:.2%}"


def _between(span: Span, share: float) -> float:
    return span[0] + share * (span[1] - span[0])
