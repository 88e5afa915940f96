"""Each rule of the validator meets an otherwise right copy of the real answers with one thing broken."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timezone
from typing import Any

import pytest

from bot.answer import validate
from bot.settings import ROOT

DURATION = "utter_faq_cart_duration"
TODAY = date(2026, 11, 23)


def _now() -> datetime:
    return datetime(2026, 11, 23, 3, tzinfo=timezone.utc)


def _meta(**changes: Any) -> Any:
    def change(data: dict[str, Any]) -> None:
        meta = data["responses"][DURATION][0]["metadata"]
        for key, value in changes.items():
            if value is None:
                del meta[key]
            else:
                meta[key] = value

    return change


def _text(text: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        item = data["responses"][DURATION][0]
        item["text"] = f"{item['text']} {text}"

    return change


def _fact(key: str, **changes: Any) -> Any:
    return lambda data: data["facts"][key].update(changes)


META = f"responses.{DURATION}.metadata"
TEXT = f"responses.{DURATION}[0].text"
ROWS = [
    ("no source", "domain.yml", _meta(source=None), f"{META}.source"),
    ("no owner", "domain.yml", _meta(owner=None), f"{META}.owner"),
    ("blank owner", "domain.yml", _meta(owner=" "), f"{META}.owner"),
    ("no day of review", "domain.yml", _meta(reviewed_on=None), f"{META}.reviewed_on"),
    ("no review-by day", "domain.yml", _meta(review_by=None), f"{META}.review_by"),
    ("no state", "domain.yml", _meta(state=None), f"{META}.state"),
    ("no question", "domain.yml", _meta(question=None), f"{META}.question"),
    ("no label", "domain.yml", _meta(label=None), f"{META}.label"),
    ("label of another", "domain.yml", _meta(label="faq/bmt_duration"), f"{META}.label"),
    ("no such date", "domain.yml", _meta(review_by="2027-02-30"), f"{META}.review_by"),
    ("not a date", "domain.yml", _meta(reviewed_on="in May"), f"{META}.reviewed_on"),
    ("review before review", "domain.yml", _meta(review_by="2026-11-21"), f"{META}.review_by"),
    ("unknown source", "domain.yml", _meta(source="hearsay"), f"{META}.source"),
    ("fact without source", "domain.yml", _meta(source="none", state="house"), f"{META}.source"),
    ("unknown state", "domain.yml", _meta(state="surely fine"), f"{META}.state"),
    (
        "long question",
        "domain.yml",
        _meta(question="How long does it take, all in all and roughly?"),
        f"{META}.question",
    ),
    ("question of another", "domain.yml", _meta(question="How long does a transplant take?"), ".metadata.question"),
    ("unknown next", "domain.yml", _meta(next=["faq/nothing"]), f"{META}.next"),
    ("unknown subject", "domain.yml", _meta(subject="car"), f"{META}.subject"),
    ("unknown aspect", "domain.yml", _meta(aspect="price"), f"{META}.aspect"),
    ("digits", "domain.yml", _text("It takes 6-8 weeks."), TEXT),
    ("number word with unit", "domain.yml", _text("It takes six to eight weeks."), TEXT),
    ("share in words", "domain.yml", _text("One in ten relapse."), TEXT),
    ("per cent", "domain.yml", _text("Ninety percent."), TEXT),
    ("half of a group", "domain.yml", _text("Half of the patients stay."), TEXT),
    (
        "digits in a question",
        "domain.yml",
        _meta(question="Does it take 6 weeks?"),
        f"responses.{DURATION}[0].metadata.question",
    ),
    ("unknown placeholder", "domain.yml", _text("{facts.nothing}"), TEXT),
    ("slot as placeholder", "domain.yml", _text("{disease}"), TEXT),
    ("single brace", "domain.yml", _text("{facts.cart_duration"), TEXT),
    ("empty text", "domain.yml", lambda data: data["responses"][DURATION][0].update(text=" "), TEXT),
    ("no text", "domain.yml", lambda data: data["responses"].update({DURATION: []}), f"responses.{DURATION}"),
    (
        "two texts",
        "domain.yml",
        lambda data: data["responses"][DURATION].append({"text": "Or so."}),
        f"responses.{DURATION}",
    ),
    (
        "label without answer",
        "domain.yml",
        lambda data: data["responses"].pop("utter_topic_cost"),
        "responses.utter_topic_cost",
    ),
    (
        "invented quote",
        "data/facts.yml",
        _fact("cart_duration", quote="It takes about 6-8 weeks, always."),
        "facts.cart_duration.quote",
    ),
    (
        "other number than the source's",
        "data/facts.yml",
        _fact("cart_duration", value="5-8"),
        "facts.cart_duration.value",
    ),
    (
        "reads another number",
        "data/facts.yml",
        _fact("cart_duration", reads="about 5-8 weeks"),
        "facts.cart_duration.reads",
    ),
    ("fact of no source", "data/facts.yml", _fact("cart_duration", source="hearsay"), "facts.cart_duration.source"),
    ("fact of nobody", "data/facts.yml", _fact("cart_duration", whose=""), "facts.cart_duration.whose"),
    (
        "unused fact",
        "data/facts.yml",
        lambda data: data["facts"].update(idle=dict(data["facts"]["cart_duration"])),
        "facts.idle",
    ),
    ("missing key of a fact", "data/facts.yml", lambda data: data["facts"]["cart_duration"].pop("whose"), ""),
    (
        "unused source",
        "data/sources.yml",
        lambda data: data["sources"].update(idle=dict(data["sources"]["hospital_faq"])),
        "sources.idle",
    ),
    (
        "source without a day",
        "data/sources.yml",
        lambda data: data["sources"]["hospital_faq"].update(retrieved="lately"),
        "sources.hospital_faq.retrieved",
    ),
    ("label without examples", "data/nlu.yml", lambda data: data["nlu"].pop(0), "nlu.faq_cart_what_is"),
    (
        "label with an empty list",
        "data/nlu.yml",
        lambda data: data["nlu"][0].update(examples="- \n"),
        "nlu.faq_cart_what_is",
    ),
]


def test_when_answers_are_right_then_no_problem(copy: Any) -> None:
    assert validate.problems(copy.root, TODAY) == []


def test_when_the_real_project_is_checked_then_no_problem() -> None:
    assert [str(problem) for problem in validate.problems(ROOT, TODAY)] == []


@pytest.mark.parametrize(("file", "change", "key"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_when_one_thing_is_broken_then_file_and_key_are_named(copy: Any, file: str, change: Any, key: str) -> None:
    copy.edit(file, change)

    found = validate.problems(copy.root, TODAY)

    assert any(problem.key.endswith(key) for problem in found), [str(problem) for problem in found]
    assert any(file in str(problem) for problem in found)
    assert all(problem.what and problem.do for problem in found)


@pytest.mark.parametrize("file", ["domain.yml", "data/facts.yml", "data/sources.yml", "data/nlu.yml"])
@pytest.mark.parametrize("content", [None, "a: [", "- a\n"], ids=["missing", "no yaml", "no mapping"])
def test_when_a_file_cannot_be_read_then_it_is_named(copy: Any, file: str, content: str | None) -> None:
    path = copy.root / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")

    assert any(file in str(problem) for problem in validate.problems(copy.root, TODAY))


def test_when_a_fact_is_given_twice_then_it_is_named(copy: Any) -> None:
    file = copy.root / "data/facts.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + text[text.index("  cart_duration:") : text.index("  bmt_since:")].replace("6-8", "7-9"), "utf-8"
    )

    assert any(
        "cart_duration" in str(problem) and "twice" in str(problem) for problem in validate.problems(copy.root, TODAY)
    )


def test_when_an_unquoted_date_would_break_rasa_then_it_is_named(copy: Any) -> None:
    file = copy.root / "domain.yml"
    file.write_text(file.read_text("utf-8").replace('reviewed_on: "2026-11-22"', "reviewed_on: 2026-11-22", 1), "utf-8")

    assert [problem.key for problem in validate.problems(copy.root, TODAY)] == [
        "responses.utter_faq_cart_what_is.metadata.reviewed_on"
    ]


def test_when_a_project_has_a_problem_then_the_command_names_it_and_fails(tmp_path, capsys):
    assert validate.main(clock=_now) == 0
    assert "in order" in capsys.readouterr().out
    shutil.copytree(ROOT / "data", tmp_path / "data")
    text = (ROOT / "domain.yml").read_text(encoding="utf-8")
    (tmp_path / "domain.yml").write_text(text.replace("owner: Marrow answers team", "owner: ''", 1), encoding="utf-8")
    assert validate.main(tmp_path, _now) == 1
    said = capsys.readouterr().out
    assert said.startswith("domain.yml: ")
    assert "owner" in said
