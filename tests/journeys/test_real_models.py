"""The bundle that comes along knows real models: photos that it never learned from, sent to the site as it ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from ml.datasets.division import SplitPlan, divide
from ml.datasets.importers import import_pictures
from ml.serving.bundle import Card, read_bundle
from tests.live_site import ROOT, LiveSite, flask, live_site

pytestmark = [pytest.mark.data, pytest.mark.browser]

SET = "sneakers50"
SLACK = 0.15
"""One picture of each of 50 labels is a small sample: two standard deviations of an accuracy near 0.6."""


@pytest.fixture(scope="module")
def card() -> Card:
    return read_bundle(ROOT / "bundles" / "starter").card


@pytest.fixture(scope="module")
def held_out(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One test picture of each label, by the split that training used."""
    snapshot = divide(import_pictures(shared_data / SET), SplitPlan(), tmp_path_factory.mktemp("hashes")).snapshot
    tested = sorted((image for image in snapshot.images if image.split == "test"), key=lambda image: image.path)
    return {image.label: snapshot.folder / image.path for image in reversed(tested)}


@pytest.fixture(scope="module")
def starter_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A fresh site: no catalogue, no published bundle."""
    instance = tmp_path_factory.mktemp("starter")
    flask(instance, ("db", "upgrade"))
    with live_site(instance) as site:
        yield site


@pytest.fixture(scope="module")
def answers(starter_site: LiveSite, held_out: dict[str, Path]) -> dict[str, list[str]]:
    """The labels that the API matches with each picture, the likeliest first, by the picture's own label."""
    with httpx.Client(base_url=starter_site.url, timeout=30) as client:
        sent = {
            label: client.post("/api/v1/identifications", files={"photo": (file.name, file.read_bytes())})
            for label, file in held_out.items()
        }
    assert {response.status_code for response in sent.values()} == {201}
    return {label: [match["label"] for match in response.json()["matches"]] for label, response in sent.items()}


def test_real_shoes_are_recognised_as_often_as_the_card_says(answers: dict[str, list[str]], card: Card) -> None:
    promised = card.metrics["test by folder"][SET]
    first = [label == matches[0] for label, matches in answers.items()]
    among_five = [label in matches[:5] for label, matches in answers.items()]
    assert len(first) == 50
    assert sum(first) / len(first) >= promised["accuracy"] - SLACK
    assert sum(among_five) / len(among_five) >= promised["top5"] - SLACK


def test_the_page_calls_a_real_model_by_its_name(
    browser: Browser, starter_site: LiveSite, held_out: dict[str, Path], answers: dict[str, list[str]], card: Card
) -> None:
    label = next(label for label, matches in answers.items() if matches[0] == label)
    with browser.new_context(base_url=starter_site.url) as visitor:
        page = visitor.new_page()
        page.goto("/")
        page.get_by_label("Choose photos").set_input_files(held_out[label])
        page.get_by_role("button", name="Identify this shoe").click()
        page.wait_for_url(re.compile(r"/identifications/[0-9a-f-]{36}$"))
        expect(page.locator(".match").first).to_contain_text(card.label_names[label]["name"])
