"""Sole & Sons, the demo shop: a small real shop over HTTP, whose pages and pictures a scraper finds its way through.

    /                       the front page; its rel="next" leads to all shoes
    /shoes, /men, /women, /kids, /brands/<slug>    listings, 24 a page, ?page=2 and rel="next"
    /product/<style code>   a shoe with JSON-LD, Open Graph and its 36 views
    /360/<style code>/img01.jpg .. img36.jpg       angle 0, 10, .. 350 degrees

Nothing here needs a network or a database: pages come from `demo.models`, pictures from the renderer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, abort, render_template, request, send_file, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from demo import stock
from demo.darkroom import STEP_DEG, Darkroom
from demo.models import MODELS, ShoeModel
from demo.stock import ANGLES, DEPARTMENTS, Article

PAGE_SIZE = 24
OPENED = datetime(2026, 9, 1, tzinfo=UTC)
ROBOTS = """User-agent: *
Crawl-delay: 0.01
Disallow: /cart
Disallow: /*?sort=
Disallow: /*.pdf$
"""
SCHEMA_GENDERS = {"men": "male", "women": "female"}


@dataclass(frozen=True)
class Page:
    """One page of a listing; numbers start at 1."""

    articles: tuple[Article, ...]
    number: int
    pages: int
    total: int


def create_shop(pictures: Path, models: Sequence[ShoeModel] = MODELS) -> Flask:
    """The shop as a WSGI application; rendered pictures are kept in the folder `pictures`."""
    shop = Flask(__name__, static_url_path="/static")
    shop.url_map.strict_slashes = False
    shop.jinja_env.trim_blocks = shop.jinja_env.lstrip_blocks = True
    articles = stock.all_articles(models)
    darkroom = Darkroom(pictures.resolve(), models)  # Flask would look for a relative path beside its own code
    _add_listings(shop, articles)
    _add_products(shop, articles, darkroom)
    _add_the_rest(shop, articles)
    return shop


def serve(shop: Flask, host: str, port: int) -> BaseWSGIServer:
    """A threaded server, bound and ready for `serve_forever`; port 0 takes a free one (`server.port`)."""
    return make_server(host, port, shop, threaded=True, request_handler=_QuietHandler)


class _QuietHandler(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A scraper makes thousands of requests: none is worth a line."""


def _add_listings(shop: Flask, articles: tuple[Article, ...]) -> None:
    @shop.get("/")
    def home() -> str:
        shown = articles[:: max(1, len(articles) // 12)][:12]
        return render_template("home.html", articles=shown, total=len(articles))

    @shop.get("/shoes")
    def all_shoes() -> str:
        return render_template("listing.html", title="All shoes", page=_page_of(articles))

    @shop.get("/<any(men, women, kids):department>")
    def department(department: str) -> str:
        page = _page_of(stock.in_department(articles, department))
        return render_template("listing.html", title=DEPARTMENTS[department], page=page)

    @shop.get("/brands/<slug>")
    def brand(slug: str) -> str:
        names = stock.brands(articles)
        if slug not in names:
            abort(404)
        return render_template("listing.html", title=names[slug], page=_page_of(stock.of_brand(articles, slug)))


def _add_products(shop: Flask, articles: tuple[Article, ...], darkroom: Darkroom) -> None:
    by_code = {article.style_code: article for article in articles}

    @shop.get("/product/<code>")
    def product(code: str) -> str:
        article = by_code.get(code)
        if article is None:
            abort(404)
        views = [(url_for("view", code=code, number=n + 1), n * STEP_DEG) for n in range(ANGLES)]
        return render_template("product.html", article=article, views=views, facts=_json_ld(article))

    @shop.get("/360/<code>/img<int(fixed_digits=2):number>.jpg")
    def view(code: str, number: int) -> Response:
        try:
            path = darkroom.picture(code, number)
        except KeyError:
            abort(404)
        return send_file(path, mimetype="image/jpeg", conditional=True, etag=True, max_age=86400)


def _add_the_rest(shop: Flask, articles: tuple[Article, ...]) -> None:
    @shop.get("/robots.txt")
    def robots() -> Response:
        return Response(ROBOTS, mimetype="text/plain")

    @shop.get("/cart")
    def cart() -> str:
        return render_template("cart.html")

    @shop.errorhandler(HTTPException)
    def error(problem: HTTPException) -> tuple[str, int]:
        return render_template("error.html", problem=problem), problem.code or 500

    @shop.after_request
    def validate(response: Response) -> Response:
        """Give pages a validator, so that asking again costs a 304."""
        if response.status_code == 200 and not response.is_streamed and "ETag" not in response.headers:
            response.last_modified = OPENED
            response.add_etag()
            response.make_conditional(request)
        return response

    @shop.context_processor
    def frame() -> dict[str, object]:
        return {"departments": DEPARTMENTS, "brands": stock.brands(articles), "views": ANGLES}


def _page_of(articles: tuple[Article, ...]) -> Page:
    """The page that the request asks for; 404 where there is none."""
    chosen = sorted(articles, key=lambda a: a.model.price_cents) if request.args.get("sort") == "price" else articles
    pages = max(1, -(-len(chosen) // PAGE_SIZE))
    wanted = request.args.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    if not 1 <= number <= pages:
        abort(404)
    return Page(tuple(chosen[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]), number, pages, len(chosen))


def _json_ld(article: Article) -> dict[str, object]:
    """The article as a schema.org Product."""
    model, code = article.model, article.style_code
    pictures = [url_for("view", code=code, number=n, _external=True) for n in (1, 10, 19, 28)]
    page = url_for("product", code=code, _external=True)
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": model.name,
        "brand": {"@type": "Brand", "name": model.brand},
        "sku": code,
        "color": article.colorway.name,
        "category": model.category,
        "image": pictures,
        "url": page,
        "audience": {"@type": "PeopleAudience", "suggestedGender": SCHEMA_GENDERS.get(model.gender, model.gender)},
        "offers": {
            "@type": "Offer",
            "price": article.price,
            "priceCurrency": "USD",
            "availability": "https://schema.org/InStock",
            "url": page,
        },
    }
