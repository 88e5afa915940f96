"""How each question stands: how often and in which languages patients asked it, and what the live model confuses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.journal.models import Message
from bot.journal.store import Store
from bot.studio.inbox import DAY_MS

DAYS = 30
NAMED = 2
"""Labels named that a question is taken for, the commonest."""


@dataclass(frozen=True)
class Use:
    """What the journal has of a question.

    Attributes:
        asked: How often it was understood, typed or pressed.
        up: Thumbs up on its answers.
        down: Thumbs down.
        languages: In which languages it was typed, by their tags, with how often; the commonest first.
    """

    asked: int = 0
    up: int = 0
    down: int = 0
    languages: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Confusion:
    """What the live model makes of a question's held-back messages.

    Attributes:
        count: Messages that mean it.
        right: Those that are understood so.
        taken_for: Labels that the others are taken for, the commonest, with how often.
        others: Messages that mean something else and are taken for it.
    """

    count: int
    right: int
    taken_for: tuple[tuple[str, int], ...]
    others: int


def used(store: Store, *, now_ms: int, days: int = DAYS) -> dict[str, Use]:
    """What patients asked in the last days, by label; a label that nobody asked is missing.

    Args:
        store: The journal.
        now_ms: The time.
        days: How far back.
    """
    query = (
        select(Message.label, Message.thumb, Message.kind, Message.language, func.count())
        .where(
            Message.received_at_ms >= now_ms - days * DAY_MS,
            Message.label.is_not(None),
            Message.seq > 0,  # the greeting, which no patient typed
        )
        .group_by(Message.label, Message.thumb, Message.kind, Message.language)
    )
    asked: Counter[str] = Counter()
    thumbs: Counter[tuple[str, str]] = Counter()
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    with store.read() as connection:
        for label, thumb, kind, language, count in connection.execute(query):
            assert label is not None
            asked[label] += count
            if thumb:
                thumbs[label, thumb] += count
            if kind == "text" and language:  # a button's words are the widget's
                languages[label][language] += count
    return {
        label: Use(count, thumbs[label, "up"], thumbs[label, "down"], _ordered(languages[label]))
        for label, count in asked.items()
    }


def confusions(pairs: Sequence[Sequence[str]]) -> dict[str, Confusion]:
    """What a model makes of each question, from pairs of truth and label of the held-back messages."""
    counted = Counter((truth, label) for truth, label in pairs)
    found: dict[str, Confusion] = {}
    for wanted in {label for pair in counted for label in pair}:
        means = Counter({label: count for (truth, label), count in counted.items() if truth == wanted})
        right, every = means.pop(wanted, 0), sum(count for (_, label), count in counted.items() if label == wanted)
        found[wanted] = Confusion(right + means.total(), right, _ordered(means)[:NAMED], every - right)
    return found


def _ordered(counted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
