"""What is said to a message after what was said before; the grid of subjects and aspects is the real one.

Longer than 300 lines because the scenarios of the whole dialogue stand in one table.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.answer import labels
from bot.understand.dialogue import (
    MEMORY_TURNS,
    SUBJECT_TURNS,
    Context,
    Named,
    Read,
    Turn,
    context_of,
    decide,
    ranking_of,
    read_of,
)
from bot.understand.outcome import Outcome

CALL_BACK, PERSON_NOW, CONTACTS = "action_call_back", "action_person_now", "action_contacts"
CART_WHAT, CART_LONG, CART_WELL = "utter_faq_cart_what_is", "utter_faq_cart_duration", "utter_faq_cart_outcomes"
BMT_WHAT, BMT_LONG, BMT_WELL = "utter_faq_bmt_what_is", "utter_faq_bmt_duration", "utter_faq_bmt_outcomes"
CORD_USES, CORD_MANY = "utter_faq_cord_blood_uses", "utter_faq_cord_blood_experience"
CENTRES = "utter_faq_centres_overview"
PERSONAL = "safety/personal_advice"


def sure(label: str, *others: tuple[str, float], words: int = 5) -> Read:
    """A message of which the classifier is sure."""
    outcome = Outcome.HANDOFF if label == labels.CONTACT else Outcome.ANSWER
    outcome = Outcome.FALLBACK if label in labels.OUT_OF_SCOPE else outcome
    return Read(labels.intent_of(label), outcome, ((label, 0.8), *others), words)


def unsure(*ranking: tuple[str, float], words: int = 5) -> Read:
    """A message of which readings may be offered."""
    return Read("clarify", Outcome.CLARIFY, ranking, words)


def lost(*ranking: tuple[str, float], words: int = 5) -> Read:
    """A message that was not understood."""
    return Read("nlu_fallback", Outcome.FALLBACK, ranking, words)


def red(intent: str, *ranking: tuple[str, float]) -> Read:
    """A message in which danger was seen."""
    return Read(intent, Outcome.SAFETY, ranking, 12)


def names(beside: str = "", **values: str) -> Named:
    """Names in a message, and the words beside them."""
    return Named({kind: tuple(value.split()) for kind, value in values.items()}, tuple(beside.split()))


@dataclass(frozen=True)
class Scene:
    """A message in a conversation and what must be said to it."""

    name: str
    why: str
    whole: Read
    says: tuple[str, ...]  # labels
    before: tuple[tuple[str, ...], ...] = ()
    named: Named = field(default_factory=Named)
    parts: tuple[Read, ...] = ()
    does: tuple[str, ...] | None = None  # actions, where they are not the labels' own
    outcome: Outcome = Outcome.ANSWER
    readings: tuple[str, ...] | None = None
    handoff: str | None = None


LONG, WELL = sure("followup/duration"), sure("followup/outcomes")
AUTO = names("and for", transplant_kind="autologous")
CORD = names("what about", transplant_kind="cord_blood")
CART = names("and for", therapy="cart")
CLARIFY, FALLBACK, HANDOFF, SAFETY = Outcome.CLARIFY, Outcome.FALLBACK, Outcome.HANDOFF, Outcome.SAFETY
DURATIONS = ("faq/cart_duration", "faq/bmt_duration")

SCENES = [
    # --- a plain question
    Scene("plain", "a sure reading is answered", sure("faq/cart_what_is"), ("faq/cart_what_is",)),
    Scene(
        "plain after another subject",
        "a question that says all does not lean on the conversation",
        sure("faq/bmt_duration"),
        ("faq/bmt_duration",),
        ((CART_WHAT,),),
        names("how long does a take", therapy="bmt"),
    ),
    Scene("topic", "a topic without answer has its own text", sure("topic/cost"), ("topic/cost",)),
    Scene(
        "out of scope", "it is declined, not answered", sure("out_of_scope/other"), ("out_of_scope/other",), outcome=FALLBACK
    ),
    # --- follow-ups that name an aspect
    Scene("how long, after CAR-T", "it is CAR-T's time", LONG, ("faq/cart_duration",), ((CART_WHAT,),)),
    Scene("how long, after a transplant", "it is the transplant's time", LONG, ("faq/bmt_duration",), ((BMT_WHAT,),)),
    Scene(
        "how long, after cord blood",
        "cord blood has no time of its own: asked back",
        LONG,
        ("clarify",),
        ((CORD_USES,),),
        does=("utter_clarify_missing",),
        outcome=CLARIFY,
        readings=DURATIONS,
    ),
    Scene(
        "how long, after the centres",
        "centres have no time either",
        LONG,
        ("clarify",),
        ((CENTRES,),),
        does=("utter_clarify_missing",),
        outcome=CLARIFY,
        readings=DURATIONS,
    ),
    Scene(
        "how long, with nothing before",
        "no context: a question back with buttons",
        LONG,
        ("clarify",),
        does=("utter_clarify_missing",),
        outcome=CLARIFY,
        readings=DURATIONS,
    ),
    Scene(
        "how long, after small talk alone",
        "a greeting is no subject",
        LONG,
        ("clarify",),
        (("utter_greet",),),
        does=("utter_clarify_missing",),
        outcome=CLARIFY,
        readings=DURATIONS,
    ),
    Scene(
        "how long, a kind named",
        "the message's own subject wins over the conversation's",
        LONG,
        ("faq/bmt_duration",),
        ((CART_WHAT,),),
        names("how long is it for", transplant_kind="autologous"),
    ),
    Scene("how well, after CAR-T", "its outcomes", WELL, ("faq/cart_outcomes",), ((CART_LONG,),)),
    Scene("how well, after a transplant", "its outcomes", WELL, ("faq/bmt_outcomes",), ((BMT_LONG,),)),
    Scene("who, after CAR-T", "its conditions", sure("followup/eligibility"), ("faq/cart_eligibility",), ((CART_WHAT,),)),
    Scene("who, after cord blood", "its uses", sure("followup/eligibility"), ("faq/cord_blood_uses",), ((CORD_MANY,),)),
    Scene(
        "how many, after cord blood", "its cases", sure("followup/experience"), ("faq/cord_blood_experience",), ((CORD_USES,),)
    ),
    Scene("what is it, after outcomes", "the same subject", sure("followup/what_is"), ("faq/bmt_what_is",), ((BMT_WELL,),)),
    Scene(
        "how long, unsure",
        "a follow-up is known even where the classifier only leans to it",
        unsure(("followup/duration", 0.3), ("faq/bmt_duration", 0.2)),
        ("faq/cart_duration",),
        ((CART_WHAT,),),
    ),
    Scene(
        "how long, small talk in between",
        "thanks do not end a subject",
        LONG,
        ("faq/cart_duration",),
        ((CART_WHAT,), ("utter_thanks",)),
    ),
    Scene(
        "how long, the subject changed",
        "the latest subject counts",
        LONG,
        ("faq/bmt_duration",),
        ((CART_WHAT,), (BMT_WHAT,)),
    ),
    Scene(
        "how long, the subject long ago",
        "after some turns `it` means nothing any more",
        LONG,
        ("clarify",),
        ((CART_WHAT,), *((("utter_thanks",),) * SUBJECT_TURNS)),
        does=("utter_clarify_missing",),
        outcome=CLARIFY,
    ),
    # --- follow-ups that name a subject or a kind
    Scene(
        "and for autologous?",
        "a kind of transplant stays with its time, even where the kinds are the sure reading",
        sure("faq/bmt_types", words=3),
        ("faq/bmt_duration",),
        ((BMT_LONG,),),
        AUTO,
    ),
    Scene(
        "and for autologous? after CAR-T's time",
        "the aspect goes to the new subject",
        unsure(("faq/bmt_types", 0.3), words=3),
        ("faq/bmt_duration",),
        ((CART_LONG,),),
        AUTO,
    ),
    Scene(
        "and CAR-T? after a transplant's outcomes",
        "the aspect goes to the new subject",
        sure("faq/cart_what_is", words=2),
        ("faq/cart_outcomes",),
        ((BMT_WELL,),),
        CART,
    ),
    Scene(
        "is it the same for CAR-T",
        "nothing of its own is asked",
        unsure(("faq/cart_what_is", 0.3), words=6),
        ("faq/cart_duration",),
        ((BMT_LONG,),),
        names("is it the same for", therapy="cart"),
    ),
    Scene(
        "what about cord blood, after time",
        "cord blood has no time: its own plain reading",
        sure("faq/cord_blood_uses", words=4),
        ("faq/cord_blood_uses",),
        ((BMT_LONG,),),
        CORD,
    ),
    Scene(
        "what about cord blood, after experience",
        "the aspect goes to the new subject",
        sure("faq/cord_blood_uses", words=4),
        ("faq/cord_blood_experience",),
        (("utter_faq_cart_experience",),),
        CORD,
    ),
    Scene(
        "what about a cord blood transplant",
        "a kind says more than `transplant`",
        unsure(("faq/cord_blood_uses", 0.3), words=5),
        ("faq/cord_blood_experience",),
        (("utter_faq_cart_experience",),),
        names("what about a", transplant_kind="cord_blood", therapy="bmt"),
    ),
    Scene(
        "what about cord blood, with nothing before",
        "there is no aspect to carry over",
        sure("faq/cord_blood_uses", words=4),
        ("faq/cord_blood_uses",),
        named=CORD,
    ),
    Scene(
        "car-t cost? after its time",
        "a question with a matter of its own is no follow-up",
        sure("topic/cost", words=2),
        ("topic/cost",),
        ((CART_LONG,),),
        names("cost", therapy="cart"),
    ),
    Scene(
        "what is car-t? after a transplant's time",
        "it asks what it is, not how long it takes",
        sure("faq/cart_what_is", words=3),
        ("faq/cart_what_is",),
        ((BMT_LONG,),),
        names("what is", therapy="cart"),
    ),
    Scene(
        "who can get car-t? after a transplant's time",
        "it asks who",
        sure("faq/cart_eligibility", words=4),
        ("faq/cart_eligibility",),
        ((BMT_LONG,),),
        names("who can get", therapy="cart"),
    ),
    Scene(
        "what kinds of transplant are there, after CAR-T's time",
        "it asks for the kinds",
        sure("faq/bmt_types", words=6),
        ("faq/bmt_types",),
        ((CART_LONG,),),
        names("what kinds of are there", therapy="bmt"),
    ),
    Scene(
        "is car-t painful, unsure",
        "a question that is not understood is not answered with the aspect before",
        unsure(("topic/side_effects", 0.2), ("faq/cart_what_is", 0.1), words=3),
        ("clarify",),
        ((BMT_LONG,),),
        names("is painful", therapy="cart"),
        does=("utter_clarify",),
        outcome=CLARIFY,
        readings=("topic/side_effects", "faq/cart_what_is"),
    ),
    Scene(
        "weeks with autologous, unsure",
        "the aspect under way is the first reading's too",
        unsure(("faq/bmt_duration", 0.3), ("topic/aftercare", 0.2), words=3),
        ("faq/bmt_duration",),
        ((CART_LONG,),),
        names("weeks with", transplant_kind="autologous"),
    ),
    Scene(
        "a long message that names a kind",
        "it says what it means itself",
        sure("topic/donor", words=12),
        ("topic/donor",),
        ((BMT_LONG,),),
        names("and for", transplant_kind="autologous"),
    ),
    Scene(
        "call me about car-t",
        "a person is asked for",
        sure("contact_human", words=4),
        ("contact_human",),
        ((BMT_LONG,),),
        names("call me about", therapy="cart", handoff_kind="call_back"),
        does=(CALL_BACK,),
        outcome=HANDOFF,
        handoff="call_back",
    ),
    Scene(
        "should I get car-t? after its time",
        "a decision for one person is never answered by an aspect",
        sure(PERSONAL, words=4),
        (PERSONAL,),
        ((BMT_LONG,),),
        names("should i get", therapy="cart"),
        outcome=SAFETY,
    ),
    # --- centres and remission
    Scene(
        "and Samsung?",
        "a centre named after the centres",
        unsure(("faq/centres_overview", 0.3), words=2),
        ("faq/centre_detail",),
        ((CENTRES,),),
        names("and", centre="samsung"),
    ),
    Scene(
        "and Apollo? after one centre",
        "from one centre to the next",
        lost(words=2),
        ("faq/centre_detail",),
        (("utter_faq_centre_detail",),),
        names("and", centre="apollo"),
    ),
    Scene(
        "visa for Korea, after the centres",
        "a sure reading of its own",
        sure("topic/visa_travel", words=3),
        ("topic/visa_travel",),
        ((CENTRES,),),
        names("visa for", centre="samsung"),
    ),
    Scene(
        "Samsung, after CAR-T",
        "no centres were spoken of: the plain reading",
        sure("faq/centre_detail", words=1),
        ("faq/centre_detail",),
        ((CART_LONG,),),
        names(centre="samsung"),
    ),
    Scene(
        "and at CR2?",
        "a remission after a transplant's answer is about survival",
        lost(words=3),
        ("faq/bmt_survival",),
        ((BMT_WELL,),),
        names("and at", remission="CR2"),
    ),
    Scene(
        "and at CR2? after CAR-T",
        "the rates by remission are the transplant's alone",
        lost(words=3),
        ("fallback",),
        ((CART_WELL,),),
        names("and at", remission="CR2"),
        outcome=FALLBACK,
    ),
    # --- tell me more
    Scene(
        "tell me more",
        "the first next question not yet answered",
        sure("followup/more"),
        ("faq/cart_eligibility",),
        ((CART_WHAT,),),
    ),
    Scene(
        "tell me more, again",
        "what was answered is not said again",
        sure("followup/more"),
        ("faq/cart_outcomes",),
        ((CART_WHAT,), ("utter_faq_cart_eligibility",)),
    ),
    Scene(
        "tell me more, with nothing before",
        "where people start",
        sure("followup/more"),
        ("clarify",),
        does=("utter_clarify_missing",),
        outcome=CLARIFY,
        readings=("faq/cart_what_is", "faq/bmt_what_is", "faq/cord_blood_uses"),
    ),
    # --- a question without a subject leans on the conversation's
    Scene(
        "is there a chance to be cured, after a transplant",
        "the sibling of the first reading, as it is near",
        sure("faq/cart_outcomes", ("faq/bmt_outcomes", 0.3), words=7),
        ("faq/bmt_outcomes",),
        ((BMT_WHAT,),),
    ),
    Scene(
        "the sibling is far",
        "the words say CAR-T, though its name is not found",
        sure("faq/cart_outcomes", ("faq/bmt_outcomes", 0.05), words=7),
        ("faq/cart_outcomes",),
        ((BMT_WHAT,),),
    ),
    Scene(
        "a long question does not lean",
        "it says what it means itself",
        sure("faq/cart_outcomes", ("faq/bmt_outcomes", 0.3), words=20),
        ("faq/cart_outcomes",),
        ((BMT_WHAT,),),
    ),
    # --- misses
    Scene("first miss", "an honest fallback", lost(), ("fallback",), does=("utter_fallback",), outcome=FALLBACK),
    Scene(
        "second miss in a row",
        "a person is offered",
        lost(),
        ("fallback",),
        (("utter_fallback",),),
        does=("utter_fallback_person",),
        outcome=FALLBACK,
    ),
    Scene(
        "a miss, an answer, a miss",
        "not in a row",
        lost(),
        ("fallback",),
        (("utter_fallback",), (CART_LONG,)),
        does=("utter_fallback",),
        outcome=FALLBACK,
    ),
    Scene(
        "readings offered, none meant",
        "readings that did not fit are a miss",
        lost(),
        ("fallback",),
        (("utter_clarify",),),
        does=("utter_fallback_person",),
        outcome=FALLBACK,
    ),
    Scene(
        "asked back, then not understood",
        "so is a question back",
        lost(),
        ("fallback",),
        (("utter_clarify_missing",),),
        does=("utter_fallback_person",),
        outcome=FALLBACK,
    ),
    # --- readings
    Scene(
        "three readings",
        "no more than three, the likeliest first",
        unsure(("faq/bmt_outcomes", 0.3), ("faq/bmt_survival", 0.25), ("topic/aftercare", 0.2), ("topic/cost", 0.1), words=12),
        ("clarify",),
        does=("utter_clarify",),
        outcome=CLARIFY,
        readings=("faq/bmt_outcomes", "faq/bmt_survival", "topic/aftercare"),
    ),
    Scene(
        "readings that nobody would press",
        "small talk and danger are no buttons",
        unsure(("topic/cost", 0.3), ("greet", 0.2), ("safety/emergency", 0.2), ("topic/insurance", 0.1), words=12),
        ("clarify",),
        does=("utter_clarify",),
        outcome=CLARIFY,
        readings=("topic/cost", "topic/insurance"),
    ),
    Scene(
        "a follow-up among the readings",
        "a helper label is offered as what it may mean",
        unsure(("topic/aftercare", 0.3), ("followup/duration", 0.28), words=12),
        ("clarify",),
        does=("utter_clarify",),
        outcome=CLARIFY,
        readings=("topic/aftercare", "faq/cart_duration", "faq/bmt_duration"),
    ),
    # --- yes and no
    Scene(
        "yes, after a person was offered", "the offer", sure("affirm"), ("contact_human",), (("utter_fallback_person",),),
        does=(PERSON_NOW,), outcome=HANDOFF,
    ),
    Scene(
        "yes, after the contacts", "a call back was offered", sure("affirm"), ("contact_human",), ((CONTACTS,),),
        does=(CALL_BACK,), outcome=HANDOFF,
    ),
    Scene(
        "yes, after a topic", "passing the question on was offered", sure("affirm"), ("contact_human",),
        (("utter_topic_cost",),), does=(CALL_BACK,), outcome=HANDOFF,
    ),
    Scene(
        "yes, after personal advice", "a person was offered", sure("affirm"), ("contact_human",),
        (("utter_safety_personal_advice",),), does=(PERSON_NOW,), outcome=HANDOFF,
    ),
    Scene(
        "yes, the offer two turns ago", "an offer is open for one turn", sure("affirm"), ("affirm",),
        ((CONTACTS,), (CART_LONG,)),
    ),
    Scene("yes, after an answer", "nothing was offered", sure("affirm"), ("affirm",), ((CART_LONG,),)),
    Scene(
        "yes, with nothing before", "no question was open", sure("affirm"), ("affirm",), does=("utter_nothing_offered",)
    ),
    Scene("no, with nothing before", "no question was open", sure("deny"), ("deny",), does=("utter_nothing_offered",)),
    Scene("no, after an offer", "it is declined", sure("deny"), ("deny",), (("utter_fallback_person",),)),
    # --- a person
    Scene(
        "a person", "the contacts", sure("contact_human"), ("contact_human",), does=(CONTACTS,), outcome=HANDOFF
    ),
    Scene(
        "a person now", "as asked", sure("contact_human"), ("contact_human",), does=(PERSON_NOW,), outcome=HANDOFF,
        handoff="person_now",
    ),
    # --- several questions
    Scene(
        "two questions",
        "each is answered, in order",
        sure("faq/cart_duration", words=11),
        ("topic/cost", "faq/cart_duration"),
        parts=(sure("topic/cost"), sure("faq/cart_duration")),
    ),
    Scene(
        "the second leans on the first",
        "`how long does it take` is of what the question before asked",
        sure("faq/bmt_what_is", words=11),
        ("faq/bmt_what_is", "faq/bmt_duration"),
        ((CART_WHAT,),),
        parts=(sure("faq/bmt_what_is"), LONG),
    ),
    Scene(
        "the second names its own subject",
        "a part has its own names",
        sure("faq/cart_what_is", words=12),
        ("faq/cart_what_is", "faq/bmt_duration"),
        parts=(
            sure("faq/cart_what_is"),
            Read(
                "faq_bmt_duration", Outcome.ANSWER, (("faq/bmt_duration", 0.6), ("faq/cart_duration", 0.3)), 6,
                names("how long does a take", therapy="bmt"),
            ),
        ),
    ),
    Scene(
        "the same twice",
        "it is said once",
        sure("topic/cost", words=11),
        ("topic/cost", "faq/cart_duration"),
        parts=(sure("topic/cost"), sure("faq/cart_duration"), sure("topic/cost")),
    ),
    Scene(
        "one of several is out of scope",
        "the rest is answered",
        sure("topic/cost", words=11),
        ("topic/cost", "faq/cart_duration", "fallback"),
        parts=(sure("topic/cost"), sure("out_of_scope/other"), sure("faq/cart_duration")),
        does=("utter_topic_cost", CART_LONG, "utter_rest_missed"),
    ),
    Scene(
        "one of several is unclear",
        "the clear one is answered, and it is said that there was more",
        sure("topic/cost", words=11),
        ("topic/cost", "fallback"),
        parts=(sure("topic/cost"), unsure(("faq/bmt_outcomes", 0.3), ("faq/bmt_survival", 0.25), words=12)),
        does=("utter_topic_cost", "utter_rest_missed"),
    ),
    Scene(
        "a question and a person",
        "both, in order",
        sure("topic/cost", words=11),
        ("topic/cost", "contact_human"),
        parts=(sure("topic/cost"), sure("contact_human")),
        does=("utter_topic_cost", CALL_BACK),
        handoff="call_back",
    ),
    # --- safety
    Scene("danger", "the fixed text", red("safety_emergency"), ("safety/emergency",), outcome=SAFETY),
    Scene(
        "danger beside a question",
        "nothing stands beside a safety text",
        red("safety_self_harm", ("topic/cost", 0.9)),
        ("safety/self_harm",),
        ((CART_WHAT,),),
        parts=(sure("topic/cost"), sure("faq/cart_duration")),
        outcome=SAFETY,
    ),
    Scene(
        "danger in one of several",
        "even where the message as one did not show it",
        sure("topic/cost"),
        ("safety/emergency",),
        parts=(sure("topic/cost"), sure(PERSONAL), red("safety_emergency")),
        outcome=SAFETY,
    ),
    Scene(
        "danger in the words of a follow-up",
        "a name of a subject changes nothing",
        red("safety_emergency", ("faq/bmt_duration", 0.4)),
        ("safety/emergency",),
        ((BMT_LONG,),),
        AUTO,
        outcome=SAFETY,
    ),
    Scene(
        "personal advice within several",
        "first and alone",
        sure("faq/cart_duration"),
        (PERSONAL,),
        parts=(sure("faq/cart_duration"), sure(PERSONAL), sure("topic/cost")),
        outcome=SAFETY,
    ),
    Scene("personal advice", "a safety label", sure(PERSONAL), (PERSONAL,), outcome=SAFETY),
]  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_when_a_scene_is_played_then_what_is_said_fits_it(scene: Scene, catalogue) -> None:
    turns = [Turn(actions) for actions in scene.before]
    decision = decide(scene.whole, scene.parts, scene.named, turns, catalogue.by_label, scene.handoff)
    own = tuple(CONTACTS if label == labels.CONTACT else labels.response_of(label) for label in scene.says)
    own = ("utter_fallback",) if scene.says == ("fallback",) else own
    assert decision.labels == scene.says, scene.why
    assert decision.actions == (scene.does or own), scene.why
    assert decision.outcome is scene.outcome, scene.why
    assert decision.readings == (scene.readings if scene.readings is not None else decision.readings), scene.why
    assert bool(decision.readings) == (scene.outcome is CLARIFY), scene.why


def test_when_scenes_are_listed_then_each_has_a_name_of_its_own() -> None:
    assert len({scene.name for scene in SCENES}) == len(SCENES)


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_when_something_is_decided_then_the_domain_has_every_action(scene: Scene, catalogue, domain) -> None:
    turns = [Turn(actions) for actions in scene.before]
    decision = decide(scene.whole, scene.parts, scene.named, turns, catalogue.by_label, scene.handoff)
    assert len(decision.actions) == len(decision.labels) > 0
    assert set(decision.actions) <= set(domain.action_names_or_texts)
    assert set(decision.readings) <= set(catalogue.by_label)


class TestContext:
    def test_when_nothing_was_said_then_there_is_none(self, catalogue) -> None:
        assert context_of([], catalogue.by_label) == Context()

    def test_when_a_turn_had_several_answers_then_the_last_is_the_subject(self, catalogue) -> None:
        context = context_of([Turn((CART_LONG, BMT_WELL))], catalogue.by_label)
        assert (context.subject, context.aspect) == ("bmt", "outcomes")
        assert context.answered == ("faq/cart_duration", "faq/bmt_outcomes")

    def test_when_a_turn_both_missed_and_answered_then_it_is_no_miss(self, catalogue) -> None:
        assert not context_of([Turn(("utter_fallback", CART_LONG))], catalogue.by_label).missed

    def test_when_nothing_was_done_in_a_turn_then_it_is_no_miss(self, catalogue) -> None:
        assert not context_of([Turn(())], catalogue.by_label).missed

    def test_when_a_subject_without_aspect_was_answered_then_there_is_no_aspect(self, catalogue) -> None:
        context = context_of([Turn(("utter_faq_centre_detail",))], catalogue.by_label)
        assert (context.subject, context.aspect) == ("centres", None)

    def test_when_the_conversation_is_long_then_only_its_last_turns_count(self, catalogue) -> None:
        turns = [Turn((CART_LONG,)), *[Turn(("utter_greet",))] * MEMORY_TURNS]
        assert "faq/cart_duration" not in context_of(turns, catalogue.by_label).answered

    def test_when_the_domain_no_longer_has_an_action_then_it_is_passed_over(self, catalogue) -> None:
        context = context_of([Turn((CART_LONG,)), Turn(("utter_faq_gone",))], catalogue.by_label)
        assert context.subject == "cart"


class TestReading:
    def test_when_the_classifier_s_words_are_read_then_intents_become_labels(self) -> None:
        data = {
            "intent": {"name": "faq_cart_duration"},
            "outcome": "answer",
            "ranking": [{"name": "faq_cart_duration", "confidence": 0.7}, {"name": "followup_more", "confidence": 0.1}],
        }
        read = read_of(data, "how long is it")
        assert read == Read(
            "faq_cart_duration", Outcome.ANSWER, (("faq/cart_duration", 0.7), ("followup/more", 0.1)), 4
        )

    def test_when_a_helper_label_is_ranked_then_its_score_goes_to_what_it_may_mean(self, catalogue) -> None:
        read = unsure(("followup/duration", 0.4), ("faq/cart_duration", 0.3), ("topic/cost", 0.1))
        assert ranking_of(read, catalogue.by_label) == (
            ("faq/cart_duration", 0.3),
            ("faq/bmt_duration", 0.2),
            ("topic/cost", 0.1),
        )
        after_cart = ranking_of(read, catalogue.by_label, Context(subject="cart"))
        assert after_cart == (("faq/cart_duration", 0.4), ("topic/cost", 0.1))


@pytest.mark.parametrize(
    ("beside", "alone"),
    [
        ("", True),
        ("and for", True),
        ("what about", True),
        ("is it the same for", True),
        ("i mean", True),
        ("what is", False),
        ("cost", False),
        ("who can get", False),
        ("is it", False),
        ("should i get", False),
    ],
)
def test_when_words_stand_beside_a_name_then_it_is_alone_or_not(beside: str, alone: bool) -> None:
    assert names(beside, therapy="cart").alone is alone


def test_when_kinds_and_therapies_are_named_then_the_subjects_come_once_the_kind_first() -> None:
    assert names(transplant_kind="haploidentical cord_blood", therapy="bmt cart").subjects == (
        "bmt",
        "cord_blood",
        "cart",
    )
    assert names(transplant_kind="unheard_of").subjects == ()
