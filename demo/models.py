"""The demo world's catalogue: each fictional model's name, price, form, design and colorways."""

from dataclasses import dataclass

from demo.colours import SCHEMES, Colorway
from demo.design import Design
from demo.lineup import LINEUP, Draft
from demo.shape import Silhouette, Tooling

__all__ = ["MODELS", "Colorway", "ShoeModel", "style_code"]

FIRST_NUMBER = 1001


@dataclass(frozen=True)
class ShoeModel:
    slug: str  # the label of its pictures: lower-case words of brand and name joined by "_"
    brand: str
    name: str
    category: str
    gender: str
    price_cents: int
    number: int
    silhouette: Silhouette
    tooling: Tooling
    design: Design
    colorways: tuple[Colorway, ...]


def style_code(model: ShoeModel, colorway: Colorway) -> str:
    """The shop's code of a product, e.g. VD-1042-103; ValueError when the model does not come in that colorway."""
    position = [own.slug for own in model.colorways].index(colorway.slug)
    return f"{model.brand[0]}{model.name[0]}-{model.number}-{101 + position}"


def _model(position: int, draft: Draft) -> ShoeModel:
    count = 4 if position % 5 == 0 else 3
    colorways = tuple(SCHEMES[(position * 5 + k * 9) % len(SCHEMES)] for k in range(count))
    slug = "_".join(f"{draft.brand} {draft.name}".lower().split())
    return ShoeModel(
        slug, draft.brand, draft.name, draft.category, draft.gender, draft.price_cents, FIRST_NUMBER + position,
        draft.silhouette, draft.tooling, draft.design, colorways,
    )  # fmt: skip


MODELS: tuple[ShoeModel, ...] = tuple(_model(position, draft) for position, draft in enumerate(LINEUP))
