"""The model of danger over encoders whose vectors come from words and a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.screen import Verdict, outline
from bot.understand import finetuned
from bot.understand.danger import _COLUMNS, FILE, WORDS_FILE, DangerModel
from bot.understand.ensemble import Ensemble, Views
from bot.understand.finetuned import learned_by
from bot.understand.linear import Floats
from bot.understand.weighing import Sparse

WHO = ("my mother", "he", "our son", "i", "the child", "my wife")
DANGER = [f"{who} {what}" for who in WHO for what in ("burns since noon", "shakes tonight", "sees double now")]
HARMLESS = [f"{who} {what}" for who in WHO for what in ("needs a visa", "asks for the price", "burns for knowledge")]
TEXTS = [*DANGER, *HARMLESS] * 2
IS_DANGER = np.array([text in DANGER for text in TEXTS])
NOTHING, RED = Verdict(), Verdict("emergency", "fever", (0, 5))


@pytest.fixture
def terms(word_views):
    return Ensemble.fit(word_views(TEXTS), ["danger" if red else "other" for red in IS_DANGER]).terms


def _fit(views: Views, terms, likely: Floats, verdicts: list[Verdict]) -> tuple[DangerModel, Floats]:
    fitted = DangerModel.fit(views, terms, IS_DANGER, likely, verdicts)
    assert fitted is not None
    return fitted


@pytest.fixture
def fitted(word_views, terms) -> DangerModel:
    return _fit(word_views(TEXTS), terms, np.full(len(TEXTS), 0.5), [NOTHING] * len(TEXTS))[0]


def _says(model: DangerModel, word_views, terms, text: str, *, english: bool = True) -> float:
    return float(model.predict(word_views([text]), terms, np.array([0.5]), [NOTHING], [english])[0])


def test_when_a_new_wording_tells_of_danger_then_it_is_likelier_than_a_look_alike(fitted, word_views, terms) -> None:
    assert _says(fitted, word_views, terms, "my brother burns and shakes since noon") > 0.5
    assert _says(fitted, word_views, terms, "my brother burns for a visa") < 0.5


def test_when_texts_are_held_out_then_their_probability_tells_danger_apart(word_views, terms) -> None:
    held_out = _fit(word_views(TEXTS), terms, np.full(len(TEXTS), 0.5), [NOTHING] * len(TEXTS))[1]
    assert held_out.shape == (len(TEXTS),)
    assert held_out[IS_DANGER].min() > held_out[~IS_DANGER].max()


@pytest.mark.parametrize(
    ("likely", "verdict"),
    [(np.where(IS_DANGER, 0.9, 0.1), NOTHING), (np.full(len(TEXTS), 0.5), RED)],
    ids=["the classifier", "the rules"],
)
def test_when_others_told_danger_apart_in_training_then_their_word_counts(likely, verdict, word_views, terms) -> None:
    verdicts = [verdict if red else NOTHING for red in IS_DANGER]
    model, _ = _fit(word_views(TEXTS), terms, likely, verdicts)
    text = word_views(["something else altogether"])
    raised = np.array([0.9]) if verdict is NOTHING else np.array([0.5])
    low = model.predict(text, terms, np.array([0.1]) if verdict is NOTHING else np.array([0.5]), [NOTHING], [True])
    assert model.predict(text, terms, raised, [verdict], [True])[0] > low[0]


def test_when_a_text_is_not_english_then_only_the_multilingual_view_is_asked(fitted, word_views, terms) -> None:
    one, other = word_views(["he burns since noon"]), word_views(["needs a visa"])
    crossed = Views(other.texts, {"minilm": other.vectors["minilm"], "use": one.vectors["use"]})
    pure = Views(one.texts, {"minilm": one.vectors["minilm"], "use": one.vectors["use"]})
    asked = [fitted.predict(views, terms, np.array([0.5]), [NOTHING], [False])[0] for views in (crossed, pure)]
    assert asked[0] == asked[1]
    assert fitted.predict(crossed, terms, np.array([0.5]), [NOTHING], [True])[0] < asked[0]


def test_when_one_sentence_of_many_tells_of_danger_then_it_counts_for_more_than_what_stands_around_it(
    word_views,
) -> None:
    """Half a sentence drowns in a view of the whole."""
    asked = [f"{who} {what}" for who in WHO for what in ("needs a visa please", "asks for the price again")]
    told = [f"{who} {what}" for who in WHO for what in ("shakes all night now", "sees all things double")]
    around = [f"{one}. {other}. {one}" for one in asked for other in asked[:6]]
    buried = [f"{one}. {other}. {one}" for one in asked for other in told[:6]]
    texts, is_danger = [*around, *buried], np.array([False] * len(around) + [True] * len(buried))
    terms = Ensemble.fit(word_views(texts), ["danger" if red else "other" for red in is_danger]).terms
    fitted = DangerModel.fit(word_views(texts), terms, is_danger, np.full(len(texts), 0.5), [NOTHING] * len(texts))
    assert fitted is not None
    sparse = Sparse.of(
        ["i need a visa. my wife shakes all night now. he asks for the price again"],
        [outline("i need a visa. my wife shakes all night now. he asks for the price again")],
        terms,
        fitted[0]._marked,
    )

    for name in ("tfidf", "outline"):
        head = fitted[0]._heads[name]
        said = head.log_probabilities_of_terms(sparse.rows[name])
        assert sparse.most(name, head)[0] > (said[:, 1] - said[:, 0])[0]
    assert len(sparse.sentences["tfidf"][0]) == 3


def test_when_readers_learned_a_text_then_only_what_a_stranger_says_of_it_teaches_how_much_they_count(
    word_views, terms
) -> None:
    """A reader knows by heart what it learned: believed in training, it would be believed of patients too."""
    by_heart, strange = np.zeros((len(TEXTS), 2), np.float32), np.zeros((len(TEXTS), 2), np.float32)
    for row, text in enumerate(TEXTS):
        by_heart[row, learned_by(text)] = 4 if IS_DANGER[row] else -4
        strange[row, 1 - learned_by(text)] = 4 if IS_DANGER[row] else -4
    likely, verdicts = np.full(len(TEXTS), 0.5), [NOTHING] * len(TEXTS)
    views = word_views(TEXTS)
    believed = {
        name: _fit(Views(views.texts, views.vectors, said), terms, likely, verdicts)[0]
        for name, said in (("by heart", by_heart), ("strange", strange))
    }

    def moved(model: DangerModel) -> float:
        asked = word_views(["something else altogether"])
        low, high = (Views(asked.texts, asked.vectors, np.full((1, 2), value, np.float32)) for value in (-4.0, 4.0))
        said = [model.predict(one, terms, np.array([0.5]), [NOTHING], [True])[0] for one in (low, high)]
        return float(said[1] - said[0])

    assert moved(believed["strange"]) > 0.05
    assert moved(believed["by heart"]) == 0


def test_when_a_message_holds_a_learned_one_then_the_stranger_to_that_one_is_heard(word_views, terms) -> None:
    mixed = [f"where do we park? {text}" for text in TEXTS]
    texts, red = [*TEXTS, *mixed], np.concatenate([IS_DANGER, IS_DANGER])
    said = np.zeros((len(texts), 2), np.float32)
    for row, text in enumerate([*TEXTS, *TEXTS]):
        said[row, learned_by(text)] = 9 if red[row] else -9  # all that it knows by heart
    views, half = word_views(texts), np.full(len(texts), 0.5)
    views = Views(views.texts, views.vectors, said)
    holding = list(range(len(TEXTS)))

    fitted = DangerModel.fit(views, terms, red, half, [NOTHING] * len(texts), holding)

    assert fitted is not None
    assert fitted[0]._last.weights[1 + list(_COLUMNS).index("readers")] == 0


def test_when_a_text_is_not_english_then_the_readers_are_not_asked(fitted, word_views, terms) -> None:
    views = word_views(["he burns since noon"])
    loud = Views(views.texts, views.vectors, np.full((1, 2), 50, np.float32))
    said = [fitted.predict(one, terms, np.array([0.5]), [NOTHING], [False])[0] for one in (views, loud)]
    assert said[0] == said[1]


def test_when_the_readers_are_others_than_in_training_then_it_is_not_loaded(fitted, tmp_path, monkeypatch) -> None:
    fitted.save(tmp_path)
    assert DangerModel.load(tmp_path) is not None
    monkeypatch.setattr(finetuned, "digest", lambda: "of others")
    with pytest.raises(ModelError, match="other readers"):
        DangerModel.load(tmp_path)


def test_when_texts_hold_others_then_the_two_are_held_out_together(word_views, terms) -> None:
    """Else the last regression would trust what the others know by heart."""
    swapped = IS_DANGER.copy()
    swapped[0] = not swapped[0]
    texts = [f"{text} in house {'abcdefghijklmnopqrstuvwxyz'[place % 26] * 3}" for place, text in enumerate(TEXTS)]
    mixed = [texts[0]] * 30
    likely = np.full(len(texts) + len(mixed), 0.5)
    verdicts = [NOTHING] * len(likely)
    red = np.concatenate([swapped, np.repeat(swapped[0], len(mixed))])

    held_out = [
        DangerModel.fit(word_views([*texts, *mixed]), terms, red, likely, verdicts, holding)
        for holding in ([0] * len(mixed), ())
    ]

    assert held_out[0] is not None
    assert held_out[1] is not None
    apart, together = (np.abs(one[1][0] - swapped[0]) for one in (held_out[1], held_out[0]))
    assert together > 0.5 > apart


def test_when_saved_and_loaded_then_it_says_the_same(fitted, word_views, terms, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    loaded = DangerModel.load(tmp_path)
    assert loaded is not None
    for text in ("he shakes tonight", "what is the price", ""):
        assert _says(loaded, word_views, terms, text) == pytest.approx(_says(fitted, word_views, terms, text))


def test_when_there_is_too_little_to_learn_from_then_there_is_no_model(word_views, terms, tmp_path: Path) -> None:
    few = np.arange(len(TEXTS)) < 3
    assert DangerModel.fit(word_views(TEXTS), terms, few, np.zeros(len(TEXTS)), [NOTHING] * len(TEXTS)) is None
    assert DangerModel.load(tmp_path) is None


def test_when_the_rules_words_are_denied_then_danger_is_less_likely_than_when_they_are_told(word_views) -> None:
    symptoms = ("fever", "rash", "chills", "bleeding", "headache", "nausea")
    pairs = [(one, other) for one in symptoms for other in symptoms if one != other]
    told = [f"{one} and {other} with no end" for one, other in pairs]
    denied = [f"the end, no {one} and no {other}" for one, other in pairs]
    texts, is_danger = [*told, *denied], np.array([True] * len(told) + [False] * len(denied))
    terms = Ensemble.fit(word_views(texts), ["danger" if red else "other" for red in is_danger]).terms
    fitted = DangerModel.fit(word_views(texts), terms, is_danger, np.full(len(texts), 0.5), [NOTHING] * len(texts))
    assert fitted is not None
    model, _ = fitted
    assert _says(model, word_views, terms, "seizure and vomiting") > _says(
        model, word_views, terms, "no seizure and no vomiting"
    )


@pytest.mark.parametrize("name", [FILE, WORDS_FILE])
@pytest.mark.parametrize("harm", [lambda whole: whole[:200], lambda _: b"", lambda _: b"no archive", lambda _: b"[]"])
def test_when_a_file_is_broken_then_loading_says_to_train(harm, name, fitted, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    file = tmp_path / name
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(ModelError, match=r"run \./marrow train"):
        DangerModel.load(tmp_path)
