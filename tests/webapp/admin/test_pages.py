"""Every page of the desk opens, says where one is, and leads to the others."""

from __future__ import annotations

import pytest

from tests.webapp.conftest import Person
from webapp.admin.views import PLACES


@pytest.mark.parametrize("place", PLACES)
def test_each_page_opens_and_says_where_one_is(admin: Person, place: str) -> None:
    address = "/admin" if place == "Overview" else f"/admin/{place.lower()}"
    page = admin.client.get(address)
    assert page.status_code == 200
    assert page.text.count('aria-current="page"') == 2  # Admin in the masthead, the page in the desk's own ways
    assert f'aria-current="page">{place}</a>' in page.text
    for other in PLACES:
        assert f">{other}</a>" in page.text


@pytest.mark.parametrize("address", ["/admin/audit", "/admin/jobs", "/admin/feedback", "/admin/products"])
@pytest.mark.parametrize("page", ["0", "-1", "x", "1e9", "99999999999999999999", "٣", "%00"])
def test_a_page_that_cannot_be_is_not_found(admin: Person, address: str, page: str) -> None:
    answer = admin.client.get(f"{address}?page={page}")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_overview_says_how_much_there_is_and_what_is_left(admin: Person) -> None:
    page = admin.client.get("/admin").text
    assert "Disk free" in page
    assert "Feedback waiting" in page
    assert "never read" in page
    assert "None. Photos cannot be identified" in page
