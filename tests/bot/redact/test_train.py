"""The model is made of invented messages that are all there, by a command that makes the same again."""

from __future__ import annotations

import json

import pytest

from bot.redact.redactor import Redactor
from bot.redact.tagger import MADE, MODEL, Tagger, digest
from bot.redact.train import example, examples, made_from, places, read, sources, train


@pytest.fixture(scope="module")
def rules() -> Redactor:
    """The rules alone, as in training."""
    return Redactor(None)


def test_when_the_model_is_looked_at_then_it_was_made_of_the_messages_and_the_code_that_are_here():
    made = json.loads(MADE.read_text(encoding="utf-8"))

    assert made["sha256"] == digest(MODEL)
    assert made["from"] == made_from(), "run python -m bot.redact.train: what the model is made of has changed"


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_when_the_messages_are_read_then_every_secret_stands_in_its_text(path):
    lost = [
        (line["text"], secret)
        for line in read(path)
        for secret in line["secrets"]
        if not places(line["text"], secret["value"])
    ]

    assert lost == []


LINES = [
    {"text": "I am Olga Petrova, file 4471-B, ANC 500.", "secrets": [{"kind": "name", "value": "Olga Petrova"}, {"kind": "record_number", "value": "4471-B"}]},
    {"text": "Call Ann Lee. Ann Lee, 12 Elm Rise", "secrets": [{"kind": "name", "value": "Ann Lee"}, {"kind": "address", "value": "12 Elm Rise"}]},
    {"text": "我叫王小明", "secrets": [{"kind": "name", "value": "王小明"}]},
    {"text": "no secret here", "secrets": []},
]  # fmt: skip


def test_when_a_message_is_labelled_then_each_piece_of_a_secret_says_so(rules):
    labels = example(rules, LINES[0]).labels

    # I am Olga Petrova , file 4471 - B , ANC 500 .
    assert labels == ["O", "O", "B-name", "I-name", "O", "O", "B-code", "I-code", "I-code", "O", "O", "O", "O"]


def test_when_it_is_trained_twice_then_the_model_is_the_same_and_finds_what_it_was_taught(rules, tmp_path):
    learnt = examples(rules, LINES * 9)
    for name in ("a", "b"):
        train(learnt, tmp_path / name, iterations=20)

    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    text = "I am Olga Petrova, file 4471-B"
    pieces, tags = Tagger(tmp_path / "a").tags(text, *rules.findings(text))
    assert [piece.text for piece, tag in zip(pieces, tags) if tag.hidden > 0.5] == ["Olga", "Petrova", "4471", "-", "B"]
