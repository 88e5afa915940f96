"""Decides what is said to a message: which answers, in which order, or which readings are offered.

Pure: it takes what was understood, the conversation so far as names of actions, and the catalogue's grid of subjects
(CAR-T, transplant, cord blood, centres) and aspects (duration, outcomes ...), and gives the actions to take. The Rasa
policy (`bot.understand.policy`), `./marrow parse` and the tests call the same function. Longer than 300 lines because a
decision can be judged only with all the ways to it in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.answer import labels
from bot.understand.intents import (
    ACTION_CALL_BACK,
    ACTION_CONTACTS,
    ACTION_PERSON_NOW,
    FOLLOWUP,
    action_of,
    label_of,
    label_of_action,
)
from bot.understand.outcome import Outcome

MEMORY_TURNS = 6  # turns of the conversation that a decision may look back on
SUBJECT_TURNS = 4  # a subject older than this is no longer what "it" means
MAX_READINGS = 3
SHORT_WORDS = 6  # up to here a message that names only a subject or a kind is a follow-up
LEANING_WORDS = 9  # up to here a message without a subject may lean on the conversation's
LEANING_SHARE = 0.15  # the sibling must have at least this share of the first reading's score

AHEAD = 1.2  # how far a reading on the conversation's own subject must lead to be taken without asking back

# what the transplant kinds and therapies named in a message are about
SUBJECT_OF = {
    "cart": "cart",
    "bmt": "bmt",
    "cord_blood": "cord_blood",
    "autologous": "bmt",
    "allogeneic": "bmt",
    "haploidentical": "bmt",
    "unrelated": "bmt",
    "syngeneic": "bmt",
}
# Words that carry a new subject to the aspect under way and ask nothing of their own. A message with any other word
# beside the names ("car-t cost?", "what is car-t", "should I get car-t") is a question for itself.
_CARRYING = (
    "and but or so also then now ok okay yes no not what wat how about abt if for with in on at of to the a an my same "
    "case i mean meant please pls one ones treatment therapy"
)
CARRYING_WORDS = frozenset(_CARRYING.split())
# a bare yes takes up the open offer of the turn before
OFFERS = {
    "utter_fallback_person": ACTION_PERSON_NOW,
    ACTION_CONTACTS: ACTION_CALL_BACK,
    "utter_contacts": ACTION_CALL_BACK,
    "utter_out_of_scope_medical": ACTION_PERSON_NOW,
    "utter_safety_personal_advice": ACTION_PERSON_NOW,
}
MISSED = frozenset({"utter_fallback", "utter_fallback_person", "utter_clarify", "utter_clarify_missing"})
REST_MISSED = "utter_rest_missed"  # said after the answers of a message that held more than was understood
# readings that nobody would press
NOT_OFFERED = frozenset({*labels.SMALL_TALK, *labels.OUT_OF_SCOPE, "safety/emergency", "safety/self_harm"})
SMALL_TALK = frozenset({"greet", "goodbye", "thanks"})
LEAST_SMALL_TALK = 0.07  # score; misspelt greetings have more, letters without sense less
OUT_OF_SCOPE = frozenset(labels.OUT_OF_SCOPE)
# where somebody starts who asks for more with nothing said before
STARTING_POINTS = ("faq/cart_what_is", "faq/bmt_what_is", "faq/cord_blood_uses")
HANDOFF_ACTIONS = {None: ACTION_CONTACTS, "call_back": ACTION_CALL_BACK, "person_now": ACTION_PERSON_NOW}


class Entry(Protocol):
    """What the decision needs of an answer in the catalogue."""

    @property
    def subject(self) -> str: ...

    @property
    def aspect(self) -> str: ...

    @property
    def next(self) -> tuple[str, ...]: ...


Grid = Mapping[str, Entry]


@dataclass(frozen=True)
class Turn:
    """One past turn.

    Attributes:
        actions: Names of the actions taken in it, in order.
    """

    actions: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """What the conversation so far says about the message to come.

    Attributes:
        subject: Subject last answered about, or None.
        aspect: Aspect last answered, or None.
        answered: Labels answered, the latest last.
        missed: Whether the turn before was not understood.
        offer: Action that a bare yes would take up, or None.
    """

    subject: str | None = None
    aspect: str | None = None
    answered: tuple[str, ...] = ()
    missed: bool = False
    offer: str | None = None


@dataclass(frozen=True)
class Decision:
    """What to do.

    Attributes:
        actions: Names of Rasa actions, in order; at least one.
        labels: The label answered by each action; outcomes that are no label stand as `clarify` or `fallback`.
        outcome: Outcome of the whole message.
        readings: Labels offered as buttons, when readings are offered.
    """

    actions: tuple[str, ...]
    labels: tuple[str, ...]
    outcome: Outcome
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """What a message names.

    Attributes:
        values: Subjects, kinds, centres and the like, by entity.
        beside: The words beside the names, in lower case.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether nothing but the names is asked: `and for autologous?`, `what about cord blood`."""
        words = set(self.beside)
        return words <= CARRYING_WORDS or ("same" in words and words <= CARRYING_WORDS | {"is", "it", "does"})

    @property
    def subjects(self) -> tuple[str, ...]:
        """Subjects named, without repetition; a kind leads, as a "cord blood transplant" is about cord blood."""
        said = (*self.values.get("transplant_kind", ()), *self.values.get("therapy", ()))
        return tuple(dict.fromkeys(SUBJECT_OF[value] for value in said if value in SUBJECT_OF))


@dataclass(frozen=True)
class Read:
    """One question as the classifier read it.

    Attributes:
        intent: The chosen intent, `clarify` or `nlu_fallback`.
        outcome: Its outcome.
        ranking: Labels (helper labels too) with scores, the best first.
        words: Number of words.
        named: What it names, when it is one question of several.
    """

    intent: str
    outcome: Outcome
    ranking: tuple[tuple[str, float], ...]
    words: int
    named: Named = Named()


def context_of(turns: Sequence[Turn], grid: Grid) -> Context:
    """Reads the conversation so far."""
    recent = turns[-MEMORY_TURNS:]
    answered = tuple(label for turn in recent for action in turn.actions if (label := label_of_action(action)) in grid)
    subject = aspect = None
    for turn in reversed(recent[-SUBJECT_TURNS:]):
        for action in reversed(turn.actions):
            entry = grid.get(label_of_action(action))
            if entry is None:
                continue
            if subject is None and entry.subject != "none":
                subject = entry.subject
                aspect = aspect or entry.aspect
    last = recent[-1].actions if recent else ()
    offer = next((OFFERS[action] for action in reversed(last) if action in OFFERS), None)
    if offer is None and any(action.startswith("utter_topic_") for action in last):
        offer = ACTION_CALL_BACK
    return Context(
        subject=subject,
        aspect=None if aspect == "none" else aspect,
        answered=answered,
        missed=bool(last) and set(last) <= MISSED,
        offer=offer,
    )


def read_of(data: Mapping[str, Any], text: str) -> Read:
    """Makes a `Read` of what the classifier component put on a message (or on one part of it)."""
    ranking = tuple((label_of(entry["name"]), float(entry["confidence"])) for entry in data.get("ranking", ()))
    return Read(
        intent=data["intent"]["name"] if "intent" in data else "nlu_fallback",
        outcome=Outcome(data["outcome"]),
        ranking=ranking,
        words=len(text.split()),
    )


def ranking_of(read: Read, grid: Grid, context: Context = Context()) -> tuple[tuple[str, float], ...]:
    """The ranking in fixed labels: a helper label's score goes to the labels that it may mean."""
    scores: dict[str, float] = {}
    for label, score in read.ranking:
        meant = _meanings(label, grid, context) if label.startswith(FOLLOWUP) else (label,)
        for one in meant:
            scores[one] = max(scores.get(one, 0.0), score / len(meant))
    return tuple(sorted(scores.items(), key=lambda item: -item[1]))


