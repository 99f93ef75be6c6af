"""`flask users ...` and `flask demo-accounts`."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from webapp.accounts.audit import recorded
from webapp.accounts.models import ROLES
from webapp.accounts.people import AccountError, create_user, find_by_email, set_password
from webapp.accounts.tokens import USUAL, renew_token
from webapp.settings import current_settings

users = AppGroup("users", help="Make accounts and give them API tokens.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(users)
    app.cli.add_command(demo_accounts)


@users.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.option("--password", default="", help="The password. Others on this machine may see it while this runs.")
def create(email: str, role: str, password_stdin: bool, password: str) -> None:
    """Make an account for EMAIL."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif not password:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with recorded(None, "add person", email.strip().lower(), role=role):
            create_user(email, role, password)
    except AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{email} is {role}.")


@users.command("token")
@click.argument("email")
def token(email: str) -> None:
    """Give EMAIL a new API token, which ends the one that this command gave before, and print it."""
    user = find_by_email(email)
    if user is None:
        raise click.ClickException(f"There is no account for {email}.")
    with recorded(None, "make token", user.email, name=USUAL):
        made = renew_token(user)
    click.echo(made)


@click.command("demo-accounts")
@with_appcontext
def demo_accounts() -> None:
    """Make a demo admin and a demo marketer with random passwords and tokens; keep them in the instance folder.

    Where they are there already, nothing changes; what the file says is true either way.
    """
    file = current_settings().instance / "demo_accounts.json"
    accounts = _kept(file)
    for role in ROLES:
        email = f"{role}@demo.solescope.example"
        if role in accounts and find_by_email(email) is not None:
            continue
        password = secrets.token_urlsafe(12)
        with recorded(None, "make demo account", email, role=role):
            user = find_by_email(email)
            if user is None:
                user = create_user(email, role, password)
            else:
                set_password(user, password)
            token = renew_token(user)
        accounts[role] = {"email": email, "password": password, "token": token}
        _keep(file, accounts)
        click.echo(f"Demo {role}: {email}, password {password}, API token {accounts[role]['token']}")
    click.echo(f"The demo accounts are in {file}.")


def _kept(file: Path) -> dict[str, dict[str, str]]:
    try:
        accounts: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return accounts


def _keep(file: Path, accounts: dict[str, dict[str, str]]) -> None:
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        json.dump(accounts, written, indent=1)
    draft.replace(file)
