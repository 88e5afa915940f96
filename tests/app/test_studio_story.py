"""A new trainer's first question, in real Chromium over the real processes: from what a patient asked in vain to the
new answer in a patient's widget. Encoders, training, tests, replay and promotion are the real ones."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from playwright.sync_api import Browser, Page, expect

from bot.boot import model
from bot.boot.environments import STATE
from bot.boot.serve import wait_until_ready
from bot.boot.throwaway import free_ports
from bot.settings import ROOT
from evaluation.stack import Patient

pytestmark = [pytest.mark.slow, pytest.mark.training]

PICTURES = ROOT / "results" / "screenshots" / "studio-story"
PASSWORD = "winter coat on a green hook"
CLICKS_WITHIN_S = 180
TRAINED_WITHIN_MS = 20 * 60_000  # minutes on two idle cores; a loaded machine needs longer
ASKED = (
    "where can I park my car at the clinic", "is there visitor parking at the clinic", "where is the car park please",
)  # fmt: skip
MORE = """do you have parking for visitors
how much does parking cost per day
where should my husband leave the car while I am treated
parking garage?
is there disabled parking near the entrance
can we park a camper van at the clinic
is the car park open at night
do I need a permit to park there
closest parking lot to the transplant ward"""
ANSWER = "You can park behind house two. The first hour is free. Take a ticket at the gate."
LEFT_OUT = {".git", ".marrow", "models", "results", "var", "__pycache__"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project of its own, with the environments and the trained model of this one."""
    if model.current() is None:
        pytest.fail("there is no trained model: run ./marrow train, then these tests again", pytrace=False)
    made = tmp_path / "project"
    shutil.copytree(ROOT, made, ignore=lambda _folder, names: LEFT_OUT & set(names), symlinks=True)
    (made / ".marrow").mkdir()
    for name in ("door", "brain"):
        (made / ".marrow" / name).symlink_to((STATE / name).resolve())
    if (STATE / "vectors").exists():
        shutil.copytree((STATE / "vectors").resolve(), made / ".marrow" / "vectors")
    current = model.current()
    assert current is not None
    (made / "models").mkdir()
    shutil.copy(current, made / "models" / current.name)
    shutil.copy(model.STAMP, made / "models" / model.STAMP.name)
    return made


@pytest.fixture
def variables(copy: Path) -> dict[str, str]:
    door, brain, actions = free_ports(3)
    return {
        **os.environ, "PYTHONPATH": str(copy), "MARROW_DOOR_PORT": str(door), "MARROW_BRAIN_PORT": str(brain),
        "MARROW_ACTIONS_PORT": str(actions), "MARROW_DATABASE_URL": f"sqlite:///{copy / 'journal.sqlite3'}",
        "MARROW_SECRET_KEY": os.urandom(24).hex(), "MARROW_BRAIN_TOKEN": os.urandom(24).hex(),
        "MARROW_CONTACT_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "MARROW_DESK_SECOND_STEP": "optional",
    }  # fmt: skip


@pytest.fixture
def address(copy: Path, variables: dict[str, str]) -> Iterator[str]:
    """The running bot of the copy."""
    log = (copy / "serve.log").open("w")
    serving = subprocess.Popen(
        [sys.executable, "-m", "bot.boot.serve"], cwd=copy, env=variables, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{variables['MARROW_DOOR_PORT']}"
    try:
        assert wait_until_ready(address, serving, 240), (copy / "serve.log").read_text()[-2000:]
        yield address
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(30)
        log.close()


@pytest.fixture
def trainer(copy: Path, variables: dict[str, str]) -> str:
    command = ["staff", "add", "tea@hospital.example", "--name", "Tea", "--role", "trainer", "--password-stdin"]
    subprocess.run(
        [sys.executable, "-m", "bot.desk.commands", *command], cwd=copy, env=variables, input=PASSWORD, text=True,
        check=True, capture_output=True,
    )  # fmt: skip
    return "tea@hospital.example"


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_when_a_new_trainer_answers_what_was_asked_in_vain_then_patients_get_the_answer(
    address: str, trainer: str, chromium: Browser
) -> None:
    for words in ASKED:
        patient = Patient(address)
        patient.begin()
        assert not any(ANSWER in reply["text"] for reply in patient.ask(words))
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    began = time.monotonic()

    page.goto(f"{address}/desk/login")
    page.get_by_label("E-mail").fill(trainer)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/inbox/**")
    page.get_by_role("link", name="Studio").click()
    page.locator("main h2").first.wait_for()
    picture(page, "1 inbox")
    page.locator("section.card", has_text=re.compile("park")).first.get_by_role("button", name="New question").click()
    page.get_by_label("Name, such as").fill("topic/parking")
    box = page.get_by_label("At least 10 examples")
    assert "park" in box.input_value()  # what patients wrote stands there already
    box.fill(box.input_value() + "\n" + MORE)
    page.get_by_label("Answer", exact=True).fill(ANSWER)
    page.get_by_label("Words of its button").fill("Where can I park?")
    expect(page.frame_locator("iframe.widget").get_by_text("behind house two")).to_be_visible()
    picture(page, "2 new question")
    page.get_by_role("button", name="Check and save").click()
    page.locator("[role=status], [role=alert]").first.wait_for()
    picture(page, "3 checked")
    if page.get_by_label("Why it may stay").count():  # the check may rightly ask
        page.get_by_label("Why it may stay").fill("Parking is no question of rooms or prices.")
        page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    page.get_by_role("link", name="train and compare").click()
    page.get_by_role("button", name="Train a candidate").click()
    page.get_by_role("progressbar").wait_for()
    picture(page, "4 training")
    clicked = time.monotonic() - began

    expect(page.get_by_role("button", name="Train a candidate")).to_be_visible(timeout=TRAINED_WITHIN_MS)
    began = time.monotonic()
    page.get_by_role("link", name=re.compile(r"^marrow-.*gz$")).first.click()
    picture(page, "5 report")
    for _ in range(20):
        signs = page.get_by_role("button", name=re.compile("I have read"))
        if not signs.count():
            break
        signs.first.click()
        page.wait_for_load_state()
    page.get_by_role("button", name="Promote").click()
    expect(page.locator("main")).to_contain_text("Go back to it")
    picture(page, "6 live")
    clicked += time.monotonic() - began

    phone = chromium.new_page(viewport={"width": 390, "height": 844})
    phone.set_default_timeout(60_000)
    for _ in range(30):  # running brains take the model within seconds
        patient = Patient(address)
        patient.begin()
        if any(ANSWER in reply["text"] for reply in patient.ask("where can I leave our car at the clinic")):
            break
        time.sleep(1)
    phone.goto(f"{address}/demo")
    phone.locator("marrow-chat .launcher").click()
    phone.get_by_role("button", name="Start", exact=True).click()
    phone.get_by_label("Your question").fill("where can I leave our car at the clinic")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("log").locator(".bubble").last).to_contain_text("behind house two")
    picture(phone, "7 the patient's widget")
    assert clicked < CLICKS_WITHIN_S