def _meanings(followup: str, grid: Grid, context: Context) -> tuple[str, ...]:
    """The labels that a follow-up may mean, the likeliest first."""
    aspect = followup[len(FOLLOWUP) :]
    if aspect == "more":
        following = [
            label
            for answered in reversed(context.answered)
            for label in grid[answered].next
            if label not in context.answered
        ]
        return tuple(dict.fromkeys(following))[:1] or STARTING_POINTS
    found = [label for label, entry in grid.items() if entry.aspect == aspect]
    if context.subject:
        own = [label for label in found if grid[label].subject == context.subject]
        if own:
            return tuple(own[:1])
    return tuple(found[:MAX_READINGS])


def _sibling(label: str, subject: str, grid: Grid) -> str | None:
    """The label of the same aspect for another subject."""
    entry = grid.get(label)
    if entry is None or entry.aspect == "none":
        return None
    return next((other for other, one in grid.items() if one.subject == subject and one.aspect == entry.aspect), None)


def decide(
    whole: Read,
    parts: Sequence[Read],
    named: Named,
    turns: Sequence[Turn],
    grid: Grid,
    handoff_kind: str | None = None,
    rest_missed: bool = False,
) -> Decision:
    """Decides what is said.

    Args:
        whole: The message as one.
        parts: Its questions, when it holds several; else empty.
        named: What the message names as one.
        turns: The conversation so far.
        grid: Answers by label.
        handoff_kind: How a person was asked for: `call_back`, `person_now` or None.
        rest_missed: Whether the message held a question beside `parts` that was not understood.
    """
    context = context_of(turns, grid)
    if whole.outcome is Outcome.SAFETY:  # alone: nothing may stand beside a safety text
        return _answer(label_of(whole.intent), Outcome.SAFETY)
    if parts:
        decisions: list[Decision] = []
        for part in parts:
            decisions.append(_one(part, part.named, _after(context, decisions, grid), grid, handoff_kind))
        safety = [one for one in decisions if one.outcome is Outcome.SAFETY]
        if safety:  # danger before advice, whichever was said first
            return min(safety, key=lambda one: one.labels == ("safety/personal_advice",))
        clear = [one for one in decisions if one.outcome not in (Outcome.FALLBACK, Outcome.CLARIFY)]
        if clear:
            actions = tuple(dict.fromkeys(action for one in clear for action in one.actions))
            if rest_missed or len(clear) < len(decisions):
                actions = (*actions, REST_MISSED)
            return Decision(actions, tuple(label_of_action(action) for action in actions), clear[0].outcome)
    return _one(whole, named, context, grid, handoff_kind)


