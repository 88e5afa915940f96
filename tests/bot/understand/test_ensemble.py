"""The classifier over encoders whose vectors come from words and a seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.understand.ensemble import ASIDE, NEARNESS_POWER, Ensemble, Views, cross_validated

EXAMPLES = {
    "duration": [
        "how long does it take",
        "how many weeks",
        "length of treatment",
        "weeks in hospital",
        "how long is it",
    ],
    "cost": ["how much does it cost", "what is the price", "cost of treatment", "price in dollars", "is it expensive"],
    "greet": ["hello there", "hi", "good morning", "hello good day", "hi there"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


@pytest.fixture
def fitted(word_views) -> Ensemble:
    return Ensemble.fit(word_views(TEXTS), LABELS)


def test_when_fitted_then_new_wordings_get_their_intent(fitted, word_views) -> None:
    scores = fitted.predict(word_views(["how many weeks long", "the price of it", "hello hi"]))
    assert [scores.classes[i] for i in scores.scores.argmax(axis=1)] == ["duration", "cost", "greet"]


def test_when_predicted_then_probabilities_sum_to_one_and_nearness_is_a_share(fitted, word_views) -> None:
    scores = fitted.predict(word_views(["hello price", "", "weeks weeks"]))
    assert scores.classes == ("cost", "duration", "greet")
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1)
    assert ((scores.nearness > 0) & (scores.nearness <= 1)).all()
    np.testing.assert_array_equal(scores.scores, scores.probabilities * scores.nearness**NEARNESS_POWER)


def test_when_a_text_stands_in_training_then_it_is_as_near_as_can_be(fitted, word_views) -> None:
    scores = fitted.predict(word_views(["hello there"]))
    assert scores.nearness[0, scores.classes.index("greet")] == pytest.approx(1, abs=1e-5)


def test_when_a_text_is_like_nothing_in_training_then_its_score_is_low(fitted, word_views) -> None:
    known, strange = fitted.predict(word_views(["how long does it take", "zebra quartz umbrella"])).scores.max(axis=1)
    assert known > 0.6
    assert strange < 0.35


def test_when_case_differs_then_scores_do_not(fitted, word_views) -> None:
    loud, quiet = fitted.predict(word_views(["HOW LONG DOES IT TAKE", "how long does it take"])).scores
    np.testing.assert_array_equal(loud, quiet)


def test_when_saved_and_loaded_then_it_scores_the_same(fitted, word_views, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    views = word_views([*TEXTS, "price of weeks", "", "żółw 治疗"])
    before, after = fitted.predict(views), Ensemble.load(tmp_path).predict(views)
    assert after.classes == before.classes
    np.testing.assert_allclose(after.probabilities, before.probabilities, atol=1e-6)
    np.testing.assert_allclose(after.nearness, before.nearness, atol=2e-3)  # the examples are kept in half precision


def test_when_saved_then_nothing_is_pickled(fitted, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ensemble.json", "ensemble.npz"]
    with np.load(tmp_path / "ensemble.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


def test_when_there_is_one_class_then_it_is_certain(word_views) -> None:
    scores = Ensemble.fit(word_views(EXAMPLES["greet"]), ["greet"] * 5).predict(word_views(["hello there", "zebra"]))
    assert scores.classes == ("greet",)
    np.testing.assert_array_equal(scores.probabilities, 1)
    assert scores.nearness[0, 0] > 0.99 > scores.nearness[1, 0]


def test_when_there_are_two_classes_then_both_can_win(word_views, tmp_path: Path) -> None:
    texts = EXAMPLES["greet"] + EXAMPLES["cost"]
    fitted = Ensemble.fit(word_views(texts), ["greet"] * 5 + ["cost"] * 5)
    fitted.save(tmp_path)
    for model in (fitted, Ensemble.load(tmp_path)):
        scores = model.predict(word_views(["hello good morning", "price of treatment"]))
        assert [scores.classes[i] for i in scores.scores.argmax(axis=1)] == ["greet", "cost"]
        np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1)


def test_when_few_texts_share_no_word_then_they_are_learned_all_the_same(word_views) -> None:
    scores = Ensemble.fit(word_views(["alpha", "beta"]), ["a", "b"]).predict(word_views(["beta"]))
    assert scores.classes[scores.scores[0].argmax()] == "b"


def test_when_labels_are_not_grouped_then_nearness_belongs_to_the_right_class(word_views) -> None:
    order = np.random.default_rng(3).permutation(len(TEXTS))
    fitted = Ensemble.fit(word_views([TEXTS[i] for i in order]), [LABELS[i] for i in order])
    scores = fitted.predict(word_views(TEXTS))
    own = scores.nearness[np.arange(len(TEXTS)), [scores.classes.index(label) for label in LABELS]]
    np.testing.assert_allclose(own, 1, atol=1e-5)


def test_when_a_text_is_not_english_then_only_the_multilingual_view_counts(word_views) -> None:
    fitted = Ensemble.fit(word_views(TEXTS), LABELS)
    views = word_views(["how long does it take"])
    blank = Views(("",), {**views.vectors, "minilm": np.zeros_like(views.vectors["minilm"])})
    foreign = fitted.predict(views, [False])
    np.testing.assert_array_equal(foreign.scores, fitted.predict(blank, [False]).scores)
    assert not np.allclose(foreign.probabilities, fitted.predict(views, [True]).probabilities)
    assert not np.allclose(fitted.predict(blank, [True]).scores, fitted.predict(views, [True]).scores)


def test_when_languages_are_mixed_then_rows_do_not_touch_each_other(fitted, word_views) -> None:
    both = fitted.predict(word_views(["hello there", "hello there"]), [True, False])
    np.testing.assert_allclose(both.scores[0], fitted.predict(word_views(["hello there"])).scores[0], rtol=1e-5)
    np.testing.assert_allclose(
        both.scores[1], fitted.predict(word_views(["hello there"]), [False]).scores[0], rtol=1e-5
    )


@pytest.mark.parametrize(("texts", "labels"), [([], []), (["?!", "..."], ["a", "b"])], ids=["no examples", "no words"])
def test_when_there_is_nothing_to_learn_from_then_the_error_says_so(texts, labels, word_views) -> None:
    with pytest.raises(ModelError, match=r"examples.*add some to data/nlu\.yml"):
        Ensemble.fit(word_views(texts), labels)


def _other_format(about: dict) -> dict:
    return {**about, "format": 99}


def _without_classes(about: dict) -> dict:
    return {key: value for key, value in about.items() if key != "classes"}


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("ensemble.npz", lambda whole: whole[: len(whole) // 2]),
        ("ensemble.npz", lambda whole: b""),
        ("ensemble.npz", lambda whole: b"other bytes"),
        ("ensemble.npz", None),
        ("ensemble.json", lambda whole: whole[: len(whole) // 2]),
        ("ensemble.json", lambda whole: b"[]"),
        ("ensemble.json", lambda whole: json.dumps(_other_format(json.loads(whole))).encode()),
        ("ensemble.json", lambda whole: json.dumps(_without_classes(json.loads(whole))).encode()),
        ("ensemble.json", None),
    ],
    ids=["cut", "empty", "no archive", "no arrays", "half json", "a list", "other format", "no classes", "no json"],
)
def test_when_a_file_is_broken_then_loading_says_to_train(name, harm, fitted, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    file = tmp_path / name
    if harm is None:
        file.unlink()
    else:
        file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(ModelError, match=r"ensemble: .*run \./marrow train"):
        Ensemble.load(tmp_path)


def test_when_arrays_hold_an_object_then_it_is_not_unpickled(fitted, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    with np.load(tmp_path / "ensemble.npz") as arrays:
        held = {name: arrays[name] for name in arrays.files}
    np.savez(tmp_path / "ensemble.npz", **{**held, "targets": np.array([{"any": "object"}], dtype=object)})
    with pytest.raises(ModelError, match="allow_pickle"):
        Ensemble.load(tmp_path)


def test_when_cross_validated_then_no_text_is_scored_by_a_model_that_saw_it(word_views) -> None:
    held_out = cross_validated(word_views(TEXTS), LABELS, folds=5)
    seen = Ensemble.fit(word_views(TEXTS), LABELS).predict(word_views(TEXTS))
    own = [held_out.classes.index(label) for label in LABELS]
    rows = np.arange(len(TEXTS))
    assert (seen.nearness[rows, own] > 0.999).all()
    assert (held_out.nearness[rows, own] < 0.99).all()  # its own copy was not among the examples
    assert (held_out.scores.argmax(axis=1) == own).mean() > 0.5


def test_when_a_class_has_one_text_then_cross_validation_still_ends(word_views) -> None:
    held_out = cross_validated(word_views([*TEXTS, "thank you"]), [*LABELS, "thanks"], folds=3)
    assert held_out.classes == ("cost", "duration", "greet", "thanks")
    assert held_out.probabilities[-1, 3] == 0  # it was not in the part that was learned


def test_when_it_is_done_twice_then_cross_validation_gives_the_same(word_views) -> None:
    first, second = (cross_validated(word_views(TEXTS), LABELS, folds=3).scores for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_when_some_texts_stand_aside_then_they_are_no_class_and_draw_away_what_is_theirs(word_views) -> None:
    texts, labels = [*TEXTS, *["swelling"] * 5, *["rash swelling"] * 5], [*LABELS, *[ASIDE] * 10]
    model = Ensemble.fit(word_views(texts), labels)
    scores = model.predict(word_views(["swelling", "how many weeks"]))
    assert ASIDE not in scores.classes
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(scores.beside_aside.sum(axis=1) + scores.aside, 1)
    assert scores.aside[0] > 0.5 > scores.aside[1]
    held_out = cross_validated(word_views(texts), labels, folds=3)
    assert held_out.classes == scores.classes
    assert held_out.aside[len(TEXTS) :].mean() > held_out.aside[: len(TEXTS)].mean()
