"""The runtime: a bundle's graph in ONNX Runtime, from pictures to embeddings and calibrated probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.imaging.fit import Picture, fit_square
from ml.serving.bundle import Bundle, BundleError
from ml.serving.engine import load_engine

BATCH = 16

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Seen:
    """What a bundle sees in N pictures: unit `embeddings` (N, D), calibrated `probabilities` (N, labels), and the
    probability of each of the card's `augments` (N, A), None where the bundle tells none apart."""

    embeddings: Vectors
    probabilities: Vectors
    augments: Vectors | None


class Recogniser:
    """A bundle, ready to answer. Safe to use from many threads: ONNX Runtime's sessions are.

    Raises BundleError where the graph cannot be run or its outputs are not those that the card speaks of.
    """

    def __init__(self, bundle: Bundle, threads: int = 2) -> None:
        self.bundle = bundle
        self.prototypes: Vectors = np.load(bundle.prototypes_file, allow_pickle=False)
        engine = load_engine()
        options = engine.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # an arena keeps the largest batch's memory for good
        # Threads that spin between layers answer a little sooner and take a core from everything else meanwhile.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = engine.InferenceSession(str(bundle.model_file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors share no class
            raise BundleError(f"{bundle.model_file} cannot be run: {error}") from error
        self._check()

    def embed(self, images: Sequence[Picture]) -> tuple[Vectors, Vectors]:
        """Unit embeddings (N, D) and calibrated probabilities (N, L) of RGB pictures of any size."""
        seen = self.see(images)
        return seen.embeddings, seen.probabilities

    def see(self, images: Sequence[Picture]) -> Seen:
        """All that the graph says about RGB pictures of any size."""
        card = self.bundle.card
        widths = {"embedding": card.embedding_dimensions, "probabilities": len(card.labels)}
        if card.augments:
            widths["augments"] = len(card.augments)
        answers = {name: np.empty((len(images), width), np.float32) for name, width in widths.items()}
        for start in range(0, len(images), BATCH):
            rows = slice(start, start + BATCH)
            pictures = np.stack([fit_square(image, card.input_size) for image in images[rows]]).astype(np.float32)
            for rows_of, numbers in zip(
                answers.values(), self._session.run(list(answers), {"pictures": pictures}), strict=True
            ):
                rows_of[rows] = numbers
        return Seen(answers["embedding"], answers["probabilities"], answers.get("augments"))

    def _check(self) -> None:
        card = self.bundle.card
        grey = np.full((card.input_size, card.input_size, 3), 128, np.uint8)
        try:
            self.embed([grey])
        except Exception as error:
            raise BundleError(f"{self.bundle.folder}: the graph does not do what its card says ({error})") from error
        if self.prototypes.shape != (len(card.labels), card.embedding_dimensions):
            raise BundleError(f"{self.bundle.folder}: there are prototypes of shape {self.prototypes.shape}")