def _after(context: Context, decisions: Sequence[Decision], grid: Grid) -> Context:
    """The context for the next question of the same message."""
    if not decisions:
        return context
    said = context_of([Turn(decisions[-1].actions)], grid)
    return Context(
        subject=said.subject or context.subject,
        aspect=said.aspect or context.aspect,
        answered=context.answered + said.answered,
    )


def _one(read: Read, named: Named, context: Context, grid: Grid, handoff_kind: str | None) -> Decision:
    first = read.ranking[0][0] if read.ranking else ""
    if first.startswith(FOLLOWUP) and read.outcome in (Outcome.ANSWER, Outcome.CLARIFY):
        subject = named.subjects[0] if named.subjects else context.subject
        meant = _meanings(first, grid, Context(subject, context.aspect, context.answered))
        if len(meant) == 1:
            return _answer(meant[0], Outcome.ANSWER)
        return Decision(("utter_clarify_missing",), ("clarify",), Outcome.CLARIFY, meant)
    short = _short_follow_up(read, named, context, grid)
    if short:
        return _answer(short, Outcome.ANSWER)
    if read.intent == "affirm" and context.offer:
        return Decision((context.offer,), ("contact_human",), Outcome.HANDOFF)
    if read.intent in ("affirm", "deny") and not context.answered and not context.missed:
        return Decision(("utter_nothing_offered",), (read.intent,), Outcome.ANSWER)
    if read.outcome is Outcome.HANDOFF:
        return Decision((HANDOFF_ACTIONS[handoff_kind],), ("contact_human",), Outcome.HANDOFF)
    if read.intent == "nlu_fallback":
        return _missed(context)
    leaning = _leaning(read, named, context, grid)
    if leaning:
        return _answer(leaning, Outcome.ANSWER)
    if read.outcome is Outcome.CLARIFY:
        return _unsure(read, context, grid)
    return _answer(label_of(read.intent), read.outcome)


