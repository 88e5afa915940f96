"""How the door writes its log: one entry a line, so that nothing a client sends can look like an entry of its own."""

from __future__ import annotations

import copy
import logging
import sys
import time
import unicodedata
from typing import Any

from bot.door.quiet import without_words
from bot.errors import MarrowError

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_CONTINUED = "\n    | "


def one_line(text: str) -> str:
    """Shows control, direction and separator characters as escapes."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
        else character
        for character in text
    )


class OneEntryALine(logging.Formatter):
    """Escapes what could begin a new entry; further lines of one (where an error came about) are marked. UTC."""

    converter = time.gmtime  # type: ignore[assignment]
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatException(self, ei: Any) -> str:
        """Writes where an error came about and of what kind it is, never its text: that may hold a patient's words."""
        error = ei[1]
        said = f": {error}" if isinstance(error, MarrowError) else ""
        return without_words(error) + said

    def format(self, record: logging.LogRecord) -> str:
        """Writes one entry."""
        record = copy.copy(record)
        record.exc_text = None  # another handler may have written the error out, and with its text
        return _CONTINUED.join(one_line(line) for line in super().format(record).split("\n"))


def write_logs() -> None:
    """Writes the log of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneEntryALine(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name, level in (("httpx", logging.WARNING), ("alembic", logging.WARNING), ("presidio-analyzer", logging.ERROR)):
        logging.getLogger(name).setLevel(level)
