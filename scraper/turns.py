"""Whose turn it is: one request to a host at a time and none too soon, from all crawls on this machine together.

Two crawls of one host (two shops that keep their pictures with the same company, the command line beside the site's
worker) would each keep to its robots.txt, and both together not. So whoever asks a host holds a file of its name
meanwhile, and leaves in it when that was. The system lets go of it when a process dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# When a request began or ended (time.time()), the pause behind it, whether it is open, whose it was; behind that, who
# waits, and since when.
RECORD = struct.Struct(">dd?Q")
LINE = struct.Struct(">Qd")
LINE_AT = 64
LONGEST_S = 150.0  # whatever stands there, nobody waits longer
COURTESY_S = 0.04  # twice as long as anybody who waits takes to notice


class Turn:
    """The right of `me` to ask one host, which nobody else has meanwhile.

    The last request of anybody ended `since_s` seconds ago, and the next one may begin in `left_s`, by what was known
    of the host then. Of a request that was killed nobody knows the end: it counts as just now. Whoever asked last
    lets others who wait go first.
    """

    def __init__(self, file: int | None = None, me: int = 0) -> None:
        self._file, self._me = file, me
        self.since_s, self.left_s, self.is_mine_again = float("inf"), 0.0, False
        kept = os.pread(file, RECORD.size, 0) if file is not None else b""
        if len(kept) == RECORD.size:
            last_at, pause_s, is_open, whose = RECORD.unpack(kept)
            if is_open and file is not None:  # whoever asked was killed: nobody else could have the turn
                last_at = time.time()
                os.pwrite(file, RECORD.pack(last_at, pause_s, False, whose), 0)
            self.since_s = max(0.0, time.time() - last_at)
            self.left_s = min(max(0.0, pause_s), LONGEST_S) - self.since_s
            self.is_mine_again = whose == me

    @property
    def is_wanted(self) -> bool:
        """Whether I asked last, and somebody else has been waiting since then or a little longer."""
        kept = os.pread(self._file, LINE.size, LINE_AT) if self._file is not None and self.is_mine_again else b""
        if len(kept) < LINE.size:
            return False
        who, at = LINE.unpack(kept)
        return bool(who != self._me and time.time() - at <= self.since_s + 1.0)

    def stand_in_line(self) -> None:
        """Tell whoever asked last that I wait."""
        if self._file is not None and not self.is_mine_again:
            _stand_in_line(self._file, self._me)

    def note(self, pause_s: float, *, is_open: bool) -> None:
        """Leave word for the next one: a request begins or has ended now; nobody may ask again within `pause_s`."""
        if self._file is not None:
            os.pwrite(self._file, RECORD.pack(time.time(), pause_s, is_open, self._me), 0)


@contextlib.contextmanager
def turn_of(host: str, folder: Path | None, me: int = 0) -> Iterator[Turn | None]:
    """The turn to ask `host`; None where somebody else has it. Without a folder everybody has it."""
    if folder is None:
        yield Turn()
        return
    name = hashlib.sha256(host.encode()).hexdigest()[:32]
    file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _stand_in_line(file, me)
            yield None
        else:
            yield Turn(file, me)
    finally:
        os.close(file)


def _stand_in_line(file: int, me: int) -> None:
    os.pwrite(file, LINE.pack(me, time.time()), LINE_AT)


def shared_folder() -> Path | None:
    """Where all crawls of this user on this machine keep their turns; None where there is no place for it."""
    folder = Path(tempfile.gettempdir()) / f"solescope-turns-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    return folder if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() else None
