"""Erasing leaves no row of what staff added, keeping to the retention leaves the audit's chain whole, export has it all."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, insert, select

from bot.boot.made_secrets import made
from bot.journal import audit, conversations, inbox, marks, queue, retention, search, staff, talk, teachings
from bot.journal import wishes as journal_wishes
from bot.journal.export import exported
from bot.journal.models import Feedback, Message, tables_of_a_conversation
from bot.journal.review import queue as reviewed_queue
from bot.journal.rows import Claim
from bot.journal.sealing import Box
from bot.journal.search import Filters
from bot.journal.studio_models import StudioItem
from bot.records import Reply
from bot.settings import Settings

BOX = Box(made()["MARROW_CONTACT_KEY"])
GREETING = Reply("hello", "greet")
PERSON = Reply("I am asking a person.", "contact_human", handoff={"kind": "person_now"})
RED = Reply("call now", "safety/emergency", safety="emergency")
MINE = Claim("door", 10**12)
DAY_MS = retention.DAY_MS
SETTINGS = Settings(
    conversation_retention_days=10, contact_retention_days=3, feedback_retention_days=5, audit_retention_days=8
)


def lived(store, name="c", now_ms=1):
    """A conversation with a row in every table that can have one, and the word `quinoa` in each text."""
    anna = next(iter(staff.everybody(store)), None) or staff.add(
        store, email="anna@x.example", name="Anna", role="agent", now_ms=now_ms, actor="operator", invite="i",
        invite_until_ms=9,
    )  # fmt: skip
    conversations.begin(store, name, now_ms=now_ms, expires_at_ms=10**13, language="en", time_zone=None, claim=None)
    message = inbox.Incoming("m", "text", "quinoa words", "quinoa words")
    seq = inbox.record(store, name, message, now_ms=now_ms, messages_per_minute=99, greeting=GREETING).seq
    for job in queue.claim(store, MINE, now_ms=now_ms, at_most=9):
        queue.answer(store, job, (PERSON,), now_ms=now_ms, renewed=MINE, outcome="answered")
    journal_wishes.rate(store, name, seq + 1, "down", journal_wishes.Aside("quinoa comment"), now_ms=now_ms)
    note = journal_wishes.Aside("quinoa note")
    reachable = journal_wishes.Reachable("Olga", "555", None, None, note)
    journal_wishes.leave_contact(store, BOX, name, reachable, "noted", now_ms=now_ms, per_minute=9)
    talk.take(store, name, anna, "{name} is here", now_ms=now_ms)
    talk.say(store, name, anna, "quinoa from staff", "s", now_ms=now_ms)
    marks.tag(store, name, anna, "quinoa tag", True, now_ms=now_ms)
    marks.note(store, name, anna, "quinoa note of staff", now_ms=now_ms)
    marks.flag(store, name, anna, seq, now_ms=now_ms)
    teachings.teach(store, name, anna, seq, teachings.NEW_QUESTION, note="quinoa asked", now_ms=now_ms)
    with store.write() as connection:  # a trainer has used it
        used = {"state": "used", "label": "topic/parking", "actor": anna.actor, "at_ms": now_ms}
        connection.execute(insert(StudioItem).values(conversation_id=name, seq=seq, **used))
    return anna


def counted(store, name):
    with store.read() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.conversation_id == name)
            ).scalar_one()
            for table in tables_of_a_conversation()
        }


@pytest.mark.parametrize("way", ["erase", "retain"])
def test_when_a_conversation_goes_then_no_table_has_a_row_of_it_and_no_file_a_word(store, way):
    lived(store)
    before = counted(store, "c")
    assert all(before.values()), f"the scene misses a table: {before}"
    assert {"notes", "conversation_tags", "flags", "teachings", "handoffs", "search_lines", "studio_items"} <= set(
        before
    )

    if way == "erase":
        conversations.erase(store, "c", now_ms=5)
    else:
        assert retention.retain(store, SETTINGS, now_ms=11 * DAY_MS).conversations == 1

    assert not any(counted(store, "c").values())
    assert search.messages(store, Filters(text="quinoa"), at_most=9) == []
    assert b"quinoa" not in b"".join(path.read_bytes() for path in store.files())
    tombstone = audit.newest(store, action="erase")[0]
    assert tombstone.subject == audit.subject_of("c")
    assert tombstone.detail["erased"] == before
    assert audit.verify(store).faults == ()


def test_when_the_audit_is_too_old_then_its_rows_go_and_the_chain_holds(store):
    lived(store)
    lived(store, "young", 9 * DAY_MS)
    kept = audit.verify(store)

    erased = retention.retain(store, SETTINGS, now_ms=9 * DAY_MS + 5)

    assert erased.audit > 0
    assert audit.verify(store).faults == ()
    assert audit.verify(store, known=(kept.last_id, kept.last_hash)).faults == ()
    assert [row.action for row in audit.newest(store)[:2]] == ["retain", audit.PRUNED]
    assert {row.at_ms for row in audit.newest(store)} == {9 * DAY_MS, 9 * DAY_MS + 5}


def test_when_a_thumb_is_too_old_then_search_figures_and_queues_forget_it_too(store):
    lived(store)
    lived(store, "young", 5 * DAY_MS)

    assert retention.retain(store, SETTINGS, now_ms=5 * DAY_MS + 5).feedback == 1

    assert [hit.conversation for hit in search.messages(store, Filters(feedback="any"), at_most=9)] == ["young"]
    assert [one.conversation for one in reviewed_queue(store, "disliked")] == ["young"]
    with store.read() as connection:
        assert connection.execute(select(Feedback.conversation_id)).scalars().all() == ["young"]
        assert connection.execute(select(Message.thumb).where(Message.thumb.is_not(None))).scalars().all() == ["down"]


def test_when_a_conversation_is_exported_then_what_staff_added_is_there(store):
    anna = lived(store)

    found = json.loads(json.dumps(exported(store, BOX, "c", now_ms=5, actor="operator")))

    added = found["added_by_staff"]
    assert set(added) == {"notes", "conversation_tags", "flags", "teachings", "handoffs", "studio_items"}
    assert added["notes"][0]["text"] == "quinoa note of staff"
    assert added["handoffs"][0]["taken_by"] == anna.id
    assert found["contacts"][0]["phone"] == "555"


@pytest.mark.parametrize("kind", ["comment", "note"])
def test_when_there_is_danger_beside_a_thumb_or_a_number_then_staff_see_and_find_it(store, kind):
    conversations.begin(store, "c", now_ms=1, expires_at_ms=10**13, language="en", time_zone=None, claim=None)
    message = inbox.Incoming("m", "text", "words", "words")
    inbox.record(store, "c", message, now_ms=1, messages_per_minute=99, greeting=GREETING)
    red = journal_wishes.Aside("he is bleeding badly", safety=RED, verdict="emergency")
    if kind == "comment":
        journal_wishes.rate(store, "c", 1, "up", red, now_ms=7)
    else:
        reachable = journal_wishes.Reachable("Olga", "555", None, None, red)
        journal_wishes.leave_contact(store, BOX, "c", reachable, "noted", now_ms=7, per_minute=9)

    assert [one.danger_since_ms for one in reviewed_queue(store, "danger")] == [7]
    for asked in ({"danger": "red"}, {"text": "bleeding"}, {"kind": kind}):
        (hit,) = search.messages(store, Filters(**asked), at_most=9)
        assert (hit.text, hit.answers, hit.outcome) == ("he is bleeding badly", (("bot", "call now"),), "safety")
