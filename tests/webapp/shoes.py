"""Made-up listings with real picture files, for tests that need a small catalogue."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from scraper.listing import Listing, ListingImage

BRANDS = ("Vello", "Norda", "Kestrel", "Ondine")
CATEGORIES = ("low", "mid", "high", "runner")
GENDERS = ("men", "women", "kids", "unisex")
COLORS = ("tomato", "steelblue", "seagreen", "goldenrod", "orchid", "slategray")


def picture(seed: int, angle_deg: int = 0, size: tuple[int, int] = (96, 64), file_format: str = "PNG") -> bytes:
    """A picture of something shoe-like on white; every seed and angle gives other bytes."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    width, height = size
    toe = width // 8 + angle_deg * width // 1440
    pen.rounded_rectangle((toe, height // 2, width - 12, height - 12), 8, fill=COLORS[seed % len(COLORS)])
    pen.line((2, height - 3, 2 + seed % (width - 4), height - 3), fill="black")
    written = BytesIO()
    image.save(written, file_format)
    return written.getvalue()


def write_picture(folder: Path, content: bytes, suffix: str = "png") -> str:
    """Put a picture where the scraper would put it; its path relative to `folder`."""
    file = f"images/{hashlib.sha256(content).hexdigest()}.{suffix}"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)
    return file


def listing(folder: Path, number: int, *, angles: int = 1, **changes: object) -> Listing:
    """Listing `number`, with `angles` pictures of one turn written below `folder`."""
    images = tuple(
        ListingImage(
            url=f"https://shop.example/{number}/{turn}.png",
            angle_deg=turn * 360 // angles if angles > 1 else None,
            file=write_picture(folder, picture(number, turn * 360 // angles)),
        )
        for turn in range(angles)
    )
    fields: dict[str, object] = {
        "site": "test",
        "style_code": f"T-{number:05}",
        "url": f"https://shop.example/{number}",
        "brand": BRANDS[number % len(BRANDS)],
        "name": f"Dart {number // 3}",
        "colorway": f"Chalk / Ink {number % 3}",
        "gender": GENDERS[number % len(GENDERS)],
        "category": CATEGORIES[number // 2 % len(CATEGORIES)],
        "price_cents": 5000 + number * 100,
        "images": images,
    }
    return Listing(**{**fields, **changes})  # type: ignore[arg-type]
