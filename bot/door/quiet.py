"""Errors in a log without what they say: an error's own text, or that of its causes, can hold a patient's words."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType


def without_words(error: BaseException | None) -> str:
    """An error and its causes as places in the code and kinds, in the order in which they arose.

    Args:
        error: The error; None gives an empty text.
    """
    blocks: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)
        # a line of our code is no secret; a value would be, and is not in it
        places = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
        blocks.append("\n".join(["Traceback without values:", *places, type(error).__qualname__]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich led to\n\n".join(reversed(blocks))


def _said_in_vain(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    print(without_words(error), file=sys.stderr, flush=True)


def install() -> None:
    """Makes every crash of this process quiet; its log is, by `bot.door.logs`."""
    sys.excepthook = _said_in_vain
    threading.excepthook = lambda seen: print(without_words(seen.exc_value), file=sys.stderr, flush=True)
