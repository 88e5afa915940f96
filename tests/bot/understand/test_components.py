"""The components as Rasa's graph runs them: its merge of defaults, its storage, its messages.

Longer than 300 lines because the three share one training, which is the slow part.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
import yaml
from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import GraphNode
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.errors import ModelError
from bot.understand.components import UNDERSTANDING, EnsembleClassifier, EntityFinder, ScreenAdapter
from bot.understand.ensemble import ASIDE
from bot.understand.language import language_of
from bot.understand.outcome import Thresholds

EXAMPLES = {
    "faq_cart_duration": [
        "how long does car-t take",
        "how many weeks is car-t",
        "duration of car-t therapy",
        "weeks in hospital for car-t",
        "how long is the car-t treatment",
        "car-t time needed",
    ],
    "topic_cost": [
        "how much does it cost",
        "what is the price",
        "cost of the treatment",
        "is it expensive",
        "how much money do we need",
        "price list please",
    ],
    "greet": ["hello", "hi", "good morning", "hey there", "hi good day", "hello doctor"],
    "contact_human": [
        "I want to talk to a person",
        "can someone call me",
        "give me your phone number",
        "connect me to the staff",
        "speak to a human please",
        "who can I phone",
    ],
    "safety_emergency": [
        "he has a fever of 40 and is shaking",
        "she cannot breathe",
        "my son is bleeding and it does not stop",
        "he is confused and cannot speak",
        "dad collapsed just now",
        "high fever since this morning and shivers",
    ],
    "out_of_scope_other": [
        "what is the weather",
        "tell me a joke",
        "who won the match",
        "sell me a car",
        "play some music",
        "best pizza in town",
    ],
}
THRESHOLDS = Thresholds(answer=0.35, clarify=0.12, part=0.4, safety=0.6)


def _data() -> TrainingData:
    messages = [Message({TEXT: text, INTENT: intent}) for intent, texts in EXAMPLES.items() for text in texts]
    tables = [{"name": "centre", "elements": ["apollo", "samsung medical center"]}]
    return TrainingData(messages, lookup_tables=tables, entity_synonyms={"samsung medical center": "samsung"})


def _node(component: type, fn: str, storage: Any, execution: Any, *, load: bool, **config: Any) -> GraphNode:
    return GraphNode(
        node_name=component.__name__,
        component_class=component,
        constructor_name="load" if load else "create",
        component_config=config,
        fn_name=fn,
        inputs={"training_data": "data"} if fn == "train" else {"messages": "data"},
        eager=load,
        model_storage=storage,
        resource=Resource(component.__name__) if load else None,
        execution_context=execution,
    )


def _process(node: GraphNode, *texts: str | None) -> list[Message]:
    messages = [Message({TEXT: text} if text is not None else {}) for text in texts]
    return node(("data", messages))[1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory, execution):
    """Both components trained, then read back from the storage, as after `rasa train`."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    folder = tmp_path_factory.mktemp("storage")
    storage = LocalModelStorage(folder)
    _node(EnsembleClassifier, "train", storage, execution, load=False, folds=3)(("data", _data()))
    _node(EntityFinder, "train", storage, execution, load=False)(("data", _data()))
    with storage.write_to(Resource("EnsembleClassifier")) as files:  # few examples give thresholds by chance
        assert Thresholds(**json.loads((files / "thresholds.json").read_text())).answer > 0
        (files / "thresholds.json").write_text(json.dumps(THRESHOLDS.to_json()))
    classifier = _node(EnsembleClassifier, "process", storage, execution, load=True)
    return classifier, _node(EntityFinder, "process", storage, execution, load=True)


def test_when_a_setting_is_left_out_then_rasa_s_merge_fills_in_the_default(storage, execution) -> None:
    node = _node(EnsembleClassifier, "train", storage, execution, load=False, folds=7)
    assert node._component_config == {**EnsembleClassifier.get_default_config(), "folds": 7}


