"""The studio's check: what it weighs, and that it names the colliding example, with the real encoders and weights."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="the brain's environment only")

from bot.boot import model
from bot.understand import collisions, compare
from bot.understand.compare import Comparer
from bot.understand.ensemble import Views


def test_when_the_other_label_is_likelier_and_nearer_then_the_score_is_higher() -> None:
    for weighing in collisions.weighings():
        innocent = collisions.numbers(*(np.array([value]) for value in (0.9, 0.05, 0.9, 0.4)))
        planted = collisions.numbers(*(np.array([value]) for value in (0.02, 0.95, 0.3, 0.95)))
        assert weighing.score(planted)[0] > 0 > weighing.score(innocent)[0]


def test_when_weights_were_learned_then_their_figures_stand_beside_them() -> None:
    read = json.loads(collisions.WEIGHTS.read_text(encoding="utf-8"))

    assert read["innocent_blocked_at_most"] == collisions.INNOCENT_BLOCKED
    assert all(case["innocent_blocked"] <= collisions.INNOCENT_BLOCKED + 0.001 for case in read["cases"])


def test_when_requests_come_as_lines_then_each_gets_one_line_and_a_fault_ends_nothing() -> None:
    out = io.StringIO()

    compare.main(io.StringIO('{"op": "ready"}\nnonsense\n{"op": "none"}\n{"op": "ready"}\n'), out)

    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [set(answer) for answer in answers] == [{"ok"}, {"error"}, {"error"}, {"ok"}]


@pytest.mark.slow
class TestReal:
    """With the trained model."""

    @pytest.fixture(scope="class")
    def comparer(self) -> Comparer:
        return Comparer()

    def ask(self, comparer: Comparer, label: str, *added: str) -> list[dict]:
        file = model.current()
        assert file is not None, "run ./marrow train"
        known = [text for text, intent in collisions.examples_in(comparer.root) if intent == label.replace("/", "_")]
        request = {"label": label, "examples": [*known, *added], "added": list(added), "model": str(file)}
        return comparer.collisions(request)

    def test_when_the_same_words_are_elsewhere_then_that_is_named(self, comparer: Comparer) -> None:
        text, _ = next(one for one in collisions.examples_in(comparer.root) if one[1] == "topic_cost")

        (found,) = self.ask(comparer, "topic/insurance", f"{text}?".upper())

        assert (found["same"], found["label"]) == (True, "topic/cost")

    def test_when_an_example_belongs_elsewhere_then_only_it_is_held_back(self, comparer: Comparer) -> None:
        found = self.ask(comparer, "faq/bmt_duration", "how long does a transplant take", "who pays for the treatment")

        assert [one["example"] for one in found] == ["who pays for the treatment"]

    def test_when_a_new_label_takes_what_another_has_then_it_is_seen(self, comparer: Comparer) -> None:
        parking = [f"where can I {verb} near the clinic" for verb in ("park my car", "leave the car", "put the camper")]
        found = self.ask(comparer, "topic/parking", *parking, "what does car-t cost")

        assert "what does car-t cost" in [one["example"] for one in found]

    def test_when_messages_mean_the_same_then_they_are_one_group(self, comparer: Comparer) -> None:
        texts = ["where can I park", "is there parking", "does my hair fall out", "will I lose my hair", "parking?"]

        groups = comparer.groups({"texts": texts})

        assert sorted(map(sorted, groups)) == [[0, 1, 4], [2, 3]]

    def test_when_the_same_messages_are_asked_about_again_then_only_the_new_words_are_read(
        self, comparer: Comparer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        among = ["will I lose my hair", "is there parking at the hospital", "is there parking at the hospital"]
        read: list[str] = []
        real = compare.views_of

        def noted(texts: list[str], *more: object) -> Views:
            read.extend(texts)
            return real(texts, *more)  # type: ignore[arg-type]

        monkeypatch.setattr(compare, "views_of", noted)
        first = comparer.near({"texts": ["parking"], "among": among})
        assert [one["at"] for one in first][-1] == 0
        assert first[0]["nearness"] > 0.5 > first[-1]["nearness"]
        read.clear()

        again = comparer.near({"texts": ["hair"], "among": among[:2]})

        assert (again[0]["at"], read) == (0, ["hair"])
        comparer.near({"texts": ["hair"], "among": among[:1]})
        assert list(comparer._met) == among[:1]  # what no longer waits, or was erased, is not kept