def _missed(context: Context) -> Decision:
    """The honest miss; at the second in a row a person is offered."""
    action = "utter_fallback_person" if context.missed else "utter_fallback"
    return Decision((action,), ("fallback",), Outcome.FALLBACK)


def _unsure(read: Read, context: Context, grid: Grid) -> Decision:
    """Offers readings; where the likeliest is nothing that a patient would pick, says so instead."""
    ranking = ranking_of(read, grid, context)
    first = ranking[0][0] if ranking else ""
    if first in SMALL_TALK and (len(ranking) == 1 or ranking[1][1] <= ranking[0][1] / 2):
        if ranking[0][1] < LEAST_SMALL_TALK:
            return _missed(context)  # "qwrt zxcv" is like nothing: no reading of it is worth a button
        return _answer(first, Outcome.ANSWER)  # a misspelt greeting deserves one, and a wrong one harms nobody
    readings = tuple(label for label, _ in ranking if label in grid and label not in NOT_OFFERED)[:MAX_READINGS]
    if first in OUT_OF_SCOPE or not readings:
        return _missed(context)
    return Decision(("utter_clarify",), ("clarify",), Outcome.CLARIFY, readings)


def _short_follow_up(read: Read, named: Named, context: Context, grid: Grid) -> str | None:
    """`and for autologous?`, `what about cord blood`, `and Samsung?`: a new subject for the aspect under way."""
    if read.words > SHORT_WORDS or not context.answered:
        return None
    last = context.answered[-1]
    first = read.ranking[0][0] if read.ranking else ""
    entry = grid.get(first)
    sure = read.intent not in ("clarify", "nlu_fallback")
    free = named.alone or not sure
    if named.values.get("centre") and grid[last].subject == "centres" and (free or first == "faq/centres_overview"):
        return "faq/centre_detail"
    about_results = entry is not None and entry.aspect in ("outcomes", "survival")
    if named.values.get("remission") and context.subject == "bmt" and (free or about_results):
        return "faq/bmt_survival"
    if not named.subjects or context.aspect is None:
        return None
    same_aspect = entry is not None and entry.aspect == context.aspect
    return _sibling(last, named.subjects[0], grid) if named.alone or same_aspect else None


def _leaning(read: Read, named: Named, context: Context, grid: Grid) -> str | None:
    """A short question without a subject means the conversation's: the sibling of the first reading, if it is near."""
    if read.words > LEANING_WORDS or named.subjects or not context.subject or not read.ranking:
        return None
    first, score = read.ranking[0]
    entry = grid.get(first)
    if entry is None or entry.subject == "none":
        return None
    if entry.subject == context.subject:
        second = read.ranking[1][1] if len(read.ranking) > 1 else 0.0
        return first if read.outcome is Outcome.CLARIFY and score >= AHEAD * second else None
    sibling = _sibling(first, context.subject, grid)
    if sibling is None:
        return None
    near = dict(read.ranking).get(sibling, 0.0)
    return sibling if near >= LEANING_SHARE * score else None


def _answer(label: str, outcome: Outcome) -> Decision:
    outcome = Outcome.SAFETY if label.startswith("safety/") else outcome
    return Decision((action_of(label),), (label,), outcome)


__all__ = [
    "Context",
    "Decision",
    "Grid",
    "Named",
    "Read",
    "Turn",
    "context_of",
    "decide",
    "ranking_of",
    "read_of",
]
