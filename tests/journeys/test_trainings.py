"""An admin watches a training at work and opens its report."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from rich.console import Console

from ml.training.progress import say_progress, telling
from ml.training.reports.curve_charts import write_curves
from ml.training.reports.writing import write_report
from tests.journeys.pages import assert_fits, sign_in
from tests.live_site import LiveSite
from tests.training.answered_run import write_answered_run
from tests.training.shapes import write_shapes

pytestmark = pytest.mark.browser


def test_a_training_is_watched_until_its_report_opens(page: Page, site: LiveSite, tmp_path: Path) -> None:
    run = write_answered_run(site.instance / "runs" / "watched", write_shapes(tmp_path / "shapes", per_label=10))
    with telling(run.path):
        say_progress(run.path, "bottleneck", epoch=2, epochs=3, share=0.4)
        sign_in(page, "/admin/trainings")
        page.route("**/progress.json", lambda route: route.fulfill(status=502), times=1)  # a proxy, while we restart
        page.get_by_role("link", name="Watch watched").click()
        expect(page.get_by_role("main")).to_contain_text("top model, epoch 2 of 3")
        expect(page.get_by_text("The curves begin with the first epoch.")).to_be_visible()
        say_progress(run.path, "fine_tuned", epoch=1, epochs=2, share=0.1)
        write_curves(run)
        expect(page.get_by_role("main")).to_contain_text("fine-tuning, epoch 1 of 2")
        expect(page.get_by_alt_text(re.compile("Learning curves"))).to_be_visible()
        write_report(run.path, Console(file=io.StringIO()))
    page.get_by_role("link", name="Open the report").click()  # the page has noticed the end
    expect(page).to_have_title(re.compile("training report"))
    expect(page.get_by_role("img", name="Confusion matrix")).to_be_visible()
    assert page.locator(".card").first.evaluate("card => getComputedStyle(card).borderRadius") == "14px"
    page.go_back()
    expect(page.get_by_role("main")).to_contain_text("finished")


def test_without_scripts_the_report_opens_too(plain_page: Page, site: LiveSite, tmp_path: Path) -> None:
    run = write_answered_run(site.instance / "runs" / "plain", write_shapes(tmp_path / "shapes", per_label=10))
    write_report(run.path, Console(file=io.StringIO()))
    sign_in(plain_page, "/admin/trainings")
    plain_page.get_by_role("link", name="Report of plain").click()
    expect(plain_page.get_by_role("heading", name="plain")).to_be_visible()
    assert_fits(plain_page)
