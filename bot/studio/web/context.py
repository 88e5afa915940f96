"""All that the pages of the studio share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import anyio
import httpx
from starlette.requests import Request

from bot.desk.context import Desk
from bot.desk.guard import account
from bot.studio.candidates import Candidates
from bot.studio.checker import Comparer
from bot.studio.files import Person
from bot.studio.inbox import MOST
from bot.studio.questions import Studio
from bot.studio.trial import Trials

T = TypeVar("T")
_KEY = re.compile(r"[\w-]{1,64}:[0-9]{1,9}")


def _way() -> httpx.AsyncClient:
    """The way to a candidate; it keeps no cookie, which the next who holds a link would send."""
    none = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(timeout=5, trust_env=False, cookies=none)


@dataclass(frozen=True)
class Web:
    """The studio's parts; hung on its app's state as `studio`."""

    desk: Desk
    studio: Studio
    comparer: Comparer
    candidates: Candidates
    trials: Trials = field(default_factory=Trials)
    way: httpx.AsyncClient = field(default_factory=_way)
    _threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(3))

    async def do(self, step: Callable[[], T]) -> T:
        """Runs a step on files, journal or comparer in a thread, so that no patient waits for it."""
        return await anyio.to_thread.run_sync(step, limiter=self._threads)

    def close(self) -> None:
        """Ends what was started."""
        self.comparer.close()
        self.trials.close()


def web_of(request: Request) -> Web:
    """The studio that serves this request."""
    web: Any = request.app.state.studio
    assert isinstance(web, Web)
    return web


def person(request: Request) -> Person:
    """Who asks, as author of a change."""
    me = account(request)
    return Person(me.actor, me.name, me.email)


def keys_of(given: Any) -> list[str]:
    """Messages of the inbox that a form or an address names."""
    named = given.getlist("key")
    return [key for key in dict.fromkeys(named) if isinstance(key, str) and _KEY.fullmatch(key)][:MOST]
