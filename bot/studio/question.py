"""What a question is to trainers, and how it stands in the project's files. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.answer import labels, review
from bot.answer.catalogue import metadata_of
from bot.studio import texts
from bot.studio.files import DOMAIN, NLU, RULES
from bot.studio.grade import grade

EDITABLE = labels.REVIEWED
"""Groups whose texts are changed here; those of safety, contacts and small talk are changed in an editor."""

_ABOUT = (
    "question",
    "source",
    "owner",
    "reviewed_on",
    "review_by",
    "state",
    "state_reason",
    "next",
    "subject",
    "aspect",
)


_BREAKS = ("Cc", "Zl", "Zp")  # control signs and line breaks; joiners of emoji and scripts stay


@dataclass(frozen=True)
class Question:
    """One question: how it is asked, what is answered, and who keeps it true.

    Attributes:
        label: Such as `topic/parking`.
        examples: What patients write.
        text: The answer without a condition, with its placeholders.
        question: The words of its button.
        source: Key of a source, or `none` for a text that states no fact.
        owner: Who keeps it true.
        reviewed_on: Day of the last review, YYYY-MM-DD.
        review_by: Day until which that holds.
        state: See `bot.answer.review.STATES`.
        state_reason: Why a draft or a withdrawn one is not given.
        next: Labels worth asking next.
        subject: What "it" means after it.
        aspect: What it asks of the subject.
        texts: How many texts it has, those with a condition too.
    """

    label: str
    examples: tuple[str, ...] = ()
    text: str = ""
    question: str = ""
    source: str = "none"
    owner: str = ""
    reviewed_on: str = ""
    review_by: str = ""
    state: str = ""
    state_reason: str = ""
    next: tuple[str, ...] = ()
    subject: str = "none"
    aspect: str = "none"
    texts: int = field(default=1, compare=False)

    @property
    def content(self) -> dict[str, Any]:
        """What is kept of it in the history."""
        kept = asdict(self)
        del kept["texts"], kept["label"]
        return {**kept, "examples": list(self.examples), "next": list(self.next)}

    @property
    def version(self) -> str:
        """Changes with every change of the content."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def editable(self) -> bool:
        """Whether its text may be changed here."""
        return self.label.startswith(EDITABLE)

    @property
    def grade(self) -> float:
        """The reading grade of its text."""
        return grade(self.text)


def cleaned(example: str) -> str:
    """An example in one line, without what YAML or Rasa would read as theirs."""
    line = " ".join("".join(" " if unicodedata.category(sign) in _BREAKS else sign for sign in example).split())
    return re.sub(r"^[-\s]+", "", line)


def answer_of(question: Question) -> dict[str, Any]:
    """All of a question but its examples."""
    return {key: value for key, value in question.content.items() if key != "examples"}


def question_of(label: str, content: dict[str, Any]) -> Question:
    """A question of what the history kept."""
    return Question(
        **{**content, "label": label, "examples": tuple(content["examples"]), "next": tuple(content["next"])}
    )


def questions_in(domain: str, nlu: str) -> dict[str, Question]:
    """Every question in the texts of `domain.yml` and `data/nlu.yml`, by its label."""
    examples = texts.examples_of(nlu)
    found: dict[str, Question] = {}
    for response, variations in (texts.read(domain).get("responses") or {}).items():
        label = labels.label_of(response.removeprefix("utter_"))
        if label is None or not isinstance(variations, list):
            continue
        meta = metadata_of(variations)
        plain = [str(one.get("text") or "") for one in variations if not one.get("condition")]
        about = {key: str(meta.get(key) or "") for key in _ABOUT if key != "next"}
        about["subject"], about["aspect"] = about["subject"] or "none", about["aspect"] or "none"
        found[label] = Question(
            label=label, examples=tuple(examples.get(labels.intent_of(label), ())), text=(plain or [""])[0],
            next=tuple(str(one) for one in meta.get("next") or ()), texts=len(variations), **about,
        )  # fmt: skip
    return found


def with_question(
    now: dict[str, str], wanted: Question | None, there: Question | None = None, label: str = ""
) -> dict[str, str]:
    """The files with a question as it is wanted; without it when that is None."""
    domain, nlu, rules = now[DOMAIN], now[NLU], now[RULES]
    label = wanted.label if wanted else label
    intent, response = labels.intent_of(label), labels.response_of(label)
    if wanted is None:
        domain = texts.without_intent(texts.without_answer(domain, response), intent)
        return {DOMAIN: domain, NLU: texts.with_examples(nlu, intent, ()), RULES: texts.without_rule(rules, label)}
    if wanted.editable and (there is None or answer_of(there) != answer_of(wanted)):
        metadata: dict[str, Any] = {"label": label}
        metadata |= {key: getattr(wanted, key) for key in _ABOUT if key != "state_reason"}
        metadata["next"] = list(wanted.next)
        metadata["state_reason"] = wanted.state_reason if wanted.state in review.NEED_REASON else None
        domain = texts.with_answer(texts.with_intent(domain, intent), response, wanted.text, metadata)
        rules = texts.with_rule(rules, label, intent, response)
    return {DOMAIN: domain, NLU: texts.with_examples(nlu, intent, wanted.examples), RULES: rules}
