"""A marketer asks which picture an e-mail should carry, compares two, downloads all, and looks back."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from ml.conversions.boosting import Settings as Boosting
from ml.conversions.learning import learn
from ml.conversions.model_folder import save_model
from tests.journeys.pages import assert_fits, sign_in
from tests.live_site import LiveSite, environment_of
from tests.webapp.studio.conftest import drawn_rows
from webapp import create_app
from webapp.database import db
from webapp.settings import Settings
from webapp.studio.conversion_models import publish_conversions

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def conversions(site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A small conversion model of a simulated market, put into service beside the running site."""
    rows = drawn_rows(30, 2000)
    folder = tmp_path_factory.mktemp("conversions") / "tiny"
    model = learn(rows, bundle="journeys", settings=Boosting(rounds=40, fewest_pairs=2, most_pairs=3))
    save_model(folder, model, identifier="tiny", created_at="2026-01-01T00:00:00+00:00")
    app = create_app(Settings.from_environment(environment_of(site.instance)))
    with app.app_context():
        publish_conversions(folder)
        db.engine.dispose()


def test_pick_ask_compare_download_and_look_back(page: Page, conversions: None) -> None:
    sign_in(page, "/studio")
    page.get_by_label("What to improve").select_option("conversion")
    page.get_by_label("Industry").select_option("hospitality")
    page.locator("#catalogue").get_by_role("link", name=re.compile("Drift.*Own", re.DOTALL)).click()
    expect(page.get_by_label("Industry")).to_have_value("hospitality")
    page.get_by_role("button", name="Show me which").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Rotated|Brighter|original"))
    expect(page.get_by_role("main")).to_contain_text("Simulated numbers")
    assert page.locator(".variant").count() >= 10
    address = page.url

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download all as ZIP").click()
    archive = ZipFile(BytesIO(Path(waiting.value.path()).read_bytes()))
    assert len([name for name in archive.namelist() if name.startswith("pictures/")]) == 10

    page.get_by_label("Compare Original").check()
    page.get_by_label("Compare Sketch").check()
    page.get_by_role("button", name="Compare the two ticked").click()
    expect(page.locator(".pair-side")).to_have_count(2)
    page.get_by_role("link", name="Past recommendations").click()
    page.locator(".past-title a").first.click()
    expect(page).to_have_url(address)


def test_a_picture_is_sent_without_scripts_on_a_phone(plain_page: Page, conversions: None, photo: Path) -> None:
    sign_in(plain_page, "/studio")
    assert_fits(plain_page)
    plain_page.get_by_label("What to improve").select_option("conversion")
    plain_page.get_by_label("Or send a picture").set_input_files(photo)
    plain_page.get_by_role("button", name="Show me which").click()
    expect(plain_page.locator(".variant").first).to_be_visible(timeout=30_000)
    assert_fits(plain_page)
    plain_page.get_by_label("Compare Original").check()
    plain_page.get_by_label("Compare Square").check()
    plain_page.get_by_role("button", name="Compare the two ticked").click()
    expect(plain_page.locator(".pair-side")).to_have_count(2)
    assert_fits(plain_page)
