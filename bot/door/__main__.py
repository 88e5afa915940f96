"""`python -m bot.door`: serves until it is told to stop."""

from __future__ import annotations

import signal
import sys

from bot.door import quiet
from bot.door.app import build, create_app
from bot.door.logs import write_logs
from bot.door.origins import trusted_proxies
from bot.door.serve import Server, allow_open_files, bind
from bot.errors import MarrowError
from bot.settings import settings


def main() -> int:
    """Runs the door.

    Returns:
        0 after a wished stop, 1 when it cannot start; the reason is one line on standard error.
    """
    write_logs()
    quiet.install()
    try:
        given = settings()
        # The port is taken before the journal is touched: it is what makes this door's name in claims its own.
        bound = bind(given.door_host, given.door_port)
        allow_open_files(given.streams_most)
        door = build(given)
        app = create_app(door)
    except MarrowError as error:
        print(f"door: {error}", file=sys.stderr, flush=True)
        return 1
    host = f"[{given.door_host}]" if ":" in given.door_host else given.door_host
    # Uvicorn raises the signal again when it is done; by then ending is all that is left to do.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    announce = f"door: listening on http://{host}:{given.door_port}"
    Server(app, door.hub, announce, trusted_proxies(given.trusted_proxies)).run(sockets=[bound])
    return 0


if __name__ == "__main__":
    sys.exit(main())
