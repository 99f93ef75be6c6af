"""A card says what the first layers knew before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ml.datasets.snapshot import Snapshot
from ml.serving.bundle import write_card
from ml.training.provenance import in_words, shops_learned_from, start_by_name, start_in_words
from ml.training.run_folder import folder_of_pretraining, open_run
from tests.tiny_bundle import write_tiny_bundle


def write_pretraining(weights: Path, pictures: str, **facts: object) -> str:
    open_run(folder_of_pretraining(weights), {"command": "pretrain", "snapshot": pictures, **facts})
    return str(weights)


def test_a_trunk_tells_on_what_it_was_pretrained_and_from_what(tmp_path: Path) -> None:
    first = write_pretraining(tmp_path / "first.weights.h5", "the demo world", seed_from="")
    assert start_in_words("VGG16", first) == "VGG16 weights that were pretrained from scratch (the demo world)"
    second = write_pretraining(
        tmp_path / "second.weights.h5", "sneakers50 and footlocker", seed_from=first, teachers=["squeezenet"]
    )
    assert start_in_words("VGG16", second) == (
        "VGG16 weights that were pretrained from VGG16 weights that were pretrained from scratch (the demo world) "
        "(sneakers50 and footlocker, taught by ImageNet's squeezenet)"
    )
    third = write_pretraining(tmp_path / "third.weights.h5", "sneakers50", seed_from="squeezenet")
    assert start_in_words("VGG16", third) == "VGG16 weights that were pretrained from squeezenet (sneakers50)"


def test_other_starts_are_named(tmp_path: Path) -> None:
    assert start_in_words("VGG16", "none") == "random weights"
    assert start_in_words("VGG16", "imagenet") == "ImageNet weights"
    assert start_in_words("MobileNetV2", str(tmp_path / "small.keras")) == "the weights of small.keras"
    published = str(tmp_path / "mobilenet_v2_1.0_224_dequant_notop.keras")
    assert start_in_words("MobileNetV2", published) == "ImageNet weights of mobilenet_v2_1.0_224_dequant_notop.keras"


def test_a_bundle_that_a_training_began_with_is_named_with_what_it_knew(tmp_path: Path) -> None:
    card = (bundle := write_tiny_bundle(tmp_path / "first")).card
    weights = str(bundle.model_file)
    assert start_in_words("VGG16", weights) == f"the {card.network} of bundle first ({card.provenance.rstrip('.')})"
    assert start_by_name(weights) == "first"


def test_shops_are_inherited_with_the_moment_when_their_pictures_were_first_taken(tmp_path: Path) -> None:
    early, made, late = "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"
    card = (bundle := write_tiny_bundle(tmp_path / "first")).card
    inherited = {"sites": {"zappos": 40, "demo": 9, "stockx": 3}, "sites_at": {"zappos": early, "demo": early}}
    write_card(bundle.folder, replace(card, created_at=made, settings=inherited))
    snapshot = Snapshot(tmp_path, "catalogue", (), facts={"sites": {"demo": 100}, "sites_at": {"demo": late}})
    assert shops_learned_from(snapshot, str(bundle.model_file)) == {
        "sites": {"zappos": 40, "demo": 100, "stockx": 3},
        "sites_at": {"zappos": early, "demo": early, "stockx": made},
    }
    assert shops_learned_from(snapshot, "none") == {"sites": {"demo": 100}, "sites_at": {"demo": late}}
    assert shops_learned_from(replace(snapshot, facts={}), "none") == {"sites": None, "sites_at": {}}


def test_trainings_that_follow_each_other_do_not_tell_a_longer_story_each_time(tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path, "catalogue", (), facts={})
    told: list[str] = []
    weights = "imagenet"
    for name in ("first", "second", "third", "fourth"):
        bundle = write_tiny_bundle(tmp_path / name)
        told.append(in_words(snapshot, "VGG16", weights))
        write_card(bundle.folder, replace(bundle.card, provenance=f"{told[-1]} Its second head learned augments."))
        weights = str(bundle.model_file)
    network, learned = bundle.card.network, "earned from 0 of 0 pictures (catalogue), starting from"
    assert told[1] == (
        f"L{learned} the {network} of bundle first (L{learned} ImageNet weights. Its second head learned augments)."
    )
    assert told[2] == f"L{learned} the {network} of bundle second (L{learned} the {network} of bundle first)."
    assert told[3] == told[2].replace("second", "third").replace("first", "second")
