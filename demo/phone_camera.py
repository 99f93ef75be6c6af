"""A phone's camera and its bad days: light, colour cast, exposure, vignette, blur, noise, JPEG crush."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from demo.noise import Canvas, Picture, floats, grain, smooth_noise, to_picture


def snap(rng: Generator, scene: Canvas, hardness: float = 0.5) -> Picture:
    """The scene as a phone stores it; `hardness` 0 is a bright day and a steady hand, 1 a dim bar and a tired one."""
    exposed = _expose(rng, _light(rng, scene, hardness), hardness)
    blurred = _blur(rng, exposed, hardness)
    return crush(rng, to_picture(_noise(rng, blurred, hardness)), hardness)


def crush(rng: Generator, picture: Picture, hardness: float) -> Picture:
    """The picture after a JPEG encoder: quality 92 at best, 22 at worst, where small pictures are spared the worst."""
    worst = 45 if picture.shape[1] < 400 else 70
    return decode_jpeg(encode_jpeg(picture, int(92 - worst * hardness * rng.random())))


def encode_jpeg(picture: Picture, quality: int = 88) -> bytes:
    """The picture as the bytes of a JPEG file."""
    _, encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def decode_jpeg(encoded: bytes) -> Picture:
    """The pixels of a JPEG file that we made ourselves: never for a stranger's bytes."""
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError("these bytes are no JPEG picture: make the file anew")
    return np.ascontiguousarray(np.asarray(decoded, np.uint8)[..., ::-1])


def _light(rng: Generator, scene: Canvas, hardness: float) -> Canvas:
    """Uneven light, the shade of something outside the picture, and a colour cast."""
    shape = (scene.shape[0], scene.shape[1])
    unevenness = 0.15 + 0.55 * hardness * rng.random()
    shade = 1.0 - unevenness * (smooth_noise(rng, shape, (2, 2)) - 0.4)
    if rng.random() < 0.25 * hardness:
        edge = smooth_noise(rng, shape, (2, 3)) - np.float32(rng.uniform(0.35, 0.6))
        shade = shade * (1.0 - np.float32(rng.uniform(0.2, 0.5)) / (1 + np.exp(-edge * 40)))
    warmth = rng.normal(0, 0.05 + 0.09 * hardness)
    tint = rng.normal(0, 0.015 + 0.03 * hardness)
    cast = np.asarray([1 + warmth, 1 + tint, 1 - warmth], np.float32)
    return floats(scene * shade[..., None] * cast)


def _expose(rng: Generator, scene: Canvas, hardness: float) -> Canvas:
    """Exposure, contrast, saturation and vignette."""
    stops = rng.normal(0.0, 0.12 + 0.4 * hardness)
    height, width = scene.shape[:2]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    vignette = 1.0 - np.float32(rng.uniform(0.0, 0.12 + 0.2 * hardness)) * (x * x + y * y) / 1.5
    bright = scene * (np.float32(2.0**stops) * vignette)[..., None]
    bright = bright / (1.0 + np.maximum(bright - 0.85, 0.0) * 0.8)
    contrast = np.float32(1.0 + rng.normal(0.0, 0.06 + 0.1 * hardness))
    lifted = (bright - 0.5) * contrast + 0.5 + np.float32(max(0.0, rng.normal(0, 0.04)) * hardness)
    grey = lifted.mean(axis=2, keepdims=True)
    return floats(grey + (lifted - grey) * np.float32(np.clip(1 + rng.normal(0, 0.05 + 0.2 * hardness), 0.3, 1.6)))


def _blur(rng: Generator, scene: Canvas, hardness: float) -> Canvas:
    """Out of focus or shaken, by at most about 1.5 % of the width."""
    strength = scene.shape[1] * 0.015 * hardness * rng.random() ** 2
    if strength < 0.4:
        return scene
    if rng.random() < 0.6:
        return floats(cv2.GaussianBlur(scene, (0, 0), strength * 0.55))
    length = max(3, round(strength * 2))
    kernel = np.zeros((length, length), np.float32)
    turn, middle = rng.uniform(0, np.pi), (length - 1) / 2
    reach = np.asarray([np.cos(turn), np.sin(turn)]) * middle
    ends = [(round(middle + s * float(reach[0])), round(middle + s * float(reach[1]))) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1)
    return floats(cv2.filter2D(scene, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101))


def _noise(rng: Generator, scene: Canvas, hardness: float) -> Canvas:
    """Sensor noise, stronger in the shadows, a little of it in colour."""
    shape = (scene.shape[0], scene.shape[1])
    # A small picture stands for a large one made smaller, which takes noise away.
    sigma = (0.004 + 0.06 * hardness * float(rng.random()) ** 2) * float(np.clip(shape[1] / 480, 0.5, 1.0))
    speckle = grain(rng, shape, sigma)
    half = (max(2, shape[0] // 2), max(2, shape[1] // 2))
    stain = np.concatenate([grain(rng, half, sigma * 0.7) for _ in range(3)], axis=2)
    stain = floats(cv2.resize(stain, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))
    return floats(scene + (speckle + stain) * (1.15 - 0.6 * np.clip(scene, 0, 1)))
