"""An act and its entry in the audit log are written together, or neither is."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.webapp.conftest import PASSWORD
from webapp.accounts.audit import ON_THE_MACHINE, PER_PAGE, people_and_acts, read_entries, recorded, recorded_around
from webapp.accounts.people import AccountError, create_user, find_by_email, set_role

pytestmark = pytest.mark.usefixtures("app_context")


def test_an_entry_says_who_did_what_and_keeps_the_name() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    with recorded(ann, "add person", "bob@example.com", role="marketer") as details:
        create_user("bob@example.com", "marketer", PASSWORD)
        details["welcome"] = True
    (entry,), more = read_entries()
    assert (entry.who, entry.user_id, entry.act, entry.subject) == (
        "ann@example.com",
        ann.id,
        "add person",
        "bob@example.com",
    )
    assert entry.details == {"role": "marketer", "welcome": True}
    assert not more


def test_an_act_that_fails_leaves_neither_entry_nor_change() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    bob = create_user("bob@example.com", "marketer", PASSWORD)
    with pytest.raises(AccountError), recorded(ann, "change role", bob.email):
        set_role(bob, "admin")
        set_role(bob, "king")
    assert read_entries() == ([], False)
    again = find_by_email("bob@example.com")
    assert again is not None
    assert again.role == "marketer"


def test_an_act_among_files_is_in_the_log_before_it_begins_and_tells_its_end() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    with recorded_around(ann, "publish bundle", "second", size=3) as details:
        assert read_entries()[0][0].details == {"size": 3, "outcome": "begun"}  # what a crash here would leave
        details["files"] = 7
    assert read_entries()[0][0].details == {"size": 3, "files": 7, "outcome": "done"}
    for error in (OSError("no room"), KeyboardInterrupt()):
        with pytest.raises(type(error)), recorded_around(ann, "publish bundle", "third"):
            raise error
    told = [entry.details["outcome"] for entry in read_entries()[0]]
    assert told == ["failed: KeyboardInterrupt", "failed: no room", "done"]


def test_commands_on_the_machine_are_in_the_log(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    made = run(args=["users", "create", "eve@example.com", "--role", "marketer", "--password", PASSWORD])
    assert made.exit_code == 0, made.output
    token = run(args=["users", "token", "eve@example.com"]).output.strip()
    assert run(args=["users", "create", "no address", "--role", "admin", "--password", PASSWORD]).exit_code == 1
    entries, _ = read_entries(who=ON_THE_MACHINE)
    assert [(entry.act, entry.subject) for entry in entries] == [
        ("make token", "eve@example.com"),
        ("add person", "eve@example.com"),
    ]
    assert token not in str([entry.details for entry in entries])


def test_the_log_is_read_by_person_act_and_words_a_page_at_a_time() -> None:
    ann = create_user("ann@example.com", "admin", PASSWORD)
    for number in range(PER_PAGE + 1):
        with recorded(ann if number % 2 else None, "turn" if number % 3 else "stop", f"100% job {number}"):
            pass
    first, more = read_entries()
    assert (len(first), more, first[0].subject) == (PER_PAGE, True, f"100% job {PER_PAGE}")
    rest, more = read_entries(page=2)
    assert ([entry.subject for entry in rest], more) == (["100% job 0"], False)
    assert {entry.who for entry in read_entries(who=ON_THE_MACHINE)[0]} == {ON_THE_MACHINE}
    assert {entry.act for entry in read_entries(act="stop")[0]} == {"stop"}
    assert [entry.subject for entry in read_entries(words="0% JOB 7")[0]] == ["100% job 7"]
    with recorded(ann, "turn", "picture", angle="ninety"):
        pass
    assert [entry.subject for entry in read_entries(words="NINETY")[0]] == ["picture"]
    assert people_and_acts() == (["ann@example.com", ON_THE_MACHINE], ["stop", "turn"])
