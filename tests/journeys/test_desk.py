"""An admin adds a shop, has it read, decides about a suspect run, trains, compares, publishes and rolls back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.drawn_shoes import SHOES, draw_shoe, photo_of
from tests.journeys.conftest import _tab
from tests.journeys.pages import ADMIN, PASSWORD, sign_in
from tests.live_site import ROOT, LiveSite, environment_of, flask, live_site
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop
from tests.tiny_bundle import write_tiny_bundle
from tests.training.shapes import write_shapes
from tests.webapp import shoes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PRODUCTS, ANGLES = 6, 2
A_WHILE_MS = 90_000


@pytest.fixture
def shop() -> Iterator[LocalShop]:
    """A small shop over HTTP."""
    with running_shop() as shop:
        stock(shop, PRODUCTS)
        yield shop


def stock(shop: LocalShop, products: int) -> None:
    """Have it sell so many shoes from now on."""
    open_small_shop(shop, products, per_page=10, angles=ANGLES)
    for number in range(products):
        for turn in range(ANGLES):
            body = shoes.picture(number, turn * 90, size=(160, 120))
            shop[f"/pictures/{number}-{turn * 10}.png"] = Reply(body=body, headers={"Content-Type": "image/png"})


@pytest.fixture
def desk_site(tmp_path: Path) -> Iterator[LiveSite]:
    """A site of its own with a worker beside it, one published bundle, and another that could be."""
    folder = tmp_path / "bundles"
    pictures = {label: draw_shoe(colours) for label, colours in SHOES.items()}
    write_tiny_bundle(folder / "steady", tuple(SHOES), pictures=pictures)
    write_tiny_bundle(folder / "fresh", tuple(SHOES), bundle_id="fresh")
    (folder / "current").symlink_to("steady", target_is_directory=True)
    (folder / "history.jsonl").write_text('{"bundle": "steady", "since": "2026-01-01T00:00:00+00:00"}\n')
    runs, near = str(tmp_path / "runs"), "corner-shop"
    flask(tmp_path, ("db", "upgrade"), ("users", "create", ADMIN, "--role", "admin", "--password", PASSWORD), runs=runs)
    with (tmp_path / "worker.log").open("w") as log:
        command = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", "worker"]
        worker = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment_of(tmp_path, runs=runs, own_shops=near),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        with live_site(tmp_path, runs=runs, own_shops=near) as site:
            yield site
    finally:
        worker.terminate()
        worker.wait(30)


@pytest.fixture
def desk(browser: Browser, desk_site: LiveSite) -> Iterator[Page]:
    """The admin's tab, signed in."""
    for page in _tab(browser.new_context(base_url=desk_site.url, viewport={"width": 1280, "height": 900})):
        page.set_default_timeout(A_WHILE_MS)
        sign_in(page, "/admin")
        yield page


