"""A saved model answers as before; a folder that does not agree with its card is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ml.conversions.model import ConversionModel
from ml.conversions.model_folder import ConversionModelError, load_model, read_card, save_model
from ml.conversions.simulators import Simulation

WHEN = "2026-11-21T10:00:00Z"


@pytest.fixture
def saved(published_model: ConversionModel, tmp_path: Path) -> Path:
    save_model(tmp_path / "m", published_model, identifier="m1", created_at=WHEN)
    return tmp_path / "m"


def test_a_loaded_model_answers_as_before(saved: Path, published_model: ConversionModel, published: Simulation) -> None:
    model, card = load_model(saved)
    assert (card.id, card.bundle, card.digest) == ("m1", "b1", published.rows.digest())
    assert not [file for file in saved.iterdir() if file.suffix not in (".json", ".npy", ".ubj")]
    matrix = published_model.space.matrix_of(published.rows)
    assert np.array_equal(model.space.matrix_of(published.rows), matrix)
    before, after = (one.targets["conversion"].scores(matrix) for one in (published_model, model))
    assert np.array_equal(before.means, after.means) and np.array_equal(before.low, after.low)
    assert model.targets["conversion"].facts == published_model.targets["conversion"].facts


def test_all_targets_survive(funnel_model: ConversionModel, tmp_path: Path) -> None:
    save_model(tmp_path / "f", funnel_model, identifier="f", created_at=WHEN)
    assert load_model(tmp_path / "f")[0].targets.keys() == funnel_model.targets.keys()


@pytest.mark.parametrize("name", ["mean.npy", "seen.npy", "conversion.00.ubj"])
def test_a_changed_or_missing_file_is_refused(saved: Path, name: str) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ConversionModelError, match="SHA-256 differs"):
        load_model(saved)
    (saved / name).unlink()
    with pytest.raises(ConversionModelError, match=f"lacks {name}"):
        load_model(saved)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 99}, "of format 2"),
        ({"sha256": {}}, "has no SHA-256"),
        ({"context_values": {}}, "another list of campaign types: retrain"),
        ({"reduced_dimensions": 99}, "not what its card says"),
        ({"targets": {"conversion": {"members": 0}}}, "cannot be read as a conversion model"),
    ],
)
def test_a_card_that_does_not_agree_is_refused(saved: Path, change: dict[str, object], sentence: str) -> None:
    card = json.loads((saved / "card.json").read_text())
    (saved / "card.json").write_text(json.dumps(card | change))
    with pytest.raises(ConversionModelError, match=sentence):
        load_model(saved)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}'])
def test_what_is_no_card_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(ConversionModelError, match=r"no conversion model|lacks"):
        read_card(tmp_path)


def test_a_folder_with_files_is_left_alone(saved: Path, published_model: ConversionModel) -> None:
    with pytest.raises(ConversionModelError, match="is not empty"):
        save_model(saved, published_model, identifier="m2", created_at=WHEN)


def test_predictions_leave_scikit_learn_out(saved: Path) -> None:
    """XGBoost would import it where it is installed; the web process is the same in development and in its image."""
    script = (
        "import sys; from pathlib import Path; from ml.conversions.model_folder import load_model\n"
        "assert 'xgboost' not in sys.modules, 'xgboost at import'\n"
        f"load_model(Path({str(saved)!r}))\n"
        "import ml.conversions.recommend, ml.conversions.learning\n"
        "sys.exit(bool({'sklearn', 'tensorflow', 'pandas'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
