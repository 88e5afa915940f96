"""`./marrow intent`, through the command's own parser on a copy of the project and a real journal."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.answer import catalogue, validate
from bot.journal import audit
from bot.journal.store import Store
from bot.settings import settings
from bot.studio import commands
from bot.studio.files import DOMAIN, NLU, RULES
from bot.studio.form import Issue
from bot.studio.questions import Studio
from tests.bot.studio.conftest import Checks

WAYS = tuple(f"where do I leave my car, way {number}" for number in range(10))
PARKING = (
    "--answer", "You can park behind house two. The first hour is free.", "--question", "Where can I park?",
    "--owner", "Front office", "--review-by", "2099-01-01", "--next", "contact_human,topic/accommodation",
)  # fmt: skip
HARD = "Institutional accommodation availability necessitates administrative authorisation procedures."
CLOSE = Issue("collision", "close to a room", WAYS[3], "a room near you", "topic/accommodation")


@dataclass
class Done:
    """What a command ended with and said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Done]


@pytest.fixture
def run(
    project: Path, tmp_path: Path, empty_journal: Path, checks: Checks, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Iterator[Run]:
    shutil.copy(empty_journal, tmp_path / "journal.sqlite3")
    monkeypatch.setenv("MARROW_DATABASE_URL", f"sqlite:///{tmp_path}/journal.sqlite3")
    monkeypatch.setattr(commands, "ROOT", project)
    monkeypatch.setattr(checks, "close", lambda: None, raising=False)
    monkeypatch.setattr(commands, "Comparer", lambda: checks)
    settings.cache_clear()

    def command(*arguments: str, given: tuple[str, ...] = ()) -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in given)))
        capsys.readouterr()
        code = commands.main(list(arguments))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    yield command
    settings.cache_clear()


def files_of(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in (DOMAIN, NLU, RULES)}


def test_when_questions_are_listed_then_each_has_a_line(run: Run, studio: Studio) -> None:
    told, lines = run("list"), run("list", "--json").lines

    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()] == [line["label"] for line in lines]
    assert [line["label"] for line in lines] == [one.label for one in studio.questions()]
    cost = next(line for line in lines if line["label"] == "topic/cost")
    there = studio.question("topic/cost")
    assert (cost["examples"], cost["state"], cost["review_by"]) == (len(there.examples), "house", there.review_by)
    assert (cost["asked"], cost["languages"], cost["confusion"]) == (0, {}, None)


def test_when_a_question_is_shown_then_it_is_whole(run: Run, studio: Studio) -> None:
    there = studio.question("faq/bmt_survival")
    told, (whole,) = run("show", there.label), run("show", there.label, "--json").lines

    assert told.code == 0
    assert there.text in told.out
    assert all(f"- {example}" in told.out for example in there.examples)
    assert whole == {"label": there.label, **there.content, "grade": there.grade, "history": []}


@pytest.mark.parametrize("command", [("show",), ("show", "--json"), ("retire", "--reason", "x")])
def test_when_a_question_is_unknown_then_it_is_said(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "topic/none")

    assert (done.code, done.out) == (1, "")
    assert "no question 'topic/none'" in done.err


def test_when_a_whole_question_is_added_then_it_is_in_the_files_as_given(
    run: Run, project: Path, studio: Studio
) -> None:
    done = run("add", "topic/parking", *PARKING, "--json", given=(*WAYS, f"- {WAYS[0]}", " "))

    assert done.code == 0
    assert done.lines == [{"change": 1, "label": "topic/parking", "what": "add", "commit": None}]
    made = studio.question("topic/parking")
    assert made.examples == WAYS
    assert (made.text, made.question, made.owner, made.review_by) == PARKING[1:8:2]
    assert (made.next, made.source, made.state) == (("contact_human", "topic/accommodation"), "none", "house")
    assert made.reviewed_on == studio.today().isoformat()
    assert validate.problems(project, studio.today()) == []
    (change,) = run("show", "topic/parking", "--json").lines[0]["history"]
    assert (change["change"], change["what"]) == (1, "add")


def test_when_examples_are_added_then_the_rest_stays(run: Run, studio: Studio) -> None:
    there = studio.question("topic/cost")

    done = run("add", "topic/cost", given=("the price for two",))

    assert done.code == 0
    assert done.out.startswith("topic/cost: change is change 1")
    now = studio.question("topic/cost")
    assert now.examples == (*there.examples, "the price for two")
    assert {**now.content, "examples": 0} == {**there.content, "examples": 0}
    assert run("add", "topic/cost", given=("the price for two",)).out == "nothing differs\n"


def test_when_words_were_reviewed_then_the_day_alone_is_noted(run: Run, studio: Studio, tmp_path: Path) -> None:
    there = studio.question("topic/cost")

    assert run("add", "topic/cost", "--reviewed").code == 0
    now = studio.question("topic/cost")
    assert now.reviewed_on == studio.today().isoformat() > there.reviewed_on
    assert {**now.content, "reviewed_on": ""} == {**there.content, "reviewed_on": ""}
    store = Store(f"sqlite:///{tmp_path}/journal.sqlite3")
    assert audit.newest(store, action="studio_change")[0].actor == "operator"
    store.close()


