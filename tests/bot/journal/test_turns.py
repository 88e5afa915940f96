"""Turns: in order, one at a time, and given up in time."""

from __future__ import annotations

import threading
import time

from bot.journal.turns import Turns


def test_when_many_wait_then_each_has_its_turn_in_order_and_nobody_overtakes():
    turns, order, threads = Turns(), [], []
    assert turns.acquire(0)

    def wait(number):
        assert turns.acquire(5)
        order.append(number)
        turns.release()

    for number in range(20):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.release()
    for thread in threads:
        thread.join(5)

    assert order == list(range(20))
    assert turns.acquire(0)


def test_when_a_turn_does_not_come_in_time_then_it_is_given_up_and_the_next_gets_it():
    turns = Turns()
    assert turns.acquire(0)
    assert not turns.acquire(0.05)
    assert not turns._waiting
    turns.release()
    assert turns.acquire(0)
