"""A shopper has a photo and wants to know which shoe it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.drawn_shoes import photo_of
from tests.journeys.pages import assert_fits

pytestmark = pytest.mark.browser


def identify(page: Page, *photos: Path) -> None:
    page.goto("/")
    page.get_by_label("Choose photos").set_input_files(list(photos))
    page.get_by_role("button", name=re.compile("Identify (this shoe|it from)")).click()
    page.wait_for_url(re.compile(r"/identifications/[0-9a-f-]{36}$"))


def test_from_a_photo_to_the_shoe_and_back_with_the_truth(page: Page, photo: Path) -> None:
    identify(page, photo)
    expect(page.locator(".match").first).to_contain_text("Vello Dart Low")
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    expect(page.get_by_role("img", name="The shoe, cut out")).to_be_visible()
    expect(page.get_by_text("milliseconds")).to_be_visible()

    page.get_by_role("button", name="Yes, it is the Dart Low").click()
    expect(page.get_by_text("You say: it is the Vello Dart Low.")).to_be_visible()

    page.get_by_text("Change it").click()
    field = page.get_by_label("It is actually")
    field.press_sequentially("kumo")
    page.get_by_role("option", name="Kumo Drift").first.click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile("You say: it is the Kumo Drift"))).to_be_visible()


def test_the_edge_between_photo_and_cutout_can_be_pulled_by_keyboard(page: Page, photo: Path) -> None:
    identify(page, photo)
    edge = page.get_by_role("slider")
    cutout = page.locator(".compare-cutout")
    before = cutout.evaluate("element => element.style.clipPath")
    edge.focus()
    edge.press("ArrowRight")
    assert cutout.evaluate("element => element.style.clipPath") != before


def test_two_photos_are_shown_before_they_are_sent_and_one_can_be_left_out(
    page: Page, photo: Path, tmp_path: Path
) -> None:
    other = tmp_path / "from the other side.jpg"
    other.write_bytes(photo_of("vello_dart_low", (640, 480)))
    page.goto("/")
    page.get_by_label("Choose photos").set_input_files([photo, other])
    expect(page.get_by_role("button", name="Identify it from 2 photos")).to_be_visible()
    page.get_by_role("button", name="Leave out my shoe.jpg").click()
    expect(page.get_by_role("button", name="Identify this shoe", exact=True)).to_be_visible()


def test_a_photo_can_be_dropped_anywhere(page: Page, photo: Path) -> None:
    page.goto("/")
    bytes_of = list(photo.read_bytes())
    page.evaluate(
        """bytes => {
            const dropped = new DataTransfer();
            dropped.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"}));
            const drop = {dataTransfer: dropped, bubbles: true, cancelable: true};
            document.body.dispatchEvent(new DragEvent("drop", drop));
        }""",
        bytes_of,
    )
    expect(page.get_by_role("img", name="dropped.jpg")).to_be_visible()


def test_a_file_that_is_no_photo_is_refused_and_the_good_one_kept(page: Page, photo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photo.read_bytes()[:5000])
    page.goto("/")
    page.get_by_label("Choose photos").set_input_files([photo, broken])
    page.get_by_role("button", name=re.compile("Identify (this shoe|it from)")).click()
    expect(page.get_by_role("alert")).to_contain_text("damaged")
    page.get_by_role("button", name="Leave out broken.jpg").click()
    page.get_by_role("button", name="Identify this shoe").click()
    expect(page.locator(".match").first).to_contain_text("Vello Dart Low")


def test_browsing_leads_to_a_shoe_that_turns(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Products").click()
    page.get_by_role("link", name=re.compile("Dart Low.*Own", re.DOTALL)).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dart Low")
    expect(page.get_by_role("slider")).to_be_attached()


def test_without_javascript(plain_page: Page, photo: Path) -> None:
    page = plain_page
    page.goto("/")
    page.get_by_label("Choose photos").set_input_files(photo)
    page.get_by_role("button", name="Identify this shoe").click()
    expect(page.locator(".match").first).to_contain_text("Vello Dart Low")
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    expect(page.get_by_role("img", name="The shoe, cut out")).to_be_visible()
    page.get_by_label("It is actually").fill("Kumo Drift")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You say: it is the Kumo Drift.")).to_be_visible()


def test_a_refusal_without_javascript(plain_page: Page, tmp_path: Path) -> None:
    page = plain_page
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7 " + bytes(500))
    page.goto("/")
    page.get_by_label("Choose photos").set_input_files(letter)
    page.get_by_role("button", name="Identify this shoe").click()
    expect(page.get_by_role("alert")).to_contain_text("PDF")
    expect(page.get_by_label("Choose photos")).to_be_attached()


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 1440])
def test_nothing_sticks_out_of_the_page(page: Page, photo: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    identify(page, photo)
    answer = page.url
    for address in ("/", answer, "/products", "/sign-in"):
        page.goto(address)
        assert_fits(page)
