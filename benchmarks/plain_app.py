"""The plain way: a small Flask application as tutorials write it, with Keras in the web process.

Pillow decodes the whole photo, GrabCut runs at its full size from a box with a 5 % margin, `keras predict` answers.
"""

from __future__ import annotations

import io
import os

import cv2
import keras
import numpy as np
from flask import Flask, request
from numpy.typing import NDArray
from PIL import Image

SIZE = 224
LABELS = 50


def plain_network() -> keras.Model:
    """VGG16 with a softmax on top, at 224 px. The weights do not matter for time or memory: they are random."""
    trunk = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3), pooling="avg")
    return keras.Model(trunk.input, keras.layers.Dense(LABELS, activation="softmax")(trunk.output))


def decode(photo: bytes) -> NDArray[np.uint8]:
    """All pixels of the photo, as Pillow gives them."""
    return np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"))


def cut_out(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """GrabCut, five iterations at full size; the background white."""
    height, width = image.shape[:2]
    box = (width // 20, height // 20, width - width // 10, height - height // 10)
    mask = np.zeros((height, width), np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(image, mask, box, *models, 5, cv2.GC_INIT_WITH_RECT)
    foreground = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    return np.where(foreground[..., None], image, np.uint8(255))


def predict(network: keras.Model, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Class probabilities by `predict`."""
    batch = cv2.resize(image, (SIZE, SIZE)).astype(np.float32)[None]
    return np.asarray(network.predict(keras.applications.vgg16.preprocess_input(batch), verbose=0)[0])


def create_plain_app() -> Flask:
    """The application for gunicorn: `gunicorn "benchmarks.plain_app:create_plain_app()"`.

    With SKIP_GRABCUT set the photo goes to the network as it is, so that start-up and memory can be measured
    without waiting for GrabCut.
    """
    network = plain_network()
    app = Flask(__name__)

    @app.get("/health/ready")
    def ready() -> str:
        return "ready"

    @app.post("/identify")
    def identify() -> dict[str, float]:
        image = decode(request.files["photo"].read())
        if not os.environ.get("SKIP_GRABCUT"):
            image = cut_out(image)
        return {"probability": float(predict(network, image).max())}

    return app
