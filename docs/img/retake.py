"""Takes answer.png anew: `make run` in one terminal, then `.venv/bin/python docs/img/retake.py` in another.

Needs what `make test` sets up, and Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SITE = "http://127.0.0.1:8000"


def main() -> None:
    """Answer the first sample photo of the running site and keep what is seen."""
    browser_program = shutil.which("chromium")
    if browser_program is None:
        sys.exit("There is no chromium here: install it, then try again.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(sys.argv[1] if len(sys.argv) > 1 else SITE)
        page.locator("form[action*=sample] button, [name=sample]").first.click()
        page.wait_for_url("**/identifications/**")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(__file__).with_name("answer.png"))
        browser.close()


if __name__ == "__main__":
    main()
