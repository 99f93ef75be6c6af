"""Whatever is sent, the answer is a sentence and a status of the 400s, and nothing has changed."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from tests.webapp.admin.conftest import World
from tests.webapp.admin.test_acts import ACTS
from tests.webapp.conftest import csrf_token
from webapp.accounts.audit import read_entries

HOSTILE = {
    "nothing": "",
    "blank": " \t\r\n ",
    "huge": "9" * 100_000,
    "long words": "x" * 100_000,
    "zero byte": "a\0b",
    "markup": "<script>alert(1)</script>",
    "sql": "1'; DROP TABLE products; --",
    "format": "{0.__class__} %s %(x)s ${7*7} {{7*7}}",
    "path": "../../../../etc/passwd",
    "negative": "-1",
    "not a number": "NaN",
    "infinite": "1e999",
    "other digits": "١٢٣",
    "emoji": "👟" * 50,
    "turned round": "\u202egnp.exe",
    "half a letter": "\udcff",
}
HARMLESS = {
    # Acts without a field of their own, or whose fields take any text: they may succeed.
    *("close_person", "open_person", "end_token", "withdraw_shop", "start_run", "approve_run", "reject_run", "pin"),
    *("retire_product", "restore_product", "publish_bundle", "cancel_job", "edit_product", "add_token", "turn_picture"),
    *("address_shop", "change_password"),  # any twelve letters are a password
}
SAYS_WHY = re.compile(
    r'role="alert">\s*[^<]{15,}|class="notice notice-(?:error|warning)">\s*[^<]{15,}|<h1[^>]*>[^<]+</h1>'
)


ROUNDS = 4


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_no_form_breaks(app: Flask, world: World, turn: int) -> None:
    """Every field of every form gets a value in each round, other ones each time, and each kind goes to many forms; a
    redirect with a warning is an answer too."""
    token = csrf_token(world.admin.client, "/admin/people")
    values, given = list(HOSTILE.values()), set()
    for number, (act, (address, form)) in enumerate(ACTS.items()):
        value = values[(number + turn * len(values) // ROUNDS) % len(values)]
        given.add(value)
        sent = {name: value.encode("utf-8", "surrogateescape") for name in form}
        answer = world.admin.client.post(address.format(w=world), data={"csrf_token": token, **sent})
        if act in HARMLESS or not form or (act in {"begin_training", "begin_tuning"} and not value.strip()):
            assert answer.status_code < 500, act
            continue
        assert answer.status_code in {400, 404, 413, 422}, (act, answer.status_code)
        assert SAYS_WHY.search(answer.text), act
        assert "<script>alert" not in answer.text, act
    assert given == set(values)
    for place in ("", "/audit", "/people", "/products", "/shops", "/jobs", "/trainings", "/bundles", "/feedback"):
        page = world.admin.client.get(f"/admin{place}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_forms_without_their_fields_say_what_is_missing(app: Flask, world: World) -> None:
    with_fields = [act for act, (_, form) in ACTS.items() if form]
    token = csrf_token(world.admin.client, "/admin/people")
    may_be_empty = {"edit_product", "pin", "begin_training", "begin_tuning", "address_shop"}
    for act in with_fields:
        answer = world.admin.client.post(ACTS[act][0].format(w=world), data={"csrf_token": token})
        if act in may_be_empty:
            assert answer.status_code in {200, 303}, act
            continue
        assert answer.status_code in {404, 422}, (act, answer.status_code)
        assert SAYS_WHY.search(answer.text), act


def test_no_address_breaks(app: Flask, world: World) -> None:
    for value in HOSTILE.values():
        ask_for(world, value)


def ask_for(world: World, value: str) -> None:
    """Ask for this in each part of each address."""
    client = world.admin.client
    sent = value[:2000].encode("utf-8", "surrogateescape")
    asked = urlencode(dict.fromkeys(("query", "kind", "page", "who", "act", "words", "queue"), sent))
    for place in ("/audit", "/people", "/products", "/jobs", "/feedback", "/bundles"):
        assert client.get(f"/admin{place}", query_string=asked).status_code in {200, 404}
    pairs = urlencode(dict.fromkeys(("before", "after", "one", "other"), sent))
    for place in ("/bundles/flips", "/trainings/compare"):
        assert client.get(f"/admin{place}", query_string=pairs).status_code == 404
    for place in ("/shops/{}", "/products/{}", "/runs/{}", "/jobs/{}", "/people/{}", "/trainings/{}"):
        name = quote(sent, safe="")
        assert client.get(f"/admin{place.format(name)}").status_code in {200, 308, 404}


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"text"',
    b"[" * 30_000,
    b'{"network": {"a": 1}}',
    b'{"network": ["vgg16"]}',
    b'{"network": "nobody"}',
    b'{"top_epochs": 1e999}',
    b'{"top_epochs": -1}',
    b'{"top_epochs": true}',
    b'{"top_epochs": 2.5}',
    b'{"top_epochs": ' + b"9" * 5000 + b"}",
    b'{"pictures": "../../etc"}',
    b'{"weights": "/etc/passwd"}',
    b'{"split": "fold:9"}',
    b'{"shell": "rm -rf"}',
    b'{"\\ud800": 1}',
    b'{"network": "\\u0000"}',
    b'{"a": "' + b"x" * 70_000 + b'"}',
]


@pytest.mark.parametrize("address", ["/api/v1/trainings", "/api/v1/scrapes"])
def test_no_json_breaks_the_api(app: Flask, world: World, address: str) -> None:
    headers = {**world.admin.bearer, "Content-Type": "application/json"}
    for body in BODIES:
        answer = app.test_client().post(address, data=body, headers=headers)
        assert answer.status_code in {400, 409, 413, 415, 422}, (body[:60], answer.text)
        assert answer.mimetype == "application/problem+json"
        assert len(answer.json["detail"]) > 15
    with app.app_context():
        assert read_entries() == ([], False)


def test_an_unknown_bundle_is_not_found(app: Flask, world: World) -> None:
    for name in ("nobody", "..", "a%00b", "x" * 5000, "<b>"):
        answer = app.test_client().post(f"/api/v1/bundles/{name}/publish", headers=world.admin.bearer)
        assert answer.status_code == 404, name
        assert answer.mimetype == "application/problem+json"
