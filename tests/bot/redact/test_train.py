"""The model is made of invented messages that are all there, and what is learnt of them is what the tagger is told."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from bot.redact.encoder import WIDTH
from bot.redact.network import lines
from bot.redact.redactor import Redactor
from bot.redact.tagger import MADE, MODEL, digest
from bot.redact.train import LEAST, example, examples, made_from, main, places, read, sources, write


@pytest.fixture(scope="module")
def rules() -> Redactor:
    """The rules alone, as in training."""
    return Redactor(None)


def test_when_the_model_is_looked_at_then_it_was_made_of_the_messages_and_the_code_that_are_here():
    made = json.loads(MADE.read_text(encoding="utf-8"))

    assert made["sha256"] == digest(MODEL)
    assert made["from"] == made_from(), (
        "run python -m bot.redact.train and bot.redact.teaching: what the model is made of has changed"
    )


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


def test_when_the_messages_are_written_then_each_piece_has_what_is_told_of_it_its_label_and_its_states(rules, tmp_path):
    some = {"a.jsonl": examples(rules, LINES * 2), "b.jsonl": examples(rules, LINES[:1])}
    write(some, tmp_path / "written.npz")
    every = [one for these in some.values() for one in these]

    with np.load(tmp_path / "written.npz") as read:
        assert lines(read["files"]) == ["a.jsonl", "b.jsonl"]
        assert read["message_file"].tolist() == [0] * 8 + [1]
        assert np.diff(read["ends"], prepend=0).tolist() == [len(one.labels) for one in every]
        names, vocabulary = lines(read["labels"]), ["", *lines(read["vocabulary"])]
        assert [names[label] for label in read["label"]] == [label for one in every for label in one.labels]
        assert read["states"].shape == (len(read["label"]), WIDTH)
        told = np.split(read["told"], read["told_ends"][:-1])
        common = {name for name in vocabulary if name}
        for these, expected in zip(told, [these for one in every for these in one.told], strict=True):
            assert [vocabulary[row] for row in these if row] == [name for name in expected if name in common]
        assert json.loads("".join(lines(read["made_from"]))) == made_from()
    counted = Counter(name for one in every for these in one.told for name in set(these))
    assert common == {name for name, times in counted.items() if times >= LEAST}


def test_when_the_command_is_given_no_place_to_write_then_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("bot.redact.train.sources", list)
    assert main([str(tmp_path / "no" / "folder.npz")]) == 1
    assert "bot.redact.train: " in capsys.readouterr().err
