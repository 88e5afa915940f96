"""A candidate to talk to: the whole bot once more, on free ports, with a journal that is thrown away.

`python -m bot.studio.trial MODEL` is that bot; it writes its port as JSON and ends with its input. `Trials` starts it
and knows which link leads to it. Nothing said there reaches the hospital's journal, and no patient meets the candidate.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bot.boot import serve, throwaway
from bot.boot.environments import DOOR, ROOT
from bot.errors import MarrowError
from bot.settings import read

OPEN_FOR_S = 3600
"""So long a link is good; then the bot behind it ends."""


@dataclass(frozen=True)
class Trial:
    """A running candidate.

    Attributes:
        token: The secret part of its link.
        name: The model's file name.
        port: Of its door, on this machine.
        until_s: When it ends, by the monotonic clock.
        process: What runs it.
    """

    token: str
    name: str
    port: int
    until_s: float
    process: subprocess.Popen[str]

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None and time.monotonic() < self.until_s


class Trials:
    """The one candidate that can be talked to at a time: each needs as much memory as the bot itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Trial | None = None
        self._over: threading.Timer | None = None

    def start(self, model_file: Path) -> Trial:
        """Starts a candidate; the one before ends.

        Raises:
            MarrowError: It does not start.
        """
        with self._lock:
            if self._open is not None and self._open.is_open and self._open.name == model_file.name:
                return self._open
            self._end()
            process = subprocess.Popen(
                [str(DOOR.executable), "-m", "bot.studio.trial", str(model_file)], cwd=ROOT, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                process.wait()
                raise MarrowError("studio: the candidate could not be started; see the door's log")
            port = int(json.loads(line)["port"])
            self._open = Trial(secrets.token_urlsafe(24), model_file.name, port, time.monotonic() + OPEN_FOR_S, process)
            self._over = threading.Timer(OPEN_FOR_S, self.close)
            self._over.daemon = True
            self._over.start()
            return self._open

    def of(self, token: str) -> Trial | None:
        """The candidate behind a link; None when the link is not, or no longer, good."""
        found = self._open
        if found is None or not secrets.compare_digest(found.token.encode(), token.encode()):
            return None
        return found if found.is_open else None

    def named(self, name: str) -> Trial | None:
        """The running candidate, when it is this model."""
        found = self._open
        return found if found is not None and found.name == name and found.is_open else None

    def close(self) -> None:
        """Ends it."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._over is not None:
            self._over.cancel()
        if self._open is not None:
            assert self._open.process.stdin is not None
            self._open.process.stdin.close()
            try:
                self._open.process.wait(serve.STOP_WITHIN_S + 6)
            except subprocess.TimeoutExpired:
                self._open.process.kill()
                self._open.process.wait()
        self._open = self._over = None


# --- the process ------------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Runs the bot until the input ends."""
    folder = Path(tempfile.mkdtemp(prefix="marrow-trial-"))
    try:
        unheard = {"trusted_proxies": "", "alert_emails": "", "alert_webhook_url": ""}
        os.environ.update(throwaway.variables(folder, **unheard))
        settings = read()
        place = serve.Place(run=folder / "run", logs=folder / "log")
        supervisor = serve.start(settings, Path(arguments[0]), place)
        for number in (signal.SIGTERM, signal.SIGINT):  # it ends with its input alone, so that all of it ends
            signal.signal(number, signal.SIG_IGN)
        print(json.dumps({"port": settings.door_port}), flush=True)
        sys.stdin.read()
        serve.stop(supervisor)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
