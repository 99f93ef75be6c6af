"""What runs in a child of the photo pool: `python -m ml.imaging.child`, spoken to over the socket that is its input.

It opens and cuts out one photo at a time and can be killed at any of them. It limits itself: memory, no files written,
no cores dumped, and an alarm that ends it where a photo takes for ever and nobody is left to kill it.

    to the child     length (8 bytes), whether to cut out (1 byte), the photo's bytes
    from the child   length (4 bytes), a line of JSON, then the pixels that it announces
                     {"ready": true} once; then for each photo either
                     {"refused": reason, "sentence": text}, or
                     {"image": [height, width], "ms": decode} and RGB, then, where it was asked to cut out,
                     {"coverage": c, "fallback": f, "box": [...], "reason": text, "ms": cutout} and the mask
"""

from __future__ import annotations

import io
import json
import resource
import signal
import socket
import struct
import sys
import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.imaging.cutout import Cutout, cut_out, whole_picture
from ml.imaging.decode import Decoded, DecodeError, Limits, decode, decode_with_alpha

PHOTO = struct.Struct(">Q?")
HEADER = struct.Struct(">I")


def main() -> None:
    """Serve photos until the parent hangs up; the arguments are the limits as JSON, memory in MB, and seconds."""
    limits, memory_mb, seconds = Limits(**json.loads(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3])
    cv2.setNumThreads(1)
    _warm_up()
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with socket.socket(fileno=0) as parent:
        _send(parent, {"ready": True})
        while (photo := _receive(parent)) is not None:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            _serve(parent, *photo, limits)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _serve(parent: socket.socket, photo: bytes, cuts_out: bool, limits: Limits) -> None:
    started = time.perf_counter()
    try:
        decoded = decode_with_alpha(photo, limits)
    except DecodeError as error:
        _send(parent, {"refused": error.reason, "sentence": error.sentence})
        return
    opened = time.perf_counter()
    _send(
        parent,
        {"image": decoded.image.shape[:2], "ms": _milliseconds(started, opened)},
        np.ascontiguousarray(decoded.image),
    )
    if not cuts_out:
        return
    opened = time.perf_counter()
    cutout = _cutout(decoded)
    header = {"coverage": cutout.coverage, "fallback": cutout.fallback, "box": cutout.box, "reason": cutout.reason}
    _send(parent, header | {"ms": _milliseconds(opened, time.perf_counter())}, np.ascontiguousarray(cutout.mask))


def _cutout(decoded: Decoded) -> Cutout:
    try:
        return cut_out(decoded.image, decoded.alpha)
    except Exception as error:  # a photo that can be opened is never refused for its background
        print(f"cutting out failed, the whole picture is used: {error!r}", file=sys.stderr)  # noqa: T201
        return whole_picture(decoded.image, "The shoe could not be cut out of this picture, so all of it was used.")


def _milliseconds(start: float, end: float) -> float:
    return round(1000 * (end - start), 2)


def _warm_up() -> None:
    """Pay for first calls and late imports before the first photo."""
    picture = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    picture[30:70, 30:90] = (200, 30, 30)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG")
    cut_out(decode(file.getvalue()))


def _send(parent: socket.socket, header: dict[str, Any], pixels: NDArray[np.uint8] | None = None) -> None:
    line = json.dumps(header).encode()
    parent.sendall(HEADER.pack(len(line)) + line)
    if pixels is not None:
        parent.sendall(pixels.data)


def _receive(parent: socket.socket) -> tuple[bytes, bool] | None:
    """The next photo, and whether to cut it out; None when the parent hung up."""
    start = _exactly(parent, PHOTO.size)
    if start is None:
        return None
    length, cuts_out = PHOTO.unpack(start)
    photo = _exactly(parent, length)
    return None if photo is None else (photo, cuts_out)


def _exactly(parent: socket.socket, length: int) -> bytes | None:
    received = bytearray(length)
    view, place = memoryview(received), 0
    while place < length:
        count = parent.recv_into(view[place:])
        if count == 0:
            return None
        place += count
    return bytes(received)


if __name__ == "__main__":
    main()
