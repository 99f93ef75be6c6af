"""Accounts: made, found, changed; and what is kept of their secrets."""

from __future__ import annotations

import json
import stat

import pytest
from flask import Flask

from tests.webapp.conftest import PASSWORD
from webapp.accounts.people import (
    AccountError,
    create_user,
    find_by_email,
    find_by_password,
    find_by_token,
    renew_token,
    set_password,
)
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
    assert token not in (ann.token_hash or "")
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
