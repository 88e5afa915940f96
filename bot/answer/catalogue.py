"""The catalogue of answers: what `domain.yml`, `data/facts.yml` and `data/sources.yml` say, in one object.

It is lenient about what is missing, so that a patient is answered; `bot.answer.validate` is the strict reader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.answer import labels, placeholders, review
from bot.answer.facts import FACTS_FILE, SOURCES_FILE, Fact, Source, load_facts, load_sources, read_yaml
from bot.errors import AnswerError
from bot.records import Button, Provenance

DOMAIN_FILE = Path("domain.yml")
NO_SOURCE = "none"
NEXT_QUESTIONS = 3

_START = ("faq/cart_what_is", "faq/bmt_what_is", "faq/cord_blood_uses")


@dataclass(frozen=True)
class Variation:
    """One text of an answer.

    Attributes:
        text: The words with their placeholders.
        conditions: Slot names and the values they must have; empty for the text that is given otherwise.
        buttons: The answer's own buttons, in order.
    """

    text: str
    conditions: tuple[tuple[str, Any], ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One response of `domain.yml`; its metadata stands at the variation without a condition.

    Attributes:
        response: Its name, such as `utter_faq_cart_duration`.
        label: The label it answers, or an outcome.
        question: What a patient would ask to get it; the words of its button.
        subject: One of `labels.SUBJECTS`.
        aspect: One of `labels.ASPECTS`.
        next: Labels worth asking next, in order.
        provenance: Where it comes from, with the state as written; None for a text that states nothing.
        state: The review state as written; `state_on` tells what it comes to on a day.
        review_by: The last day on which the review holds, as written.
        safety: The verdict that it answers, or None.
        handoff: The kind of hand-off that it carries, or None.
        variations: Its texts.
    """

    response: str
    label: str
    question: str
    subject: str
    aspect: str
    next: tuple[str, ...]
    provenance: Provenance | None
    state: str
    review_by: str
    safety: str | None
    handoff: str | None
    variations: tuple[Variation, ...]

    @property
    def text(self) -> str:
        """The text without a condition; the first one when each has a condition."""
        plain = [variation.text for variation in self.variations if not variation.conditions]
        return (plain or [self.variations[0].text])[0]

    def state_on(self, day: date) -> str:
        """The review state on a day in the hospital's zone; `review.HELD_BACK` holds those that keep it unsaid."""
        return review.effective(self.label, self.state, self.review_by, day)

    def provenance_on(self, day: date) -> Provenance | None:
        """Where it comes from, with the state on that day as a patient reads it."""
        state = self.state_on(day)
        return replace(self.provenance, state=review.READS.get(state, state)) if self.provenance else None


@dataclass(frozen=True)
class Catalogue:
    """All answers by response and by label, with facts and sources."""

    by_response: Mapping[str, Answer]
    by_label: Mapping[str, Answer]
    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label with an answer, those that trainers made last."""
        return tuple(self.by_label)

    def about(self, subject: str, aspect: str) -> Answer | None:
        """The answer on an aspect of a subject ("how long" of a transplant); None when there is none."""
        found = [answer for answer in self.by_label.values() if (answer.subject, answer.aspect) == (subject, aspect)]
        return found[0] if found else None

    def with_aspect(self, aspect: str) -> tuple[str, ...]:
        """Labels of all answers on an aspect, in the order of the labels; for "" those where people start."""
        known = [label for label in self.by_label if label.startswith(review.STATES_FACTS)]
        return tuple(label for label in known if (self.by_label[label].aspect == aspect if aspect else label in _START))

    def held_back(self, day: date) -> set[str]:
        """Labels whose answers are not given on a day in the hospital's zone."""
        return {label for label, answer in self.by_label.items() if answer.state_on(day) in review.HELD_BACK}

    def button(self, label: str) -> Button:
        """The button that asks for a label.

        Raises:
            AnswerError: There is no answer with this label, or it has no question.
        """
        answer = self.by_label.get(label)
        if answer is None or not answer.question:
            raise AnswerError(f"bot.answer.catalogue: no answer with a question for the label {label!r}")
        return Button(label=answer.question, payload=f"/{labels.intent_of(label)}")

    def next_labels(self, answer: Answer, seen: Collection[str], limit: int = NEXT_QUESTIONS) -> tuple[str, ...]:
        """Labels to offer after an answer: its own `next`, then others on its subject, then where people start.

        Args:
            answer: The answer just given. One without `next` (a goodbye) offers nothing.
            seen: Labels already answered in this conversation; they are left out.
            limit: How many at most.
        """
        if not answer.next:
            return ()
        same = [label for label in self.by_label if self._same_subject(label, answer)]
        offered: dict[str, None] = {}
        for label in (*answer.next, *same, *_START):
            if label in self.by_label and label not in seen and label != answer.label:
                offered.setdefault(label)
        return tuple(offered)[:limit]

    def text(self, response: str, known: placeholders.Values) -> str:
        """A response's text without a condition, filled in.

        Raises:
            AnswerError: There is no such response, or its text names an unknown placeholder.
        """
        if response not in self.by_response:
            raise AnswerError(f"domain.yml: no response {response!r}; restore it")
        return placeholders.fill(self.by_response[response].text, known)

    def _same_subject(self, label: str, answer: Answer) -> bool:
        same = answer.subject != "none" and self.by_label[label].subject == answer.subject
        return same and label.startswith(review.STATES_FACTS)


