"""Find products for the desk: by words, those that are retired as well."""

from __future__ import annotations

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from webapp.catalogue.models import MERGED, Product
from webapp.database import db

PER_PAGE = 40
KINDS = ("shown", "retired", "all")
_MOST_WORDS = 8


def search_products(words: str, kind: str, page: int) -> tuple[list[Product], bool]:
    """A page of products (of one of KINDS) whose brand, name, colorway or style code hold each word, the newest first,
    and whether there are more. A number alone is an id, too."""
    question = _asked(words, kind).order_by(Product.id.desc())
    part = question.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1).options(selectinload(Product.offers))
    found = list(db.session.scalars(part))
    return found[:PER_PAGE], len(found) > PER_PAGE


def _asked(words: str, kind: str) -> Select[Product]:
    question = select(Product).where(Product.site != MERGED)
    if kind != "all":
        question = question.where(
            Product.retired_at.is_not(None) if kind == "retired" else Product.retired_at.is_(None)
        )
    for word in words.split()[:_MOST_WORDS]:
        columns = (Product.brand, Product.name, Product.colorway, Product.style_code)
        held = [column.icontains(word, autoescape=True) for column in columns]
        if word.isascii() and word.isdecimal() and len(word) < 10:
            held.append(Product.id == int(word))
        question = question.where(or_(*held))
    return question
