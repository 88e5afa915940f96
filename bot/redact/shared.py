"""One redactor for a process, loaded beside everything else: a door listens, and answers danger, before it is there."""

from __future__ import annotations

import gc
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from bot.errors import WeightsError
from bot.redact.kinds import WITHHELD, Redacted
from bot.redact.model import check, folder

if TYPE_CHECKING:
    from bot.redact.redactor import Redactor

log = logging.getLogger(__name__)

FIRST = "Ask Olga Petrova, born 3 May 1971, 12 Elm Road, +44 20 7946 0000, about day +12. 王小明"
"""What is looked through before any text of a patient."""

WAIT_S = 20.0
"""How long a text waits for the redactor to be loaded before it is withheld."""

WAIT_IN_DANGER_S = 0.1
"""The same for a text that tells of danger: its answer is to be there within 300 ms."""


def _load() -> Redactor:
    from bot.redact.redactor import Redactor  # here, because importing alone takes two seconds

    redactor = Redactor()
    redactor.redact(FIRST)  # lists are read at the first text: no patient is to wait a second for that
    # None of it is ever garbage. Looking through all of it again and again would stop the door for 200 ms each time.
    gc.collect()
    gc.freeze()
    return redactor


class SharedRedactor:
    """The redactor as the door uses it. Until it is loaded texts wait, and then are withheld.

    Raises:
        WeightsError: A file of the model is missing or is not the one that was reviewed.
    """

    def __init__(self) -> None:
        check(folder())
        pool = ThreadPoolExecutor(1, "redactor")
        self._loaded: Future[Redactor] = pool.submit(_load)
        pool.shutdown(wait=False)

    def check(self) -> None:
        """Makes sure that texts can be looked through now.

        Raises:
            WeightsError: Not yet, or not at all.
        """
        if not self._loaded.done():
            raise WeightsError("bot.redact: still loading; texts wait for it")
        if self._loaded.exception() is not None:
            raise WeightsError(
                f"bot.redact: could not be loaded ({type(self._loaded.exception()).__name__}), so every text is "
                "withheld; remove .marrow/door and start again"
            )

    def redact(self, text: str, *, wait_s: float = WAIT_S) -> Redacted:
        """See `Redactor.redact`; waits for it to be loaded. Never raises.

        Args:
            text: As typed.
            wait_s: How long to wait at most.
        """
        try:
            redactor = self._loaded.result(wait_s)
        except Exception as error:
            log.error("bot.redact: not loaded (%s); a text is withheld", type(error).__name__)
            return Redacted(WITHHELD, withheld=True)
        return redactor.redact(text)


@cache
def shared_redactor() -> SharedRedactor:
    """The redactor of this process; it begins to load with the first call.

    Raises:
        WeightsError: A file of the model is missing or is not the one that was reviewed.
    """
    return SharedRedactor()
