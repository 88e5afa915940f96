"""A candidate's report: figures from known predictions, significance both ways, and the replay after what was said."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

pytest.importorskip("rasa", reason="the brain's environment only")

from rasa.core.agent import Agent

from bot.boot import model
from bot.understand.channel import answer
from bot.understand.dialogue import Turn
from bot.understand.policy import catalogue_of
from evaluation import model_report
from evaluation.model_report import Asked, by_label, rows_of, significance, turns_of, worst

PREDICTED = [
    ("a", "x", "x"), ("b", "x", "x"), ("c", "x", "y"), ("d", "x", "y"), ("e", "y", "y"), ("f", "y", "z"), ("g", "n", "n"),
]  # fmt: skip
"""Text, truth and label."""


def test_when_predictions_are_known_then_precision_and_recall_are_exact() -> None:
    found = by_label([(truth, label) for _, truth, label in PREDICTED])

    assert found == {
        "n": {"count": 1, "found": 1, "right": 1, "precision": 1.0, "recall": 1.0},
        "x": {"count": 4, "found": 2, "right": 2, "precision": 1.0, "recall": 0.5},
        "y": {"count": 2, "found": 3, "right": 1, "precision": 1 / 3, "recall": 0.5},
        "z": {"count": 0, "found": 1, "right": 0, "precision": 0.0, "recall": None},
    }
    assert by_label([("x", "y")])["x"]["precision"] is None


def test_when_confusions_are_counted_then_the_ten_commonest_stand_first_with_some_texts() -> None:
    assert worst(PREDICTED) == [
        {"truth": "x", "label": "y", "count": 2, "texts": ["c", "d"]},
        {"truth": "y", "label": "z", "count": 1, "texts": ["f"]},
    ]
    many = [(f"{kind} {at}", f"t{kind}", "other") for kind in range(1, 13) for at in range(kind)]

    found = worst(many)

    assert [one["count"] for one in found] == list(range(12, 2, -1))
    assert len(found[0]["texts"]) == model_report.TEXTS


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        pytest.param(0, 0, 1.0, id="the same"),
        pytest.param(1, 0, 1.0, id="one"),
        pytest.param(6, 1, 0.125, id="may be chance"),
        pytest.param(9, 1, 0.0215, id="better"),
        pytest.param(1, 9, 0.0215, id="worse"),
        pytest.param(10, 10, 1.0, id="as many"),
    ],
)
def test_when_two_models_are_compared_then_p_is_that_of_the_exact_test_whichever_is_better(
    gained: int, lost: int, p: float
) -> None:
    both = [(True, True)] * 50 + [(False, False)] * 20
    pairs = [(True, False)] * gained + [(False, True)] * lost + both

    found = significance([mine for mine, _ in pairs], [theirs for _, theirs in pairs])

    assert found == {"gained": gained, "lost": lost, "p": p}


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held-back sets of a few lines."""
    questions, safety = tmp_path / "questions.jsonl", tmp_path / "safety.jsonl"
    questions.write_text("".join(json.dumps({"text": text, "label": truth}) + "\n" for text, truth, _ in PREDICTED))
    dangers = [("he is blue", "emergency"), ("I will end it", "self_harm"), ("dying to know", "none"), ("hm", "check")]
    safety.write_text("".join(json.dumps({"text": text, "expect": expect}) + "\n" for text, expect in dangers))
    monkeypatch.setattr(model_report, "QUESTIONS", questions)
    monkeypatch.setattr(model_report, "SAFETY", safety)


def row(label: str, screen: str = "none", outcome: str = "answer") -> model_report.Json:
    return {"label": label, "outcome": outcome, "three": [label], "screen": screen}


