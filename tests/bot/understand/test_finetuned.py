"""The readers of danger, with their real weights."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from bot.errors import WeightsError
from bot.settings import ROOT
from bot.understand import finetuned, layers
from bot.understand.danger import examples
from bot.understand.encoders import MiniLMEncoder, encoder
from bot.understand.ensemble import READERS, views_of
from bot.understand.finetuned import Pool, Readers, learned_by


@pytest.fixture(scope="module")
def readers() -> Readers:
    found = encoder(READERS)
    assert isinstance(found, Readers)
    return found


def test_when_messages_are_halved_then_capitals_change_nothing_and_each_reader_has_about_half() -> None:
    texts = [text for text, _ in examples(ROOT / "data" / "danger.yml")]
    assert all(learned_by(text) == learned_by(text.upper().lower()) for text in texts[:50])
    assert 0.48 < np.mean([learned_by(text) for text in texts]) < 0.52


@pytest.mark.parametrize(
    ("danger", "look_alike"),
    [
        pytest.param(
            "the gardener says the boy has been shaking under three blankets since breakfast",
            "the gardener says the tree has been shaking in the wind since breakfast",
            id="who shakes",
        ),
        pytest.param(
            "grandma forgets what a spoon is for, it began this evening",
            "grandma forgot her spoon at your cafeteria this evening, is there a lost property",
            id="what is forgotten",
        ),
        pytest.param(
            "there is blood in the basin each time he spits, two hours now",
            "there was blood in the basin each time he spat, that was two winters ago and never again",
            id="now and long ago",
        ),
        pytest.param(
            "his temperature went up to 39.4 after supper",
            "his temperature never went up, not after supper nor at night",
            id="told and denied",
        ),
    ],
)
def test_when_two_messages_share_their_words_then_the_one_of_danger_is_the_likelier(
    danger: str, look_alike: str, readers: Readers
) -> None:
    """Both were written for this test and learned by neither reader."""
    said = readers.encode([danger, look_alike])
    assert said.shape == (2, finetuned.READERS)
    assert (said[0] > said[1] + 1).all()


def test_when_a_text_has_no_word_then_it_is_no_danger_and_the_others_stay(readers: Readers) -> None:
    said = readers.encode(["", "he has a fever of 39", " \n"])
    assert (said[[0, 2]] == finetuned.SILENT).all()
    np.testing.assert_array_equal(said[1], readers.encode(["he has a fever of 39"])[0])
    assert readers.encode([]).shape == (0, finetuned.READERS)


def test_when_minilm_read_the_text_before_then_its_lower_layers_are_not_asked_again(monkeypatch, readers) -> None:
    base = encoder("minilm")
    assert isinstance(base, MiniLMEncoder)
    text = "how long will my father stay in the hospital after his transplant"
    alone = readers.encode([text])
    asked: list[list[str]] = []
    run = base._run
    monkeypatch.setattr(base, "_run", lambda text, outputs: (asked.append(outputs), run(text, outputs))[1])

    views = views_of([text, "is it safe"], {name: encoder(name) for name in ("minilm", READERS)})

    assert asked == [[layers.TOKENS, layers.STATES]] * 2
    assert views.readings is not None
    np.testing.assert_allclose(views.readings[0], alone[0], atol=1e-5)
    assert set(views.vectors) == {"minilm"}  # they are no view of the classifier


def test_when_a_pool_looks_at_tokens_then_what_it_looks_for_counts_beside_their_mean() -> None:
    shapes = {"look": (2, 1), "hidden": (4, 1), "hidden_bias": (1,), "out": (1,), "out_bias": ()}
    assert set(shapes) == {field.name for field in fields(Pool)}
    pool = Pool(
        look=np.array([[20.0], [0.0]], np.float32),  # it looks for the first unit
        hidden=np.array([[0.0], [0.0], [0.0], [1.0]], np.float32),  # and takes the second of what it finds
        hidden_bias=np.zeros(1, np.float32),
        out=np.ones(1, np.float32),
        out_bias=np.float32(-1),
    )
    tokens = np.array([[0, 5], [1, 3], [0, 9]], np.float32)
    assert pool.odds(tokens) == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize("broken", ["cut short", "of another network", "missing"])
def test_when_the_weights_cannot_be_read_then_it_says_what_to_do(broken: str, tmp_path) -> None:
    file = tmp_path / "finetuned.npz"
    if broken == "cut short":
        file.write_bytes(finetuned.FILE.read_bytes()[:5000])
    elif broken == "of another network":
        np.savez(file, **{"0.3.query.weights": np.zeros((2, 2), np.int8)})
    with pytest.raises(WeightsError, match=r"finetuned: finetuned\.npz cannot be read .* get it again"):
        Readers(file)
