"""The door under attack: the same real doors as the door's own tests, and raw connections beside them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.bot.door.conftest import (  # noqa: F401 - fixtures
    Served,
    brain,
    brain_turn,
    doors,
    patient,
    quick_hashes,
    redaction,
    served,
)

Raw = Callable[..., bytes]


FIRST_BYTE_TIMEOUT_S = 30.0


@pytest.fixture
def raw(served: Served) -> Raw:  # noqa: F811
    """Sends bytes to the door and gives what comes back until it hangs up or is silent."""
    return raw_to(served)


def raw_to(served: Served, silence_s: float = 2.0) -> Raw:  # noqa: F811
    """The same for a door of the test's own.

    Silence is counted from the first byte on: how long a slow machine takes to answer is not asked here.
    """
    where = urlsplit(str(served.http.base_url))

    def send(*parts: bytes) -> bytes:
        got = b""
        with closing(
            socket.create_connection((where.hostname, where.port), timeout=FIRST_BYTE_TIMEOUT_S)
        ) as connection:
            for part in parts:
                connection.sendall(part)
            try:
                while came := connection.recv(65_536):
                    got += came
                    connection.settimeout(silence_s)
            except (TimeoutError, ConnectionResetError):
                pass
        return got

    return send
