"""Runs a command that dies with its parent: `python -m bot.boot.attached COMMAND ...`.

A supervisor that is killed outright cannot stop its children; on Linux the kernel does it for us. Elsewhere the command
simply runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def attach() -> None:
    """Asks the kernel to end this process when its parent ends (Linux)."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended between the two calls
            sys.exit(1)


if __name__ == "__main__":
    attach()
    os.execv(sys.argv[1], sys.argv[1:])
