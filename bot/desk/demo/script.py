"""Writes the script of invented conversations: who comes when, asks what, what the bot makes of it. Pure and seeded.

The bot's words are the catalogue's own, and danger is what the real screen sees; only what patients write
(`questions.yml`) and how sure the bot is are made up. Longer than 300 lines because each turn of a story draws from the
same seeded source, in an order that must not change.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.answer import contacts, labels, placeholders, safety_text
from bot.answer.catalogue import Catalogue, load
from bot.records import RED, Button, Reply
from bot.screen import screen
from bot.settings import ROOT, Settings

Json = dict[str, Any]
NONE_OF_THESE = Button("None of these", "/nlu_fallback")
PAGES = (
    "/",
    "/en/car-t",
    "/en/car-t/clinical-trial",
    "/en/transplant",
    "/en/transplant/donors",
    "/en/international-patients",
    "/en/contact",
    "/zh/car-t",
    "/ru/transplantation",
)
ZONES = {
    "en": ("Asia/Singapore", "Europe/London", "Asia/Kolkata", "Africa/Lagos", "America/New_York", "Australia/Sydney"),
    "zh": ("Asia/Shanghai", "Asia/Singapore"),
    "ru": ("Europe/Moscow", "Asia/Almaty"),
    "ar": ("Asia/Riyadh", "Africa/Cairo"),
    "es": ("Europe/Madrid", "America/Mexico_City"),
    "vi": ("Asia/Ho_Chi_Minh",),
    "de": ("Europe/Berlin",),
    "fr": ("Europe/Paris",),
    "it": ("Europe/Rome",),
    "ja": ("Asia/Tokyo",),
    "ko": ("Asia/Seoul",),
    "pt": ("America/Sao_Paulo",),
    "tr": ("Europe/Istanbul",),
}
# How often each kind of question comes, of 100 messages or so
FREQUENT: dict[str, float] = {
    "topic/cost": 9, "faq/cart_duration": 6, "faq/bmt_survival": 5, "faq/cart_outcomes": 6, "faq/cart_eligibility": 5,
    "faq/cart_what_is": 4, "faq/international_support": 4, "fallback": 6, "clarify": 8, "contact_human": 4,
    "safety/emergency": 2.2, "safety/personal_advice": 3, "safety/self_harm": 0.2, "topic/accommodation": 3,
    "topic/visa_travel": 3, "topic/donor": 3, "thanks": 5, "greet": 2, "goodbye": 1, "bot_challenge": 1,
}  # fmt: skip
SELDOM = 1.2
SCALE_H = (1, 1, 0.6, 0.5, 0.5, 0.8, 1.4, 2.4, 4, 6, 6.4, 6, 4.6, 5, 6, 6, 5.6, 4.8, 4, 4, 4.6, 4.4, 3, 1.8)
"""How busy each hour of the hospital's day is."""


@dataclass
class Turn:
    """One message of a patient and what came of it.

    Attributes:
        text: What the patient wrote or pressed.
        after_ms: How long after the line before.
        think_ms: How long the bot took.
        replies: What it said.
        understood: As the brain would tell it; None where the screen's rules answered.
        verdict: What the screen saw, or None.
        payload: The button's payload when it was pressed.
        thumb: `up`, `down` or None, on the last reply.
        comment: The word that came with it.
    """

    text: str
    after_ms: int
    think_ms: int
    replies: tuple[Reply, ...]
    understood: Json | None = None
    verdict: str | None = None
    payload: str | None = None
    thumb: str | None = None
    comment: str | None = None


@dataclass
class Talk:
    """One conversation.

    Attributes:
        id: Its id; it begins with `PREFIX`.
        begun_at: When.
        language: What the patient's browser asked for.
        time_zone: The patient's.
        page: The page that the chat stood on.
        turns: What was said.
        chat: Lines of a talk with a person after it, `staff|…` or the patient's; empty when none came.
        waits_ms: How long until that person came; None when nobody did.
        contact: Whether a number was left for a call back.
        reviewed_after_ms: When staff read it after its end; None when they have not.
        tag: A tag that staff put on it, or None.
        hello: How the bot greets.
    """

    id: str
    begun_at: datetime
    language: str
    time_zone: str
    page: str
    hello: Reply
    turns: list[Turn] = field(default_factory=list)
    chat: list[str] = field(default_factory=list)
    waits_ms: int | None = None
    contact: bool = False
    reviewed_after_ms: int | None = None
    tag: str | None = None


PREFIX = "demo-"
"""Begins the id of every conversation of the demo. Real ids are 24 characters long; these are longer."""


@lru_cache(maxsize=1)
def questions() -> dict[str, list[Any]]:
    """What patients write, by label."""
    found: dict[str, list[Any]] = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text(encoding="utf-8"))
    return found