def test_when_a_report_is_made_then_it_says_what_was_gained_lost_and_missed(
    sets: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = {
        "mine": [label for *_, label in PREDICTED],
        "theirs": ["x", "y", "x", "y", "y", "y", "n"],
    }
    screens = {"mine": ["emergency", "none", "emergency", "none"], "theirs": ["emergency", "self_harm", "none", "none"]}
    asked: list[list[str]] = []

    def understood(file: Path, given: list[Asked], _name: str) -> list[model_report.Json]:
        asked.append([one.text for one in given])
        return [*map(row, labels[file.name]), *(row("greet", screen) for screen in screens[file.name])]

    monkeypatch.setattr(model_report, "rows_of", understood)
    for name in labels:
        (tmp_path / name).write_text(name)
    request = {"candidate": str(tmp_path / "mine"), "live": str(tmp_path / "theirs"), "data": None,
               "measured": str(tmp_path / "kept")}  # fmt: skip

    made = model_report.report(request)

    assert made["held_back"]["candidate"]["right"] == pytest.approx(4 / 7)
    assert made["change"] == {"gained": 1, "lost": 2, "p": 1.0}
    assert made["lost"] == [
        {"text": "c", "truth": "x", "label": "y"}, {"text": "f", "truth": "y", "label": "z"}
    ]  # fmt: skip
    assert made["confusion"] == [[truth, label] for _, truth, label in PREDICTED]
    assert made["confusion_live"][1:3] == [["x", "y"], ["x", "x"]]
    mine, theirs = made["danger"]["candidate"], made["danger"]["live"]
    assert (mine["count"], mine["caught"], mine["missed"]) == (2, 1, ["I will end it"])
    assert (mine["harmless"], mine["false_alarms"], mine["alarmed"]) == (1, 1, ["dying to know"])
    assert (theirs["caught"], theirs["false_alarms"]) == (2, 0)
    assert made["labels_live"]["x"]["recall"] == 0.5
    assert "cross_validation" not in made
    assert model_report.report(request) == made
    assert len(asked) == 2  # what a model did on the same sets is kept


def test_when_models_read_a_message_otherwise_then_it_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {
        "mine": [row("a"), row("b"), row("c", outcome="clarify"), row("d", "emergency")],
        "theirs": [row("a"), row("x"), row("z", outcome="clarify"), row("d")],
    }
    given: list[Asked] = []

    def understood(file: Path, asked: list[Asked], _name: str) -> list[model_report.Json]:
        given.extend(asked)
        return read[file.name]

    monkeypatch.setattr(model_report, "rows_of", understood)
    asked = [{"text": "t", "said": [[["faq/bmt_duration", None]]]}, *[{"text": "t", "said": []}] * 3]

    assert model_report.replay({"candidate": "mine", "live": "theirs", "asked": asked}) == {
        "messages": 4,
        "changed": [{"at": 1, "old": "x", "new": "b"}, {"at": 3, "old": "d", "new": "safety/emergency"}],
    }
    assert given == [Asked("t", (Turn(("utter_faq_bmt_duration",)),)), *[Asked("t")] * 3] * 2


def test_when_turns_are_made_of_what_was_said_then_misses_offers_and_hand_offs_are_told_apart() -> None:
    said = [
        [("faq/cart_duration", None), ("fallback", None)], [("fallback", None)], [("fallback", None)],
        [("clarify", None)], [("contact_human", "call_back")], [("contact_human", "contacts")], [("topic/cost", None)],
    ]  # fmt: skip

    assert turns_of(said) == tuple(
        Turn(actions)
        for actions in (
            ("utter_faq_cart_duration", "utter_rest_missed"),
            ("utter_fallback",),
            ("utter_fallback_person",),
            ("utter_clarify",),
            ("action_call_back",),
            ("action_contacts",),
            ("utter_topic_cost",),
        )
    )


@pytest.mark.slow
class TestReal:
    """With the trained model."""

    CONVERSATION = (
        "what is car-t", "and how long does it take?", "what about cord blood", "qwrt zxcv bnmp", "fghj wrtz",
        "How long does CAR-T take? And how much does it cost?", "how long does it take", "thank you",
    )  # fmt: skip

    @pytest.fixture(scope="class")
    def model_file(self) -> Path:
        file = model.current()
        assert file is not None, "run ./marrow train"
        return file

    def test_when_the_same_words_follow_other_answers_then_each_is_read_after_its_own(self, model_file: Path) -> None:
        words, after = "and how long does it take?", {"cart": "faq/cart_what_is", "bmt": "faq/bmt_what_is"}
        asked = [Asked(words, turns_of([[(label, None)]])) for label in after.values()]

        rows = rows_of(model_file, [*asked, Asked(words)], "candidate")

        assert [row["label"] for row in rows[:2]] == ["faq/cart_duration", "faq/bmt_duration"]
        assert [row["outcome"] for row in rows] == ["answer", "answer", "clarify"]

    def test_when_a_conversation_is_replayed_then_every_message_is_read_as_the_live_bot_read_it(
        self, model_file: Path
    ) -> None:
        async def talk() -> tuple[list[Asked], list[dict]]:
            agent = Agent.load(str(model_file))
            assert agent.domain is not None
            catalogue, state = catalogue_of(agent.domain), {}
            said: list[list[tuple[str, str | None]]] = []
            asked, understood = [], []
            for words in self.CONVERSATION:
                body = {"conversation": "c", "seq": 1, "text": words, "state": state, "language": "en"}
                asked.append(Asked(words, turns_of(said)[-6:]))
                assert asked[-1].turns == tuple(Turn(tuple(turn["actions"])) for turn in state.get("turns", ()))
                turn = await answer(agent, body, catalogue)
                said.append([(one.label, (one.handoff or {}).get("kind")) for one in turn.replies])
                understood.append(turn.understood)
                state = turn.state
            return asked, understood

        asked, understood = asyncio.run(talk())

        rows = rows_of(model_file, asked, "candidate")

        assert [(one["label"], one["outcome"]) for one in rows] == [
            (one["label"], one["outcome"]) for one in understood
        ]  # fmt: skip
        alone = rows_of(model_file, [Asked(one.text) for one in asked], "candidate")
        assert alone[1]["label"] != rows[1]["label"] or alone[1]["outcome"] != rows[1]["outcome"]
