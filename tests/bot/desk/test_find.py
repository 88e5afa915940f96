"""Find and figures as staff see them: through a real door, with accounts of each role."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
import yaml
from sqlalchemy import select

from bot.answer import labels
from bot.desk import export, figures, find
from bot.desk.demo.fill import fill
from bot.desk.demo.script import Script
from bot.journal import audit
from bot.journal.models import Audit
from bot.journal.search import Filters, Hit
from bot.settings import ROOT, Settings

NASTY = "=HYPERLINK(\"http://x\") <img src=x onerror=alert(1)> ünïcode, 'quote'"


def said(console, *texts):
    patient = console.begin()
    for text in texts:
        patient.answer_to(patient.say(text).json()["seq"])
    return patient


def test_when_words_are_looked_for_then_the_message_is_shown_marked_and_escaped(console):
    patient = said(console, NASTY, "something else")
    page = console.at_work("viewer").get("/find", params={"q": "onerror unicode"})
    assert page.status_code == 200
    assert '<span data-count="messages">1</span> message in' in page.text
    assert "<mark>onerror</mark>" in page.text
    assert "<mark>ünïcode</mark>" in page.text
    assert "<img src=x" not in page.text
    assert f"/desk/inbox/all/{patient.conversation}#l-2" in page.text
    assert "CSV" not in page.text, "a viewer may not take anything along"


def test_when_there_are_more_than_fit_then_older_ones_follow(console):
    patient = console.begin()
    for number in range(19):
        patient.say(f"message {number}")
    console.served.clock.ahead_ms += 61_000
    for number in range(19, 38):
        patient.say(f"message {number}")
    console.served.clock.ahead_ms += 61_000
    for number in range(38, 55):
        patient.say(f"message {number}")
    browser = console.at_work("viewer")
    first = browser.get("/find").text
    assert '<span data-count="messages">55</span>' in first
    following = re.search(r'rel="next" href="/desk([^"]+)"', first)
    second = browser.get(unescape(following[1])).text
    shown = re.findall(r"message (\d+)</a>", first + second)
    assert sorted(map(int, shown)) == list(range(55))
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    "query",
    [
        "q=%22&from=x&to=9999-99-99&hour=99&label=%3Cscript%3E&after=1.2.3&show=x&page=%25",
        "q=%00%00&tag=%F0%9F%92%A9&outcome=%27&outcome=answer&sure_from=nan",
        "q='%20OR%201=1%20--&language=xx-" + "a" * 500,
        "after=999999999999999.999999999.zz&q=a",
        "from=2199-12-31&to=2000-01-01",
        "&&&=&=x&q",
    ],
)
def test_when_an_address_is_nonsense_then_there_is_a_page_all_the_same(console, query):
    browser = console.at_work("viewer")
    for path in ("/find", "/figures"):
        page = browser.get(f"{path}?{query}")
        assert page.status_code == 200, page.text
        assert "<script>&" not in page.text
        assert "<script></" not in page.text.replace("defer></script>", "")


def exported(console, browser, form, query=""):
    browser.get("/find")
    got = browser.post("/find/export", {"form": form, "query": query})
    assert got.status_code == 200, got.text
    return got


def test_when_the_result_is_taken_along_then_no_cell_is_a_formula_and_the_audit_tells(console):
    texts = [NASTY, "+1+1", "-2", "  =1", "plain"]
    said(console, *texts)
    browser = console.at_work("trainer")
    rows = list(csv.DictReader(io.StringIO(exported(console, browser, "csv").content.decode("utf-8-sig"))))
    assert {row["text"] for row in rows} == {"'" + NASTY, "'+1+1", "'-2", "'  =1", "plain"}
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@")]
    got = exported(console, browser, "jsonl", "q=plain&label=topic/cost")
    assert got.text == ""
    got = exported(console, browser, "jsonl", "q=hyperlink")
    assert [json.loads(line)["text"] for line in got.text.splitlines()] == [NASTY]
    assert "attachment" in got.headers["content-disposition"]
    with console.store.read() as connection:
        looks = connection.execute(select(Audit.detail).where(Audit.action == "search")).scalars().all()
        details = connection.execute(select(Audit.detail).where(Audit.action == "export").order_by(Audit.id)).scalars()
        details = list(details)
    assert [(one["form"], one["messages"]) for one in details] == [("csv", 5), ("jsonl", 0), ("jsonl", 1)]
    assert [(one["show"], one["messages"], one["words"]) for one in looks] == [("messages", 5, False)] * 3
    assert "hyperlink" not in json.dumps(details).lower(), "words of a search may be a patient's"


@pytest.mark.parametrize(
    ("words", "said_by", "shown"),
    [
        pytest.param("stays", "people", ("staff", "The cost stays the same."), id="the staff's line it was found in"),
        pytest.param("meals", "all", ("bot", "Rooms and meals."), id="the bot's line, where the bot is looked in"),
        pytest.param("meals", "people", ("bot", "A list:"), id="the first, where the bot is not looked in"),
        pytest.param("", "people", ("bot", "A list:"), id="the first, where nothing is looked for"),
    ],
)
def test_when_words_were_found_in_an_answer_then_that_answer_is_shown(words, said_by, shown):
    answers = (("bot", "A list:"), ("bot", "Rooms and meals."), ("staff", "The cost stays the same."))
    hit = Hit("c", 1, 0, "text", "How much?", answers, None, 0.5, "staff", None, None, None, None, None, True, ())
    assert find.said(hit, Filters(text=words, said_by=said_by)) == [shown]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u00a0=", "\ufeff-"])
def test_when_a_cell_begins_like_a_formula_then_it_is_text(start):
    assert export.harmless(f"{start}1") == f"'{start}1"


def test_when_a_cell_is_harmless_then_it_stays():
    hit = Hit("c", 1, 0, "text", 'a, "b"\nc', (), None, 0.5, "answer", None, None, None, None, None, True, ("x", "y"))
    (_, row) = list(export.as_csv([hit]))
    assert row == 'c,1,1970-01-01T00:00:00.000Z,text,"a, ""b""\nc",,,0.5,answer,,,,,,True,"x, y"\r\n'


def test_when_a_search_is_kept_then_its_owner_sees_it_and_others_only_if_it_is_shared(console):
    anna, wei, viewer = console.at_work("agent"), console.at_work("agent", "Wei"), console.at_work("viewer", "Vera")
    for name, shared in (("mine <b>", ""), ("ours", "1")):
        anna.get("/find")
        got = anna.post("/find/keep", {"name": name, "query": "q=cost&hour=99&outcome=answer", "shared": shared})
        assert got.headers["location"] == "/desk/find?q=cost&outcome=answer"
    assert "mine &lt;b&gt;" in anna.get("/find").text
    other = wei.get("/find").text
    assert "ours" in other
    assert "mine" not in other
    number = re.search(r'name="id" value="(\d+)"', anna.get("/find").text)[1]
    wei.post("/find/remove", {"id": number})
    assert "mine &lt;b&gt;" in anna.get("/find").text, "nobody removes another's"
    anna.post("/find/remove", {"id": number})
    assert "mine" not in anna.get("/find").text
    viewer.get("/find")
    viewer.post("/find/keep", {"name": "all see", "query": "q=x", "shared": "1"})
    assert "all see" not in wei.get("/find").text, "a viewer shares nothing"


def test_when_a_search_is_kept_or_removed_then_the_audit_says_who_and_which_but_not_its_words(console):
    anna, wei = console.at_work("agent"), console.at_work("agent", "Wei")
    anna.get("/find")
    for shared in ("", "1"):
        anna.post("/find/keep", {"name": "about Mr Miller", "query": "q=miller", "shared": shared})
    anna.post("/find/keep", {"name": "", "query": "q=miller"})
    number = re.search(r'name="id" value="(\d+)"', anna.get("/find").text)[1]
    wei.get("/find"), wei.post("/find/remove", {"id": number}), wei.post("/find/remove", {"id": "x"})
    anna.post("/find/remove", {"id": number}), anna.post("/find/remove", {"id": number})

    rows = [row for row in audit.newest(console.store) if row.subject.startswith("search:")]

    assert [(row.action, row.actor, row.subject, row.detail.get("shared")) for row in reversed(rows)] == [
        ("keep_search", "staff:1", f"search:{number}", False), ("keep_search", "staff:1", f"search:{number}", True),
        ("remove_search", "staff:1", f"search:{number}", None),
    ]  # fmt: skip
    assert "iller" not in str(rows)
    assert audit.verify(console.store).faults == ()


def test_when_figures_are_shown_then_each_link_leads_to_as_many(consoles):
    console = consoles(time_zone="Asia/Kolkata")
    now = datetime.fromtimestamp(console.served.clock.now_ms() / 1000, UTC)
    script = Script(Settings(time_zone="Asia/Kolkata"), now, days=9, seed=5)
    fill(console.store, console.served.door.box, script, 40, now_ms=console.served.clock.now_ms())
    browser = console.at_work("viewer")
    page = browser.get("/figures").text
    figure = re.compile(r'href="/desk([^"]+)" data-figure="(\d+)" data-unit="(\w+)"')
    figures, tiles = (
        set(figure.findall(page)),
        figure.findall(re.search('<ul class="tiles">.*?</ul>', page, re.DOTALL)[0]),
    )
    assert len(figures) > 60
    assert len(tiles) == 14
    wrong = []
    # every tile and every twelfth of the others: all of them are counted in tests/bot/journal/test_figures.py
    for link, number, unit in sorted(figures)[::12] + tiles:
        found = browser.get(unescape(link)).text
        shown = re.search(rf'data-count="{unit}">([\d,]+)<', found)[1].replace(",", "")
        if shown != number:
            wrong.append((link, number, shown))
    assert wrong == []
    assert page.count("<table>") == page.count('class="chart"') == page.count("<desc") == 10
    asked, came = (
        re.search(rf'aria-label="Table of {title}.*?</table>', page, re.DOTALL)[0]
        for title in ("A person was asked for", "A person came")
    )
    assert figure.findall(asked)
    assert all("person=asked" in link for link, *_ in figure.findall(asked))
    assert all("person=came" in link for link, *_ in figure.findall(came))


def tile(browser, name):
    page = browser.get("/figures").text
    found = re.search(rf'data-figure="(\d+)"[^>]*>\s*<span class="name">{name}</span>(.*?)</a>', page, re.DOTALL)
    return found[1], " ".join(re.sub("<[^>]+>", " ", found[2]).split())


def test_when_two_wishes_are_taken_after_one_and_five_minutes_then_the_tile_says_so(console, monkeypatch):
    monkeypatch.setattr(figures, "KEPT_FROM_MS", 10**9)  # on a busy machine they would be kept for a while
    wish = {"text": "I am asking a person.", "label": "contact_human", "handoff": {"kind": "person_now"}}
    plain = {"text": "Some weeks.", "label": "faq/cart_duration"}
    console.served.brain.answer = lambda body: {
        "replies": [wish if "person" in body.get("text", "") else plain], "understood": {"label": "x"}, "state": {},
    }  # fmt: skip
    browser, clock = console.at_work(), console.served.clock
    assert tile(browser, "Time to a person") == ("0", "– median; 9 in 10 within –")
    unasked = said(console, "how long")
    browser.post(f"/c/{unasked.conversation}/take")

    for waits_ms, how in ((60_000, "take"), (300_000, "take"), (0, "")):
        patient = said(console, "a person please")
        clock.ahead_ms += waits_ms
        if how:
            browser.post(f"/c/{patient.conversation}/{how}")

    # by nearest rank: of two, the shorter one is the median, and nine in ten are within the longer one
    assert tile(browser, "Time to a person") == ("2", "1 min median; 9 in 10 within 5 min")
    assert tile(browser, "A person asked for") == ("3", "3 came in 2")

    settled = said(console, "call me, a person")
    clock.ahead_ms += 1_200_000
    browser.post(f"/c/{settled.conversation}/settle")
    assert tile(browser, "Time to a person") == ("3", "5 min median; 9 in 10 within 20 min")


@pytest.mark.parametrize(
    ("query", "bars", "by"),
    [("from=2026-01-01&to=2026-01-31", 31, "Day"), ("from=2026-01-01&to=2026-01-31&by=week", 5, "Week"),
     ("from=1900-01-01&to=2026-01-31", 0, ""), ("from=2024-02-01&to=2026-01-31", 105, "Week")],
)  # fmt: skip
def test_when_days_are_chosen_then_each_has_its_row(console, query, bars, by):
    now_ms = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp() * 1000)
    console.served.clock.ahead_ms = now_ms - console.served.clock.now_ms()
    page = console.at_work("viewer").get(f"/figures?{query}").text
    if bars:
        table = re.search(r'aria-label="Table of Conversations.*?</table>', page, re.DOTALL)[0]
        assert table.count('<th scope="row">') == bars
        assert f'<th scope="col">{by}</th>' in table
    else:
        assert "it was left out" in page


def test_when_a_made_topic_is_withdrawn_then_it_has_no_answer_and_when_it_is_given_it_has(monkeypatch, tmp_path):
    for file in ("domain.yml", "data/facts.yml", "data/sources.yml"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text((ROOT / file).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(find, "ROOT", tmp_path)
    day = date(2026, 11, 23)
    assert "topic/cost" in find.without_answer(day)
    domain = yaml.load((tmp_path / "domain.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    about = {"label": "topic/new", "question": "New?", "source": "none", "state": "house"}
    for state, counted in (("house", False), ("withdrawn", True)):
        domain["responses"]["utter_topic_new"] = [{"text": "New.", "metadata": {**about, "state": state}}]
        (tmp_path / "domain.yml").write_text(yaml.dump(domain, Dumper=yaml.CSafeDumper), encoding="utf-8")
        assert ("topic/new" in find.without_answer(day)) is counted
    assert {*labels.TOPICS, *labels.OUT_OF_SCOPE, "topic/new"} == set(find.without_answer(day))
