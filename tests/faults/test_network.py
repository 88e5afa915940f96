"""Connections that are cut in the middle, messages that come twice, crossed, and from twenty tabs; a second door."""

from __future__ import annotations

import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

pytestmark = pytest.mark.slow

LEASE_S = 5 + 7  # the brain's time-out below, and what bot/door/forward.py adds


class Cutting:
    """A network that cuts each connection after some bytes, in either direction, in the middle of whatever it was."""

    def __init__(self, address, own):
        self.target, self.own, self.on = int(address.rsplit(":", 1)[1]), own, True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.cuts = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            left = [self.own.randint(600, 4000)]
            threading.Thread(target=self._carry, args=(near, far, left), daemon=True).start()

    def _carry(self, near, far, left):
        back = threading.Thread(target=self._pump, args=(far, near, left), daemon=True)
        with near, far:
            back.start()
            self._pump(near, far, left)
            back.join()

    def _pump(self, one, other, left):
        with suppress(OSError):
            while piece := one.recv(4096):
                if self.on and len(piece) > left[0]:
                    other.sendall(piece[: left[0]])
                    self.cuts += 1
                    break
                left[0] -= len(piece)
                other.sendall(piece)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_when_the_network_cuts_in_the_middle_of_events_and_answers_then_there_is_no_hole_and_no_double(
    door, brain, watch, seed
):
    running = door(brain_port=brain.port)
    network = Cutting(running.address, random.Random(seed))
    patient = watch(running.address)
    patient.address = network.address  # from the next connection on
    patient.http = httpx.Client(base_url=network.address, headers=patient.http.headers, timeout=10, trust_env=False)
    running.kill()  # so that the stream through the network is the only one
    running.start()

    for number in range(20):
        patient.ask(f"question {number}")

    network.on = False
    patient.http = httpx.Client(base_url=running.address, headers=patient.http.headers, timeout=10, trust_env=False)
    patient.settle()
    patient.check()
    assert network.cuts > 8


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_when_twenty_send_the_same_id_at_once_then_it_is_taken_once_and_crossed_ones_keep_their_numbers(
    door, brain, watch, request, kind
):
    url = {"database_url": request.getfixturevalue("postgresql").url} if kind == "postgresql" else {}
    running = door(brain_port=brain.port, **url)
    patient = watch(running.address)
    start = threading.Barrier(20)

    def same(_):
        start.wait()
        return patient.taken("one and the same", "same")

    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(same, range(20)))
    assert sorted(response.status_code for response in responses) == [200] * 19 + [202]
    (seq,) = {response.json()["seq"] for response in responses}
    patient.acknowledged["same"] = seq
    patient.acknowledged_at[seq] = time.monotonic()

    crossed = [number for number in range(20) for _ in range(2)]
    random.Random(1).shuffle(crossed)

    def cross(number):
        return number, patient.taken(f"crossed {number}", f"crossed-{number}").json()["seq"], time.monotonic()

    with ThreadPoolExecutor(20) as pool:
        for number, taken, at in sorted(pool.map(cross, crossed), key=lambda one: one[1]):
            assert patient.acknowledged.setdefault(f"crossed-{number}", taken) == taken
            patient.acknowledged_at[taken] = min(at, patient.acknowledged_at.get(taken, at))
    patient.settle()
    patient.check()
    assert len(patient.acknowledged) == 21
    assert brain.most_in_flight == 1


def test_when_one_of_two_doors_dies_with_claims_then_the_other_answers_once_in_order_and_holds_meanwhile(
    door, brain, watch, postgresql
):
    # a brain that is given up before the door dies gives the claims back: on a slow machine sending takes a while
    settings = {"brain_port": brain.port, "database_url": postgresql.url, "brain_timeout_ms": 5000}
    one, other = door(**settings), door(**settings)
    gate, plain = threading.Event(), brain.answer

    def answer(body):
        gate.wait(30)
        return plain(body)

    patients = [watch(one.address, f"p{number}") for number in range(4)]
    brain.answer = answer
    first = [patient.send("claimed") for patient in patients]
    for patient in patients:
        patient.send("and more")
    one.kill()
    gate.set()
    killed = time.monotonic()
    for patient in patients:  # as the load balancer in front does
        patient.address = other.address
        patient.http = httpx.Client(base_url=other.address, headers=patient.http.headers, timeout=10, trust_env=False)
    for patient, seq in zip(patients, first, strict=True):
        patient.until(lambda patient=patient, seq=seq: patient.answers(seq), LEASE_S + 20)
    print(f"answered by the other door {time.monotonic() - killed:.1f} s after the first died")
    for patient in patients:
        patient.ask("and after")
        patient.settle()
        patient.check()
        held = [event["reply_to"] for event in patient.seen if event["from"] == "system"]
        assert held == [first[patients.index(patient)]]
