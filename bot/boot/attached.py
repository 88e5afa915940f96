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


def attach(how: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to end this process when its parent ends (Linux).

    Args:
        how: The signal that ends it.
    """
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it ended between the two calls
            sys.exit(1)


if __name__ == "__main__":
    attach(signal.SIGKILL)  # one that hangs would not hear of less; the journal is made for it
    os.execv(sys.argv[1], sys.argv[1:])
