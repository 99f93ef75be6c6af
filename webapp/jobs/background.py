"""Become a program that gets only what nobody else wants: `python -P background.py PARENT PROGRAM ARGUMENT...`.

It lowers its own priority, has the system end it when its parent dies, and then turns into the program. It is run by
its path and needs nothing of ours. What a system does not know (another one than Linux) is left out.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
LOWEST = 19
_IOPRIO_WHO_PROCESS, _IOPRIO_IDLE = 1, 3 << 13


def main() -> None:
    """Take the place of this program."""
    parent, *command = sys.argv[1:]
    end_with(int(parent))
    yield_to_others()
    os.execv(command[0], command)  # noqa: S606 (the worker's own command)


def end_with(parent: int) -> None:
    """Be ended when the process `parent` dies, and at once where it has died already."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the worker is gone")


def yield_to_others() -> None:
    """Run when nobody else wants the processor, and read when nobody else wants the disk."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, LOWEST)
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError, AttributeError, KeyError):
        number = _IOPRIO_SET[platform.machine()]
        ctypes.CDLL(None).syscall(number, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_IDLE)


if __name__ == "__main__":
    main()
