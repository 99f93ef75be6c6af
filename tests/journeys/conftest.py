"""A real browser before a real server: Chromium, gunicorn, the tiny bundle, a small catalogue of drawn shoes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scraper.listing import Listing, ListingImage
from tests.drawn_shoes import SHOES, draw_shoe, encoded, photo_of
from tests.journeys.pages import ADMIN, PASSWORD
from tests.live_site import LiveSite, flask, live_site
from tests.tiny_bundle import write_tiny_bundle

ANGLES = range(0, 360, 30)
PATIENCE_MS = 30_000
"""Pages wait for work that machines with other work do late; only a test that fails waits that long."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site with a few products, one of them turned through all angles, and an admin."""
    instance = tmp_path_factory.mktemp("journeys")
    _publish(instance)
    listings = _write_listings(tmp_path_factory.mktemp("shop"))
    flask(
        instance,
        ("db", "upgrade"),
        ("users", "create", ADMIN, "--role", "admin", "--password", PASSWORD),
        ("catalogue", "intake", str(listings)),
        ("catalogue", "embed"),
    )
    with live_site(instance, runs=str(instance / "runs")) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skips, saying so, where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed: these journeys need one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: LiveSite) -> Iterator[Page]:
    """A tab of a new visitor on a desktop; fails the test where a page logs an error."""
    yield from _tab(browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}))


@pytest.fixture
def plain_page(browser: Browser, site: LiveSite) -> Iterator[Page]:
    """A tab of a visitor without JavaScript, on a phone."""
    yield from _tab(
        browser.new_context(base_url=site.url, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A phone photo of the Vello Dart Low."""
    file = tmp_path / "my shoe.jpg"
    file.write_bytes(photo_of("vello_dart_low", (1280, 960)))
    return file


def _tab(context: BrowserContext) -> Iterator[Page]:
    faults: list[str] = []
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    yield page
    context.close()
    assert not faults


def _publish(instance: Path) -> None:
    """Publish a tiny bundle that knows the drawn shoes, the way `python -m ml publish` leaves it."""
    folder = instance / "bundles"
    pictures = {label: draw_shoe(colours) for label, colours in SHOES.items()}
    write_tiny_bundle(folder / "journeys", tuple(SHOES), pictures=pictures)
    (folder / "current").symlink_to("journeys", target_is_directory=True)


def _write_listings(folder: Path) -> Path:
    """A shop's listings: each drawn shoe in two colorways, the first shoe with a view every 30 degrees."""
    (folder / "images").mkdir()
    listings = []
    for label, (upper, sole) in SHOES.items():
        brand, name = label.split("_", 1)
        for colorway, colours in (("Own", (upper, sole)), ("Plum", ((120, 60, 140), sole))):
            angles = ANGLES if label == "vello_dart_low" and colorway == "Own" else ANGLES[:1]
            images = []
            for angle in angles:
                file = f"images/{label}-{colorway}-{angle:03}.png"
                (folder / file).write_bytes(encoded(_turned(draw_shoe(colours), angle), "PNG"))
                images.append(ListingImage(url=f"http://shop.example/{file}", angle_deg=angle, file=file))
            listings.append(
                Listing(
                    site="demo",
                    style_code=f"{label}-{colorway}",
                    url=f"http://shop.example/{label}-{colorway}",
                    brand=brand.title(),
                    name=name.replace("_", " ").title(),
                    colorway=colorway,
                    category="low",
                    price_cents=9900,
                    images=tuple(images),
                )
            )
    file = folder / "listings.jsonl"
    file.write_text("".join(f"{listing.to_json()}\n" for listing in listings), encoding="utf-8")
    return file


def _turned(picture: NDArray[np.uint8], angle_deg: int) -> NDArray[np.uint8]:
    """A shoe seen from another side, roughly: narrower, mirrored, and darker where it turns away from the light."""
    height, width = picture.shape[:2]
    share = float(np.cos(np.radians(angle_deg)))
    narrow = cv2.resize(picture[:, :: 1 if share >= 0 else -1], (max(60, int(width * abs(share))), height))
    turned = np.full_like(picture, 255)
    left = (width - narrow.shape[1]) // 2
    light = 0.9 + 0.1 * float(np.sin(np.radians(angle_deg)))
    turned[:, left : left + narrow.shape[1]] = np.where(narrow < 255, narrow * light, narrow).astype(np.uint8)
    return turned
