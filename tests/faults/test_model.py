"""A model file that was cut short, and a training that was killed: the whole one keeps serving, /readyz says so."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import httpx
import pytest

from bot.boot import model
from bot.boot.environments import BRAIN
from bot.settings import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def half_written():
    """A newest archive in the models' folder that stops in its middle."""
    whole = model.current()
    assert whole
    stray = model.MODELS / "99990101-half.tar.gz"
    stray.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    yield stray
    stray.unlink()


def ready(stack, within_s=90):
    ends = time.monotonic() + within_s
    while True:
        try:
            response = httpx.get(f"{stack.address}/readyz", timeout=5, trust_env=False)
            if response.status_code == 200:
                return response.json()
        except httpx.HTTPError:
            pass
        assert time.monotonic() < ends, "the bot did not get ready"
        time.sleep(0.2)


def test_when_the_newest_model_is_half_written_then_the_old_one_serves_after_a_restart_too_and_readyz_tells(
    stack, watch, half_written
):
    before = ready(stack)
    os.kill(stack.process_id("brain"), signal.SIGKILL)
    patient = watch(stack.address)

    assert patient.ask("how long does CAR-T take?", 90)["answer"]["label"] == "faq/cart_duration"
    after = ready(stack)
    assert after["model"] == before["model"]
    assert any(half_written.name in note for note in after["notes"])
    patient.settle()
    patient.check()


def test_when_the_model_in_use_is_cut_short_then_the_next_start_takes_the_newest_whole_one(tmp_path):
    whole = model.current()
    assert whole
    for name in ("marrow-1.tar.gz", "marrow-2.tar.gz"):
        shutil.copy(whole, tmp_path / name)
    digest = model.file_digest(whole)
    (tmp_path / "current.json").write_text(
        f'{{"file": "marrow-2.tar.gz", "sha256": "{digest}", "kept": {{"marrow-1.tar.gz": "{digest}"}}}}'
    )
    with (tmp_path / "marrow-2.tar.gz").open("r+b") as file:
        file.truncate(1000)
    command = ["-m", "bot.boot.brain", str(tmp_path / "marrow-2.tar.gz"), "/bin/echo", "run"]

    started = subprocess.run(
        [BRAIN.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )

    assert started.stdout == f"run --model {tmp_path}/marrow-1.tar.gz\n"
    assert "marrow-2.tar.gz is broken" in started.stderr


def test_when_a_training_is_killed_midway_then_the_model_in_use_is_untouched():
    before, files = model.current(), sorted(model.MODELS.iterdir())
    training = subprocess.Popen(
        [os.fspath(ROOT / "marrow"), "train", "--force"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert training.stderr
    for line in training.stderr:  # until it is in the middle
        if "training" in line and "[" in line:
            break
    os.killpg(training.pid, signal.SIGKILL)
    training.wait()

    assert model.current() == before
    assert sorted(model.MODELS.iterdir()) == files
