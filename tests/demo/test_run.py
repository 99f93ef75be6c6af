"""What `make run` does beside serving."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.run import TRAINING_TOOLS, prepare_trainings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with an environment and a Makefile that notes each installation."""
    (tmp_path / TRAINING_TOOLS).parent.mkdir()
    write_recipe(tmp_path, "echo once >> installed.txt && touch $@")
    return tmp_path


def write_recipe(root: Path, command: str) -> None:
    (root / "Makefile").write_text(f"{TRAINING_TOOLS}:\n\t@{command}\n")


def test_what_trainings_need_is_installed_once(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    prepare_trainings(root)
    prepare_trainings(root)
    assert (root / "installed.txt").read_text() == "once\n"
    assert "Trainings can be started now" in capfd.readouterr().out


def test_without_a_package_index_it_says_what_to_do(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_recipe(root, "exit 1")
    prepare_trainings(root)
    assert f"try again with: make {TRAINING_TOOLS}" in capfd.readouterr().out


def test_an_environment_that_make_did_not_make_is_left_alone(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / TRAINING_TOOLS).parent.rmdir()
    prepare_trainings(root)
    assert not (root / "installed.txt").exists()
    assert not capfd.readouterr().out