class Script:
    """Makes conversations.

    Args:
        settings: Names and contacts in the bot's words, and the hospital's time zone.
        now: The end of the time that is filled.
        days: How many days before it.
        seed: The same seed, settings and time give the same script.
    """

    def __init__(self, settings: Settings, now: datetime, *, days: int, seed: int) -> None:
        self._settings, self._now, self._days = settings, now, days
        self._random = random.Random(seed)
        self._zone = ZoneInfo(settings.time_zone)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return load(ROOT)

    def talks(self, count: int) -> Iterator[Talk]:
        """That many conversations, the oldest first."""
        times = sorted(self._time() for _ in range(count))
        for number, begun in enumerate(times):
            yield self._talk(number, begun)

    def _time(self) -> datetime:
        """Busier in the hospital's day, quieter at weekends, a little more each week."""
        while True:
            back = self._days * (1 - self._random.random() ** 0.8)
            day = (self._now - timedelta(days=back)).astimezone(self._zone)
            if day.weekday() >= 5 and self._random.random() < 0.55:
                continue
            hour = self._random.choices(range(24), SCALE_H)[0]
            at = day.replace(hour=hour, minute=self._random.randrange(60), second=self._random.randrange(60))
            if at < self._now - timedelta(minutes=20):
                return at.astimezone(UTC)

    def _talk(self, number: int, begun: datetime) -> Talk:
        draw = self._random
        language = draw.choices(
            ["en", "zh", "ru", "ar", "es", "vi", "de", "fr", "it", "ja", "ko", "pt", "tr"],
            [58, 12, 8, 4, 5, 3, 2, 2, 1, 1, 1, 1.5, 1.5],
        )[0]
        talk = Talk(
            id=f"{PREFIX}{number:05d}{draw.getrandbits(80):020x}",
            begun_at=begun,
            language=language,
            time_zone=draw.choice(ZONES[language]),
            hello=self._answer("greet"),
            page=draw.choices(PAGES, [5, 9, 4, 8, 3, 6, 3, 3 if language == "zh" else 0, 3 if language == "ru" else 0])[
                0
            ],
        )
        missed = 0
        for _ in range(min(12, 1 + int(draw.expovariate(0.38)))):
            turn = self._turn(language, missed, talk)
            talk.turns.append(turn)
            read = (turn.understood or {}).get("outcome")
            missed = missed + 1 if read == "fallback" else 0
            if read == "clarify" and draw.random() < 0.75:
                talk.turns.append(self._pressed(turn))
            if turn.verdict in RED or read == "handoff":
                break
        self._afterwards(talk)
        return talk

    def _turn(self, language: str, missed: int, talk: Talk) -> Turn:
        draw, known = self._random, questions()
        of_language = self._sayable(language)
        kinds = [kind for kind in of_language if missed < 2 or kind == "contact_human"] or ["contact_human"]
        kind = draw.choices(kinds, [FREQUENT.get(kind, SELDOM) for kind in kinds])[0]
        text = draw.choice(of_language.get(kind) or [str(line) for line in known[kind] if "|" not in line])
        seen = screen(text)
        after, think = int(draw.uniform(9_000, 95_000)), int(draw.lognormvariate(4.6, 0.5))
        thumb = None
        if seen.is_red:
            words = safety_text(seen.verdict, self._settings, seen.danger)
            reply = Reply(words, f"safety/{seen.verdict}", safety=seen.verdict)
            return Turn(text, after, 0, (reply,), None, seen.verdict)
        if kind in ("fallback", "clarify"):
            outcome, label = kind, draw.choice(list(labels.FAQ))
            if kind == "fallback" and draw.random() < 0.3:
                label = draw.choice(["topic/accommodation", "topic/visa_travel", "topic/diet_infection", "topic/cost"])
        elif kind == labels.CONTACT:
            outcome, label = "handoff", kind
        else:
            outcome, label = ("safety" if kind.startswith("safety/") else "answer"), kind
        understood = self._understood(label, outcome, language, seen.verdict, seen.rule, seen.span)
        replies = self._replies(label, outcome, understood, missed, talk)
        chance = {"answer": (0.10, 0.03), "clarify": (0.02, 0.04), "fallback": (0.0, 0.12)}.get(outcome, (0.01, 0.02))
        if label in labels.TOPICS and outcome == "answer":
            chance = (0.02, 0.10)
        rolled = draw.random()
        thumb = "up" if rolled < chance[0] else "down" if rolled < sum(chance) else None
        comment = draw.choice(known[f"said_{thumb}"]) if thumb and draw.random() < 0.35 else None
        verdict = None if seen.verdict == "none" else seen.verdict
        return Turn(text, after, think, replies, understood, verdict, None, thumb, comment)

    @lru_cache(maxsize=32)  # noqa: B019  # one script, few languages
    def _sayable(self, language: str) -> dict[str, list[str]]:
        """The lines of a language by kind; a patient with few lines of his own asks in English too."""
        found: dict[str, list[str]] = {}
        for kind, written in questions().items():
            if kind in ("said_up", "said_down", "chats", "tags"):
                continue
            own = [line[3:] for line in written if line[2:3] == "|" and line[:2] == language]
            plain = [line for line in written if line[2:3] != "|"]
            if own or language == "en" or kind in ("fallback", "contact_human", "thanks"):
                found[kind] = own or plain
        return found

    def _pressed(self, turn: Turn) -> Turn:
        """The patient presses one of the readings that were offered."""
        button = self._random.choice(turn.replies[-1].buttons[:-1])
        label = labels.label_of(button.payload.removeprefix("/")) or labels.FAQ[0]
        understood = self._understood(label, "answer", "en", "none", None, None) | {"confidence": 1.0}
        after, think = int(self._random.uniform(3_000, 20_000)), int(self._random.lognormvariate(4.4, 0.4))
        return Turn(button.label, after, think, (self._answer(label),), understood, payload=button.payload)

    def _understood(self, label: str, outcome: str, language: str, verdict: str, rule: str | None, span: Any) -> Json:
        draw = self._random
        low, high = {"answer": (0.62, 0.99), "clarify": (0.34, 0.61), "fallback": (0.05, 0.33)}.get(
            outcome, (0.6, 0.99)
        )
        confidence = round(draw.triangular(low, high, high - 0.04), 4)
        others = draw.sample([name for name in (*labels.FAQ, *labels.TOPICS) if name != label], 4)
        rest = sorted((draw.uniform(0.01, confidence * 0.7) for _ in others), reverse=True)
        ranking = [{"label": label, "confidence": confidence}]
        ranking += [{"label": name, "confidence": round(score, 4)} for name, score in zip(others, rest)]
        readings = [entry["label"] for entry in ranking if str(entry["label"]).startswith("faq/")][:3]
        return {
            "label": label,
            "labels": [label] if outcome not in ("clarify", "fallback") else [outcome],
            "intent": {"clarify": "clarify", "fallback": "nlu_fallback"}.get(outcome, labels.intent_of(label)),
            "confidence": confidence,
            "outcome": outcome,
            "ranking": ranking,
            "parts": [],
            "readings": readings if outcome == "clarify" else [],
            "language": language,
            "entities": [],
            "screen": {"verdict": verdict, "rule": rule, "span": span},
        }

    def _replies(self, label: str, outcome: str, understood: Json, missed: int, talk: Talk) -> tuple[Reply, ...]:
        if outcome == "clarify":
            buttons = tuple(self._catalogue.button(name) for name in understood["readings"])
            return (Reply(self._text("utter_clarify"), "clarify", buttons=(*buttons, NONE_OF_THESE)),)
        if outcome == "fallback":
            response = "utter_fallback_person" if missed else "utter_fallback"
            return (
                Reply(self._text(response), "fallback", handoff=self._handoff("contacts", talk) if missed else None),
            )
        if outcome == "handoff":
            open_now = contacts.office_hours(self._settings).is_open(talk.begun_at)
            kind = "person_now" if open_now or self._random.random() < 0.4 else "call_back"
            response = f"utter_handoff_{kind}" + ("" if kind == "call_back" else "_open" if open_now else "_closed")
            return (Reply(self._text(response), label, handoff=self._handoff(kind, talk)),)
        return (self._answer(label),)

    def _answer(self, label: str) -> Reply:
        answer = self._catalogue.by_label[label]
        following = tuple(self._catalogue.button(name) for name in self._catalogue.next_labels(answer, ()))
        today = self._now.astimezone(self._zone).date()
        return Reply(
            self._text(answer.response), label, answer.provenance_on(today), following, safety=answer.safety
        )  # fmt: skip

    @lru_cache(maxsize=256)  # noqa: B019  # one script, a fixed set of texts
    def _text(self, response: str) -> str:
        known = placeholders.values(self._settings, self._catalogue.facts, self._now)
        return self._catalogue.text(response, known)

    def _handoff(self, kind: Any, talk: Talk) -> Json:
        form = kind == "call_back"
        return contacts.handoff(kind, self._settings, talk.begun_at, talk.time_zone, form=form)

    def _afterwards(self, talk: Talk) -> None:
        """Who came, what was left, and whether staff have read it."""
        draw, known = self._random, questions()
        last = talk.turns[-1]
        ago = self._now - talk.begun_at
        asked = (last.understood or {}).get("outcome") == "handoff"
        if asked and last.replies[0].handoff and last.replies[0].handoff["kind"] == "call_back":
            talk.contact = draw.random() < 0.8
        if asked and (ago > timedelta(hours=3) or draw.random() < 0.4) and draw.random() < 0.85:
            talk.waits_ms = int(min(draw.lognormvariate(5.1, 0.8), 5400) * 1000)
            talk.chat = draw.choice(known["chats"])
        danger = any(turn.verdict in RED for turn in talk.turns)
        chance = 0.0 if ago < timedelta(hours=2) else 0.97 if danger else 0.9 if ago > timedelta(days=2) else 0.5
        if draw.random() < chance:
            talk.reviewed_after_ms = int(draw.lognormvariate(2.4 if danger else 4.6, 0.9) * 60_000)
            if draw.random() < 0.15:
                talk.tag = draw.choice(known["tags"])
