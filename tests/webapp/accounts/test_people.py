"""Accounts: made, found, changed; and what is kept of their secrets."""

from __future__ import annotations

import json
import stat

import pytest
from flask import Flask

from tests.webapp.conftest import PASSWORD
from webapp.accounts.audit import recorded
from webapp.accounts.people import (
    AccountError,
    close_account,
    create_user,
    find_by_email,
    find_by_password,
    open_account,
    set_password,
    set_role,
)
from webapp.accounts.tokens import MOST_TOKENS, find_by_token, make_token, renew_token, revoke_token
from webapp.settings import Settings

pytestmark = pytest.mark.usefixtures("app_context")


def test_a_password_opens_its_account_only() -> None:
    ann = create_user("Ann@Example.com ", "admin", PASSWORD)
    create_user("bob@example.com", "marketer", PASSWORD + "!")
    assert find_by_password("ann@example.COM", PASSWORD) is ann
    assert find_by_password("bob@example.com", PASSWORD) is None
    assert find_by_password("nobody@example.com", PASSWORD) is None
    assert find_by_password("ann@example.com", "") is None


def test_secrets_are_not_kept() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    token = renew_token(ann)
    assert ann.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in ann.password_hash
    assert token not in [kept.token_hash for kept in ann.tokens]
    assert len(token) > 40


def test_a_new_token_ends_the_old_one() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    old = renew_token(ann)
    assert find_by_token(old) is ann
    new = renew_token(ann)
    assert find_by_token(old) is None
    assert find_by_token(new) is ann
    assert find_by_token("") is None
    assert find_by_token("sole_\udcff") is None


def test_tokens_have_names_and_end_one_by_one() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    nightly, phone = make_token(ann, "nightly  scrape"), make_token(ann, "phone")
    assert [token.name for token in ann.tokens] == ["nightly scrape", "phone"]
    assert ann.tokens[0].last_used_at is None
    assert find_by_token(nightly) is ann
    assert ann.tokens[0].last_used_at is not None
    assert ann.tokens[1].last_used_at is None
    revoke_token(ann.tokens[0])
    assert find_by_token(nightly) is None
    assert find_by_token(phone) is ann


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "new\x00line", "phone"])
def test_a_token_that_cannot_be_says_why(name: str) -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    make_token(ann, "phone")
    with pytest.raises(AccountError, match=r"needs a name|has a token named"):
        make_token(ann, name)
    assert len(ann.tokens) == 1


def test_a_person_has_a_drawer_of_tokens_not_a_warehouse() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    for number in range(MOST_TOKENS):
        make_token(ann, f"program {number}")
    with pytest.raises(AccountError, match="Revoke one first"):
        make_token(ann, "one more")


def test_a_closed_account_opens_nothing_until_it_is_opened_again() -> None:
    create_user("boss@example.com", "admin", PASSWORD)
    ann = create_user("ann@example.com", "admin", PASSWORD)
    token = renew_token(ann)
    close_account(ann)
    assert find_by_token(token) is None
    assert find_by_password("ann@example.com", PASSWORD) is None
    open_account(ann)
    assert find_by_token(token) is ann
    assert find_by_password("ann@example.com", PASSWORD) is ann


def test_the_last_admin_stays_one() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    create_user("bob@example.com", "marketer", PASSWORD)
    with pytest.raises(AccountError, match="the only admin"):
        set_role(ann, "marketer")
    with pytest.raises(AccountError, match="the only admin"):
        close_account(ann)
    other = create_user("carl@example.com", "admin", PASSWORD)
    set_role(ann, "marketer")
    assert ann.role == "marketer"
    with pytest.raises(AccountError, match="the only admin"):
        close_account(other)
    with pytest.raises(AccountError, match="A role is one of"):
        set_role(other, "king")


@pytest.mark.parametrize(
    ("email", "role", "password", "reason"),
    [
        ("no address", "admin", PASSWORD, "not an e-mail address"),
        ("a@b", "king", PASSWORD, "one of admin, marketer"),
        ("a@b", "admin", "short", "12 to 1000"),
        ("a@b", "admin", "x" * 1001, "12 to 1000"),
        ("taken@example.com", "admin", PASSWORD, "already"),
    ],
)
def test_an_account_that_cannot_be_says_why(email: str, role: str, password: str, reason: str) -> None:
    create_user("taken@example.com", "marketer", PASSWORD)
    with pytest.raises(AccountError, match=reason):
        create_user(email, role, password)


def test_a_new_password_ends_the_sessions_of_the_old_one() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    before = ann.get_id()
    set_password(ann, PASSWORD + "!")
    assert ann.get_id() != before


def test_users_create_reads_the_password_from_standard_input(app: Flask) -> None:
    runner = app.test_cli_runner()
    arguments = ["users", "create", "carl@example.com", "--role", "marketer", "--password-stdin"]
    assert runner.invoke(args=arguments, input=PASSWORD + "\n").exit_code == 0
    carl = find_by_password("carl@example.com", PASSWORD)
    assert carl is not None
    assert carl.role == "marketer"
    again = runner.invoke(args=arguments, input=PASSWORD + "\n")
    assert again.exit_code == 1
    assert "already" in again.output
    token = runner.invoke(args=["users", "token", "carl@example.com"]).output.strip()
    assert find_by_token(token) is carl


def test_demo_accounts_are_made_once_and_kept_privately(app: Flask, settings: Settings) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["demo-accounts"])
    assert made.exit_code == 0, made.output
    file = settings.instance / "demo_accounts.json"
    accounts = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for role in ("admin", "marketer"):
        kept = accounts[role]
        user = find_by_password(kept["email"], kept["password"])
        assert user is not None
        assert user.role == role
        assert find_by_token(kept["token"]) is user
        assert kept["password"] in made.output
    again = runner.invoke(args=["demo-accounts"])
    assert json.loads(file.read_text()) == accounts
    assert accounts["admin"]["password"] not in again.output


def test_demo_accounts_mend_a_lost_file(app: Flask, settings: Settings) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["demo-accounts"])
    file = settings.instance / "demo_accounts.json"
    file.unlink()
    assert runner.invoke(args=["demo-accounts"]).exit_code == 0
    kept = json.loads(file.read_text())["admin"]
    assert find_by_password(kept["email"], kept["password"]) == find_by_email(kept["email"])


def test_two_tokens_of_one_name_are_refused_inside_a_recorded_act(app_context: Flask) -> None:
    person = create_user("ann@example.com", "marketer", PASSWORD)
    make_token(person, "phone")
    with pytest.raises(AccountError, match="has a token named 'phone' already"), recorded(person, "make token"):
        make_token(person, " phone ")
    assert [token.name for token in person.tokens] == ["phone"]
