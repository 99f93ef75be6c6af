"""The demo shop over real HTTP: what a scraper and a visitor get from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from protego import Protego

from demo.darkroom import Darkroom, develop_ahead
from demo.models import MODELS, style_code
from demo.shop import PAGE_SIZE, create_shop, serve
from demo.stock import Article, all_articles
from scraper.sites.demo import parse_listing_page, parse_product

SOLD = MODELS[:10]
ARTICLES = all_articles(SOLD)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def visitor(pictures: Path) -> Iterator[httpx.Client]:
    """A client of a shop that sells ten models, served on a free port."""
    server = serve(create_shop(pictures, SOLD), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def walk(visitor: httpx.Client, start: str) -> list[str]:
    """The product links of a listing and all pages behind it, in the order of the pages."""
    found: list[str] = []
    ahead, seen = [str(visitor.base_url.join(start))], set()
    while ahead:
        address = ahead.pop(0)
        seen.add(address)
        page = parse_listing_page(visitor.get(address).raise_for_status().text, address)
        found += page.product_links
        ahead += [following for following in page.next_pages if following not in seen]
    return found


def codes(links: list[str]) -> list[str]:
    return [link.rsplit("/", 1)[-1] for link in links]


def test_whoever_follows_the_front_page_finds_every_shoe(visitor: httpx.Client) -> None:
    assert len(ARTICLES) > PAGE_SIZE, "the listing must have a second page"
    assert set(codes(walk(visitor, "/"))) == {article.style_code for article in ARTICLES}


def test_all_shoes_are_listed_once_and_in_order(visitor: httpx.Client) -> None:
    assert codes(walk(visitor, "/shoes")) == [article.style_code for article in ARTICLES]


@pytest.mark.parametrize("department", ["men", "women"])
def test_departments_show_their_own_and_unisex_shoes(visitor: httpx.Client, department: str) -> None:
    wanted = {article.style_code for article in ARTICLES if article.model.gender in {department, "unisex"}}
    assert set(codes(walk(visitor, f"/{department}"))) == wanted


def test_a_brand_shows_its_own_shoes(visitor: httpx.Client) -> None:
    wanted = {article.style_code for article in ARTICLES if article.model.brand == "Vello"}
    assert set(codes(walk(visitor, "/brands/vello"))) == wanted


@pytest.mark.parametrize("article", ARTICLES[::7], ids=lambda article: article.style_code)
def test_a_product_page_says_what_the_shoe_is(visitor: httpx.Client, article: Article) -> None:
    address = f"{visitor.base_url}/product/{article.style_code}"
    listing = parse_product(visitor.get(address).raise_for_status().text, address)
    model = article.model
    assert (listing.style_code, listing.brand, listing.name) == (article.style_code, model.brand, model.name)
    assert (listing.colorway, listing.gender, listing.category) == (article.colorway.name, model.gender, model.category)
    assert (listing.price_cents, listing.currency) == (model.price_cents, "USD")
    assert [image.angle_deg for image in listing.images] == list(range(0, 360, 10))
    assert listing.images[9].url.endswith(f"/360/{article.style_code}/img10.jpg")


def test_a_product_page_has_open_graph_facts(visitor: httpx.Client) -> None:
    page = visitor.get(f"/product/{ARTICLES[0].style_code}").text
    assert f'<meta property="og:title" content="{ARTICLES[0].title}">' in page
    assert '<ul class="spin" data-angles="36"' in page


def test_pictures_are_rendered_when_asked_for(visitor: httpx.Client) -> None:
    answer = visitor.get(f"/360/{ARTICLES[0].style_code}/img10.jpg").raise_for_status()
    picture = Image.open(BytesIO(answer.content))
    assert (answer.headers["Content-Type"], picture.format, picture.size) == ("image/jpeg", "JPEG", (480, 320))
    front = visitor.get(f"/360/{ARTICLES[0].style_code}/img01.jpg").content
    assert front != answer.content


@pytest.mark.parametrize("path", ["/", "/shoes", f"/product/{ARTICLES[0].style_code}"])
def test_asking_again_for_a_page_costs_nothing(visitor: httpx.Client, path: str) -> None:
    first = visitor.get(path)
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize(("asked", "told"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")])
def test_asking_again_for_a_picture_costs_nothing(visitor: httpx.Client, asked: str, told: str) -> None:
    path = f"/360/{ARTICLES[0].style_code}/img01.jpg"
    again = visitor.get(path, headers={asked: visitor.get(path).headers[told]})
    assert (again.status_code, again.content) == (304, b"")


def test_robots_are_asked_to_be_polite(visitor: httpx.Client) -> None:
    rules = Protego.parse(visitor.get("/robots.txt").raise_for_status().text)
    assert rules.crawl_delay("Solescope") == 0.01
    home = str(visitor.base_url)
    assert rules.can_fetch(f"{home}/shoes?page=2", "Solescope")
    assert rules.can_fetch(f"{home}/360/VD-1001-101/img01.jpg", "Solescope")
    assert not rules.can_fetch(f"{home}/cart", "Solescope")
    assert not rules.can_fetch(f"{home}/men?sort=price", "Solescope")


def test_sorting_by_price_is_for_people(visitor: httpx.Client) -> None:
    page = visitor.get("/shoes?sort=price").raise_for_status().text
    prices = [article.model.price_cents for article in sorted(ARTICLES, key=lambda a: a.model.price_cents)]
    assert page.index(f"${prices[0] / 100:.2f}") < page.index(f"${prices[20] / 100:.2f}")


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/product/XX-1", "/360/XX-1/img01.jpg", "/brands/nobody", "/shoes?page=0", "/shoes?page=3",
     "/shoes?page=two", "/shoes?page=%C2%B2", "/shoes?page=999999999999",
     *(f"/360/{ARTICLES[0].style_code}/{name}.jpg" for name in ("img00", "img37", "img1", "img100", "imgxx"))],
)  # fmt: skip
def test_what_is_not_there_is_not_found(visitor: httpx.Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_many_who_ask_at_once_get_the_same_whole_picture(visitor: httpx.Client, pictures: Path) -> None:
    path = f"/360/{ARTICLES[4].style_code}/img20.jpg"
    with ThreadPoolExecutor(6) as crowd:
        answers = list(crowd.map(lambda _: visitor.get(path).content, range(6)))
    assert len(set(answers)) == 1
    Image.open(BytesIO(answers[0])).load()
    assert not [file for file in pictures.glob("*/.*") if file.parent.name != ".locks"], "an unfinished picture is left"


def test_an_angle_is_rendered_in_every_colorway_at_once(tmp_path: Path) -> None:
    model = SOLD[0]
    Darkroom(tmp_path, SOLD).picture(style_code(model, model.colorways[0]), 5)
    assert sorted(file.parent.name for file in tmp_path.glob("*/img05.jpg")) == sorted(
        style_code(model, colorway) for colorway in model.colorways
    )


def test_rendering_ahead_goes_in_order_stops_when_told_and_repeats_nothing(tmp_path: Path) -> None:
    steps = iter([True, True, False])
    develop_ahead(tmp_path, SOLD, lambda: next(steps))
    made = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*/img*.jpg")}
    assert {file.name for file in made} == {"img01.jpg", "img02.jpg"}
    steps = iter([True, True, False])
    develop_ahead(tmp_path, SOLD, lambda: next(steps))
    assert {file: file.stat().st_mtime_ns for file in tmp_path.glob("*/img*.jpg")} == made


def test_pictures_may_lie_in_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they do for `make run`: relative to where the shop was started, not to its code."""
    monkeypatch.chdir(tmp_path)
    answer = (
        create_shop(Path("pictures"), MODELS[:1])
        .test_client()
        .get(f"/360/{style_code(MODELS[0], MODELS[0].colorways[0])}/img01.jpg")
    )
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