@pytest.mark.parametrize(
    ("text", "intent", "outcome"),
    [
        ("how many weeks does car-t take", "faq_cart_duration", "answer"),
        ("what does the treatment cost", "topic_cost", "answer"),
        ("I would like to talk to a person", "contact_human", "handoff"),
        ("high fever and he is shaking since this morning", "safety_emergency", "safety"),
        ("tell me a good joke", "out_of_scope_other", "fallback"),
        ("qwrt zxcv bnmp", "nlu_fallback", "fallback"),
    ],
)
def test_when_a_message_is_understood_then_intent_outcome_and_ranking_are_on_it(text, intent, outcome, trained) -> None:
    (message,) = _process(trained[0], text)
    understanding = message.get(UNDERSTANDING)
    assert (message.get(INTENT)["name"], understanding["outcome"]) == (intent, outcome)
    ranking = message.get("intent_ranking")
    assert ranking == understanding["ranking"]
    assert {entry["name"] for entry in ranking} == set(EXAMPLES)
    assert [entry["confidence"] for entry in ranking] == sorted((e["confidence"] for e in ranking), reverse=True)
    assert understanding["language"] == "en"
    assert {INTENT, "intent_ranking", UNDERSTANDING} <= message.output_properties
    json.dumps(understanding)  # it goes to the journal


@pytest.mark.parametrize("text", ["", "   \n\t", None], ids=["empty", "blanks", "no text"])
def test_when_there_are_no_words_then_it_falls_back_and_is_sure_of_nothing(text, trained) -> None:
    (message,) = _process(trained[0], text)
    understanding = message.get(UNDERSTANDING)
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert (understanding["outcome"], understanding["parts"], understanding["language"]) == ("fallback", [], "en")
    assert understanding["ranking"] == message.get("intent_ranking")
    assert max(entry["confidence"] for entry in understanding["ranking"]) < 0.001


@pytest.mark.parametrize(
    "text",
    ["how long " * 222, "a" * 2000, "🩸" * 1000, "移植需要多长时间？" * 200, "\u202ehow long\u0000", "e\u0301" * 1000],
    ids=["2000 characters", "one word", "emoji", "chinese", "control", "combining"],
)
def test_when_a_message_is_long_or_odd_then_it_is_understood_all_the_same(text, trained) -> None:
    (message,) = _process(trained[0], text[:2000])
    assert message.get(UNDERSTANDING)["outcome"] in ("answer", "clarify", "fallback", "safety", "handoff")
    assert all(np.isfinite(entry["confidence"]) for entry in message.get("intent_ranking"))


def test_when_several_messages_come_at_once_then_each_is_understood_for_itself(trained) -> None:
    together = _process(trained[0], "how long does car-t take", "", "hello")
    alone = [_process(trained[0], text)[0] for text in ("how long does car-t take", "", "hello")]
    assert [one.get(INTENT) for one in together] == [one.get(INTENT) for one in alone]


def test_when_a_message_holds_two_questions_then_both_are_its_parts(trained) -> None:
    (message,) = _process(trained[0], "How long does car-t take? And how much does it cost?")
    parts = message.get(UNDERSTANDING)["parts"]
    assert [(part["text"], part["intent"]["name"]) for part in parts] == [
        ("How long does car-t take?", "faq_cart_duration"),
        ("And how much does it cost?", "topic_cost"),
    ]


def test_when_two_questions_are_the_same_matter_then_there_are_no_parts(trained) -> None:
    (message,) = _process(trained[0], "How long does car-t take? How many weeks is car-t?")
    assert message.get(UNDERSTANDING)["parts"] == []
    assert message.get(INTENT)["name"] == "faq_cart_duration"


def test_when_one_of_two_is_not_understood_then_there_are_no_parts(trained) -> None:
    (message,) = _process(trained[0], "How long does car-t take? What zxcv qwrt bnmp?")
    assert message.get(UNDERSTANDING)["parts"] == []


