"""A marketer imports the results of past e-mails, trains the model on them, sees the change, and goes back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import sign_in
from tests.live_site import ROOT, LiveSite, end, environment_of

pytestmark = pytest.mark.browser

WORKER = """
import sys
from pathlib import Path
from ml.conversions import learning
from ml.conversions.boosting import Settings as Boosting
from webapp import create_app
from webapp.settings import Settings
from webapp.studio import train_job

learning.ENOUGH_GROUPS = 2  # the catalogue of the journeys has a handful of products
train_job.SIMULATED_SENDS = 400
train_job.Settings = lambda **kept: Boosting(rounds=10, fewest_pairs=1, most_pairs=2, **kept)
app = create_app(Settings.from_environment())
app.test_cli_runner().invoke(args=["worker"], catch_exceptions=False)
"""


@pytest.fixture(scope="module")
def worker(site: LiveSite) -> Iterator[None]:
    """The worker at work beside the site, quick to learn."""
    environment = environment_of(site.instance, runs=str(site.instance / "runs")) | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment, start_new_session=True)
    yield
    end(process)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A file as a marketer's tool exports it: other headers, a campaign a row, one picture that nobody knows."""
    codes = ("vello_dart_low-Own", "vello_dart_low-Plum", "vello_dart_high-Own", "kumo_drift-Plum")
    rows = []
    for number in range(320):
        augment = "brighter" if number % 8 > 3 else ""
        rows.append(f"{codes[number % 4]};{augment};1.200;{300 + number};{30 + number % 9 + number % 8}")
    file = tmp_path / "spring results.csv"
    file.write_text("Creative;Variant;Sent to;Unique opens;Unique clicks\n" + "\n".join([*rows, "mystery;;10;5;1"]))
    return file


def train(page: Page) -> None:
    page.goto("/studio/model")
    page.get_by_role("button", name=re.compile("^Train")).click()
    expect(page.get_by_role("button", name=re.compile("^Train it again"))).to_be_visible(timeout=60_000)


def test_results_are_imported_trained_on_and_taken_back(
    page: Page, site: LiveSite, worker: None, results: Path
) -> None:
    sign_in(page, "/studio/campaigns")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your results")
    train(page)
    expect(page.get_by_role("main")).to_contain_text("All of it is simulated", timeout=60_000)

    page.get_by_role("link", name="Your results").click()
    page.get_by_label("CSV file with your results").set_input_files(results)
    page.get_by_role("button", name="Send it").click()
    page.get_by_label("Sent to means").select_option("Recipients")
    page.get_by_role("button", name="Update the preview").click()
    expect(page.get_by_role("main")).to_contain_text("newsletter, retail, lifestyle")
    page.get_by_role("button", name="Import 321 rows").click()
    expect(page.get_by_role("main")).to_contain_text("there is no picture 'mystery'", timeout=60_000)
    expect(page.get_by_role("main")).to_contain_text("Line 322")

    page.get_by_role("link", name="Train the model on it").click()
    train(page)
    expect(page.get_by_role("row", name=re.compile("^Click-to-open"))).to_contain_text("imported", timeout=60_000)
    expect(page.get_by_role("img", name="Calibration curve")).to_be_visible()
    page.get_by_role("button", name="Go back to the one before").click()
    expect(page.get_by_role("main")).to_contain_text("All of it is simulated")
