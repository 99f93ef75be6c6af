"""Sample photos: what a visitor without a shoe at hand can try with one click."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from webapp.settings import ROOT

FOLDER = ROOT / "webapp" / "static" / "samples"


@dataclass(frozen=True)
class Sample:
    """A photo below `static/samples`: `file` is identified, `preview` (may be the same) is shown."""

    file: str
    preview: str
    caption: str
    alt: str

    @property
    def name(self) -> str:
        """What its address calls it."""
        return Path(self.file).stem


def list_samples() -> tuple[Sample, ...]:
    """The samples of `samples.json`, in its order; none where there is no such file."""
    try:
        entries = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(
        Sample(
            file=entry["file"],
            preview=entry.get("preview") or entry["file"],
            caption=entry.get("caption", ""),
            alt=entry.get("alt") or entry.get("caption") or "A sample photo",
        )
        for entry in entries
    )


def find_sample(name: str) -> Path | None:
    """Where the photo of this name lies; None for a name that is not in the list."""
    return next((FOLDER / sample.file for sample in list_samples() if sample.name == name), None)
