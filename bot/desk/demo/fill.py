"""Plays the script into the journal, by the same steps that the door and the desk take, at the times of the script."""

from __future__ import annotations

import secrets
import zlib

from sqlalchemy import delete, func, select, update

from bot.desk import texts
from bot.desk.demo.script import PREFIX, Script, Talk, Turn
from bot.errors import MarrowError
from bot.journal import conversations, inbox, marks, queue, review, staff, wishes
from bot.journal import talk as journal_talk
from bot.journal.models import Conversation
from bot.journal.rows import Claim
from bot.journal.sealing import Box
from bot.journal.staff import Account
from bot.journal.staff_models import Handoff, Staff
from bot.journal.store import Store
from bot.settings import PREFIX as SETTING
from bot.settings import Settings

CONTACT_NOTED = "Thank you. We have noted how to reach you, and our team will get in touch."
HOUR_MS = 3_600_000
ACTOR = "demo"
TEAM = (("Anna", "agent"), ("Wei", "agent"))
EMAILS = tuple(f"demo.{name.lower()}@example.invalid" for name, _ in TEAM)
DAY_MS = 24 * HOUR_MS
SETTLED_WITHIN_MS = 3 * DAY_MS
"""Who has waited for longer was called back."""
REAL_USE = ("public_url", "oidc_issuer", "alert_emails", "alert_webhook_url")
"""Settings that only a Marrow which patients use needs."""


class NotADemo(MarrowError):
    """The journal holds conversations that the demo did not make, or belongs to a Marrow that patients use."""


def fill(store: Store, box: Box, script: Script, count: int, *, now_ms: int) -> int:
    """Fills an empty journal, or one that the demo filled before, in one transaction: all of it or nothing.

    Returns:
        How many messages were written.

    Raises:
        NotADemo: The journal holds a conversation that the demo did not make.
    """
    with store.together() as one:
        hold_to_demo(one)
        _forget(one)
        team = _team(one, now_ms)
        messages = sum(_play(one, box, talk, team, now_ms) for talk in script.talks(count))
        _hush(one, now_ms)
        return messages


def _hush(store: Store, now_ms: int) -> None:
    """Nobody is alerted because of invented patients who still wait."""
    with store.write() as connection:
        connection.execute(
            update(Handoff)
            .where(Handoff.conversation_id.like(f"{PREFIX}%"), Handoff.taken_at_ms.is_(None))
            .values(alerts=2, alerted_at_ms=now_ms, told_at_ms=now_ms)
        )


def hold_to_trial(settings: Settings) -> None:
    """Makes sure that this is no hospital's own Marrow, whose journal may be empty on its first day.

    Raises:
        NotADemo: A setting is made that only real use needs.
    """
    real = [name for name in REAL_USE if getattr(settings, name)]
    if real:
        raise NotADemo(
            f"{', '.join(SETTING + name.upper() for name in real)}: set, so real patients may write here, and "
            "nothing is invented beside them; run the demo without, on a MARROW_DATABASE_URL such as "
            "sqlite:///var/demo.sqlite3"
        )


def hold_to_demo(store: Store) -> None:
    """Makes sure that every conversation there is was made by the demo.

    Raises:
        NotADemo: One was not.
    """
    with store.read() as connection:
        found = connection.execute(
            select(func.count()).select_from(Conversation).where(Conversation.id.not_like(f"{PREFIX}%"))
        ).scalar_one()
    if found:
        raise NotADemo(
            f"MARROW_DATABASE_URL: the journal holds {found} conversations that the demo did not make, so it is left "
            "alone; set MARROW_DATABASE_URL to a new file such as sqlite:///var/demo.sqlite3"
        )


def remove(store: Store) -> int:
    """Takes the demo's conversations and its two members of staff away, and nothing else.

    Returns:
        How many they were.
    """
    with store.together() as one:
        gone = _forget(one)
        with one.write() as connection:
            connection.execute(delete(Staff).where(Staff.email.in_(EMAILS)))
    store.scrub()
    return gone


def _forget(store: Store) -> int:
    with store.write() as connection:
        return int(connection.execute(delete(Conversation).where(Conversation.id.like(f"{PREFIX}%"))).rowcount)


