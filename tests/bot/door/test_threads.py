"""Steps on the journal: in time or refused, and what comes late is still taken up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.door import threads as module
from bot.door.threads import Threads
from bot.errors import StoreError


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(module, "WITHIN_S", 0.1)


async def test_when_a_step_ends_in_time_then_its_result_comes_and_is_told_once():
    told = []
    assert await Threads(1).run(lambda: 7, done=told.append) == 7
    await asyncio.sleep(0)
    assert told == [7]


async def test_when_a_step_raises_then_its_error_comes_and_nothing_is_told_of_a_result():
    told = []
    with pytest.raises(ZeroDivisionError):
        await Threads(1).run(lambda: 1 // 0, done=told.append)
    await asyncio.sleep(0)
    assert told == [None]


async def test_when_a_step_hangs_then_the_wait_ends_and_its_late_result_is_still_told():
    gate, told = threading.Event(), []
    with pytest.raises(StoreError, match="hang"):
        await Threads(1).run(lambda: gate.wait(5) and 7, done=told.append)
    assert told == []
    gate.set()
    await asyncio.sleep(0.1)
    assert told == [7]


async def test_when_a_step_was_not_begun_in_time_then_it_is_never_done():
    gate, done, told = threading.Event(), [], []
    threads = Threads(1)
    first = asyncio.create_task(threads.run(lambda: gate.wait(5)))
    await asyncio.sleep(0)
    with pytest.raises(StoreError):
        await threads.run(lambda: done.append("x"), done=told.append)
    gate.set()
    with pytest.raises(StoreError):
        await first
    await asyncio.sleep(0.1)
    assert done == []
    assert told == [None]
