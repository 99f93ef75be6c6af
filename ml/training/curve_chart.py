"""The curves of a run as one SVG: loss and accuracy of every epoch, learned and validated, steps one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, MARGIN = 460, 260, 44
LINES = (("learned", "{}", "#1f6feb"), ("validated", "validation_{}", "#d1490b"))


def draw_curves(epochs: Sequence[Mapping[str, Any]]) -> str:
    """An SVG of two panels, for the epochs of a run folder, oldest first."""
    panels = "".join(
        f'<g transform="translate({number * WIDTH},0)">{_panel(epochs, measure)}</g>'
        for number, measure in enumerate(("loss", "accuracy"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="11" fill="#333"><title>Loss and accuracy by epoch</title>'
        f'<rect width="100%" height="100%" fill="#fff"/>{panels}</svg>\n'
    )


def _panel(epochs: Sequence[Mapping[str, Any]], measure: str) -> str:
    values = [float(epoch[name.format(measure)]) for epoch in epochs for _, name, _ in LINES]
    top = 1.0 if measure == "accuracy" else max([*values, 0.01])
    inner_width, inner_height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN

    def across(place: float) -> float:
        return round(MARGIN + inner_width * place / max(1, len(epochs) - 1), 1)

    def up(value: float) -> float:
        return round(HEIGHT - MARGIN - inner_height * min(value, top) / top, 1)

    drawn = [f'<text x="{MARGIN}" y="{MARGIN - 22}" font-size="13">{measure}</text>']
    for share in (0, 0.25, 0.5, 0.75, 1):
        height = up(share * top)
        drawn.append(f'<path d="M{MARGIN} {height}H{WIDTH - MARGIN}" stroke="#ddd"/>')
        drawn.append(f'<text x="{MARGIN - 6}" y="{height + 4}" text-anchor="end">{share * top:.2f}</text>')
    for place, epoch in enumerate(epochs):
        if place == 0 or epochs[place - 1]["step"] != epoch["step"]:
            drawn.append(f'<path d="M{across(place)} {MARGIN}V{HEIGHT - MARGIN}" stroke="#999" stroke-dasharray="3"/>')
            name = escape(str(epoch["step"]).replace("_", " "))
            drawn.append(f'<text x="{across(place) + 3}" y="{HEIGHT - MARGIN + 16}">{name}</text>')
    for number, (title, name, colour) in enumerate(LINES):
        points = " ".join(f"{across(i)},{up(float(epoch[name.format(measure)]))}" for i, epoch in enumerate(epochs))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        drawn.append(f'<text x="{WIDTH - MARGIN - 130 + 65 * number}" y="{MARGIN - 22}" fill="{colour}">{title}</text>')
    return "".join(drawn)
