"""The whole recipe by its commands: pictures in, a bundle out that says what it is, again without doing it twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.__main__ import main
from ml.datasets.pictures import load_pictures
from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import Bundle, read_bundle
from ml.training import recipe
from ml.training.graphs import open_graph

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("tensorflow")]
QUICK = ["--size", "32", "--variants", "3", "--epochs-top", "12", "--epochs-fine", "2", "--batch", "16"]


@pytest.fixture(scope="module")
def command(shapes: Snapshot, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    run = tmp_path_factory.mktemp("runs") / "run"
    return ["train", str(shapes.folder), "--out", str(run), "--cache", str(cache), *QUICK]


@pytest.fixture(scope="module")
def bundle(command: list[str]) -> Bundle:
    """Trained in two sittings: the first is stopped before the export, the second must not train again."""
    run = Path(command[3])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recipe, "write_bundle", _stop)
        assert main(command) == 130
    curves = (run / "curves.jsonl").read_text()
    assert not (run / "bundle").exists()
    assert main(command) == 0
    assert (run / "curves.jsonl").read_text() == curves
    return read_bundle(run / "bundle")


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_run_leaves_settings_curves_and_metrics(bundle: Bundle, shapes: Snapshot) -> None:
    run = bundle.folder.parent
    settings = json.loads((run / "settings.json").read_text())
    assert settings["snapshot_digest"] == shapes.digest
    assert settings["seed"] == 0
    assert "git_revision" in settings
    steps = [json.loads(line)["step"] for line in (run / "curves.jsonl").read_text().splitlines()]
    assert steps == ["bottleneck"] * 12 + ["fine_tuned"] * 2
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics.keys() == {"network", "features", "bottleneck", "fine_tuned", "served"}


def test_the_card_tells_what_was_trained_and_how_good_it_is(bundle: Bundle, shapes: Snapshot) -> None:
    card = bundle.card
    assert card.labels == shapes.labels
    assert (card.input_size, card.embedding_dimensions, card.network) == (32, 256, "VGG16")
    assert card.weights in ("int8", "float32")
    assert card.metrics["weights"].keys() == {"int8", "float32"}
    assert card.metrics["test"]["pictures"] == 9
    assert card.metrics["test"]["accuracy"] >= 0.5
    assert card.metrics["test by folder"].keys() == {"images"}
    assert card.metrics["test by folder"]["images"].items() <= card.metrics["test"].items()  # it is the only folder
    assert "kept" in card.metrics["test by folder"]["images"]
    assert 0 <= card.answer_set_quantile <= 1
    assert "coloured shapes" in card.provenance
    assert "/" not in card.settings["weights"]
    assert bundle.model_file.stat().st_size < 16_000_000 or card.weights == "float32"


def test_the_graph_keeps_its_contract(bundle: Bundle, shapes: Snapshot, cache: Path) -> None:
    pictures = load_pictures(shapes, 32, cache)
    embeddings, probabilities = open_graph(bundle.model_file)(pictures.pixels[:7])
    assert embeddings.shape == (7, 256)
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(7), abs=1e-4)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(7), abs=1e-4)
    prototypes = np.load(bundle.prototypes_file)
    assert prototypes.dtype == np.float32
    assert np.linalg.norm(prototypes, axis=1) == pytest.approx(np.ones(3), abs=1e-4)


def test_the_same_command_again_trains_nothing_twice(
    bundle: Bundle, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (bundle.folder.parent / "curves.jsonl").read_text()
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "is finished" in said
    assert " epoch " not in said
    assert (bundle.folder.parent / "curves.jsonl").read_text() == before
    assert read_bundle(bundle.folder).card == bundle.card


def test_evaluate_finds_the_numbers_of_the_card(
    bundle: Bundle, shapes: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["evaluate", str(bundle.folder), str(shapes.folder), "--json", "--report-by-folder"]
    assert main(asked) == 0
    numbers = json.loads(capsys.readouterr().out)
    assert numbers.items() >= bundle.card.metrics["test"].items()
    assert numbers["by_folder"] == bundle.card.metrics["test by folder"]


def test_the_run_leaves_a_report_whose_numbers_are_those_of_the_card(bundle: Bundle) -> None:
    run = bundle.folder.parent
    numbers = json.loads((run / "report.json").read_text())
    assert numbers["bundle"]["id"] == bundle.card.id
    for split in ("validation", "test"):
        card = bundle.card.metrics[split]
        assert numbers["splits"][split].items() <= card.items()
        assert {"accuracy", "macro_f1", "calibration_error", "kept"} <= numbers["splits"][split].keys()
    assert "<svg" in (run / "report.html").read_text()
    assert (run / "curves.svg").is_file()
    said = json.loads((run / "progress.json").read_text())
    assert (said["state"], said["epochs"]) == ("finished", 0)
