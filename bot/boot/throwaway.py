"""The environment of a bot that is thrown away: on free ports of this machine, with a journal and secrets of its own.

Standard library of Python 3.9 only.
"""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

from bot.boot.made_secrets import made


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on at this moment."""
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def variables(folder: Path, **overrides: Any) -> dict[str, str]:
    """What to set for it.

    Args:
        folder: Where its journal stands.
        **overrides: Settings by field name, such as `messages_per_minute=1000`.
    """
    door, brain, actions = free_ports(3)
    given: dict[str, Any] = {
        "door_host": "127.0.0.1",
        "door_port": door,
        "brain_port": brain,
        "actions_port": actions,
        "database_url": f"sqlite:///{folder / 'journal.sqlite3'}",
        **overrides,
    }
    return made() | {f"MARROW_{key.upper()}": str(value) for key, value in given.items()}
