"""Two small ImageNet networks as they were published for Keras: their files, and what they take off a picture.

Teachers, seeds, starting weights and probes all use these files, and know them by their names.
"""

from __future__ import annotations

SQUEEZENET_FILE = "squeezenet_v11_notop_keras3.keras"
SQUEEZENET_MEANS_BGR = (104.006, 116.669, 122.679)
"""SqueezeNet 1.1 was trained on pictures with blue first and these means, of 0..255, taken off."""

MOBILENETV2_FILE = "mobilenet_v2_1.0_224_dequant_notop.keras"
MOBILENETV2_GREY = 128.0
"""MobileNetV2 for phones was trained on pictures from -1 to 1: this taken off, and divided by it."""

PUBLISHED = frozenset({SQUEEZENET_FILE, MOBILENETV2_FILE})
