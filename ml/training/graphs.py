"""The served graph by the names of its contract, and the way to run one in training and evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.serving.engine import load_engine

PICTURES, EMBEDDING, LOGITS, PROBABILITIES = "pictures", "embedding", "logits", "probabilities"
AUGMENTS = "augments"

Answer = Callable[[NDArray[np.uint8]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Pictures (B, S, S, 3) uint8 -> embeddings (B, D) and probabilities or logits (B, labels)."""


def open_graph(file: Path, threads: int = 2) -> Answer:
    """A function that runs the graph: uint8 pictures -> embedding and its second output (logits or probabilities)."""
    session = _session(file, threads)
    second = next(output.name for output in session.get_outputs() if output.name in (LOGITS, PROBABILITIES))

    def answer(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        embedding, numbers = session.run([EMBEDDING, second], {PICTURES: pictures.astype(np.float32)})
        return embedding, numbers

    return answer


def open_output(file: Path, name: str, threads: int = 2) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """A function that runs the graph for one of its outputs: uint8 pictures (B, S, S, 3) -> (B, ...)."""
    session = _session(file, threads)

    def answer(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(session.run([name], {PICTURES: pictures.astype(np.float32)})[0])

    return answer


def _session(file: Path, threads: int) -> Any:
    engine = load_engine()
    options = engine.SessionOptions()
    options.intra_op_num_threads = threads
    return engine.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
