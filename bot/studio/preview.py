"""An answer as the widget gets it from the door: the studio shows it with the widget's own rendering."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.answer import catalogue, contacts, labels, placeholders, review
from bot.answer.catalogue import Answer, Catalogue, Variation
from bot.errors import AnswerError
from bot.settings import Settings
from bot.studio.question import Question

Json = dict[str, Any]
ASKED, ANSWERED = 1, 2
"""Numbers of the two lines."""


@dataclass(frozen=True)
class Preview:
    """What a patient would read.

    Attributes:
        events: The question and its answer, as events of the patient API; the answer is missing while it has no words.
        text: The words, filled in as far as they can be.
        words: How many a trainer wrote.
        grade: Their reading grade.
        wrong: What cannot be filled in, or empty.
        held: Why patients do not get it now, or empty.
    """

    events: list[Json]
    text: str
    words: int
    grade: float
    wrong: str
    held: str


def preview(wanted: Question, known: Catalogue, settings: Settings, now: datetime) -> Preview:
    """Shows a question as it is wanted, saved or not.

    Args:
        wanted: The question, complete (`bot.studio.questions.Studio.completed`).
        known: The answers as the files have them.
        settings: Names, contacts, hours and the hospital's zone.
        now: The moment, with a zone.
    """
    today = review.today(settings.time_zone, now)
    answer = _answer(wanted, known)
    try:
        said, wrong = placeholders.fill(wanted.text, placeholders.values(settings, known.facts, now)), ""
    except AnswerError as error:
        said, wrong = wanted.text, str(error).partition(": ")[2]
    at = now.isoformat(timespec="milliseconds")
    asked = wanted.question or next(iter(wanted.examples), "")
    events: list[Json] = [{"seq": ASKED, "at": at, "from": "patient", "text": asked, "language": "en"}] if asked else []
    if said.strip():
        event: Json = {
            "seq": ANSWERED, "at": at, "from": "bot", "text": said, "language": "en", "reply_to": ASKED,
            "answer": {"label": answer.label},
        }  # fmt: skip
        provenance = answer.provenance_on(today)
        if provenance is not None:
            event["answer"] = asdict(provenance)
        if answer.safety:
            event["safety"] = answer.safety
        if answer.handoff:
            kind: Any = answer.handoff
            event["handoff"] = contacts.handoff(kind, settings, now, None, form=kind == "call_back")
        buttons = [button.label for button in answer.variations[0].buttons] or _next(answer, known, today)
        if buttons:
            event["buttons"] = [{"label": words, "choice": ""} for words in buttons]
        events.append(event)
    state = answer.state_on(today)
    held = review.READS.get(state, state) if state in review.HELD_BACK else ""
    return Preview(events, said, len(wanted.text.split()), wanted.grade, wrong, held)


def _answer(wanted: Question, known: Catalogue) -> Answer:
    """The answer that the files would have; buttons, safety and hand-off that stand there already stay."""
    response = labels.response_of(wanted.label)
    there = known.by_response.get(response)
    about = wanted.content | {"label": wanted.label}
    if there is not None:
        about |= {"safety": there.safety, "handoff": there.handoff}
    made = catalogue.build({response: [{"text": wanted.text, "metadata": about}]}, known.facts, known.sources)
    plain = [one.buttons for one in there.variations if not one.conditions] if there is not None else []
    answer = made.by_response[response]
    return replace(answer, variations=(Variation(wanted.text, (), plain[0] if plain else ()),))


def _next(answer: Answer, known: Catalogue, today: date) -> list[str]:
    """Words of the buttons for what is worth asking next, as after a first question."""
    seen = known.held_back(today) | {answer.label}
    return [
        known.by_label[label].question for label in known.next_labels(answer, seen) if known.by_label[label].question
    ]