def _play(store: Store, box: Box, talk: Talk, team: list[Account], now_ms: int) -> int:
    claim = Claim("demo", 2**53)
    at_ms = int(talk.begun_at.timestamp() * 1000)
    greeting = conversations.begin(
        store, talk.id, now_ms=at_ms, expires_at_ms=at_ms + 30 * DAY_MS, language=talk.language,
        time_zone=talk.time_zone, page=talk.page, claim=claim,
    )  # fmt: skip
    assert greeting is not None
    hello = talk.hello
    queue.answer(store, greeting, (hello,), now_ms=at_ms + 150, renewed=claim, outcome="greeting")
    seq = 1
    for number, turn in enumerate(talk.turns):
        at_ms += turn.after_ms
        seq, at_ms = _say(store, talk, number, turn, at_ms, claim)
    if talk.contact:
        at_ms += 40_000
        reachable = wishes.Reachable("Demo", "+1 555 0100", None, talk.time_zone, None)
        seq = wishes.leave_contact(store, box, talk.id, reachable, CONTACT_NOTED, now_ms=at_ms, per_minute=9)
    if talk.waits_ms is not None and at_ms + talk.waits_ms < now_ms - DAY_MS:
        at_ms = _chat(store, talk, at_ms + talk.waits_ms, team[zlib.crc32(talk.id.encode()) % len(team)])
    elif talk.reviewed_after_ms is not None and at_ms + talk.reviewed_after_ms < now_ms:
        review.reviewed(store, talk.id, seq, now_ms=at_ms + talk.reviewed_after_ms)
    if at_ms + SETTLED_WITHIN_MS < now_ms:
        by_phone_ms = at_ms + HOUR_MS + zlib.crc32(talk.id.encode()) % (5 * HOUR_MS)
        journal_talk.settle(store, talk.id, team[0], now_ms=by_phone_ms)
    if talk.tag:
        marks.tag(store, talk.id, team[0], talk.tag, True, now_ms=min(now_ms, at_ms + HOUR_MS))
    return len(talk.turns)


def _chat(store: Store, talk: Talk, at_ms: int, who: Account) -> int:
    """A person takes over, both write, and the bot has it back; gives the time of the end."""
    journal_talk.take(store, talk.id, who, texts.JOINED, now_ms=at_ms)
    for number, line in enumerate(talk.chat):
        at_ms += 35_000 + 9_000 * (number % 4)
        if line.startswith("staff|"):
            words = line.removeprefix("staff|").format(name=who.name)
            journal_talk.say(store, talk.id, who, words, f"demo-s{number}", now_ms=at_ms)
        else:
            message = inbox.Incoming(f"demo-c{number}", "text", line, line)
            inbox.record(store, talk.id, message, now_ms=at_ms, messages_per_minute=10**6, greeting=talk.hello)
    at_ms += 60_000
    journal_talk.release(store, talk.id, who, texts.LEFT, now_ms=at_ms)
    return at_ms


def _team(store: Store, now_ms: int) -> list[Account]:
    """Two members of staff who answer; they have no password and an invitation that is over, so nobody can be them."""
    known = {one.email: one for one in staff.everybody(store)}
    made = []
    for (name, role), email in zip(TEAM, EMAILS):
        one = known.get(email)
        if one is None:
            one = staff.add(
                store, email=email, name=name, role=role, now_ms=now_ms, actor=ACTOR, invite=secrets.token_urlsafe(32),
                invite_until_ms=now_ms,
            )  # fmt: skip
        made.append(one)
    return made


def _say(store: Store, talk: Talk, number: int, turn: Turn, at_ms: int, claim: Claim) -> tuple[int, int]:
    """One message and its answer; gives the last line's number and time."""
    red = turn.replies[0] if turn.understood is None else None
    message = inbox.Incoming(
        f"demo-{number}", "choice" if turn.payload else "text", turn.text, turn.payload or turn.text, red, turn.verdict
    )
    recorded = inbox.record(
        store, talk.id, message, now_ms=at_ms, messages_per_minute=10**6, greeting=talk.hello, claim=claim
    )
    last = recorded.seq + 1
    if recorded.job is not None:
        at_ms += turn.think_ms
        queue.answer(
            store, recorded.job, turn.replies, now_ms=at_ms, renewed=claim, outcome="answered",
            understood=turn.understood, state={"turns": []},
        )  # fmt: skip
        last = recorded.seq + len(turn.replies)
    if turn.thumb:
        comment = wishes.Aside(turn.comment) if turn.comment else None
        wishes.rate(store, talk.id, last, turn.thumb, comment, now_ms=at_ms + 15_000)
    return last, at_ms
