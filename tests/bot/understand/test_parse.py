"""`./marrow parse` with the trained model: the fields of the contract, and messages of each outcome."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.answer import labels
from bot.boot.model import brain_environment
from bot.settings import ROOT
from bot.understand.parse import FIELDS, Parser

pytestmark = pytest.mark.slow

CONTRACT = {"text", "label", "confidence", "outcome", "ranking", "language", "entities", "screen"}
FEVER = "my father had car-t last week, he has fever 39.4 since this morning and shakes"

SAID = [
    ("What is CAR-T therapy?", "faq/cart_what_is", "answer"),
    ("how long does car t take", "faq/cart_duration", "answer"),
    ("HOW MUCH DOES A TRANSPLANT COST", "topic/cost", "answer"),
    ("what are the survival rates at cr2", "faq/bmt_survival", "answer"),
    ("thank you so much", "thanks", "answer"),
    ("I want to talk to a person", "contact_human", "handoff"),
    ("please give me your phone number", "contact_human", "handoff"),
    (FEVER, "safety/emergency", "safety"),
    ("I do not want to live any more, I will take all my pills tonight", "safety/self_harm", "safety"),
    ("should I stop taking my cyclosporine", "safety/personal_advice", "safety"),
    ("what is the capital of France", "out_of_scope/other", "fallback"),
]


@pytest.fixture(scope="module")
def parser(model_file: Path) -> Parser:
    return Parser(model_file)


def _check(got: dict, text: str) -> None:
    """The contract of one line, whatever was understood."""
    assert set(got) >= CONTRACT
    assert set(got) == {"text", *FIELDS}
    assert got["text"] == text
    assert got["outcome"] in ("answer", "clarify", "fallback", "safety", "handoff")
    assert 0 <= got["confidence"] <= 1
    assert all(set(entry) == {"label", "confidence"} for entry in got["ranking"])
    assert all(entry["label"] in labels.LABELS for entry in got["ranking"])
    assert len({entry["label"] for entry in got["ranking"]}) == len(got["ranking"])
    assert set(got["screen"]) == {"verdict", "rule", "span"}
    assert got["screen"]["verdict"] in ("none", "check", "emergency", "self_harm", "personal_advice")
    for entity in got["entities"]:
        assert set(entity) == {"entity", "value", "start", "end"}
    json.dumps(got)


@pytest.mark.parametrize(("text", "label", "outcome"), SAID, ids=[row[0][:40] for row in SAID])
async def test_when_a_message_is_plain_then_label_and_outcome_are_right(text, label, outcome, parser) -> None:
    got = await parser.parse(text)
    _check(got, text)
    assert (got["label"], got["outcome"]) == (label, outcome)
    assert got["ranking"][0]["label"] == label
    assert len(got["ranking"]) >= 5


async def test_when_a_message_could_be_two_things_then_both_are_offered(parser) -> None:
    got = await parser.parse("how long does it take?")
    _check(got, "how long does it take?")
    assert got["outcome"] == "clarify"
    assert got["readings"] == ["faq/cart_duration", "faq/bmt_duration"]
    assert got["labels"] == ["clarify"]


async def test_when_two_questions_are_asked_then_both_labels_are_given_in_order(parser) -> None:
    got = await parser.parse("How long does CAR-T take? And how much does it cost?")
    assert got["labels"] == ["faq/cart_duration", "topic/cost"]


async def test_when_words_mean_nothing_then_it_falls_back(parser) -> None:
    got = await parser.parse("qwrt zxcv bnmp fghj")
    _check(got, "qwrt zxcv bnmp fghj")
    assert got["outcome"] == "fallback"


async def test_when_a_message_is_not_english_then_its_language_is_named(parser) -> None:
    got = await parser.parse("Was kostet die Behandlung?")
    _check(got, "Was kostet die Behandlung?")
    assert (got["language"], got["label"]) == ("de", "topic/cost")


async def test_when_entities_are_said_then_they_stand_at_their_place(parser) -> None:
    text = "how long does an autologous transplant take"
    got = await parser.parse(text)
    assert {(one["entity"], one["value"], text[one["start"] : one["end"]]) for one in got["entities"]} >= {
        ("transplant_kind", "autologous", "autologous transplant"),
        ("therapy", "bmt", "transplant"),
    }


@pytest.mark.parametrize(
    "text", ["/faq_cart_duration", "／greet", "\u200b/contact_human", "  //restart", "/session_start{}"]
)
async def test_when_a_command_is_typed_then_it_is_only_words(text: str, parser) -> None:
    got = await parser.parse(text)
    _check(got, text)
    assert got["confidence"] < 1


@pytest.mark.parametrize(
    "text", ["", "   ", "🩸" * 500, "a" * 2000, "word " * 400], ids=["", "blank", "emoji", "a", "words"]
)
async def test_when_a_message_is_empty_long_or_odd_then_the_line_is_whole(text: str, parser) -> None:
    _check(await parser.parse(text), text)


async def test_when_a_message_is_parsed_twice_then_the_result_is_the_same(parser) -> None:
    assert await parser.parse(FEVER) == await parser.parse(FEVER)


def _parse(given: bytes, file: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "bot.understand.parse", str(file)]
    return subprocess.run(command, input=given, cwd=ROOT, env=brain_environment(), capture_output=True, timeout=300)


def test_when_lines_come_on_standard_input_then_as_many_json_lines_and_nothing_else_go_out(model_file: Path) -> None:
    done = _parse("how long does car-t take\r\nпривет\n\nbroken \xff utf-8\n".encode("latin-1", "replace"), model_file)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert len(lines) == 4
    assert lines[0]["text"] == "how long does car-t take"
    assert "\ufffd" in lines[3]["text"]


def test_when_the_model_cannot_be_read_then_the_command_fails_with_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    done = _parse(b"hello\n", broken)
    assert done.returncode == 1
    assert done.stdout == b""
    told = done.stderr.decode().strip().splitlines()[-1]
    assert "broken.tar.gz" in told
    assert "run ./marrow train" in told
    assert "Traceback" not in done.stderr.decode()
