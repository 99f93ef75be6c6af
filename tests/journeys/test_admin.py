"""An admin signs in, sees how things are, and signs out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import ADMIN, PASSWORD

pytestmark = pytest.mark.browser


def test_signing_in_opens_the_overview_and_signing_out_closes_it(page: Page) -> None:
    page.goto("/admin")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("password", re.IGNORECASE))

    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/admin$"))
    expect(page.get_by_role("main")).to_contain_text("6")  # products of the catalogue

    page.get_by_role("button", name="Sign out").click()
    page.goto("/admin")
    expect(page).to_have_url(re.compile("/sign-in"))
