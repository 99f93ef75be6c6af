"""A card says what the first layers knew before."""

from __future__ import annotations

from pathlib import Path

from ml.training.bundling import _start
from ml.training.run_folder import folder_of_pretraining, open_run


def write_pretraining(weights: Path, pictures: str, **facts: object) -> str:
    open_run(folder_of_pretraining(weights), {"command": "pretrain", "snapshot": pictures, **facts})
    return str(weights)


def test_a_trunk_tells_on_what_it_was_pretrained_and_from_what(tmp_path: Path) -> None:
    first = write_pretraining(tmp_path / "first.weights.h5", "the demo world", seed_from="")
    assert _start("VGG16", first) == "VGG16 weights that were pretrained from scratch (the demo world)"
    second = write_pretraining(
        tmp_path / "second.weights.h5", "sneakers50 and footlocker", seed_from=first, teachers=["squeezenet"]
    )
    assert _start("VGG16", second) == (
        "VGG16 weights that were pretrained from VGG16 weights that were pretrained from scratch (the demo world) "
        "(sneakers50 and footlocker, taught by ImageNet's squeezenet)"
    )
    third = write_pretraining(tmp_path / "third.weights.h5", "sneakers50", seed_from="squeezenet")
    assert _start("VGG16", third) == "VGG16 weights that were pretrained from squeezenet (sneakers50)"


def test_other_starts_are_named(tmp_path: Path) -> None:
    assert _start("VGG16", "none") == "random weights"
    assert _start("VGG16", "imagenet") == "ImageNet weights"
    assert _start("MobileNetV2", str(tmp_path / "small.keras")) == "the weights of small.keras"
    published = str(tmp_path / "mobilenet_v2_1.0_224_dequant_notop.keras")
    assert _start("MobileNetV2", published) == "ImageNet weights of mobilenet_v2_1.0_224_dequant_notop.keras"
