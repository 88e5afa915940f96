"""Finds what was said: by its words, by what was understood, by what became of it. The same on SQLite and PostgreSQL.

What is looked for is a patient's message with what was answered to it: every filter holds for the same message, or for
its conversation where it says so. Words are looked for in the message, or in lines that answer or follow it. Longer
than 300 lines because filters, count and lists have to agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from bot.journal import terms
from bot.journal.local import DAY_MS, HOUR_MS, local_ms
from bot.journal.models import Conversation, Event, Feedback, Message, Searchable
from bot.journal.staff_models import Flag, Handoff, Tag, Teaching
from bot.journal.store import Store
from bot.records import RED

ANSWERED, NO_ANSWER, WAITING = "answer", "no_answer", "waiting"
OUTCOMES = (ANSWERED, NO_ANSWER, "clarify", "fallback", "handoff", "safety", "withheld", "staff", "failed", WAITING)
"""What became of a message. `no_answer`: understood, and told honestly that there is no reviewed answer yet."""

FEEDBACK = ("up", "down", "any", "comment", "none")
DANGER = ("red", "emergency", "self_harm", "check", "personal_advice", "none")
PERSON = ("asked", "came", "waiting", "none")
MARKED = ("flagged", "right", "relabel", "new_question")
BESIDE = ("comment", "note")
"""Kinds of danger in what a patient wrote beside a thumb or a number; it has no line of its own."""

KINDS = ("text", "choice", *BESIDE)
SAID_BY = {"people": ("patient", "staff"), "patient": ("patient",), "staff": ("staff",), "bot": ("bot",),
           "all": ("patient", "staff", "bot")}  # fmt: skip
UNKNOWN_LANGUAGE = "und"
"""Stands for messages whose language nobody told: danger seen by the rules, and what still waits."""

_INDEX = table("search_index", column("rowid"))
_PAGE_END = "*"


@dataclass(frozen=True)
class Filters:
    """What is looked for; a field left at its default asks for nothing.

    Attributes:
        text: Words, "phrases" and -words.
        said_by: A key of `SAID_BY`: in whose lines the words are looked for.
        labels: Any of these labels.
        confidence_from: At least this sure (0 to 1).
        confidence_to: At most this sure (0 to 1).
        outcomes: Any of `OUTCOMES`.
        feedback: One of `FEEDBACK`, given to an answer to this message.
        danger: One of `DANGER`: what the screen saw, or the brain.
        languages: Any of these languages of the message; `UNKNOWN_LANGUAGE` among them.
        tag: A tag on the conversation.
        reviewed: Whether staff have read it.
        from_ms: Written at this time or later.
        to_ms: Written before this time.
        page: The page of the website; with `*` at its end every page that begins so.
        person: One of `PERSON`: a person was asked for in the conversation, came, is still waited for, or was not
            asked for. For the first three the times are those of the wish and not of the message.
        marked: One of `MARKED`, by staff, on this message (a flag: on it or on an answer to it).
        kind: One of `KINDS`: typed, a pressed button, or danger beside a thumb or a number.
        hour: Hour of the day (0 to 23) in `zone`.
        weekday: Day of the week (1 = Monday) in `zone`.
        zone: The hospital's time zone.
        unanswered: Labels that have no reviewed answer today.
    """

    text: str = ""
    said_by: str = "people"
    labels: tuple[str, ...] = ()
    confidence_from: float | None = None
    confidence_to: float | None = None
    outcomes: tuple[str, ...] = ()
    feedback: str = ""
    danger: str = ""
    languages: tuple[str, ...] = ()
    tag: str = ""
    reviewed: bool | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    page: str = ""
    person: str = ""
    marked: str = ""
    kind: str = ""
    hour: int | None = None
    weekday: int | None = None
    zone: str = "UTC"
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """How much was found.

    Attributes:
        messages: Patients' messages.
        conversations: The conversations that they are in.
    """

    messages: int
    conversations: int


@dataclass(frozen=True)
class Cursor:
    """Where a list goes on: behind this one, newest first."""

    at_ms: int
    conversation: str
    seq: int


@dataclass(frozen=True)
class Hit:
    """One message that was found.

    Attributes:
        conversation: Its conversation.
        seq: Its line.
        at_ms: When it was written.
        kind: One of `KINDS`.
        text: What the patient wrote or pressed, redacted.
        answers: The first lines that answer or follow it: who said them, and what.
        label: What was understood, or None.
        confidence: How sure the brain was (0 to 1), or None.
        outcome: One of `OUTCOMES`.
        verdict: What the screen saw, or None.
        language: Of the message, or None.
        page: The page of the website, or None.
        thumb: `up`, `down` or None.
        comment: The patient's word with it, or None.
        reviewed: Whether staff have read it.
        tags: On the conversation.
        found: How many messages of the conversation were found; 1 where each is shown.
    """

    conversation: str
    seq: int
    at_ms: int
    kind: str
    text: str
    answers: tuple[tuple[str, str], ...]
    label: str | None
    confidence: float | None
    outcome: str
    verdict: str | None
    language: str | None
    page: str | None
    thumb: str | None
    comment: str | None
    reviewed: bool
    tags: tuple[str, ...]
    found: int = 1


def outcome(filters: Filters, name: str) -> ColumnElement[bool]:
    """Whether a message came to one of `OUTCOMES`."""
    handled = Message.handled
    open_label = func.coalesce(Message.label, "").in_(filters.unanswered) if filters.unanswered else false()
    if name == WAITING:
        return handled.is_(None)
    if name == ANSWERED:
        return and_(handled == ANSWERED, ~open_label) if filters.unanswered else handled == ANSWERED
    if name == NO_ANSWER:
        return and_(handled == ANSWERED, open_label)
    return handled == name


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What a patient's message must fulfil, but for the words in it."""
    found: list[ColumnElement[bool]] = [Message.seq > 0]
    at = Message.received_at_ms
    if filters.person in ("", "none"):  # else the time is that of the wish for a person
        if filters.from_ms is not None:
            found.append(at >= filters.from_ms)
        if filters.to_ms is not None:
            found.append(at < filters.to_ms)
    if filters.labels:
        found.append(Message.label.in_(filters.labels))
    if filters.confidence_from is not None:
        found.append(Message.confidence >= filters.confidence_from)
    if filters.confidence_to is not None:
        found.append(Message.confidence <= filters.confidence_to)
    if filters.outcomes:
        found.append(or_(*(outcome(filters, name) for name in filters.outcomes)))
    if filters.danger:
        found.append(_danger(filters.danger))
    if filters.languages:
        named = [one for one in filters.languages if one != UNKNOWN_LANGUAGE]
        unknown = [Message.language.is_(None)] if UNKNOWN_LANGUAGE in filters.languages else []
        found.append(or_(*([Message.language.in_(named)] if named else []), *unknown))
    if filters.reviewed is not None:
        found.append(Message.reviewed_at_ms.is_not(None) if filters.reviewed else Message.reviewed_at_ms.is_(None))
    if filters.kind:
        found.append(Message.kind == filters.kind)
    if filters.hour is not None or filters.weekday is not None:
        local = local_ms(at, filters.zone, filters.from_ms, filters.to_ms)
        if filters.hour is not None:
            found.append(hour_of(local) == filters.hour)
        if filters.weekday is not None:
            found.append(weekday_of(local) == filters.weekday)
    return found + _of_conversation(filters)


