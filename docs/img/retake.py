"""Takes the pictures of the README anew: `make run` in one terminal until the catalogue is full and the studio's model
trained, then `.venv/bin/python docs/img/retake.py` in another.

Needs what `make test` sets up, and Chromium.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SITE = "http://127.0.0.1:8000"
HERE = Path(__file__).resolve().parent
ACCOUNTS = HERE.parents[1] / "instance" / "demo_accounts.json"
WIDTH, HEIGHT = 1280, 860


def main() -> None:
    """Keep what is seen of the running site: an answer, a recommendation, and a shop's run on the desk."""
    browser_program = shutil.which("chromium")
    if browser_program is None:
        sys.exit("There is no chromium here: install it, then try again.")
    if not ACCOUNTS.is_file():
        sys.exit(f"{ACCOUNTS} is missing: start `make run` first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program, args=["--no-sandbox"])
        site = sys.argv[1] if len(sys.argv) > 1 else SITE
        page = browser.new_page(base_url=site, viewport={"width": WIDTH, "height": HEIGHT})
        answer(page)
        sign_in(page)
        recommendation(page)
        run_of_a_shop(page)
        browser.close()


def answer(page: Page) -> None:
    """The answer to the first sample photo."""
    page.goto("/")
    page.locator("form[action*=sample] button, [name=sample]").first.click()
    page.wait_for_url("**/identifications/**")
    keep(page, "answer.png")


def recommendation(page: Page) -> None:
    """What the studio says about the first product that it offers."""
    page.goto("/studio")
    page.locator("#catalogue a").first.click()
    page.get_by_role("button", name="Show me which").click()
    page.wait_for_url("**/recommendations/**")
    keep(page, "recommendation.png")


def run_of_a_shop(page: Page) -> None:
    """The first run of the demo shop."""
    page.goto("/admin/shops/demo")
    page.locator("a[href*='/admin/runs/']").first.click()
    page.wait_for_url("**/admin/runs/**")
    keep(page, "run.png")


def sign_in(page: Page) -> None:
    """As the demo admin."""
    admin = json.loads(ACCOUNTS.read_text())["admin"]
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(admin["email"])
    page.get_by_label("Password").fill(admin["password"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def keep(page: Page, name: str) -> None:
    """Write what the window shows, once all of it is there."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / name)


if __name__ == "__main__":
    main()
