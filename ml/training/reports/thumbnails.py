"""Small pictures inside a page: JPEG in data URIs, as many as a budget of bytes allows."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from ml.datasets.pictures import TRUSTED
from ml.imaging.decode import DecodeError, decode
from ml.imaging.fit import fit_square

SIDE = 112
QUALITY = 72
BUDGET_BYTES = 600_000


def thumbnailer(folder: Path, budget: int = BUDGET_BYTES) -> Callable[[str], str]:
    """A function from a picture's path below `folder` to its thumbnail's data URI.

    It gives nothing where the picture cannot be read, or where all thumbnails together would be over `budget` bytes.
    """
    made: dict[str, str] = {}

    def thumbnail(path: str) -> str:
        if path not in made:
            uri = _data_uri(folder / path)
            made[path] = uri if sum(map(len, made.values())) + len(uri) <= budget else ""
        return made[path]

    return thumbnail


def _data_uri(file: Path) -> str:
    try:
        picture = fit_square(decode(file.read_bytes(), TRUSTED), SIDE)
    except (DecodeError, OSError):
        return ""
    written = io.BytesIO()
    Image.fromarray(picture).save(written, "JPEG", quality=QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"