def test_when_the_owner_changes_then_nobody_has_reviewed_the_words(run: Run, studio: Studio) -> None:
    there = studio.question("topic/cost")

    assert run("add", "topic/cost", "--owner", "Somebody else").code == 0
    assert studio.question("topic/cost").reviewed_on == there.reviewed_on


def changed(**given: str) -> tuple[str, ...]:
    """The arguments with others in place of some."""
    made = {**dict(zip(PARKING[::2], PARKING[1::2], strict=True)), **{f"--{k}": v for k, v in given.items()}}
    return tuple(word for pair in made.items() for word in pair)


@pytest.mark.parametrize(
    ("arguments", "given", "kind", "said", "needs"),
    [
        pytest.param(PARKING, WAYS[:9], "example", "needs 10", "change", id="few examples"),
        pytest.param(changed(answer="It costs 12 dollars."), WAYS, "answer", "typed by hand", "change", id="a figure"),
        pytest.param(changed(source="my_uncle"), WAYS, "answer", "no such source", "change", id="no source"),
        pytest.param((), WAYS, "answer", "empty", "change", id="no answer"),
        pytest.param(changed(answer=HARD), WAYS, "grade", "grade", "change or reason", id="hard words"),
        pytest.param(PARKING, WAYS, "collision", "close to a room", "change or reason", id="a collision"),
    ],
)
def test_when_something_is_wrong_then_check_and_add_say_the_same_and_write_nothing(
    run: Run, project: Path, checks: Checks, arguments: tuple[str, ...], given: tuple[str, ...], kind: str, said: str,
    needs: str,
) -> None:  # fmt: skip
    checks.found = [CLOSE] if kind == "collision" else []
    before = files_of(project)

    told = run("add", "topic/parking", *arguments, given=given)
    found = run("check", "topic/parking", *arguments, "--json", given=given)

    assert (told.code, found.code) == (1, 1)
    assert said in told.out
    assert [line["said"] for line in found.lines] == told.out.splitlines()
    assert (kind, needs) in {(line["kind"], line["needs"]) for line in found.lines if said in line["said"]}
    assert files_of(project) == before


def test_when_all_is_well_then_check_says_nothing_and_changes_nothing(run: Run, project: Path, checks: Checks) -> None:
    before = files_of(project)

    for arguments in (PARKING, (*PARKING, "--json")):
        done = run("check", "topic/parking", *arguments, given=WAYS)
        assert (done.code, done.out) == (0, "")
    assert run("check", "topic/cost", given=("the price for two",)).code == 0
    assert checks.asked == [("topic/parking", list(WAYS))] * 2 + [("topic/cost", ["the price for two"])]
    assert files_of(project) == before


def test_when_a_collision_has_a_reason_then_it_is_added_and_the_reason_kept(run: Run, checks: Checks) -> None:
    checks.found = [CLOSE]

    refused = run("add", "topic/parking", *PARKING, given=WAYS)
    assert (refused.code, refused.out) == (1, "close to a room\n")
    assert "give --reason" in refused.err

    assert run("add", "topic/parking", *PARKING, "--reason", "They are told apart.", given=WAYS).code == 0
    assert run("show", "topic/parking", "--json").lines[0]["history"][0]["reason"] == "They are told apart."


@pytest.mark.parametrize(
    ("label", "arguments"),
    [
        pytest.param("topic/new", (), id="a made topic"),
        pytest.param("faq/new", ("--source", "hospital_faq"), id="a made answer"),
    ],
)
def test_when_a_made_question_is_withdrawn_then_it_is_held_back_until_it_is_undone(
    run: Run, project: Path, studio: Studio, label: str, arguments: tuple[str, ...]
) -> None:
    assert run("add", label, *PARKING, *arguments, given=WAYS).code == 0

    done = run("retire", label, "--reason", "The garage is closed.", "--json")

    assert (done.code, done.lines[0]["what"]) == (0, "retire")
    assert catalogue.load(project).held_back(studio.today()) == {label}
    assert validate.problems(project, studio.today()) == []
    shown = run("show", label, "--json").lines[0]
    assert (shown["state"], shown["state_reason"]) == ("withdrawn", "The garage is closed.")
    assert "withdrawn" in next(line for line in run("list").out.splitlines() if line.startswith(f"{label} "))
    assert run("undo", "2").code == 0
    assert catalogue.load(project).held_back(studio.today()) == set()


@pytest.mark.parametrize(
    ("label", "reason", "said"),
    [("topic/cost", " ", "Say why"), ("safety/emergency", "I want it", "editor")],
    ids=["no reason", "a text of safety"],
)
def test_when_an_answer_may_not_be_withdrawn_then_nothing_is_written(
    run: Run, project: Path, label: str, reason: str, said: str
) -> None:
    before = files_of(project)

    done = run("retire", label, "--reason", reason)

    assert done.code == 1
    assert said in done.out
    assert files_of(project) == before
