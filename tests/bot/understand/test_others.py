"""The classifier of other languages, over an encoder whose vectors come from words and a seed."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.screen import Verdict
from bot.understand.ensemble import Ensemble
from bot.understand.others import FEWEST, FILE, WORDS_FILE, Material, OtherLanguages, levelled

NOTHING, RED = Verdict(), Verdict("emergency", "fever", (0, 1), "fever")
ENGLISH = {
    "cost": ["what does it cost", "the price of it", "how much money"],
    "danger": ["he burns with fever", "she is bleeding now", "he cannot breathe"],
    "duration": ["how long is it", "how many weeks", "weeks in hospital"],
    "parking": ["where to park", "parking place", "park the car"],
}
OTHER = {
    "cost": (["wieviel", "preis", "kosten", "geld"], ["behandlung", "therapie", "zahlen", "kasse", "summe"]),
    "danger": (["fieber", "blutet", "atmet", "ohnmacht"], ["jetzt", "schnell", "vater", "hilfe", "notfall"]),
    "duration": (["dauer", "wochen", "lange", "monate"], ["bleiben", "klinik", "aufenthalt", "insgesamt", "ganz"]),
}
FILLERS = ["bitte", "", "mein sohn"]
LABELS, TEXTS = zip(
    *(
        (label, " ".join(words).strip())
        for label, (first, second) in OTHER.items()
        for words in itertools.product(first, second, FILLERS, ["ja", ""])
    )
)


def material(word_views, count: int = len(TEXTS)) -> Material:
    english = word_views([text for texts in ENGLISH.values() for text in texts]).vectors["use"]
    own = ["ganz ohne fieber", "kein blutet mehr"], ["sofort fieber hilfe", "vater blutet hilfe"]
    asked, alone = word_views(list(TEXTS[:count])), word_views([text for texts in own for text in texts])
    return Material(
        english=english,
        english_labels=[label for label, texts in ENGLISH.items() for _ in texts],
        others=asked,
        labels=LABELS[:count],
        own=alone,
        own_danger=[False, False, True, True],
        english_danger=(word_views(["no fever at all", "high fever and shaking"]).vectors["use"], [False, True]),
        safety_intents=["danger"],
        verdicts=[NOTHING] * (count + 4),
    )


@pytest.fixture
def english(word_views) -> Ensemble:
    texts = [text for texts in ENGLISH.values() for text in texts]
    return Ensemble.fit(word_views(texts), [label for label, texts in ENGLISH.items() for _ in texts])


@pytest.fixture
def learned(word_views):
    found = OtherLanguages.learn(material(word_views), 20.0)
    assert found
    return found


def judged(model: OtherLanguages, views, english: Ensemble, verdict: Verdict = NOTHING):
    return model.judge(views, english, [verdict] * len(views.texts), ["danger"])


def first(model: OtherLanguages, english: Ensemble, views) -> list[str]:
    scores, _ = judged(model, views, english)
    return [scores.classes[column] for column in scores.scores.argmax(axis=1)]


def test_when_learned_then_new_wordings_get_their_intent(learned, english, word_views) -> None:
    views = word_views(["was kosten therapie denn", "wochen klinik oder", "vater fieber schnell"])
    assert first(learned[0], english, views) == ["cost", "duration", "danger"]


def test_when_an_intent_has_english_examples_alone_then_its_meaning_is_known(learned, english, word_views) -> None:
    # the encoder gives a word one meaning in whatever language; the letters have nothing to say of this intent
    assert first(learned[0], english, word_views(["parking place"])) == ["parking"]


def test_when_texts_are_scored_then_probabilities_sum_to_one_and_nearness_is_a_share(
    learned, english, word_views
) -> None:
    scores, _ = judged(learned[0], word_views(["kosten wochen", ""]), english)
    assert scores.classes == ("cost", "danger", "duration", "parking")
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1)
    assert ((scores.nearness >= 0) & (scores.nearness <= 1)).all()


def test_when_examples_are_held_out_then_none_was_seen_by_what_scored_it(learned, english, word_views) -> None:
    model, held_out = learned
    seen, _ = judged(model, word_views(list(TEXTS)), english)
    columns = [seen.classes.index(label) for label in LABELS]
    rows = np.arange(len(TEXTS))
    assert seen.nearness[rows, columns].min() == pytest.approx(1, abs=1e-3)
    assert held_out.scores.nearness[rows, columns].min() < 0.99
    assert held_out.danger.shape == (len(TEXTS),)
    told = np.array([label == "danger" for label in LABELS])
    assert held_out.danger[told].mean() > 0.8 > 0.2 > held_out.danger[~told].mean()


@pytest.mark.parametrize("verdict", [pytest.param(NOTHING, id="rules silent"), pytest.param(RED, id="rules red")])
def test_when_a_message_tells_of_danger_then_it_is_likelier_danger_than_a_question(
    learned, english, word_views, verdict
) -> None:
    views = word_views(["vater fieber hilfe", "preis therapie bitte"])
    _, (told, asked) = judged(learned[0], views, english, verdict)
    assert told > 0.7
    assert asked < 0.5 < told


@pytest.mark.parametrize(
    ("count", "why"), [(FEWEST - 1, "too few examples"), (0, "none at all")], ids=["too few examples", "none at all"]
)
def test_when_there_are_too_few_examples_then_nothing_is_learned(word_views, count, why) -> None:
    assert OtherLanguages.learn(material(word_views, count), 20.0) is None, why


def test_when_saved_and_loaded_then_it_says_the_same(learned, english, word_views, tmp_path: Path) -> None:
    learned[0].save(tmp_path)
    again = OtherLanguages.load(tmp_path)
    assert again
    views = word_views(["kosten therapie", "vater fieber", "parking place"])
    (before, told), (after, told_again) = (judged(model, views, english) for model in (learned[0], again))
    np.testing.assert_allclose(before.scores, after.scores, atol=1e-3)
    np.testing.assert_allclose(told, told_again, atol=1e-6)


def test_when_none_was_kept_then_none_is_loaded(tmp_path: Path) -> None:
    assert OtherLanguages.load(tmp_path) is None


@pytest.mark.parametrize("name", [FILE, WORDS_FILE])
def test_when_a_file_is_cut_short_then_the_error_says_what_to_do(learned, tmp_path: Path, name: str) -> None:
    learned[0].save(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:100])
    with pytest.raises(ModelError, match=r"others.npz.*\./marrow train"):
        OtherLanguages.load(tmp_path)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        pytest.param("Combien ça coûte à l'hôpital", "combien ca coute a l'hopital", id="French accents"),
        pytest.param("nasıl başvururum", "nasil basvururum", id="Turkish letters"),
        pytest.param("إلى متى العلاجة", "الي متي العلاجه", id="Arabic alif and ta marbuta"),
        pytest.param("كَمْ", "كم", id="Arabic vowel marks"),
        pytest.param("Größe", "grosse", id="German sharp s"),
        pytest.param("ＣＡＲ－Ｔ", "car-t", id="full-width letters"),
        pytest.param("がん", "がん", id="Japanese voiced letters stay"),
        pytest.param("치료", "치료", id="Korean stays"),
    ],
)
def test_when_accents_are_left_out_or_letters_swapped_then_a_text_is_the_same(written: str, same: str) -> None:
    assert levelled(written) == same
