"""docs/notebooks/recommend.ipynb, cell by cell in one namespace.

A notebook's kernel would bring nbclient, ipykernel and some thirty packages along, only to do what `exec` does with
cells of plain Python.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ml.serving.bundle import Bundle
from tests.live_site import live_site
from tests.webapp.conftest import Person
from webapp.settings import Settings

NOTEBOOK = Path(__file__).resolve().parents[3] / "docs" / "notebooks" / "recommend.ipynb"
NOBODY = "http://127.0.0.1:9"


def cells(kind: str) -> list[dict[str, Any]]:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def ran(cell: dict[str, Any], names: dict[str, Any]) -> str:
    """What a cell prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    return printed.getvalue()


def test_it_is_kept_with_prose_and_without_outputs() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells("code"))
    assert len(cells("markdown")) >= len(cells("code"))


def test_every_cell_runs_and_the_simulators_rule_is_found(
    app: Flask,
    settings: Settings,
    shoe_bundle: Bundle,
    marketer: Person,
    products: dict[str, int],
    conversions: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names: dict[str, Any] = {}
    *known, by_site = cells("code")
    printed = "".join(ran(cell, names) for cell in known)
    answer = names["answer"]
    assert answer.provenance == "simulated" and "simulated campaigns" in printed
    rates = {one.augment: one.probability for one in (answer.original, *answer.augments)}
    assert {name for name, rate in rates.items() if rate > 0.5} == {"brighter", "rotate"}, rates
    assert f"send {answer.best_augment}" in printed and not answer.keep_original
    assert len(answer.alternates) == 3 and answer.evidence

    monkeypatch.setenv("SOLESCOPE_SITE", NOBODY)
    assert ran(by_site, names) == f"No site answers at {NOBODY}: start one with `make run` and run this cell again.\n"

    settings.bundles_folder.mkdir(exist_ok=True)
    (settings.bundles_folder / "current").symlink_to(shoe_bundle.folder)
    with live_site(settings.instance) as site:
        monkeypatch.setenv("SOLESCOPE_SITE", site.url)
        monkeypatch.setenv("SOLESCOPE_TOKEN", marketer.token)
        printed = ran(by_site, names)
    assert ": 200\n" in printed and "simulated campaigns" in printed and "Brighter" in printed