def test_when_one_of_three_is_not_understood_then_the_others_are_kept_and_it_is_told(trained) -> None:
    (message,) = _process(trained[0], "How long does car-t take? How much does it cost? What zxcv qwrt bnmp?")
    understanding = message.get(UNDERSTANDING)
    assert [part["text"] for part in understanding["parts"]] == ["How long does car-t take?", "How much does it cost?"]
    assert understanding["rest_missed"]


def test_when_the_message_as_one_hides_the_danger_of_a_part_then_it_is_seen_all_the_same(trained) -> None:
    text = "How much does it cost? What is the price of it? How long does car-t take? Is dad confused and cannot speak?"
    (whole,) = trained[0]._component.score([text.replace("?", "")]).probabilities
    classes = trained[0]._component._model.classes
    assert whole[classes.index("safety_emergency")] < THRESHOLDS.safety  # so it is the part that shows it
    (message,) = _process(trained[0], text)
    assert message.get(UNDERSTANDING)["outcome"] == "safety"
    assert message.get(INTENT)["name"] == "safety_emergency"


def test_when_danger_is_in_one_question_of_two_then_it_is_the_message_s_alone(trained) -> None:
    text = "How much does it cost and is it normal that he has a fever of 40 and is shaking"
    (message,) = _process(trained[0], text)
    understanding = message.get(UNDERSTANDING)
    assert understanding["outcome"] == "safety"
    assert understanding["parts"] == []
    assert message.get(INTENT)["name"] == "safety_emergency"


def test_when_a_message_is_not_english_then_its_language_is_on_it(trained) -> None:
    (message,) = _process(trained[0], "Wie lange dauert die CAR-T-Therapie?")
    assert message.get(UNDERSTANDING)["language"] == "de"
    assert message.get("intent_ranking")[0]["name"] == "faq_cart_duration"


def _elsewhere() -> dict[str, list[str]]:
    """Questions in German, more than the fewest that something is learnt from."""
    who = ["für meinen vater", "für meine mutter", "bei uns", "für meinen sohn", "in eurer klinik", "bitte", "genau"]
    asked = {
        "topic_cost": ["was kostet die behandlung {}", "wie hoch sind die kosten {}", "wie viel geld brauchen wir {}"],
        "faq_cart_duration": ["wie lange dauert die therapie {}", "wie viele wochen sind das {}", "welche dauer {}"],
        "safety_emergency": [
            "er blutet und es hört nicht auf {}",
            "sie bekommt keine luft {}",
            "hohes fieber {} hilfe",
        ],
    }
    asked["out_of_scope_other"] = ["wie wird das wetter {}", "wer hat gestern gespielt {}", "welches lied ist das {}"]
    ends = ["", " danke", " wirklich"]
    return {
        intent: [form.format(one) + end for form in forms for one in who for end in ends]
        for intent, forms in asked.items()
    }


@pytest.mark.slow
def test_when_there_are_examples_in_another_language_then_it_has_a_classifier_of_its_own(storage, execution) -> None:
    data, foreign = _data(), _elsewhere()
    more = [Message({TEXT: text, INTENT: intent}) for intent, texts in foreign.items() for text in texts]
    together = TrainingData([*data.intent_examples, *more], lookup_tables=data.lookup_tables)
    _node(EnsembleClassifier, "train", storage, execution, load=False, folds=3)(("data", together))
    node = _node(EnsembleClassifier, "process", storage, execution, load=True)
    component = node._component
    # the English classifier has not seen them, but for what looks like English
    as_english = sum(language_of(text) == "en" for texts in (*EXAMPLES.values(), *foreign.values()) for text in texts)
    assert component._model._targets.shape == (as_english,)
    assert as_english < sum(map(len, EXAMPLES.values())) + 5
    assert set(component._others.classes) == set(EXAMPLES)
    for text, intent in [
        ("was würde das alles kosten für den sohn", "topic_cost"),
        ("mein vater blutet stark und es hört nicht auf", "safety_emergency"),
    ]:
        (message,) = _process(node, text)
        assert message.get(UNDERSTANDING)["language"] == "de"
        assert message.get("intent_ranking")[0]["name"] == intent
    with storage.write_to(Resource("EnsembleClassifier")) as files:
        (files / "others_thresholds.json").write_text("{")
    with pytest.raises(GraphComponentException) as raised:
        _node(EnsembleClassifier, "process", storage, execution, load=True)
    assert "others_thresholds.json of the model cannot be read" in str(raised.value.__cause__)


