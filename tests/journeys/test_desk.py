"""An admin adds a shop, has it read, decides about a suspect run, trains, publishes, rolls back, reads the log."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ml.datasets.snapshot import read_snapshot
from tests.drawn_shoes import SHOES, draw_shoe
from tests.journeys.conftest import _tab
from tests.journeys.pages import ADMIN, PASSWORD, sign_in
from tests.live_site import ROOT, LiveSite, end, environment_of, flask, live_site
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop
from tests.tiny_bundle import write_tiny_bundle
from tests.training.answered_run import write_answered_run
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
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 0.15\nDisallow: /cart")
    for number in range(products):
        for turn in range(ANGLES):
            body = shoes.picture(number, turn * 90, size=(160, 120))
            shop[f"/pictures/{number}-{turn * 10}.png"] = Reply(body=body, headers={"Content-Type": "image/png"})


@pytest.fixture
def desk_site(tmp_path: Path) -> Iterator[LiveSite]:
    """A site of its own with a worker beside it, and a published bundle."""
    folder = tmp_path / "bundles"
    pictures = {label: draw_shoe(colours) for label, colours in SHOES.items()}
    write_tiny_bundle(folder / "steady", tuple(SHOES), pictures=pictures)
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
        end(worker)


@pytest.fixture
def desk(browser: Browser, desk_site: LiveSite) -> Iterator[Page]:
    """The admin's tab, signed in."""
    for page in _tab(browser.new_context(base_url=desk_site.url, viewport={"width": 1280, "height": 900})):
        page.set_default_timeout(A_WHILE_MS)
        sign_in(page, "/admin")
        yield page


