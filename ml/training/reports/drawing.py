"""A chart as SVG, element by element: readable at the width of a phone, in light and dark, and by those who cannot see.

A drawing is as wide as a phone's column, so that its letters are as large as it says. Looks are class names, which
`look.css` gives colours; there is no style attribute and no script, so the strictest Content-Security-Policy lets it
pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

WIDTH = 360
LETTER = 6.1
"""About the width of a letter of the labels, in the drawing's units."""

FRAME = 8
"""What a drawing in a file of its own has around it."""
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Scale:
    """A straight way from values to places in a drawing: `low` lies at `begin`, `high` at `end`."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value lies."""
        span = self.high - self.low or 1.0
        return self.begin + (value - self.low) / span * (self.end - self.begin)

    def ticks(self, wanted: int = 5) -> list[float]:
        """Round values between `low` and `high`, about as many as wanted."""
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        rough = span / max(1, wanted)
        size = 10 ** math.floor(math.log10(rough))
        step = next(size * times for times in (1, 2, 5, 10) if size * times >= 0.7 * rough)
        first = math.ceil(self.low / step - 1e-9)
        return [round(number * step, 10) for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


class Drawing:
    """An SVG under way. `slug` names it in the page; `title` stands above it, `description` says what it shows."""

    def __init__(self, slug: str, title: str, description: str, height: int) -> None:
        self.slug, self.title, self.height = slug, title, height
        self._root = Element(
            "svg",
            {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "class": "chart", "role": "img"}
            | {"aria-labelledby": f"{slug}-title {slug}-words"},
        )
        SubElement(self._root, "title", id=f"{slug}-title").text = title
        SubElement(self._root, "desc", id=f"{slug}-words").text = description
        self.text(0, 14, title, "chart-title")

    def line(self, x1: float, y1: float, x2: float, y2: float, look: str) -> None:
        """A straight line."""
        ends = {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2)}
        SubElement(self._root, "line", ends | {"class": look})

    def path(self, points: Sequence[tuple[float, float]], look: str) -> None:
        """A line through points, with a dot at its end."""
        if len(points) > 1:
            places = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
            SubElement(self._root, "polyline", {"points": places, "class": look})
        if points:
            self.dot(*points[-1], 2.6, f"{look}-dot")

    def dot(self, x: float, y: float, radius: float, look: str, told: str = "") -> None:
        """A disc; `told` is said when pointed at."""
        disc = SubElement(self._root, "circle", {"cx": _n(x), "cy": _n(y), "r": _n(radius), "class": look})
        _tell(disc, told)

    def bar(
        self, x: float, y: float, width: float, height: float, look: str, told: str = "", strength: float = 1
    ) -> None:
        """A rectangle; `strength` 0 to 1 is how opaque it is."""
        place = {"x": _n(x), "y": _n(y), "width": _n(max(0, width)), "height": _n(max(0, height)), "class": look}
        bar = SubElement(self._root, "rect", place)
        if strength < 1:
            bar.set("fill-opacity", f"{strength:.2f}")
        _tell(bar, told)

    def text(self, x: float, y: float, words: str, look: str = "chart-label", anchor: str = "start") -> None:
        """Words; `anchor` start, middle or end says which part of them lies at x."""
        SubElement(self._root, "text", {"x": _n(x), "y": _n(y), "class": look, "text-anchor": anchor}).text = words

    def clipped(
        self, x: float, y: float, words: str, room: float, look: str = "chart-label", anchor: str = "end"
    ) -> None:
        """Words that end in an ellipsis where they need more than `room`; whole when pointed at."""
        letters = max(1, int(room / LETTER))
        self.text(x, y, words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…", look, anchor)
        if len(words) > letters:
            _tell(self._root[-1], words)

    def svg(self) -> str:
        """For a page that has the look already."""
        return ElementTree.tostring(self._root, encoding="unicode")

    def file(self) -> str:
        """For a file of its own."""
        opening, _, rest = self.svg().partition(">")
        whole, framed = f"0 0 {WIDTH} {self.height}", f"-{FRAME} -{FRAME} {WIDTH + 2 * FRAME} {self.height + 2 * FRAME}"
        style = f"{look('tokens')}{look('chart')}svg {{ background: var(--card); }}"
        return f"{opening.replace(whole, framed)}><style>{style}</style>{rest}\n"


@dataclass(frozen=True)
class Axes:
    """A plot's area inside a drawing with both scales."""

    x: Scale
    y: Scale


def percent_scale(begin: float, end: float) -> Scale:
    """From 0 to 1, for shares."""
    return Scale(0, 1, begin, end)


def draw_grid(drawing: Drawing, axes: Axes, y_name: str, x_name: str, *, percent: bool = False) -> None:
    """Lines and numbers across for the ticks of y, the line of x, and what both measure."""
    left, right = axes.x.begin, axes.x.end
    for tick in axes.y.ticks(4):
        y = axes.y(tick)
        drawing.line(left, y, right, y, "chart-grid")
        drawing.text(left - 6, y + 4, f"{tick:.0%}" if percent else f"{tick:g}", anchor="end")
    drawing.line(left, axes.y.begin, right, axes.y.begin, "chart-axis")
    drawing.text(left, min(axes.y.begin, axes.y.end) - 8, y_name, "chart-name")
    drawing.text(right, max(axes.y.begin, axes.y.end) + 31, x_name, "chart-name", "end")


@cache
def look(part: str) -> str:
    """A part of the look: "tokens" (colours, as the site's), "chart" or "page"."""
    return (_HERE / f"{part}.css").read_text(encoding="utf-8")


def _tell(element: Element, told: str) -> None:
    if told:
        SubElement(element, "title").text = told


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