def test_when_there_are_few_examples_in_another_language_then_the_one_classifier_learns_them(
    storage, execution
) -> None:
    few = {"topic_cost": ["was kostet die behandlung"], "greet": ["guten morgen zusammen"]}
    more = [Message({TEXT: text, INTENT: intent}) for intent, texts in few.items() for text in texts]
    together = TrainingData([*_data().intent_examples, *more])
    _node(EnsembleClassifier, "train", storage, execution, load=False, folds=3)(("data", together))
    component = _node(EnsembleClassifier, "process", storage, execution, load=True)._component
    assert component._others is None
    assert component._model._targets.shape == (sum(map(len, EXAMPLES.values())) + 2,)


def test_when_entities_are_trained_and_loaded_then_messages_carry_them(trained) -> None:
    (message,) = _process(trained[1], "is the Samsung Medcal Center better than apollo?")
    assert [(one["entity"], one["value"], one["extractor"]) for one in message.get(ENTITIES)] == [
        ("centre", "samsung", "EntityFinder"),
        ("centre", "apollo", "EntityFinder"),
    ]
    assert ENTITIES in message.output_properties


@pytest.mark.parametrize("text", ["", None, "hello"], ids=["empty", "no text", "no name"])
def test_when_there_is_no_entity_then_the_list_is_empty(text, trained) -> None:
    assert _process(trained[1], text)[0].get(ENTITIES) == []


def test_when_another_extractor_found_something_then_it_stays(trained) -> None:
    found = {"entity": "phone", "value": "123", "start": 0, "end": 3}
    message = Message({TEXT: "123 apollo", ENTITIES: [found]})
    trained[1](("data", [message]))
    assert [one["entity"] for one in message.get(ENTITIES)] == ["phone", "centre"]


def test_when_there_is_one_intent_then_training_and_loading_work(storage, execution) -> None:
    data = TrainingData([Message({TEXT: text, INTENT: "greet"}) for text in EXAMPLES["greet"]])
    _node(EnsembleClassifier, "train", storage, execution, load=False)(("data", data))
    (message,) = _process(_node(EnsembleClassifier, "process", storage, execution, load=True), "hello")
    assert message.get("intent_ranking")[0] == {"name": "greet", "confidence": pytest.approx(1, abs=0.01)}


def test_when_there_are_no_examples_then_the_loaded_component_understands_nothing(storage, execution, caplog) -> None:
    _node(EnsembleClassifier, "train", storage, execution, load=False)(("data", TrainingData([])))
    node = _node(EnsembleClassifier, "process", storage, execution, load=True)
    (message,) = _process(node, "hello")
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert "run ./marrow train" in caplog.text
    with pytest.raises(ModelError, match="not trained"):
        node._component.score(["hello"])