def go_to(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Admin").get_by_role("link", name=place).click()


def test_a_shop_is_added_read_doubted_and_approved(desk: Page, shop: LocalShop) -> None:
    main = desk.get_by_role("main")
    go_to(desk, "Shops")
    desk.get_by_label("Name").fill("a-stranger")
    desk.get_by_label("Read by").select_option("demo")
    desk.get_by_label("Start addresses, one a line").fill(f"{shop.url}/")
    desk.get_by_label(re.compile("it may be scraped")).check()
    desk.get_by_role("button", name="Add").click()
    expect(desk.get_by_role("alert")).to_contain_text("is a private address")

    go_to(desk, "Shops")
    desk.get_by_label("Name").fill("corner-shop")
    desk.get_by_label("Read by").select_option("demo")
    desk.get_by_label("Start addresses, one a line").fill(f"{shop.url}/")
    desk.get_by_role("button", name="Add").click()  # the browser itself asks for the confirmation
    expect(desk).to_have_url(re.compile("/admin/shops$"))
    desk.get_by_label(re.compile("it may be scraped")).check()
    desk.get_by_role("button", name="Add").click()
    expect(desk).to_have_url(re.compile("/shops/corner-shop$"))

    desk.get_by_role("button", name="Read it now").click()
    expect(main.locator("h1")).to_contain_text("Run")
    expect(main.locator(".chip").first).to_have_text("succeeded", timeout=A_WHILE_MS)  # without a reload of ours
    expect(main).to_contain_text(re.compile(rf"Listings\s*{PRODUCTS}"))

    stock(shop, 2)
    go_to(desk, "Shops")
    desk.get_by_role("button", name="Read corner-shop").click()
    expect(main.locator(".chip").first).to_have_text("suspect", timeout=A_WHILE_MS)
    expect(main).to_contain_text("Only 2 products, where recent runs found 6")
    expect(main.get_by_role("heading", name=re.compile("Missing"))).to_be_visible()
    go_to(desk, "Overview")
    expect(main).to_contain_text(re.compile(rf"Products\s*{PRODUCTS}"))  # the catalogue is untouched
    desk.go_back()
    desk.get_by_role("button", name="Approve: publish it").click()
    expect(main.locator(".chip").first).to_have_text("succeeded")
    desk.get_by_role("button", name="Undo this run").click()
    expect(main.locator(".chip").first).to_have_text("undone")

    go_to(desk, "Audit")
    for act in ("add shop", "start run", "approve run", "undo run"):
        expect(desk.get_by_role("rowheader", name=act).first).to_be_visible()


def test_bundles_are_compared_published_and_rolled_back(desk: Page, tmp_path: Path) -> None:
    photo = tmp_path / "shoe.jpg"
    photo.write_bytes(photo_of("vello_dart_low"))
    desk.goto("/")
    desk.get_by_label("Choose photos").set_input_files(photo)
    desk.get_by_role("button", name="Identify this shoe", exact=True).click()
    desk.wait_for_url(re.compile(r"/identifications/[0-9a-f-]{36}$"))
    desk.goto("/admin/bundles")
    desk.get_by_role("link", name="Answers that fresh would change").click()
    desk.get_by_role("button", name="Ask both bundles").click()
    expect(desk.get_by_text("1 of 1 answers would change.")).to_be_visible(timeout=A_WHILE_MS)
    go_to(desk, "Bundles")
    desk.get_by_role("button", name="Publish fresh").click()
    expect(desk.get_by_text("fresh is published")).to_be_visible()
    desk.get_by_role("button", name="Roll back to the one before").click()
    expect(desk.get_by_text("steady serves again")).to_be_visible()
    expect(desk.locator(".bundles-served li")).to_have_count(3)


def test_a_training_that_has_nothing_to_learn_from_says_so(desk: Page) -> None:
    go_to(desk, "Trainings")
    desk.get_by_label("Network").select_option("benchmark-cnn")
    desk.get_by_text("Settings: where nothing is typed").click()
    desk.get_by_label("Side of the pictures, pixels").fill("5")
    desk.get_by_role("button", name="Start").click()
    expect(desk.get_by_role("alert")).to_contain_text("size must be a whole number from 32 to 512")
    desk.get_by_label("Side of the pictures, pixels").fill("48")
    desk.get_by_role("button", name="Start").click()
    expect(desk.locator("h1")).to_have_text("Train")
    # There are no pictures to learn from yet: the worker says so, and the page shows it without a reload of ours.
    expect(desk.locator("[data-job-state]")).to_have_text("failed", timeout=A_WHILE_MS)
    expect(desk.locator("[data-job-words]")).to_contain_text("no pictures")


def train(desk: Page, seed: str) -> None:
    """Train a small network for a moment, and wait until it is done."""
    go_to(desk, "Trainings")
    desk.get_by_label("Pictures", exact=True).select_option("shapes")
    desk.get_by_label("Network", exact=True).select_option("benchmark-cnn")
    desk.get_by_label("Starting weights").select_option("none")
    desk.get_by_text("Settings: where nothing is typed").click()
    expect(desk.get_by_label("Pictures that teach it to name augments, at most")).to_have_attribute(
        "placeholder", "2000; 0 for none"
    )
    short = {"Side of the pictures, pixels": "46", "Pictures in a batch": "8", "Seed": seed}
    short |= {"Augmented versions of each picture": "1", "Epochs of the top model": "1", "Epochs of fine-tuning": "1"}
    for title, value in short.items():
        desk.get_by_label(title, exact=True).fill(value)
    desk.get_by_role("button", name="Start").click()
    expect(desk.locator("h1")).to_have_text("Train")
    expect(desk.locator("[data-job-state]")).to_have_text("succeeded", timeout=5 * A_WHILE_MS)


@pytest.mark.training
@pytest.mark.timeout(1500)
def test_two_trainings_are_compared_and_one_is_published(desk: Page, desk_site: LiveSite) -> None:
    write_shapes(desk_site.instance / "pictures" / "shapes")
    train(desk, "1")
    train(desk, "2")
    go_to(desk, "Trainings")
    main = desk.get_by_role("main")
    expect(main.get_by_role("link", name=re.compile("^Report of train-"))).to_have_count(2)
    desk.get_by_role("button", name="Compare").click()
    expect(main.get_by_role("row", name=re.compile("^Accuracy"))).to_be_visible()
    expect(main.get_by_role("row", name=re.compile("^seed"))).to_contain_text(re.compile("[12].*[12]", re.DOTALL))

    go_to(desk, "Bundles")
    desk.get_by_role("button", name=re.compile("^Publish (?!fresh|steady)")).first.click()
    expect(desk.get_by_text("is published")).to_be_visible()
    expect(desk.locator(".bundles-served li")).to_have_count(2)
    desk.get_by_role("button", name="Roll back to the one before").click()
    expect(desk.get_by_text("steady serves again")).to_be_visible()
