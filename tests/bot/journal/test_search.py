"""What was said is found by words and by filters, alike on both databases, and is found no more once it is erased."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import text

from bot.journal import conversations, inbox, marks, queue, review, search, staff, talk, wishes
from bot.journal.migrate import config, migrate
from bot.journal.rows import Claim
from bot.journal.search import Counted, Cursor, Filters
from bot.records import Reply

HELLO = Reply("Hello, I am a program", "greet")
RED = Reply("call now", "safety/emergency", safety="emergency")
MINE = Claim("me", 2**53)
OPEN = ("topic/cost",)


def at(day: int, hour: int = 12) -> int:
    """A time in March 2026, UTC."""
    return int(datetime(2026, 3, day, hour, tzinfo=UTC).timestamp() * 1000)


class Scene:
    """Conversations written by the real steps."""

    def __init__(self, store):
        self.store = store
        made = {"role": "agent", "now_ms": 1, "actor": "x", "invite_until_ms": 1}
        self.anna = staff.add(store, email="a@x.example", name="Anna", invite="a", **made)

    def begin(self, name, now_ms, page=None):
        greeting = conversations.begin(
            self.store, name, now_ms=now_ms, expires_at_ms=10**14, language=None, time_zone=None, claim=MINE, page=page
        )
        queue.answer(self.store, greeting, (HELLO,), now_ms=now_ms, renewed=MINE, outcome="greeting")

    def say(self, name, words, now_ms, label="faq/cart_duration", outcome="answer", sure=0.9, language="en",
            reply="It takes some weeks", kind="text", red=False, handoff=None):  # fmt: skip
        message = inbox.Incoming(
            f"{name}{now_ms}", kind, words, words, RED if red else None, "emergency" if red else None
        )
        written = inbox.record(
            self.store, name, message, now_ms=now_ms, messages_per_minute=99, greeting=HELLO, claim=MINE
        )
        if written.job:
            understood = {"label": label, "outcome": outcome, "confidence": sure, "language": language}
            said = (Reply(reply, label, handoff={"kind": handoff} if handoff else None),)
            queue.answer(
                self.store,
                written.job,
                said,
                now_ms=now_ms + 1,
                renewed=MINE,
                outcome="answered",
                understood=understood,
            )
        return written.seq


@pytest.fixture
def scene(store):
    """Four conversations in March; returns the store."""
    made = Scene(store)
    made.begin("a", at(1), page="/en/car-t")
    made.say("a", "how long does CAR-T take", at(1, 13))  # a2
    made.say("a", "and the costs?", at(2), label="topic/cost", sure=0.7, reply="There is no reviewed answer yet")  # a4
    made.begin("b", at(3), page="/zh/100%_real")
    made.say("b", "骨髓移植需要多久？", at(3, 23), label="faq/bmt_duration", language="zh")  # b2
    made.say("b", "he has fever 39", at(4), red=True)  # b4
    made.begin("c", at(5))
    made.say("c", "Café and parking", at(5, 13), label="topic/cost", outcome="fallback", sure=0.2)  # c2
    made.say("c", "a person please", at(5, 14), label="contact_human", outcome="handoff", handoff="person_now")  # c4
    talk.take(store, "c", made.anna, "{name} is here", now_ms=at(5, 15))
    inbox.record(
        store, "c", inbox.Incoming("t", "text", "thank you Anna", "x"), now_ms=at(5, 16), messages_per_minute=9,
        greeting=HELLO,
    )  # fmt: skip
    talk.say(store, "c", made.anna, "The invitation letter is on its way", "s1", now_ms=at(5, 17))
    made.begin("d", at(6))
    made.say("d", "Did you mean", at(6, 13), outcome="clarify", sure=0.5, kind="choice")  # d2
    wishes.rate(store, "a", 3, "up", None, now_ms=at(7))
    wishes.rate(store, "d", 3, "up", None, now_ms=at(7))
    wishes.rate(store, "d", 3, "down", wishes.Aside("not my question"), now_ms=at(7))
    marks.tag(store, "d", made.anna, "good example", True, now_ms=at(7))
    marks.flag(store, "a", made.anna, 3, now_ms=at(7))
    review.reviewed(store, "a", 3, now_ms=at(7))
    return store


def found(store, **asked):
    zone = asked.pop("zone", "UTC")
    filters = Filters(zone=zone, unanswered=OPEN, **asked)
    hits = search.messages(store, filters)
    assert search.count(store, filters) == Counted(len(hits), len({hit.conversation for hit in hits}))
    assert search.look(store, filters, by_conversation=False) == (search.count(store, filters), hits)
    listed = search.conversations(store, filters)
    assert search.look(store, filters, by_conversation=True)[1] == listed
    assert {hit.conversation: hit.found for hit in listed} == {
        name: sum(hit.conversation == name for hit in hits) for name in {hit.conversation for hit in hits}
    }
    return sorted(f"{hit.conversation}{hit.seq}" for hit in hits)


EVERYTHING = ["a2", "a4", "b2", "b4", "c2", "c4", "c7", "d2"]
ROWS = [
    ("nothing asked", {}, EVERYTHING),
    ("a word finds longer ones", {"text": "cost"}, ["a4"]),
    ("not the bot's words", {"text": "weeks"}, []),
    ("unless asked", {"text": "weeks", "said_by": "bot"}, ["a2", "b2", "c2", "c4", "d2"]),
    ("staff's words belong to the message before", {"text": "invitation"}, ["c7"]),
    ("staff alone", {"text": "long", "said_by": "staff"}, []),
    ("all who speak", {"text": "reviewed", "said_by": "all"}, ["a4"]),
    ("greetings are nobody's", {"text": "program", "said_by": "all"}, []),
    ("Chinese, two characters", {"text": "移植"}, ["b2"]),
    ("Chinese, one", {"text": "髓"}, ["b2"]),
    ("accents", {"text": "cafe"}, ["c2"]),
    ("phrase", {"text": '"car t"'}, ["a2"]),
    ("phrase the wrong way round", {"text": '"t car"'}, []),
    ("without", {"text": "-car -移植 -fever -cafe"}, ["a4", "c4", "c7", "d2"]),
    ("signs alone", {"text": '"*" -- \' ; ('}, []),
    ("label", {"labels": ("topic/cost",)}, ["a4", "c2"]),
    ("the label of danger by the rules", {"labels": ("safety/emergency",)}, ["b4"]),
    ("confidence", {"confidence_from": 0.2, "confidence_to": 0.5}, ["c2", "d2"]),
    ("answered", {"outcomes": ("answer",)}, ["a2", "b2"]),
    ("no answer yet", {"outcomes": ("no_answer",)}, ["a4"]),
    ("several outcomes", {"outcomes": ("fallback", "clarify", "handoff")}, ["c2", "c4", "d2"]),
    ("danger's outcome", {"outcomes": ("safety",)}, ["b4"]),
    ("left to a person", {"outcomes": ("staff",)}, ["c7"]),
    ("thumb up", {"feedback": "up"}, ["a2"]),
    ("the last thumb counts", {"feedback": "down"}, ["d2"]),
    ("any thumb", {"feedback": "any"}, ["a2", "d2"]),
    ("a word with it", {"feedback": "comment"}, ["d2"]),
    ("no thumb", {"feedback": "none"}, ["a4", "b2", "b4", "c2", "c4", "c7"]),
    ("danger", {"danger": "red"}, ["b4"]),
    ("no danger", {"danger": "none"}, ["a2", "a4", "b2", "c2", "c4", "c7", "d2"]),
    ("language", {"languages": ("zh",)}, ["b2"]),
    ("language not known", {"languages": ("und", "zh")}, ["b2", "b4", "c7"]),
    ("tag", {"tag": "good example"}, ["d2"]),
    ("read", {"reviewed": True}, ["a2"]),
    ("not read", {"reviewed": False}, EVERYTHING[1:]),
    ("from and to", {"from_ms": at(2), "to_ms": at(5)}, ["a4", "b2", "b4"]),
    ("page", {"page": "/en/car-t"}, ["a2", "a4"]),
    ("page's beginning", {"page": "/zh/100%*"}, ["b2", "b4"]),
    ("signs of LIKE are signs", {"page": "/zh/100__real*"}, []),
    ("a person asked for", {"person": "asked"}, ["c2", "c4", "c7"]),
    ("and came", {"person": "came", "from_ms": at(5), "to_ms": at(6)}, ["c2", "c4", "c7"]),
    ("on another day", {"person": "asked", "from_ms": at(6)}, []),
    ("nobody waits", {"person": "waiting"}, []),
    ("no person", {"person": "none"}, ["a2", "a4", "b2", "b4", "d2"]),
    ("flagged answer", {"marked": "flagged"}, ["a2"]),
    ("button", {"kind": "choice"}, ["d2"]),
    ("hour of the day", {"hour": 13}, ["a2", "c2", "d2"]),
    ("hour in another zone", {"hour": 7, "zone": "Asia/Shanghai"}, ["b2"]),
    ("weekday", {"weekday": 7}, ["a2"]),
    ("weekday in another zone", {"weekday": 3, "zone": "Asia/Shanghai"}, ["b2", "b4"]),
    ("all at once", {"text": "cost", "outcomes": ("no_answer",), "hour": 12, "person": "none", "reviewed": False}, ["a4"]),
]  # fmt: skip


def test_when_something_is_looked_for_then_exactly_that_is_found(scene):
    wrong = {
        name: (found(scene, **asked), expected) for name, asked, expected in ROWS if found(scene, **asked) != expected
    }
    assert wrong == {}


def test_when_a_message_is_found_then_it_shows_what_is_known_of_it(scene):
    (hit,) = search.messages(scene, Filters(text="Did", unanswered=OPEN))
    assert (hit.text, hit.outcome, hit.thumb, hit.comment, hit.tags, hit.reviewed) == (
        "Did you mean", "clarify", "down", "not my question", ("good example",), False,
    )  # fmt: skip
    (hit,) = search.messages(scene, Filters(text="letter"))
    assert hit.answers == (("staff", "The invitation letter is on its way"),)


@pytest.mark.parametrize("words", ["", "-nowhere"])
def test_when_a_list_goes_on_then_nothing_is_missing_and_nothing_twice(scene, words):
    filters, seen, after = Filters(text=words), [], None
    while some := search.look(scene, filters, by_conversation=False, after=after, at_most=3)[1]:
        seen += [f"{hit.conversation}{hit.seq}" for hit in some]
        after = Cursor(some[-1].at_ms, some[-1].conversation, some[-1].seq)
    assert sorted(seen) == EVERYTHING
    assert seen == [f"{hit.conversation}{hit.seq}" for hit in search.everything(scene, filters, at_once=2)]
    names, after = [], None
    while some := search.look(scene, filters, by_conversation=True, after=after, at_most=1)[1]:
        names += [hit.conversation for hit in some]
        after = Cursor(some[-1].at_ms, some[-1].conversation, some[-1].seq)
    assert names == ["d", "c", "b", "a"]


HOSTILE = [
    "'; DROP TABLE events; --", 'x" OR 1=1', "a AND", "NOT", "NEAR(a b, 2)", "terms:a", "^a", "a*b", "\x00", "\ud83d",
    "'a' <-> 'b'", "a:*", "a & !b | (c", "\\", "%_", "{a} : b", '"unclosed', "-" * 200, "٣ ½ ①", "a" * 5000, "'" * 99,
]  # fmt: skip


@pytest.mark.parametrize("said_by", ["people", "all"])
def test_when_a_query_is_written_to_break_in_then_it_is_only_words(scene, said_by):
    for words in HOSTILE:
        for field in (
            {"text": words},
            {"text": f"-{words}"},
            {"tag": words},
            {"page": f"{words}*"},
            {"labels": (words,)},
        ):
            if "\ud83d" in words and "text" not in field:
                continue
            try:
                search.count(scene, Filters(said_by=said_by, **field))
            except Exception as error:
                if "\x00" not in words:  # the address takes NUL out before; PostgreSQL holds none
                    raise AssertionError(f"{field}: {error}") from error
    assert search.count(scene, Filters()).messages == len(EVERYTHING)


def test_when_a_conversation_is_erased_then_no_word_of_it_is_left_in_the_search_or_the_file(scene):
    store = scene
    made = Scene.__new__(Scene)
    made.store = store
    for number in range(30):  # so that the index has several pieces
        made.begin(f"e{number}", at(8))
        made.say(f"e{number}", f"Zanzibarquark {number}", at(8), reply="of no importance")
    wishes.rate(store, "e1", 3, "down", wishes.Aside("Zanzibarquark again"), now_ms=at(8))
    for number in range(30):
        conversations.erase(store, f"e{number}", now_ms=at(9))
    assert search.count(store, Filters(text="zanzibar")) == Counted(0, 0)
    with store.read() as connection:
        assert (
            connection.execute(text("SELECT COUNT(*) FROM search_lines WHERE conversation_id LIKE 'e%'")).scalar() == 0
        )
    if store.sqlite:
        store.engine.dispose()
        raw = b"".join(file.read_bytes() for file in store.files())
        assert b"parking" in raw.lower(), "what was not erased is there, so the look is a real one"
        assert b"zanzibar" not in raw.lower()
        with store.write() as connection:
            connection.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))


def test_when_a_journal_of_before_is_migrated_then_what_was_said_is_found(scene):
    made = config()
    with scene.write() as connection:
        made.attributes["connection"] = connection
        command.downgrade(made, "0004")
    migrate(scene)
    for asked in (
        {"text": "移植"},
        {"text": "invitation"},
        {"labels": ("topic/cost",)},
        {"feedback": "down"},
        {"danger": "red"},
    ):
        expected = next(row for _, other, row in ROWS if other == asked)
        assert found(scene, **asked) == expected
    assert found(scene) == EVERYTHING


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"labels": ("topic/cost",)}, {"outcomes": ("fallback",)}, {"danger": "red"}, {"text": "cost"},
        {"from_ms": at(1), "to_ms": at(2)}, {"tag": "x"}, {"person": "asked"}, {"feedback": "down"},
    ],
    ids=str,
)  # fmt: skip
def test_when_something_is_looked_for_then_no_table_is_read_from_end_to_end(scene, asked):
    filters = Filters(**asked)
    statements = [
        search.messages_statement(filters, None, 50, sqlite=scene.sqlite),
        search.asked(filters, search.Message.conversation_id, sqlite=scene.sqlite),
    ]
    with scene.read() as connection:
        for statement in statements:
            if not scene.sqlite:
                # it reads small tables whole, whatever indexes there are, unless that is made dear
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                made = statement.compile(scene.engine, compile_kwargs={"render_postcompile": True})
                plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {made}", made.params)]
                assert [step for step in plan if "Seq Scan on" in step] == [], plan
                continue
            written = str(statement.compile(scene.engine, compile_kwargs={"literal_binds": True}))
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")]
            assert [step for step in plan if step.startswith(("SCAN messages", "SCAN events", "SCAN search_lines"))
                    and "INDEX" not in step] == [], plan  # fmt: skip
