"""One child process that opens photos, seen from its parent: start it, ask it, kill it.

The child is a program of its own (ml.imaging.child): it shares no memory with this process, runs none of its main
module, sees none of its environment, and answers with numbers and pixels, never with pickles, so that a picture that
takes it over gains little.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.imaging.child import HEADER, PHOTO
from ml.imaging.cutout import Cutout, whole_picture
from ml.imaging.decode import DecodeError, Limits

START_PATIENCE_S = 60.0

_REPOSITORY = Path(__file__).resolve().parents[2]
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "VIRTUAL_ENV")
_CHILD_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_LONGEST_HEADER = 4096
_MOST_PIXELS = 2**26


@dataclass(frozen=True, eq=False)
class PreparedPhoto:
    """A photo (H, W, 3) uint8 RGB, the shoe in it, and what both took ("decode" and "cutout", in milliseconds)."""

    image: NDArray[np.uint8]
    cutout: Cutout
    timings_ms: dict[str, float]


class OpenerError(Exception):
    """The child ended, or said what no child says."""


class Opener:
    """A child process, and the socket to it. Used by one thread at a time; `kill` may be called from any.

    Once `is_well` is false it can only be killed: half an answer may lie in its socket.
    """

    def __init__(self, limits: Limits, memory_mb: int, seconds: float) -> None:
        self._seconds = seconds
        self._socket, theirs = socket.socketpair()
        arguments = [json.dumps(asdict(limits)), str(memory_mb), str(seconds + 1)]
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own program and arguments
                [sys.executable, "-m", "ml.imaging.child", *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=_REPOSITORY,
                env=kept | _CHILD_ENVIRONMENT,
                start_new_session=True,  # Ctrl-C at the terminal is for the parent, which then ends its children
            )
        self._is_ready = False
        self.is_well = True

    def wait_until_ready(self) -> None:
        """Wait for a child that is just starting; raises RuntimeError where it does not come up."""
        if self._is_ready:
            return
        try:
            self._header(time.monotonic() + START_PATIENCE_S)
        except (OpenerError, TimeoutError) as error:
            self.is_well = False
            raise RuntimeError("the process that opens photos does not start: its message is in the log") from error
        self._is_ready = True

    def prepare(self, data: bytes) -> PreparedPhoto:
        """Have a photo opened and cut out. Raises DecodeError where it cannot be opened in time.

        Cutting out gets the time that is left; GrabCut cannot be interrupted, so where that is not enough the child has
        to be killed, and the photo is used whole.
        """
        started = time.monotonic()
        self.is_well = False  # until its last answer is in
        image, decode_ms = self._decoded(data, True, started + self._seconds)
        try:
            cutout, cutout_ms = self._cut_out(image, started + self._seconds)
        except (OpenerError, TimeoutError):
            reason = "Finding the shoe took too long, so the whole picture was used."
            cutout, cutout_ms = whole_picture(image, reason), 1000 * (time.monotonic() - started) - decode_ms
        else:
            self.is_well = True
        return PreparedPhoto(image, cutout, {"decode": decode_ms, "cutout": cutout_ms})

    def decode(self, data: bytes) -> NDArray[np.uint8]:
        """Have a picture opened only; raises DecodeError where that cannot be done in time."""
        self.is_well = False
        image, _ = self._decoded(data, False, time.monotonic() + self._seconds)
        self.is_well = True
        return image

    def kill(self) -> None:
        """End the process now."""
        self.process.kill()
        self.process.wait()
        self._socket.close()

    def _decoded(self, data: bytes, cuts_out: bool, deadline: float) -> tuple[NDArray[np.uint8], float]:
        try:
            self._send(PHOTO.pack(len(data), cuts_out), deadline)
            self._send(data, deadline)
            header = self._header(deadline)
            if "refused" not in header:
                height, width = _numbers(header, "image", 2)
                return self._pixels((height, width, 3), deadline), _numbers(header, "ms", 1)[0]
        except TimeoutError as error:
            sentence = "The photo takes too long to open. Send a smaller version of it, or save it as a plain JPEG."
            raise DecodeError("limits", sentence) from error
        except OpenerError as error:
            sentence = "The photo is damaged, or needs more memory than a photo should. Save it anew as a plain JPEG."
            raise DecodeError("corrupt", sentence) from error
        self.is_well = True
        raise DecodeError(header["refused"], str(header.get("sentence")))

    def _cut_out(self, image: NDArray[np.uint8], deadline: float) -> tuple[Cutout, float]:
        header = self._header(deadline)
        left, top, right, bottom = (int(edge) for edge in _numbers(header, "box", 4))
        coverage, milliseconds = _numbers(header, "coverage", 1)[0], _numbers(header, "ms", 1)[0]
        mask = self._pixels(image.shape[:2], deadline)
        reason = str(header.get("reason"))
        return Cutout(mask, coverage, bool(header.get("fallback")), (left, top, right, bottom), reason), milliseconds

    def _header(self, deadline: float) -> dict[str, Any]:
        length = HEADER.unpack(self._receive(bytearray(HEADER.size), deadline))[0]
        if length > _LONGEST_HEADER:
            raise OpenerError
        try:
            header = json.loads(self._receive(bytearray(length), deadline))
        except ValueError as error:
            raise OpenerError from error
        if not isinstance(header, dict):
            raise OpenerError
        return header

    def _pixels(self, shape: tuple[float, ...], deadline: float) -> NDArray[np.uint8]:
        sides = tuple(int(side) for side in shape)
        if min(sides) < 1 or np.prod(sides, dtype=np.float64) > _MOST_PIXELS:
            raise OpenerError
        return np.frombuffer(self._receive(bytearray(int(np.prod(sides))), deadline), np.uint8).reshape(sides)

    def _receive(self, buffer: bytearray, deadline: float) -> bytearray:
        """Fill the buffer. Raises TimeoutError at the deadline, OpenerError where the child hangs up before."""
        view, place = memoryview(buffer), 0
        while place < len(view):
            try:
                self._socket.settimeout(max(0.001, deadline - time.monotonic()))
                count = self._socket.recv_into(view[place:])
            except TimeoutError:
                raise
            except OSError as error:
                raise OpenerError from error
            if count == 0:
                raise OpenerError
            place += count
        return buffer

    def _send(self, data: bytes, deadline: float) -> None:
        try:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            self._socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise OpenerError from error


def _numbers(header: dict[str, Any], name: str, count: int) -> tuple[float, ...]:
    """The numbers that a header must hold under a name; raises OpenerError where it does not."""
    value = header.get(name)
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) != count or not all(isinstance(number, int | float) for number in numbers):
        raise OpenerError
    return tuple(numbers)
