"""What the probes said on the way: a line each in probes.jsonl, and the curve of them as SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ml.training.pretraining.probe import Reached
from ml.training.run_folder import RunFolder, replace_text

WIDTH, HEIGHT, MARGIN = 640, 360, 48
COLOURS = ("#1f5fa8", "#c2541b", "#2c7a3f", "#7a3f8f")


def probes_file(run: RunFolder) -> Path:
    return run.path / "probes.jsonl"


def read_probes(run: RunFolder) -> list[dict[str, Any]]:
    """The probes so far, oldest first."""
    file = probes_file(run)
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def add_probe(run: RunFolder, place: Mapping[str, Any], reached: Mapping[str, Mapping[str, Reached]]) -> None:
    """Write a probe: where in the course ("epoch", "pictures", "size", ...), then each set's splits.

    Lines from this epoch on, of a run that was killed, give way.
    """
    sets = {name: {split: asdict(score) for split, score in splits.items()} for name, splits in reached.items()}
    kept = [line for line in read_probes(run) if line["epoch"] < place["epoch"]]
    kept.append({**place, "sets": sets})
    replace_text(probes_file(run), "".join(json.dumps(line) + "\n" for line in kept))
    replace_text(run.path / "probes.svg", draw_probes(kept))


def draw_probes(lines: Sequence[Mapping[str, Any]]) -> str:
    """Top-1 and top-5 on the test pictures of each set over pictures learned from, as SVG."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        for name, splits in line["sets"].items():
            asked = splits.get("test") or splits.get("validation")
            for measure in ("top1", "top5") if asked else ():
                curves.setdefault(f"{name} {measure}", []).append((line["pictures"], asked[measure]))
    most = max([line["pictures"] for line in lines], default=1) or 1
    drawn = [_frame(most)]
    for place, (name, points) in enumerate(curves.items()):
        colour = COLOURS[place % len(COLOURS)]
        path = " ".join(f"{_x(pictures, most):.1f},{_y(share):.1f}" for pictures, share in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [
            f'<circle cx="{_x(pictures, most):.1f}" cy="{_y(share):.1f}" r="3" fill="{colour}"/>'
            for pictures, share in points
        ]
        drawn.append(
            f'<text x="{MARGIN + 8}" y="{MARGIN + 16 * place}" fill="{colour}">{escape(name)} '
            f"{points[-1][1]:.3f}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12">\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _frame(most: float) -> str:
    lines = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        lines.append(f'<line x1="{MARGIN}" y1="{y}" x2="{WIDTH - MARGIN / 2}" y2="{y}" stroke="#ddd"/>')
        lines.append(f'<text x="{MARGIN - 8}" y="{y + 4}" text-anchor="end">{tenth / 10:.1f}</text>')
    for quarter in range(5):
        pictures = most * quarter / 4
        place = f'x="{_x(pictures, most)}" y="{HEIGHT - MARGIN / 2}"'
        lines.append(f'<text {place} text-anchor="middle">{pictures / 1000:.0f}k</text>')
    lines.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 6}" text-anchor="middle">pictures learned from</text>')
    return "\n".join(lines)


def _x(pictures: float, most: float) -> float:
    return MARGIN + pictures / most * (WIDTH - 1.5 * MARGIN)


def _y(share: float) -> float:
    return round(HEIGHT - MARGIN - share * (HEIGHT - 1.5 * MARGIN), 1)
