"""What journeys do on pages: sign in, and look whether something sticks out of the window."""

from __future__ import annotations

from playwright.sync_api import Page

ADMIN, PASSWORD = "ada@example.com", "a long enough password"

_WIDEST = """() => {
    const room = window.innerWidth;
    if (document.documentElement.scrollWidth <= room) return "";
    const right = (element) => element.getBoundingClientRect().right + window.scrollX;
    const widest = [...document.body.querySelectorAll("*")].reduce((a, b) => (right(b) > right(a) ? b : a));
    const name = widest.tagName.toLowerCase() + [...widest.classList].map((one) => "." + one).join("");
    return `${name} ends at ${Math.round(right(widest))} px of ${room}: ${widest.textContent.trim().slice(0, 60)}`;
}"""


def sign_in(page: Page, address: str) -> None:
    """Go to a page that asks for an account, sign in as the admin, and be there."""
    page.goto(address)
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def assert_fits(page: Page) -> None:
    """Nothing is wider than the window; says what is. Without its style sheets a page has another width: it is loaded
    wholly first."""
    page.wait_for_load_state("load")
    assert page.evaluate(_WIDEST) == "", page.url
