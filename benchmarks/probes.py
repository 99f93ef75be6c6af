"""Linear probes: how far frozen ImageNet features and a logistic regression get on the same split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.fit import fit_square
from ml.networks.mobilenet import preprocess
from ml.networks.published_files import MOBILENETV2_FILE, SQUEEZENET_FILE, SQUEEZENET_MEANS_BGR

BATCH = 32


def squeezenet_features(files: Sequence[Path], weights: Path) -> NDArray[np.float32]:
    """(pictures, 512) average-pooled SqueezeNet 1.1 features at 227 px, unit length."""
    return _features(files, weights / SQUEEZENET_FILE, 227, _caffe)


def mobilenet_features(files: Sequence[Path], weights: Path) -> NDArray[np.float32]:
    """(pictures, 1280) MobileNetV2 features at 224 px, unit length."""
    return _features(files, weights / MOBILENETV2_FILE, 224, preprocess)


def probe(features: NDArray[np.float32], labels: NDArray[np.int64], is_train: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Probabilities (held-out pictures, labels) of a logistic regression fitted on the training rows.

    The strength of its regularisation is chosen on a fifth of the training rows.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit(features[is_train]).transform(features)
    x, y = scaled[is_train], labels[is_train]
    fit_x, check_x, fit_y, check_y = train_test_split(x, y, test_size=0.2, random_state=7, stratify=y)
    strengths = (1e-4, 1e-3, 1e-2)
    scores = [LogisticRegression(C=c, max_iter=300).fit(fit_x, fit_y).score(check_x, check_y) for c in strengths]
    best = LogisticRegression(C=strengths[int(np.argmax(scores))], max_iter=500).fit(x, y)
    return np.asarray(best.predict_proba(scaled[~is_train]))


def scores(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> dict[str, float]:
    """Top-1, top-5 and log-loss of probabilities (pictures, labels) against label indices (pictures,)."""
    ranked = np.argsort(-probabilities, axis=1)
    picked = probabilities[np.arange(len(truth)), truth]
    return {
        "top-1": float((ranked[:, 0] == truth).mean()),
        "top-5": float((ranked[:, :5] == truth[:, None]).any(axis=1).mean()),
        "log-loss": float(-np.log(np.clip(picked, 1e-12, 1)).mean()),
    }


def _features(files: Sequence[Path], weights: Path, size: int, preprocessing: object) -> NDArray[np.float32]:
    import keras

    network = keras.models.load_model(weights)
    found = []
    for start in range(0, len(files), BATCH):
        pictures = np.stack([fit_square(_read(file), size) for file in files[start : start + BATCH]])
        answer = np.asarray(network(preprocessing(pictures.astype(np.float32)), training=False))  # type: ignore[operator]
        found.append(answer if answer.ndim == 2 else answer.mean(axis=(1, 2)))
    features = np.concatenate(found).astype(np.float32)
    return np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True))


def _caffe(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(pictures[..., ::-1] - np.array(SQUEEZENET_MEANS_BGR, np.float32))


def _read(file: Path) -> NDArray[np.uint8]:
    with Image.open(file) as picture:
        if picture.mode in ("RGBA", "LA", "P"):
            rgba = picture.convert("RGBA")
            white = Image.new("RGBA", rgba.size, "white")
            return np.asarray(Image.alpha_composite(white, rgba).convert("RGB"))
        return np.asarray(picture.convert("RGB"))
