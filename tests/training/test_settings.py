"""Settings: what is usual for a network, and sentences for what cannot be; without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ml.training.contestants import plan_contestants
from ml.training.settings import choose_settings


def test_vgg16_keeps_the_recipe_of_the_field() -> None:
    usual = choose_settings()
    assert (usual.network, usual.size, usual.frozen, usual.dimensions) == ("vgg16", 96, 15, 256)
    assert (usual.top_optimizer, usual.top_rate) == ("adamw", 0.001)
    assert (usual.fine_optimizer, usual.fine_rate) == ("sgd", 0.002)
    assert not usual.is_end_to_end


def test_rates_follow_the_optimiser_and_what_it_trains(tmp_path: Path) -> None:
    (tmp_path / "trunk.keras").touch()
    scratch = choose_settings("mobilenetv2")
    started = choose_settings("mobilenetv2", weights=str(tmp_path / "trunk.keras"))
    assert scratch.is_from_scratch
    assert started.is_end_to_end
    assert not started.is_from_scratch
    assert (scratch.fine_rate, started.fine_rate) == (0.001, 0.0003)
    assert choose_settings("mobilenetv2", fine_optimizer="sgd", fine_rate=0.5).fine_rate == 0.5


@pytest.mark.parametrize(
    ("network", "chosen", "sentence"),
    [
        ("vgg99", {}, "no network 'vgg99': choose vgg16"),
        ("vgg16", {"fine_optimizer": "lion"}, "no optimiser 'lion': choose sgd, adam, rmsprop, adamw"),
        ("vgg16", {"schedule": "steps"}, "one of cosine, plateau"),
        ("vgg16", {"precision": "int4"}, "one of auto, float32, bfloat16"),
        ("vgg16", {"size": 31}, "32 pixels and more"),
        ("vgg16", {"weights": "gone.weights.h5"}, "does not exist"),
        ("benchmark-cnn", {"weights": "imagenet"}, "starts from none"),
        ("fashion-cnn", {"dimensions": 99}, "leave --dimensions out"),
        ("resnet18", {"fine_epochs": 0}, "train nothing"),
        ("resnet18", {"fine_optimizer": "adam", "momentum": 0.5}, "leave --momentum out"),
        ("vgg16", {"oversample": 1.5}, "between 0 and 1"),
        ("vgg16", {"oversample": 0.5, "class_weights": True}, "choose one"),
        ("vgg16", {"email_pipeline": True, "augmentation": False}, "leave --email-pipeline or"),
        ("vgg16", {"label_smoothing": 1.0}, "label smoothing is at least 0"),
        ("vgg16", {"batch_size": 0}, "batch size is at least 1"),
        ("vgg16", {"fine_rate": 0.0}, "above 0"),
    ],
)
def test_what_cannot_be_is_said(network: str, chosen: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        choose_settings(network, **chosen)


def test_contestants_share_all_but_their_variants() -> None:
    names = ["vgg16", "vgg16+bottleneck", "resnet18+oversample+no-augmentation"]
    plain, bottleneck, lopsided = plan_contestants(names, [], size=64, seed=3)
    assert (plain.settings.size, plain.settings.seed, plain.settings.fine_epochs) == (64, 3, 15)
    assert bottleneck.settings.fine_epochs == 0
    assert (lopsided.settings.oversample, lopsided.settings.augmentation) == (1.0, False)
    assert lopsided.title == "ResNet18, oversample, no augmentation"


@pytest.mark.parametrize(
    ("names", "starts", "sentence"),
    [
        ([], [], "names what to compare"),
        (["vgg16", "vgg16"], [], "vgg16 twice"),
        (["vgg16+magic"], [], "no variant 'magic': .* choose bottleneck"),
        (["vgg16"], ["resnet18=none"], "NETWORK=START for one of vgg16"),
        (["vgg16"], ["vgg16=gone.weights.h5"], "does not exist"),
        (["vgg16", "vgg99"], [], "no network 'vgg99'"),
    ],
)
def test_contestants_that_there_are_not(names: list[str], starts: list[str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace(": .* ", ".*")):
        plan_contestants(names, starts)
