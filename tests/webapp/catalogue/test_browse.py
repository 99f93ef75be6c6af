"""Finding products: words, filters, orders, pages, and the numbers beside the filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.webapp.shoes import listing
from webapp.catalogue.browse import MOST_PER_PAGE, Found, Search, SearchError, colorways_of, find
from webapp.catalogue.intake import take_in
from webapp.catalogue.models import Product
from webapp.database import db, write_transaction
from webapp.image_store import current_images


@pytest.fixture
def shoes(app: Flask, tmp_path: Path) -> Iterator[None]:
    """Twelve products; number 5 has no price."""
    with app.app_context():
        changes: dict[int, dict[str, object]] = {
            5: {"price_cents": None},
            7: {"name": "Été Flyer", "colorway": "Ice"},
            8: {"style_code": "XQ-104-22B"},
        }
        listings = [listing(tmp_path, number, **changes.get(number, {})) for number in range(12)]
        take_in(listings, tmp_path, current_images())
        yield


def names(found: Found) -> list[str]:
    return [product.style_code for product, _ in found.products]


@pytest.mark.usefixtures("shoes")
class TestFind:
    def test_everything_newest_first(self) -> None:
        found = find(Search())
        assert found.total == 12
        assert names(found)[0] == "T-00011"
        assert all(image is not None and image.position == 0 for _, image in found.products)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("vello", 3),
            ("VEL dart", 3),
            ("dart vel", 3),
            ("ete", 1),
            ("Été fly", 1),
            ("xq-104", 1),
            ("XQ-104-22B", 1),
            ("chalk ink", 11),
            ("ello", 0),
            ('"', 0),
            ("* OR brand:", 0),
            ("vello NOT dart", 0),
            ("' OR 1=1 --", 0),
            ("\x00", 0),
            ("😀", 0),
        ],
    )
    def test_words_begin_words(self, query: str, expected: int) -> None:
        found = find(Search(query=query))
        assert (found.total, len(found.products)) == (expected, expected)

    def test_filters_and_their_numbers(self) -> None:
        found = find(Search(brand="Vello"))
        assert (found.total, len(found.products)) == (3, 3)
        assert found.facets["brand"] == {"Kestrel": 3, "Norda": 3, "Ondine": 3, "Vello": 3}
        assert found.facets["gender"] == {"men": 3}
        assert sum(found.facets["category"].values()) == 3
        both = find(Search(brand="Vello", category="low"))
        assert both.total == len(both.products) == found.facets["category"]["low"]
        assert find(Search(brand="Nobody")).products == []

    def test_search_and_filters_go_together(self) -> None:
        found = find(Search(query="dart", brand="Vello", gender="men"))
        assert found.total == len(found.products) == 3
        assert set(found.facets["brand"]) == {"Vello"}

    def test_orders(self) -> None:
        assert names(find(Search(sort="cheapest")))[0] == "T-00000"
        assert names(find(Search(sort="cheapest")))[-1] == "T-00005"
        assert names(find(Search(sort="dearest")))[0] == "T-00011"
        assert names(find(Search(sort="dearest")))[-1] == "T-00005"
        by_name = [product.name for product, _ in find(Search(sort="name")).products]
        assert by_name == sorted(by_name, key=str.lower)

    def test_pages_hold_everything_once(self) -> None:
        pages = [find(Search(sort="cheapest", per_page=5, page=page)) for page in (1, 2, 3, 4)]
        seen = [name for page in pages for name in names(page)]
        assert len(seen) == len(set(seen)) == 12
        assert pages[0].pages == 3
        assert pages[3].products == []

    def test_numbers_are_of_now(self, tmp_path: Path) -> None:
        assert find(Search(query="dart")).total == 11
        take_in([listing(tmp_path, 99)], tmp_path, current_images())
        assert find(Search(query="dart")).total == 12
        assert find(Search()).facets["brand"]["Ondine"] == 4

    def test_colorways_share_the_label(self) -> None:
        product = db.session.query(Product).filter_by(style_code="T-00000").one()
        same = [other for other, _ in colorways_of(product)]
        assert all(other.label == product.label and other.id != product.id for other in same)

    def test_the_search_index_follows_changes(self, tmp_path: Path) -> None:
        take_in([listing(tmp_path, 0, name="Meteor")], tmp_path, current_images())
        assert find(Search(query="meteor")).total == 1
        assert find(Search(query="vello dart")).total == 2
        with write_transaction() as session:  # raises where the index and the table disagree
            session.execute(text("INSERT INTO products_search(products_search, rank) VALUES('integrity-check', 1)"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"page": "0"}, "page is a whole number"),
        ({"page": "-1"}, "page is a whole number"),
        ({"page": "1e3"}, "page is a whole number"),
        ({"page": "9" * 40}, "page is a whole number"),
        ({"page": "١"}, "page is a whole number"),
        ({"per_page": str(MOST_PER_PAGE + 1)}, "per_page is a whole number"),
        ({"sort": "price; DROP TABLE products"}, "sort is one of newest, cheapest, dearest, name"),
        ({"query": "x" * 201}, "at most 200 characters"),
    ],
)
def test_an_impossible_search_names_what_is_allowed(arguments: dict[str, str], sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        Search.from_arguments(arguments)


def test_a_search_writes_its_address() -> None:
    search = Search.from_arguments({"query": " air  max ", "brand": "Vello", "page": "3", "sort": "newest"})
    assert search.arguments(page=4) == {"query": "air max", "brand": "Vello", "page": 4}
    assert search.arguments(brand="") == {"query": "air max"}
    assert Search().arguments() == {}


@pytest.mark.usefixtures("shoes")
class TestPages:
    def test_the_browse_page_shows_products_and_filters(self, client: FlaskClient) -> None:
        page = client.get("/products").text
        assert page.count('class="product-card"') == 12
        assert "/products?brand=Vello" in page
        assert "<script>" not in page
        assert "style=" not in page

    def test_words_are_shown_as_words(self, client: FlaskClient) -> None:
        page = client.get(
            "/products", query_string={"query": "<script>alert(1)</script>", "brand": '"><img src=x>'}
        ).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page

    def test_an_impossible_search_is_answered_with_a_sentence(self, client: FlaskClient) -> None:
        answer = client.get("/products?sort=random")
        assert answer.status_code == 400
        assert "sort is one of newest" in answer.text

    def test_a_page_behind_the_last_leads_back(self, client: FlaskClient) -> None:
        answer = client.get("/products?page=7")
        assert answer.status_code == 200
        assert "behind the last one" in answer.text

    def test_a_product_page_tells_its_facts(self, client: FlaskClient, app: Flask) -> None:
        product = db.session.query(Product).filter_by(style_code="T-00001").one()
        page = client.get(f"/products/{product.id}").text
        for fact in ("Norda", "Dart 0", "Chalk / Ink 1", "$51", "T-00001", "women", "norda_dart_0"):
            assert fact in page, fact
        assert "data-spinner" not in page

    @pytest.mark.parametrize(
        "address", ["/products/0", "/products/999999", "/products/99999999999999999999", "/products/x"]
    )
    def test_a_product_that_is_not_there(self, client: FlaskClient, address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


def test_a_full_turn_gets_a_spinner_and_a_strip_without_javascript(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    with app.app_context():
        took = take_in([listing(tmp_path, 1, angles=12)], tmp_path, current_images())
    page = client.get(f"/products/{took.product_ids[0]}").text
    assert "data-spinner" in page
    assert page.count("data-frame=") == 12
    assert page.index('data-angle="0"') < page.index('data-angle="330"')
    assert 'type="module" src="/static/js/spinner.js"' in page


def test_an_empty_catalogue_says_so(client: FlaskClient) -> None:
    assert "The catalogue is empty" in client.get("/products").text