def go_to(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Admin").get_by_role("link", name=place).click()


@pytest.mark.training
def test_an_admins_day(desk: Page, desk_site: LiveSite, shop: LocalShop, photo: Path) -> None:
    """One story from an unknown shop to a new model in service and back; every step is seen on a page."""
    add_a_shop(desk, shop)
    watch_it_being_read(desk, shop)
    doubt_and_approve(desk, shop)
    identify(desk, photo)
    train(desk, desk_site)
    compare_with_the_one_before(desk, desk_site)
    publish_what_was_trained(desk)
    read_the_log(desk)


def add_a_shop(desk: Page, shop: LocalShop) -> None:
    """A shop is added by who confirms that it may be scraped, and only where it may stand."""
    go_to(desk, "Shops")
    for name, address in (("a-stranger", f"{shop.url}/"), ("corner-shop", f"{shop.url}/")):
        desk.get_by_label("Name").fill(name)
        desk.get_by_label("Read by").select_option("demo")
        desk.get_by_label("Start addresses, one a line").fill(address)
        desk.get_by_role("button", name="Add").click()  # the browser itself asks for the confirmation
        expect(desk).to_have_url(re.compile("/admin/shops$"))
        desk.get_by_label(re.compile("it may be scraped")).check()
        desk.get_by_role("button", name="Add").click()
        if name == "a-stranger":
            expect(desk.get_by_role("alert")).to_contain_text("is a private address")
            expect(desk.get_by_role("alert")).to_be_in_viewport()
    expect(desk).to_have_url(re.compile("/shops/corner-shop$"))
    expect(desk.get_by_role("main")).to_contain_text("Nobody has asked it yet")


def watch_it_being_read(desk: Page, shop: LocalShop) -> None:
    """The page of the run goes on by itself; the shop keeps its last product back until it was seen at work."""
    main = desk.get_by_role("main")
    was_seen = shop.hold(f"/product/{PRODUCTS - 1}")
    desk.get_by_role("button", name="Read it now").click()
    expect(main.locator("h1")).to_contain_text("Run")
    address = desk.url
    expect(main.locator("[data-job-words]")).to_contain_text(re.compile(rf"Reading corner-shop: [1-9] of {PRODUCTS}"))
    was_seen.set()
    expect(main.locator(".chip").first).to_have_text("succeeded")  # without a reload of ours
    expect(main).to_contain_text(re.compile(rf"Listings\s*{PRODUCTS}"))
    assert desk.url == address
    expect(main.get_by_role("heading", name="Added")).to_be_visible()


def doubt_and_approve(desk: Page, shop: LocalShop) -> None:
    """The shop turns bad; the catalogue is untouched until the admin has seen what is missing, and decides."""
    main = desk.get_by_role("main")
    stock(shop, 2)
    go_to(desk, "Shops")
    desk.get_by_role("button", name="Read corner-shop").click()
    expect(main.locator(".chip").first).to_have_text("suspect")
    expect(main).to_contain_text(f"Only 2 products, where recent runs found {PRODUCTS}")
    expect(main.get_by_role("heading", name="Not seen any more")).to_be_visible()
    expect(main.locator(".difference img").first).to_be_visible()
    run = desk.url
    go_to(desk, "Overview")
    expect(main).to_contain_text(re.compile(rf"Products\s*{PRODUCTS}"))
    go_to(desk, "Shops")
    desk.get_by_role("link", name="corner-shop").click()
    expect(main).to_contain_text("waits for your decision")
    expect(main.get_by_role("row", name=re.compile("robots.txt"))).to_contain_text("one every 0.15 s")
    desk.goto(run)
    desk.get_by_role("button", name="Approve: publish it").click()
    expect(main.locator(".chip").first).to_have_text("succeeded")


def identify(desk: Page, photo: Path) -> None:
    """A photo that bundles can be asked about."""
    desk.goto("/")
    desk.get_by_label("Choose photos").set_input_files(photo)
    desk.get_by_role("button", name="Identify this shoe", exact=True).click()
    desk.wait_for_url(re.compile(r"/identifications/[0-9a-f-]{36}$"))


def train(desk: Page, site: LiveSite) -> None:
    """Train a small network for a moment, and see that it was."""
    write_shapes(site.instance / "pictures" / "shapes")
    desk.goto("/admin/trainings")
    desk.get_by_label("Pictures", exact=True).select_option("shapes")
    desk.get_by_label("Network", exact=True).select_option("benchmark-cnn")
    desk.get_by_label("Starting weights").select_option("none")
    desk.get_by_text("Settings: where nothing is typed").click()
    short = {"Side of the pictures, pixels": "46", "Pictures in a batch": "8", "Seed": "1"}
    short |= {"Augmented versions of each picture": "1", "Epochs of the top model": "1", "Epochs of fine-tuning": "1"}
    for title, value in short.items():
        desk.get_by_label(title, exact=True).fill(value)
    desk.get_by_role("button", name="Start").click()
    expect(desk.locator("h1")).to_have_text("Train benchmark-cnn")
    expect(desk.locator("[data-job-state]")).to_have_text("succeeded", timeout=3 * A_WHILE_MS)
    expect(desk.locator("[data-job-words]")).to_contain_text("The training has finished: bundle benchmark-cnn")


def compare_with_the_one_before(desk: Page, site: LiveSite) -> None:
    """Two trainings side by side."""
    write_answered_run(site.instance / "runs" / "of-last-week", read_snapshot(site.instance / "pictures" / "shapes"))
    go_to(desk, "Trainings")
    desk.get_by_role("button", name="Compare").click()
    main = desk.get_by_role("main")
    expect(main.get_by_role("row", name=re.compile("^Accuracy"))).to_contain_text("%")
    expect(main.get_by_alt_text(re.compile("^Learning curves of train-"))).to_be_visible()
    expect(main.get_by_role("row", name=re.compile("^seed"))).to_be_visible()


def publish_what_was_trained(desk: Page) -> None:
    """See which answers it would change, put it into service, and go back."""
    go_to(desk, "Trainings")
    desk.get_by_role("link", name=re.compile("^train-")).first.click()
    desk.get_by_role("link", name="Its bundle").click()
    desk.get_by_role("link", name=re.compile("^Answers that benchmark-cnn.* would change")).click()
    desk.get_by_role("button", name="Ask both bundles").click()
    expect(desk.get_by_text("1 of 1 answers would change.")).to_be_visible()
    expect(desk.get_by_role("main")).to_contain_text(re.compile(r"Now\s*Vello Dart Low"))
    go_to(desk, "Bundles")
    desk.get_by_role("button", name=re.compile("^Publish benchmark-cnn")).click()
    expect(desk.get_by_text("is published")).to_be_visible()
    expect(desk.locator("th", has_text="on duty")).to_contain_text("benchmark-cnn")
    desk.get_by_role("button", name="Roll back to the one before").click()
    expect(desk.get_by_text("steady serves again")).to_be_visible()
    expect(desk.locator(".bundles-served li")).to_have_count(3)


def read_the_log(desk: Page) -> None:
    """All of it is in the log, in its order."""
    go_to(desk, "Audit")
    acts = ["roll back bundle", "publish bundle", "compare bundles", "start training", "approve run"]
    expect(desk.get_by_role("rowheader")).to_have_text([*acts, "start run", "start run", "add shop", "add person"])


def test_a_training_that_has_nothing_to_learn_from_says_so(desk: Page) -> None:
    go_to(desk, "Trainings")
    desk.get_by_label("Network").select_option("benchmark-cnn")
    desk.get_by_text("Settings: where nothing is typed").click()
    desk.get_by_label("Side of the pictures, pixels").fill("5")
    desk.get_by_role("button", name="Start").click()
    expect(desk.get_by_role("alert")).to_contain_text("size must be a whole number from 32 to 512")
    desk.get_by_label("Side of the pictures, pixels").fill("48")
    desk.get_by_role("button", name="Start").click()
    expect(desk.locator("h1")).to_have_text("Train benchmark-cnn")
    # There are no pictures to learn from yet: the worker says so, and the page shows it without a reload of ours.
    expect(desk.locator("[data-job-state]")).to_have_text("failed", timeout=A_WHILE_MS)
    expect(desk.locator("[data-job-words]")).to_contain_text("no pictures")
