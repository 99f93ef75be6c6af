"""Best so far by trial, as SVG: every trial a dot, the best so far a line, the untuned settings a dashed one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 620, 40, 310
COLOURS = ("#2a6f97", "#c1553b", "#4d7c3a", "#7b4fa3")
TICKS = 5
Place = Callable[[float, float], tuple[float, float]]
"""A trial's number and a score -> where they lie in the drawing."""


@dataclass(frozen=True)
class Line:
    """A line by trial (number, score), with what lies around it: single `dots`, or a band from `low` to `high`."""

    name: str
    points: Sequence[tuple[int, float]]
    dots: Sequence[tuple[int, float]] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()


def draw_best_so_far(title: str, score: str, lines: Sequence[Line], untuned: float | None = None) -> str:
    """The drawing; `score` names the axis. Dots and bands far beyond the lines are cut off at the edge."""
    last = max((number for line in lines for number, _ in line.points), default=1)
    bottom, top = _range(lines, untuned)

    def place(number: float, value: float) -> tuple[float, float]:
        share = (min(max(value, bottom), top) - bottom) / (top - bottom)
        return LEFT + (RIGHT - LEFT) * number / max(1, last), BOTTOM - (BOTTOM - TOP) * share

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 20, title, "start", 14),
        _text(RIGHT, BOTTOM + 40, "trial", "end"),
        _text(LEFT, TOP - 6, score, "start"),
    ]
    for step in range(TICKS):
        value, number = bottom + (top - bottom) * step / (TICKS - 1), round(last * step / (TICKS - 1))
        (x, _), (_, y) = place(number, bottom), place(0, value)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#ddd"/>')
        parts += [_text(LEFT - 6, y + 4, f"{value:.3f}", "end"), _text(x, BOTTOM + 18, str(number), "middle")]
    if untuned is not None:
        y = place(0, untuned)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#555" stroke-dasharray="5 4"/>')
        parts.append(_text(RIGHT, y - 5, "untuned", "end"))
    for line, colour in zip(lines, COLOURS, strict=False):
        parts += [_band(line, place, colour), _dots(line, place, colour), _stairs(line, place, colour)]
    for row, (line, colour) in enumerate(zip(lines, COLOURS, strict=False)):
        x = LEFT + 150 * row
        parts.append(f'<rect x="{x}" y="{HEIGHT - 18}" width="14" height="4" fill="{colour}"/>')
        parts.append(_text(x + 20, HEIGHT - 12, line.name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _range(lines: Sequence[Line], untuned: float | None) -> tuple[float, float]:
    values = [value for line in lines for _, value in line.points] + [value for line in lines for value in line.low]
    values += [value for line in lines for value in line.high] + ([untuned] if untuned is not None else [])
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = 0.1 * (high - low) or 0.1
    return low - margin, high + margin


def _stairs(line: Line, place: Place, colour: str) -> str:
    if not line.points:
        return ""
    x, y = place(*line.points[0])
    path = f"M{x:.1f} {y:.1f}" + "".join(
        f"H{place(number, before)[0]:.1f}V{place(number, value)[1]:.1f}"
        for (_, before), (number, value) in pairwise(line.points)
    )
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _dots(line: Line, place: Place, colour: str) -> str:
    places = (place(*dot) for dot in line.dots)
    return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" fill-opacity=".4"/>' for x, y in places)


def _band(line: Line, place: Place, colour: str) -> str:
    if not line.low:
        return ""
    numbers = [number for number, _ in line.points]
    upper = [place(number, value) for number, value in zip(numbers, line.high, strict=True)]
    lower = [place(number, value) for number, value in zip(numbers, line.low, strict=True)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in [*upper, *reversed(lower)])
    return f'<path d="M{path}Z" fill="{colour}" fill-opacity=".15"/>'


def _text(x: float, y: float, words: str, anchor: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'