def test_when_no_names_were_stored_then_the_finder_finds_nothing_and_says_so(storage, execution, caplog) -> None:
    (message,) = _process(_node(EntityFinder, "process", storage, execution, load=True), "apollo")
    assert message.get(ENTITIES) == []
    assert "EntityFinder: the model holds no names" in caplog.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("thresholds.json", "{"),
        ("thresholds.json", '{"answer": 0.5}'),
        ("thresholds.json", '{"answer": 1, "clarify": 1, "part": 1, "safety": 1, "other": 1}'),
        ("thresholds.json", "[1, 2]"),
        ("thresholds.json", None),
        ("ensemble.json", "{"),
        ("ensemble.npz", "no arrays"),
        ("entities.json", "{"),
        ("entities.json", None),
    ],
    ids=[
        "cut",
        "some missing",
        "one too many",
        "a list",
        "no thresholds",
        "cut model",
        "no arrays",
        "cut names",
        "no names",
    ],
)
def test_when_a_stored_file_is_broken_then_loading_refuses_it(name, content, storage, execution) -> None:
    component = EntityFinder if name == "entities.json" else EnsembleClassifier
    _node(component, "train", storage, execution, load=False, folds=2)(("data", _data()))
    with storage.write_to(Resource(component.__name__)) as files:
        (files / name).unlink()
        if content is not None:
            (files / name).write_text(content)
    with pytest.raises(GraphComponentException) as raised:
        _node(component, "process", storage, execution, load=True)
    assert isinstance(raised.value.__cause__, ModelError)
    assert "run ./marrow train" in str(raised.value.__cause__)


def test_when_training_again_then_the_cache_is_asked_for_the_vectors(storage, execution, tmp_path, monkeypatch) -> None:
    asked: Counter[str] = Counter()

    class Counting:
        dimensions = 8

        def __init__(self, name: str) -> None:
            self.name = name

        def encode(self, texts: list[str]) -> np.ndarray:
            asked[self.name] += len(texts)
            return np.ones((len(texts), 8), np.float32) / np.sqrt(8)

    monkeypatch.setattr("bot.understand.components.encoder", Counting)
    for _ in range(2):
        node = _node(EnsembleClassifier, "train", storage, execution, load=False, folds=2, vector_cache=str(tmp_path))
        node(("data", _data()))
    examples = sum(map(len, EXAMPLES.values()))
    assert asked == {"minilm": examples, "use": examples, "readers": examples}  # each text once, in the first round


class TestScreenAdapter:
    RED = "my father had car-t last week, he has fever 39.4 since this morning and shakes"

    def screened(self, storage, execution, **held) -> Message:
        message = Message(held)
        _node(ScreenAdapter, "process", storage, execution, load=True)(("data", [message]))
        return message

    def test_when_the_rules_see_danger_then_it_wins_over_every_intent(self, storage, execution) -> None:
        understanding = {
            "outcome": "answer",
            "ranking": [{"name": "greet", "confidence": 0.99}],
            "parts": [{"text": "x"}],
        }
        message = self.screened(
            storage, execution, text=self.RED, intent={"name": "greet", "confidence": 0.99}, understanding=understanding
        )
        assert message.get(INTENT) == {"name": "safety_emergency", "confidence": 1.0}
        assert message.get(UNDERSTANDING)["outcome"] == "safety"
        assert message.get(UNDERSTANDING)["parts"] == []
        assert message.get(UNDERSTANDING)["screen"]["verdict"] == "emergency"

    def test_when_the_message_is_harmless_then_only_the_verdict_is_added(self, storage, execution) -> None:
        intent = {"name": "faq_cart_duration", "confidence": 0.8}
        before = {"outcome": "answer", "ranking": [], "parts": []}
        message = self.screened(storage, execution, text="how long does it take", intent=intent, understanding=before)
        assert message.get(INTENT) == intent
        assert message.get(UNDERSTANDING) == {**before, "screen": {"verdict": "none", "rule": None, "span": None}}

    def test_when_the_model_alone_sees_danger_then_the_verdict_says_so(self, storage, execution) -> None:
        intent, seen = (
            {"name": "safety_self_harm", "confidence": 0.8},
            {"outcome": "safety", "ranking": [], "parts": []},
        )
        message = self.screened(storage, execution, text="the calendar ends here", intent=intent, understanding=seen)
        screened = message.get(UNDERSTANDING)["screen"]
        assert (screened["verdict"], screened["rule"]) == ("self_harm", "classifier")

    @pytest.mark.parametrize(("line", "verdict"), [(True, "check"), (False, "none")])
    def test_when_the_model_leaves_it_open_then_the_verdict_is_check(self, line, verdict, storage, execution) -> None:
        seen = {"outcome": "answer", "ranking": [], "parts": [], "line": line}
        message = self.screened(storage, execution, text="the calendar", intent={"name": "greet"}, understanding=seen)
        assert message.get(UNDERSTANDING)["screen"]["verdict"] == verdict

    @pytest.mark.parametrize("held", [{}, {TEXT: ""}], ids=["no text", "empty"])
    def test_when_there_are_no_words_then_nothing_is_red(self, held, storage, execution) -> None:
        assert self.screened(storage, execution, **held).get(UNDERSTANDING)["screen"]["verdict"] == "none"