def load(root: Path) -> Catalogue:
    """Reads the catalogue of the project in `root`.

    Raises:
        AnswerError: A file is missing or cannot be used; the message names file and key.
    """
    responses = read_yaml(Path(root) / DOMAIN_FILE).get("responses")
    if not isinstance(responses, dict):
        raise AnswerError(f"{DOMAIN_FILE}: needs `responses:` with an entry for each answer")
    return build(responses, load_facts(Path(root)), load_sources(Path(root)))


def present(root: Path) -> Catalogue:
    """The catalogue as the files have it now; read again only when one of them has changed.

    Raises:
        AnswerError: A file is missing or cannot be used; the message names file and key.
    """
    files = (DOMAIN_FILE, FACTS_FILE, SOURCES_FILE)
    stamps = tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in (Path(root) / name for name in files))
    return _present(Path(root), stamps)


@lru_cache(maxsize=2)
def _present(root: Path, _stamps: tuple[tuple[int, int], ...]) -> Catalogue:
    return load(root)


def build(responses: Mapping[str, Any], facts: Mapping[str, Fact], sources: Mapping[str, Source]) -> Catalogue:
    """Makes the catalogue from a domain's responses.

    Raises:
        AnswerError: A response has no variation that can be used.
    """
    by_response = {name: _answer(name, variations, sources) for name, variations in responses.items()}
    taught = [label for label in map(labels.label_of, _intents(by_response)) if label and labels.is_taught(label)]
    by_label = {
        label: by_response[labels.response_of(label)]
        for label in (*labels.LABELS, *taught)
        if labels.response_of(label) in by_response
    }
    return Catalogue(by_response, by_label, facts, sources)


def _intents(responses: Iterable[str]) -> list[str]:
    return [name.removeprefix("utter_") for name in responses if name.startswith("utter_")]


def metadata_of(variations: Iterable[Any]) -> dict[str, Any]:
    """The metadata of an answer: that of its variation without a condition, else the first there is."""
    found = [
        (bool(item.get("condition")), item["metadata"])
        for item in variations
        if isinstance(item, dict) and isinstance(item.get("metadata"), dict)
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else {}


def _answer(name: str, variations: Any, sources: Mapping[str, Source]) -> Answer:
    if not isinstance(variations, list) or not all(isinstance(item, dict) for item in variations) or not variations:
        raise AnswerError(f"{DOMAIN_FILE}: responses.{name}: needs a list of texts, got {type(variations).__name__}")
    meta = metadata_of(variations)
    label = str(meta.get("label") or labels.label_of(name.removeprefix("utter_")) or "fallback")
    return Answer(
        response=name,
        label=label,
        question=str(meta.get("question") or ""),
        subject=str(meta.get("subject") or "none"),
        aspect=str(meta.get("aspect") or "none"),
        next=tuple(str(item) for item in meta.get("next") or ()),
        provenance=_provenance(label, meta, sources),
        state=str(meta.get("state") or ""),
        review_by=str(meta.get("review_by") or ""),
        safety=meta.get("safety"),
        handoff=meta.get("handoff"),
        variations=tuple(_variation(item) for item in variations),
    )


def _provenance(label: str, meta: Mapping[str, Any], sources: Mapping[str, Source]) -> Provenance | None:
    source, state = str(meta.get("source") or NO_SOURCE), str(meta.get("state") or "")
    if source == NO_SOURCE and state not in review.NEED_REASON:
        return None
    return Provenance(
        label=label,
        source="" if source == NO_SOURCE else sources[source].reads if source in sources else source,
        owner=str(meta.get("owner") or ""),
        reviewed_on=str(meta.get("reviewed_on") or ""),
        review_by=str(meta.get("review_by") or ""),
        state=review.STATES.get(state, state),
    )


def _variation(item: Mapping[str, Any]) -> Variation:
    return Variation(
        text=str(item.get("text") or ""),
        conditions=tuple((part["name"], part["value"]) for part in item.get("condition") or ()),
        buttons=tuple(Button(str(part["title"]), str(part["payload"])) for part in item.get("buttons") or ()),
    )
