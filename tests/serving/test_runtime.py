"""The runtime: a bundle's graph gives what the card promises, and a bundle that does not is refused."""

from __future__ import annotations

import dataclasses
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ml.serving.bundle import Bundle, BundleError, Card, read_bundle, write_card
from ml.serving.runtime import BATCH, Recogniser
from tests.serving.photos import COLOURS, shoe
from tests.tiny_bundle import tiny_embedding


def test_embeddings_are_unit_vectors_and_probabilities_sum_to_one(recogniser: Recogniser) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (20 + 7 * n, 90 - 3 * n, 3), np.uint8) for n in range(BATCH + 3)]
    embeddings, probabilities = recogniser.embed(pictures)
    assert embeddings.shape == (BATCH + 3, 48) and embeddings.dtype == np.float32
    assert probabilities.shape == (BATCH + 3, 3) and probabilities.dtype == np.float32
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(embeddings[5], tiny_embedding(pictures[5]), atol=1e-5), "batches keep their order"


def test_the_pictures_that_it_was_taught_are_recognised(recogniser: Recogniser) -> None:
    _, probabilities = recogniser.embed([shoe(colour) for colour in COLOURS.values()])
    assert probabilities.argmax(axis=1).tolist() == [0, 1, 2]


def test_no_pictures_give_no_rows(recogniser: Recogniser) -> None:
    embeddings, probabilities = recogniser.embed([])
    assert embeddings.shape == (0, 48) and probabilities.shape == (0, 3)


def test_many_threads_may_ask_at_once(recogniser: Recogniser) -> None:
    pictures = [shoe(colour) for colour in COLOURS.values()]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda picture: recogniser.embed([picture])[0][0], pictures * 8))
    for picture, answer in zip(pictures * 8, answers, strict=True):
        assert np.allclose(answer, tiny_embedding(picture), atol=1e-5)


def resealed(bundle: Bundle, folder: Path, card: Card) -> Bundle:
    shutil.copytree(bundle.folder, folder)
    return write_card(folder, card)


def test_a_graph_that_is_not_what_the_card_says_is_refused(painted_bundle: Bundle, tmp_path: Path) -> None:
    card = painted_bundle.card
    with pytest.raises(BundleError, match="does not do what its card says"):
        Recogniser(resealed(painted_bundle, tmp_path / "size", dataclasses.replace(card, input_size=64)))
    with pytest.raises(BundleError, match="does not do what its card says"):
        Recogniser(resealed(painted_bundle, tmp_path / "labels", dataclasses.replace(card, labels=("a", "b"))))


def test_prototypes_and_model_must_be_whole(painted_bundle: Bundle, tmp_path: Path) -> None:
    folder = tmp_path / "prototypes"
    shutil.copytree(painted_bundle.folder, folder)
    np.save(folder / "prototypes.npy", np.zeros((2, 48), np.float32))
    with pytest.raises(BundleError, match="prototypes"):
        Recogniser(write_card(folder, painted_bundle.card))
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(BundleError, match="cannot be run"):
        Recogniser(write_card(folder, painted_bundle.card))


def test_a_bundle_of_before_the_second_head_is_read_and_tells_no_augments_apart(
    painted_bundle: Bundle, tmp_path: Path
) -> None:
    older = resealed(painted_bundle, tmp_path / "older", painted_bundle.card)
    facts = json.loads((older.folder / "card.json").read_text())
    del facts["augments"]
    (older.folder / "card.json").write_text(json.dumps(facts))
    assert read_bundle(older.folder).card.augments == ()
    assert Recogniser(read_bundle(older.folder)).see([shoe((90, 90, 90))]).augments is None
