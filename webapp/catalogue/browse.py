"""Find products: by words, brand, gender and category, in an order, a page at a time.

It stays quick with 100,000 products because no question touches more than it must: an index in the asked order holds
the filtered columns too, so that the ids of a page come from it alone; and the numbers beside the filters come from
one small table (brand, gender, category, count), which is kept until the catalogue changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select, text

from webapp.catalogue.facets import Facets, kept_facets
from webapp.catalogue.models import KNOWN_MODELS, CatalogueState, Product, ProductImage
from webapp.database import db

PER_PAGE = 24
MOST_PER_PAGE = 100
LONGEST_QUERY = 200
_MOST_WORDS = 8
_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "newest": (Product.id.desc(),),
    "cheapest": (Product.price_cents.asc().nulls_last(), Product.id),
    "dearest": (Product.price_cents.desc(), Product.id.desc()),
    "name": (Product.name, Product.id),
}
SORTS = tuple(_ORDERS)


class SearchError(ValueError):
    """A search that cannot be done. The message is a sentence that names what is allowed."""


@dataclass(frozen=True)
class Search:
    """What is looked for. Empty strings filter nothing; `page` counts from 1."""

    query: str = ""
    brand: str = ""
    gender: str = ""
    category: str = ""
    sort: str = "newest"
    page: int = 1
    per_page: int = PER_PAGE

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> Search:
        """The search that an address asks for; raises SearchError."""
        search = cls(
            query=" ".join(arguments.get("query", "").split()),
            **{name: arguments.get(name, "").strip() for name in ("brand", "gender", "category")},
            sort=arguments.get("sort", "").strip() or "newest",
            page=_number(arguments, "page", 1, 1_000_000),
            per_page=_number(arguments, "per_page", PER_PAGE, MOST_PER_PAGE),
        )
        if len(search.query) > LONGEST_QUERY:
            raise SearchError(f"Please search for at most {LONGEST_QUERY} characters.")
        if search.sort not in SORTS:
            raise SearchError(f"sort is one of {', '.join(SORTS)}.")
        return search

    def arguments(self, **changes: Any) -> dict[str, str | int]:
        """The address of this search, changed; the usual is left out. All changes but that of `page` lead to page 1."""
        wanted = replace(self, **{"page": 1, **changes})
        usual = Search()
        return {name: value for name, value in vars(wanted).items() if value != getattr(usual, name)}

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.query or self.brand or self.gender or self.category)


@dataclass(frozen=True)
class Found:
    """One page of what was found, each product with its first picture, and what the filters would give."""

    search: Search
    products: list[tuple[Product, ProductImage | None]]
    total: int
    facets: dict[str, dict[str, int]]

    @property
    def pages(self) -> int:
        """How many pages there are; at least 1."""
        return max(1, -(-self.total // self.search.per_page))


def find(search: Search) -> Found:
    """What `search` finds. A page behind the last one is empty."""
    facets = _facets_of(search.query)
    chosen = {"brand": search.brand, "gender": search.gender, "category": search.category}
    total = facets.total(chosen)
    return Found(search, with_first_images(_page_of_ids(search, total)), total, facets.counts(chosen))


def with_first_images(product_ids: Any) -> list[tuple[Product, ProductImage | None]]:
    """These products, in this order, each with its first picture; unknown ids are left out."""
    rows = db.session.execute(
        select(Product, ProductImage)
        .outerjoin(ProductImage, (ProductImage.product_id == Product.id) & (ProductImage.position == 0))
        .where(Product.id.in_(product_ids))
    ).all()
    by_id = {product.id: (product, image) for product, image in rows}
    return [by_id[product_id] for product_id in product_ids if product_id in by_id]


def colorways_of(product: Product, most: int = 24) -> list[tuple[Product, ProductImage | None]]:
    """The other products of the same label, by name of the colorway."""
    ids = db.session.scalars(
        select(Product.id)
        .where(Product.label == product.label, Product.id != product.id, Product.retired_at.is_(None))
        .order_by(Product.colorway, Product.id)
        .limit(most)
    ).all()
    return with_first_images(ids)


def _page_of_ids(search: Search, total: int) -> list[int]:
    """The products of the page. What is new is what a shop brought: models that no shop has brought come last."""
    question, start = _question(search), (search.page - 1) * search.per_page
    part = question.order_by(*_ORDERS[search.sort]).limit(search.per_page).offset(start)
    if search.sort != "newest":
        return list(db.session.scalars(part))
    unbrought = select(Product.id).where(Product.site == KNOWN_MODELS)  # few: no more than a bundle has labels
    ids = list(db.session.scalars(part.where(Product.id.not_in(unbrought))))
    if len(ids) < search.per_page:
        last = db.session.scalars(question.where(Product.id.in_(unbrought)).order_by(*_ORDERS["name"])).all()
        brought = max(0, total - len(last))
        ids += last[max(0, start - brought) : max(0, start + search.per_page - brought)]
    return ids


def _question(search: Search) -> Select[int]:
    """The ids of all that `search` asks for; what is retired is not looked at."""
    question = select(Product.id).where(Product.retired_at.is_(None))
    for column, value in (
        (Product.brand, search.brand),
        (Product.gender, search.gender),
        (Product.category, search.category),
    ):
        if value:
            question = question.where(column == value)
    if search.query:
        question = question.where(_matches(search.query))
    return question


def _matches(query: str) -> ColumnElement[bool]:
    """Every word of the query begins a word of the product."""
    words = re.findall(r"\w+", query)[:_MOST_WORDS]
    if not words:
        return false()
    if db.engine.dialect.name == "sqlite":
        asked = " ".join(f'"{word}"*' for word in words)
        return Product.id.in_(
            select(literal_column("rowid", Product.id.type))
            .select_from(text("products_search"))
            .where(text("products_search MATCH :asked").bindparams(asked=asked))
        )
    columns = (Product.brand, Product.name, Product.colorway, Product.style_code, Product.category)
    return and_(*(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words))


def _facets_of(query: str) -> Facets:
    """The numbers of products that `query` finds, by brand, gender and category."""
    revision = db.session.scalars(select(CatalogueState.products)).one()

    def count() -> Facets:
        question = select(Product.brand, Product.gender, Product.category, func.count())
        question = question.where(Product.retired_at.is_(None))
        if query:
            question = question.where(_matches(query))
        rows = db.session.execute(question.group_by(Product.brand, Product.gender, Product.category))
        return Facets(Counter({(brand, gender, category): number for brand, gender, category, number in rows}))

    return kept_facets().get(revision, query.casefold(), count)


def _number(arguments: Mapping[str, str], name: str, usual: int, largest: int) -> int:
    asked = arguments.get(name, "").strip()
    if not asked:
        return usual
    if not re.fullmatch(r"[0-9]{1,9}", asked) or not 1 <= int(asked) <= largest:
        raise SearchError(f"{name} is a whole number from 1 to {largest}.")
    return int(asked)