WHO = ("my mother", "our son", "the child", "my wife", "he", "dad")
TAUGHT = {
    "danger": [f"{who} {what}" for who in WHO for what in ("zorbles since noon", "zorbles badly tonight")],
    "look_alikes": {"negated": [f"{who} never {what}" for who in WHO for what in ("grumbles", "blinks so far")]},
}


def test_when_messages_of_danger_are_taught_without_an_intent_then_the_model_of_danger_knows_them(
    storage, execution, tmp_path
) -> None:
    file = tmp_path / "danger.yml"
    file.write_text(yaml.safe_dump({**TAUGHT, "danger": TAUGHT["danger"] * 2}), encoding="utf-8")
    found = {}
    for name in ("", str(file)):
        _node(EnsembleClassifier, "train", storage, execution, load=False, folds=3, danger_examples=name)(
            ("data", _data())
        )
        with storage.write_to(Resource("EnsembleClassifier")) as files:
            found[name] = (files / "danger.npz").exists()
            (files / "thresholds.json").write_text(json.dumps(THRESHOLDS.to_json()))
    assert found == {"": False, str(file): True}  # without them there is too little danger to learn from
    classifier = _node(EnsembleClassifier, "process", storage, execution, load=True)
    danger, harmless = _process(classifier, "my brother zorbles since noon", "my brother never blinks")
    assert danger.get(UNDERSTANDING)["outcome"] == "safety"
    assert harmless.get(UNDERSTANDING)["outcome"] != "safety"


def test_when_messages_of_danger_are_mixed_with_examples_then_each_is_told_which_it_holds(storage, execution) -> None:
    examples = [("Where do we park?", "topic_travel"), ("unsure", ASIDE), ("he is bleeding", "safety_emergency")]
    own = [(f"message {number} of danger", number % 2 == 0) for number in range(40)]
    classifier = EnsembleClassifier.create(
        EnsembleClassifier.get_default_config(), storage, Resource("EnsembleClassifier"), execution
    )

    holding, mixed = classifier._mixed(examples, own)

    clear = [text for text, label in examples if label != ASIDE] + [text for text, _ in own]
    assert len(mixed) == 16
    assert len(set(holding)) == 16
    for place, (text, red) in zip(holding, mixed):
        assert clear[place] in text
        assert red == dict(own)[clear[place]]
        assert "bleeding" not in text
        assert "unsure" not in text


@pytest.mark.parametrize(
    "written",
    ["danger: [a]", "look_alikes: {past: [a]}", "danger: [a]\nlook_alikes: [b]", "- a", "danger: [", None],
    ids=["no look-alikes", "no danger", "no kinds", "a list", "no YAML", "no file"],
)
def test_when_the_messages_of_danger_cannot_be_read_then_the_error_names_the_file(
    written, storage, execution, tmp_path
) -> None:
    file = tmp_path / "danger.yml"
    if written is not None:
        file.write_text(written, encoding="utf-8")
    node = _node(EnsembleClassifier, "train", storage, execution, load=False, folds=3, danger_examples=str(file))
    with pytest.raises(GraphComponentException) as raised:
        node(("data", _data()))
    assert isinstance(raised.value.__cause__, ModelError)
    assert str(file) in str(raised.value.__cause__)
