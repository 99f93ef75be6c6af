"""Which column of a marketer's table says what, proposed from the headers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from ml.datasets.csv_table import column_named

Kind = Literal["picture", "text", "context", "count", "rate", "money"]


@dataclass(frozen=True)
class Field:
    """One thing that a table may tell, and headers that stand for it (without case, spaces and marks).

    A rate is turned into the count `of`, as a share of the count `among`.
    """

    name: str
    title: str
    kind: Kind
    headers: tuple[str, ...]
    of: str = ""
    among: str = ""


def _field(name: str, title: str, kind: Kind, headers: str, of: str = "", among: str = "") -> Field:
    return Field(name, title, kind, tuple(headers.split("; ")), of, among)


_FIELDS = (
    _field(
        "picture", "Picture", "picture",
        "picture; picture id; image; image id; creative; style code; sku; product id; product",
    ),
    _field("augment", "Augment", "text", "augment; variant; version; image variant"),
    _field("campaign", "Campaign's name", "text", "campaign; campaign name; campaign title; subject; title; send"),
    _field("sent_at", "Sent at", "text", "sent at; send date; date; send time; sent; day"),
    _field(
        "recipient", "Recipient", "text",
        "recipient; recipient id; subscriber; subscriber id; contact id; email; e-mail address",
    ),
    _field("campaign_type", "Campaign type", "context", "campaign type; type; e-mail type"),
    _field("industry", "Industry", "context", "industry; sector"),
    _field("sneaker_type", "Sneaker type", "context", "sneaker type; shoe type; category"),
    _field(
        "recipients", "Recipients", "count",
        "recipients; sends; total sent; emails sent; total recipients; audience",
    ),
    _field("delivered", "Delivered", "count", "delivered; deliveries; successful deliveries; total delivered"),
    _field("bounces", "Bounces", "count", "bounces; bounced; total bounces"),
    _field("opens", "Opens", "count", "opens; unique opens; opened; open"),
    _field("clicks", "Clicks", "count", "clicks; unique clicks; clicked; click"),
    _field("carts", "Carts", "count", "carts; added to cart; add to cart"),
    _field("abandoned_carts", "Abandoned carts", "count", "abandoned carts; abandoned cart; abandoned"),
    _field("conversions", "Conversions", "count", "conversions; converted; conversion; goals"),
    _field("purchases", "Purchases", "count", "purchases; orders; purchased; purchase; placed order"),
    _field("unsubscribes", "Unsubscribes", "count", "unsubscribes; unsubscribed; opt outs; unsubscribe"),
    _field("revenue_cents", "Revenue", "money", "revenue; sales; total revenue; amount; order value"),
    _field("open_rate", "Open rate", "rate", "open rate; unique open rate", "opens", "delivered"),
    _field("click_rate", "Click-through rate", "rate", "click rate; click through rate; ctr", "clicks", "delivered"),
    _field("click_to_open_rate", "Click-to-open rate", "rate", "click to open rate; ctor", "clicks", "opens"),
    _field("conversion_rate", "Conversion rate", "rate", "conversion rate", "conversions", "delivered"),
    _field("bounce_rate", "Bounce rate", "rate", "bounce rate", "bounces", "recipients"),
    _field("unsubscribe_rate", "Unsubscribe rate", "rate", "unsubscribe rate", "unsubscribes", "delivered"),
)  # fmt: skip

FIELDS: Mapping[str, Field] = {field.name: field for field in _FIELDS}


class MappingError(ValueError):
    """A mapping of columns that cannot be read by. The message says what to choose."""


def proposed_mapping(columns: Collection[str]) -> dict[str, str]:
    """Field -> column, by the headers; fields without a column are left out, and no column is used twice."""
    mapping: dict[str, str] = {}
    for name, field in FIELDS.items():
        left = [column for column in columns if column not in mapping.values()]
        column = column_named(left, field.name, *field.headers)
        if column is not None:
            mapping[name] = column
    return mapping


def check_mapping(mapping: Mapping[str, str], columns: Collection[str]) -> None:
    """Raises MappingError where a mapping names what there is not, or leaves out what is needed."""
    for name, column in mapping.items():
        if name not in FIELDS:
            raise MappingError(f"there is no field {name!r}: choose one of {', '.join(FIELDS)}")
        if column not in columns:
            raise MappingError(f"the table has no column {column!r}: choose one of {', '.join(columns)}")
    doubled = sorted({column for column in mapping.values() if list(mapping.values()).count(column) > 1})
    if doubled:
        raise MappingError(f"column {doubled[0]!r} is chosen for two fields: give each its own")
    if "picture" not in mapping:
        raise MappingError("no column says which picture was sent: choose one for Picture")
    outcomes = [name for name in mapping if FIELDS[name].kind in ("count", "rate", "money")]
    if not set(outcomes) - {"recipients", "delivered"}:
        raise MappingError("no column says what came of the sends: choose one for opens, clicks or another outcome")
    if any(FIELDS[name].kind == "rate" for name in mapping) and not {"recipients", "delivered"} & mapping.keys():
        raise MappingError("rates need the number of e-mails behind them: choose a column for recipients or delivered")