def hour_of(local: ColumnElement[int]) -> ColumnElement[int]:
    """The hour of the day (0 to 23) of a local time."""
    return local // HOUR_MS % 24


def weekday_of(local: ColumnElement[int]) -> ColumnElement[int]:
    """The day of the week (1 = Monday) of a local time; 1970 began on a Thursday."""
    return (local // DAY_MS + 3) % 7 + 1


def _saying(query: str, name: str, sqlite: bool, once: bool) -> Subquery:
    """The messages with a line that a query of the engine's language matches."""
    if sqlite:
        match = literal_column("search_index").op("MATCH")(query)
        holds = Searchable.id.in_(select(_INDEX.c.rowid).where(match))
    else:
        holds = Searchable.terms.op("@@")(cast(query, TSQUERY))
    lines = select(Searchable.conversation_id, Searchable.message_seq).where(holds)
    return (lines.distinct() if once else lines).subquery(name)


def asked(filters: Filters, *columns: Any, sqlite: bool, once: bool = True) -> Select[Any]:
    """A statement over the patients' messages that fulfil the filters.

    Without `once` a message comes as often as it has lines with the words: cheaper, for who sorts them anyway.
    """
    made = select(*columns).select_from(Message)
    if filters.text.strip():
        clauses = terms.read(filters.text)
        if not clauses:
            return made.where(false())  # signs alone: nothing that could be found
        wanted, unwanted = (terms.for_fts5 if sqlite else terms.for_tsquery)(clauses, SAID_BY[filters.said_by])

        def beside(lines: Subquery) -> ColumnElement[bool]:
            return and_(Message.conversation_id == lines.c.conversation_id, Message.seq == lines.c.message_seq)

        # joined and not `IN`: SQLite makes the list of an `IN` over two columns twice, and of `NOT IN` once a row
        if wanted:
            said = _saying(wanted, "said", sqlite, once)
            made = made.join(said, beside(said))
        if unwanted:
            unsaid = _saying(unwanted, "unsaid", sqlite, True)
            made = made.outerjoin(unsaid, beside(unsaid)).where(unsaid.c.conversation_id.is_(None))
    return made.where(*conditions(filters))


def _danger(name: str) -> ColumnElement[bool]:
    if name == "red":
        return Message.verdict.in_(RED)
    return Message.verdict.is_(None) if name == "none" else Message.verdict == name


def _of_conversation(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    key = Message.conversation_id
    if filters.feedback:
        found.append(_feedback(filters.feedback))
    if filters.tag:
        found.append(key.in_(select(Tag.conversation_id).where(Tag.tag == filters.tag)))
    if filters.page:
        start = filters.page.removesuffix(_PAGE_END)
        if filters.page.endswith(_PAGE_END):
            # correlated: many conversations have such a page, and a list of them would be made before the first row
            begins = Conversation.page.startswith(start, autoescape=True)
            found.append(exists().where(Conversation.id == key, begins))
        else:
            found.append(key.in_(select(Conversation.id).where(Conversation.page == filters.page)))
    if filters.person:
        found.append(_person(filters))
    if filters.marked == "flagged":
        beside = (Searchable.conversation_id == Flag.conversation_id) & (Searchable.seq == Flag.seq)
        flagged = select(Searchable.conversation_id, Searchable.message_seq).join(Flag, beside)
        found.append(tuple_(key, Message.seq).in_(flagged))
    elif filters.marked:
        marked = select(Teaching.conversation_id, Teaching.seq).where(Teaching.verdict == filters.marked)
        found.append(tuple_(key, Message.seq).in_(marked))
    return found


def _feedback(name: str) -> ColumnElement[bool]:
    if name == "comment":
        beside = (Searchable.conversation_id == Feedback.conversation_id) & (Searchable.seq == Feedback.seq)
        words = select(Searchable.conversation_id, Searchable.message_seq).join(Feedback, beside)
        return tuple_(Message.conversation_id, Message.seq).in_(words.where(Feedback.comment.is_not(None)))
    if name in ("any", "none"):
        return Message.thumb.is_(None) if name == "none" else Message.thumb.is_not(None)
    return Message.thumb == name


def _person(filters: Filters) -> ColumnElement[bool]:
    if filters.person == "none":
        # correlated: no list of everything that ever was handed over
        return ~exists().where(Handoff.conversation_id == Message.conversation_id)
    wishes = select(Handoff.conversation_id).where(Handoff.kind != "offered")
    if filters.person == "came":
        wishes = wishes.where(Handoff.taken_at_ms.is_not(None))
    elif filters.person == "waiting":
        wishes = wishes.where(Handoff.taken_at_ms.is_(None), Handoff.ended_at_ms.is_(None))
    if filters.from_ms is not None:
        wishes = wishes.where(Handoff.asked_at_ms >= filters.from_ms)
    if filters.to_ms is not None:
        wishes = wishes.where(Handoff.asked_at_ms < filters.to_ms)
    return Message.conversation_id.in_(wishes)


def count(store: Store, filters: Filters) -> Counted:
    """How many messages there are, and in how many conversations."""
    number, key = func.count(), Message.conversation_id
    if store.sqlite:
        counted: Select[Any] = asked(filters, number, func.count(key.distinct()), sqlite=True)
    else:  # PostgreSQL would sort all of them to count the different ones
        each = asked(filters, number.label("messages"), sqlite=False).group_by(key).subquery("each")
        counted = select(func.coalesce(func.sum(each.c.messages), 0), func.count()).select_from(each)
    with store.read() as connection:
        messages_found, conversations_found = connection.execute(counted).one()
    return Counted(int(messages_found), conversations_found)


_KEYS = (
    Message.conversation_id, Message.seq, Message.received_at_ms, Message.kind, Message.label, Message.confidence,
    Message.handled, Message.verdict, Message.language, Message.thumb, Message.reviewed_at_ms,
)  # fmt: skip
_ORDER = (Message.received_at_ms.desc(), Message.conversation_id.desc(), Message.seq.desc())


def messages_statement(filters: Filters, after: Cursor | None, at_most: int, *, sqlite: bool) -> Select[Any]:
    """The statement behind `messages`."""
    found = asked(filters, *_KEYS, sqlite=sqlite)
    if after is not None:
        behind = (after.at_ms, after.conversation, after.seq)
        # the first condition alone is what an index can use
        found = found.where(
            Message.received_at_ms <= after.at_ms,
            tuple_(Message.received_at_ms, Message.conversation_id, Message.seq) < behind,
        )
    return found.order_by(*_ORDER).limit(at_most)


def messages(store: Store, filters: Filters, *, after: Cursor | None = None, at_most: int = 50) -> list[Hit]:
    """The messages, newest first."""
    with store.read() as connection:
        rows = connection.execute(messages_statement(filters, after, at_most, sqlite=store.sqlite)).all()
        return _hits(connection, filters, [(row, 1) for row in rows])


AT_ONCE = 400
"""Messages that are looked through at once for the next conversations."""


def conversations(store: Store, filters: Filters, *, after: Cursor | None = None, at_most: int = 50) -> list[Hit]:
    """The conversations, the one with the newest message found first; each shows that message, and how many there are.

    The messages are looked through from the newest on until there are enough conversations: to group them all first
    would take the longer the more there are.
    """
    with store.read() as connection:
        found: dict[str, tuple[Any, int]] = {}
        while len(found) < at_most:
            rows = connection.execute(messages_statement(filters, after, AT_ONCE, sqlite=store.sqlite)).all()
            firsts: dict[str, Any] = {}
            for row in rows:
                firsts.setdefault(row.conversation_id, row)
            fresh = [name for name in firsts if name not in found]
            for name, number, newest_at_ms in connection.execute(_groups(filters, fresh, store.sqlite)):
                if firsts[name].received_at_ms == newest_at_ms:  # else it was on a page before
                    found[name] = (firsts[name], number)
            if len(rows) < AT_ONCE:
                break
            after = Cursor(rows[-1].received_at_ms, rows[-1].conversation_id, rows[-1].seq)
        order = sorted(found.values(), key=lambda pair: _place(pair[0]), reverse=True)
        return _hits(connection, filters, order[:at_most])


def _place(row: Any) -> tuple[int, str, int]:
    return row.received_at_ms, row.conversation_id, row.seq


def _groups(filters: Filters, names: list[str], sqlite: bool) -> Select[Any]:
    """Of some conversations: how many messages are found in each, and when the newest came."""
    columns = (Message.conversation_id, func.count(), func.max(Message.received_at_ms))
    found = asked(filters, *columns, sqlite=sqlite).where(Message.conversation_id.in_(names))
    return found.group_by(Message.conversation_id)


def look(
    store: Store, filters: Filters, *, by_conversation: bool, after: Cursor | None = None, at_most: int = 50
) -> tuple[Counted, list[Hit]]:
    """How much there is, and one page of it: `count` and `messages` or `conversations`.

    With words in the search all of it is found first and once, because the index of words knows no order in time.
    """
    if not filters.text.strip():
        listed = conversations if by_conversation else messages
        return count(store, filters), listed(store, filters, after=after, at_most=at_most)
    keys = (Message.received_at_ms, Message.conversation_id, Message.seq)
    with store.read() as connection:
        found = connection.execute(asked(filters, *keys, sqlite=store.sqlite, once=False)).all()
        places = sorted(set(map(tuple, found)), reverse=True)
        numbers = Counter(conversation for _, conversation, _ in places)
        counted = Counted(len(places), len(numbers))
        if by_conversation:
            newest: dict[str, tuple[int, str, int]] = {}
            for place in places:
                newest.setdefault(place[1], place)
            places = list(newest.values())
        if after is not None:
            behind = (after.at_ms, after.conversation, after.seq)
            places = [place for place in places if place < behind]
        chosen = places[:at_most]
        asked_for = (
            Message.conversation_id.in_({place[1] for place in chosen}),
            Message.seq.in_({place[2] for place in chosen}),
        )
        rows = {(row.conversation_id, row.seq): row for row in connection.execute(select(*_KEYS).where(*asked_for))}
        pairs = [(rows[place[1:]], numbers[place[1]] if by_conversation else 1) for place in chosen]
        return counted, _hits(connection, filters, pairs)


def everything(store: Store, filters: Filters, *, at_once: int = 500) -> Iterator[Hit]:
    """Every message, newest first, in steps: no long transaction, and no more than `at_once` in memory."""
    after: Cursor | None = None
    while True:
        found = messages(store, filters, after=after, at_most=at_once)
        yield from found
        if len(found) < at_once:
            return
        after = Cursor(found[-1].at_ms, found[-1].conversation, found[-1].seq)


ANSWERS_SHOWN = 3

# More than the pairs that are asked for, and by an index: over a list of pairs SQLite would read the whole table.
_PAIRS = (
    Searchable.conversation_id.in_(bindparam("ids", expanding=True)),
    Searchable.message_seq.in_(bindparam("numbers", expanding=True)),
)
_LINES = (
    select(Searchable.conversation_id, Searchable.message_seq, Event.seq, Event.sender, Event.text)
    .join(Event, (Event.conversation_id == Searchable.conversation_id) & (Event.seq == Searchable.seq))
    .where(*_PAIRS)
    .order_by(Event.conversation_id, Event.seq)
)
_COMMENTS = (
    select(Searchable.conversation_id, Searchable.message_seq, Feedback.comment)
    .join(Feedback, (Searchable.conversation_id == Feedback.conversation_id) & (Searchable.seq == Feedback.seq))
    .where(*_PAIRS, Feedback.comment.is_not(None))
)
_BESIDE = select(Message.conversation_id, Message.seq, Message.sent).where(
    Message.conversation_id.in_(bindparam("ids", expanding=True)),
    Message.seq.in_(bindparam("numbers", expanding=True)),
    Message.kind.in_(BESIDE),
)
_ABOUT = select(Conversation.id, Conversation.page).where(Conversation.id.in_(bindparam("ids", expanding=True)))
_TAGS = (
    select(Tag.conversation_id, Tag.tag)
    .where(Tag.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(Tag.tag)
)


def _hits(connection: Any, filters: Filters, rows: list[tuple[Any, int]]) -> list[Hit]:
    """Puts the words and the rest beside the keys that were found; one query of each kind, not one a row."""
    if not rows:
        return []
    ids = sorted({row.conversation_id for row, _ in rows})
    pairs = {"ids": ids, "numbers": sorted({row.seq for row, _ in rows})}
    said: dict[tuple[str, int], list[tuple[int, str, str]]] = {}
    for conversation, message, seq, sender, text in connection.execute(_LINES, pairs):
        said.setdefault((conversation, message), []).append((seq, sender, text))
    comments = {(conversation, seq): words for conversation, seq, words in connection.execute(_COMMENTS, pairs)}
    beside = {(conversation, seq): sent for conversation, seq, sent in connection.execute(_BESIDE, pairs)}
    about = {row.id: row for row in connection.execute(_ABOUT, {"ids": ids})}
    tags: dict[str, list[str]] = {}
    for conversation, tag in connection.execute(_TAGS, {"ids": ids}):
        tags.setdefault(conversation, []).append(tag)
    found = []
    for row, number in rows:
        key = (row.conversation_id, row.seq)
        spoken = said.get(key, [])
        own = next((text for seq, _, text in spoken if seq == row.seq), "")
        answers = tuple((sender, text) for seq, sender, text in spoken if seq != row.seq or row.kind in BESIDE)
        found.append(
            Hit(
                row.conversation_id,
                row.seq,
                row.received_at_ms,
                row.kind,
                beside.get(key, own),
                answers[:ANSWERS_SHOWN],
                row.label,
                row.confidence,
                _outcome_of(row, filters),
                row.verdict,
                row.language,
                about[row.conversation_id].page,
                row.thumb,
                comments.get(key),
                row.reviewed_at_ms is not None,
                tuple(tags.get(row.conversation_id, ())),
                number,
            )
        )
    return found


def _outcome_of(row: Any, filters: Filters) -> str:
    if row.handled is None:
        return WAITING
    return NO_ANSWER if row.handled == ANSWERED and row.label in filters.unanswered else str(row.handled)
