"""Frozen records that cross rooms: what the brain tells the door, and what an answer's origin is.

They are plain dataclasses that become JSON with `to_json` and are read back with `from_json`, so that the brain
(Python 3.10) and the door (3.12 or newer) share one definition of their protocol.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from bot.errors import BrainError

Json = dict[str, Any]
T = TypeVar("T")

RED = ("emergency", "self_harm")
"""The verdicts that are danger: answered by a fixed text at once, and looked at first by staff."""


def _words(text: Any) -> str:
    # an empty bubble is silence too
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"a reply without words: {text!r}")
    return text


def _of(kind: type[T], value: Any) -> T:
    # what cannot be shown must not be written down: it would be there for good
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} in place of {kind.__name__}")
    return value


@dataclass(frozen=True)
class Provenance:
    """Where an answer comes from and who stands for it.

    Attributes:
        label: The fixed label of the answer, such as `faq/cart_duration`.
        source: The source's name as a patient reads it; empty for a text without one that is kept from patients.
        owner: Who keeps the answer true.
        reviewed_on: ISO date of the last review.
        review_by: ISO date by which it must be reviewed again.
        state: One of the review states, as a patient reads it.
    """

    label: str
    source: str
    owner: str
    reviewed_on: str
    review_by: str
    state: str


@dataclass(frozen=True)
class Button:
    """One reading or next question that the patient can press.

    Attributes:
        label: The words on the button.
        payload: What the brain understands when it is pressed (`/intent`). It never reaches the browser: the door
            puts a signed choice in its place.
    """

    label: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One bubble that the bot says.

    Attributes:
        text: The words, with figures and contacts already filled in.
        label: The label answered, or an outcome such as `clarify` or `fallback`.
        answer: Provenance; None for texts that state nothing (greetings, questions back).
        buttons: Readings or next questions, in order.
        handoff: None, or `{"kind": "contacts"|"call_back"|"person_now", "phone", "email", "hours", ...}`.
        safety: None, or the verdict: `emergency`, `self_harm`, `personal_advice`, or `check` for the line that
            is added when the screen is not sure.
        language: The BCP 47 tag of the language that `text` is written in.
    """

    text: str
    label: str
    answer: Provenance | None = None
    buttons: tuple[Button, ...] = ()
    handoff: Json | None = None
    safety: str | None = None
    language: str = "en"


@dataclass(frozen=True)
class BrainTurn:
    """All that the brain gives back for one patient message.

    Attributes:
        replies: At least one reply.
        understood: What was understood: label, Rasa's intent before context had its say, confidence, outcome, ranking,
            parts, language, entities, screen.
        state: The dialogue's memory, opaque to the door, to be sent back with the next message.
    """

    replies: tuple[Reply, ...]
    understood: Json = field(default_factory=dict)
    state: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        """Gives the record as JSON-ready dictionaries and lists."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> BrainTurn:
        """Reads the brain's JSON answer.

        Raises:
            BrainError: The data is not a turn, or it holds no reply (Rasa answers `[]` when it failed).
        """
        try:
            replies = tuple(
                Reply(
                    text=_words(reply["text"]),
                    label=_of(str, reply["label"]),
                    answer=Provenance(**reply["answer"]) if reply.get("answer") else None,
                    buttons=tuple(Button(**button) for button in reply.get("buttons") or ()),
                    handoff=_of(dict, reply.get("handoff") or {}) or None,
                    safety=_of(str, reply.get("safety") or "") or None,
                    language=_of(str, reply.get("language") or "en"),
                )
                for reply in data["replies"]
            )
            turn = cls(replies=replies, understood=dict(data["understood"]), state=dict(data["state"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BrainError(
                f"bot.records: the brain's answer is not a turn ({type(error).__name__}); see the brain's log"
            ) from error
        if not turn.replies:
            raise BrainError(
                "bot.records: the brain answered with no reply; send the message again or give the contacts"
            )
        return turn
