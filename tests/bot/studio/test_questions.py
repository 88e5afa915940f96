"""Adding, changing, withdrawing and taking back: in the files, in git, in the history and in the audit.

Longer than 300 lines because each way of changing a question is held to the same files and helpers.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.answer import catalogue, validate
from bot.journal import audit
from bot.journal.store import Store
from bot.settings import Settings
from bot.studio import history
from bot.studio.files import DOMAIN, NLU, RULES, Files, Uncommitted
from bot.studio.form import Issue
from bot.studio.question import Question, with_question
from bot.studio.questions import Blocked, Overtaken, Studio
from tests.bot.studio.conftest import ANNA, PARKING, Checks, git

Make = Callable[..., Question]


def files_of(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in (DOMAIN, NLU, RULES)}


def test_when_a_question_is_added_then_validate_finds_nothing_and_the_catalogue_has_it(
    studio: Studio, project: Path, parking: Make
) -> None:
    change = studio.save(parking(), ANNA, version="")

    assert change is not None
    assert validate.problems(project, studio.today()) == []
    answer = catalogue.load(project).by_label["topic/parking"]
    assert (answer.text, answer.question, answer.state) == (parking().text, "Where can I park?", "house")
    assert studio.question("topic/parking").examples == parking().examples


def test_when_a_question_is_added_then_history_and_audit_tell_who(studio: Studio, store: Store, parking: Make) -> None:
    studio.save(parking(), ANNA)

    assert [(one.name, one.what, one.label) for one in history.of(store)] == [("Anna Trainer", "add", "topic/parking")]
    row = audit.newest(store, action="studio_add")[0]
    assert (row.actor, row.subject) == ("staff:1", "topic/parking")
    assert "car" not in str(row.detail)


def test_when_a_change_is_undone_then_the_files_are_as_before(studio: Studio, project: Path, parking: Make) -> None:
    before = files_of(project)
    change = studio.save(parking(), ANNA)
    assert change is not None

    studio.undo(change.id, ANNA)

    assert files_of(project) == before


def test_when_examples_are_changed_and_undone_then_later_ones_stay(studio: Studio) -> None:
    there = studio.question("topic/cost")
    first = studio.save(replace(there, examples=(*there.examples, "one more price question")), ANNA)
    there = studio.question("topic/cost")
    studio.save(replace(there, examples=(*there.examples, "a second price question")), ANNA)
    assert first is not None

    studio.undo(first.id, ANNA)

    assert studio.question("topic/cost").examples == (*there.examples[:-1], "a second price question")


def test_when_a_text_was_changed_again_then_the_first_change_cannot_be_undone(studio: Studio) -> None:
    there = studio.question("topic/cost")
    first = studio.save(replace(there, text="Ask us."), ANNA)
    studio.save(replace(studio.question("topic/cost"), text="Do ask us."), ANNA)
    assert first is not None

    with pytest.raises(Overtaken, match="text"):
        studio.undo(first.id, ANNA)


def test_when_somebody_was_quicker_then_nothing_is_lost(studio: Studio) -> None:
    there = studio.question("topic/cost")
    studio.save(replace(there, text="Ask us."), ANNA, version=there.version)

    with pytest.raises(Overtaken):
        studio.save(replace(there, text="Ask them."), ANNA, version=there.version)
    assert studio.question("topic/cost").text == "Ask us."


def test_when_nothing_differs_then_no_change_is_made(studio: Studio, store: Store) -> None:
    assert studio.save(studio.question("topic/cost"), ANNA) is None
    assert history.of(store) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"examples": ("one", "two")}, "needs 10", id="few examples"),
        pytest.param({"examples": tuple(["same"] * 10)}, "twice", id="the same ten times"),
        pytest.param({"label": "parking"}, "is faq/ or topic/", id="a name without a group"),
        pytest.param({"label": "topic/Two Words"}, "is faq/ or topic/", id="a name with a space"),
        pytest.param({"text": ""}, "empty", id="no answer"),
        pytest.param({"text": "It costs 12 dollars."}, "figure typed by hand", id="a figure typed by hand"),
        pytest.param({"text": "Go to {hospital.garage}."}, "unknown placeholder", id="an unknown placeholder"),
        pytest.param({"question": ""}, "question", id="no words for its button"),
        pytest.param({"owner": ""}, "owner", id="nobody keeps it true"),
        pytest.param({"review_by": "soon"}, "review_by", id="no day"),
        pytest.param({"review_by": "2020-01-01"}, "2020-01-01", id="expired on the day it is made"),
        pytest.param({"source": "my_uncle"}, "no such source", id="an unknown source"),
        pytest.param({"label": "faq/parking"}, "needs a source", id="a fact without a source"),
        pytest.param({"next": ("faq/none",)}, "no such label", id="an unknown next question"),
        pytest.param({"examples": ("[car](vehicle)", *map(str, range(10)))}, "Rasa reads", id="Rasa's marks"),
    ],
)  # fmt: skip
def test_when_something_is_wrong_then_nothing_is_written_and_no_reason_helps(
    studio: Studio, project: Path, parking: Make, changes: dict[str, object], said: str
) -> None:
    before = files_of(project)

    with pytest.raises(Blocked) as blocked:
        studio.save(parking(**changes), ANNA, reason="I want it")

    assert said in str(blocked.value)
    assert files_of(project) == before


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [Issue("collision", "close", "where do I leave my car, way 3")], id="a collision"),
        pytest.param(
            {"text": "Institutional accommodation availability necessitates administrative authorisation procedures."},
            [],
            id="hard words",
        ),
    ],
)
def test_when_the_check_finds_something_then_it_blocks_until_a_reason_is_written(
    studio: Studio, store: Store, checks: Checks, parking: Make, changes: dict[str, str], found: list[Issue]
) -> None:
    checks.found = found
    with pytest.raises(Blocked) as blocked:
        studio.save(parking(**changes), ANNA)
    assert not any(issue.stands for issue in blocked.value.issues)

    change = studio.save(parking(**changes), ANNA, reason="The team wants it so.")

    assert change is not None
    assert history.of(store)[0].reason == "The team wants it so."


def test_when_examples_stand_there_already_then_only_new_ones_are_checked(studio: Studio, checks: Checks) -> None:
    there = studio.question("topic/cost")

    studio.save(replace(there, examples=(*there.examples, "  - new   price\twords ")), ANNA)

    assert checks.asked == [("topic/cost", ["new price words"])]
    assert studio.question("topic/cost").examples[-1] == "new price words"


def test_when_an_answer_is_withdrawn_then_it_is_held_back_with_a_reason(studio: Studio, project: Path) -> None:
    with pytest.raises(Blocked):
        studio.retire("faq/bmt_survival", " ", ANNA)

    studio.retire("faq/bmt_survival", "The figures are being checked.", ANNA)

    assert catalogue.load(project).held_back(studio.today()) == {"faq/bmt_survival"}
    assert validate.problems(project, studio.today()) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"label": "topic/new"}, id="a made topic without a source"),
        pytest.param({"label": "topic/new", "source": "hospital_faq"}, id="a made topic"),
        pytest.param({"label": "faq/new", "source": "hospital_faq"}, id="a made answer"),
    ],
)
def test_when_a_question_that_trainers_made_is_withdrawn_then_it_is_held_back_and_comes_back(
    studio: Studio, project: Path, parking: Make, changes: dict[str, str]
) -> None:
    studio.save(parking(**changes), ANNA)
    label = changes["label"]

    change = studio.retire(label, "The garage is closed.", ANNA)

    assert change is not None
    assert catalogue.load(project).held_back(studio.today()) == {label}
    assert validate.problems(project, studio.today()) == []
    studio.undo(change.id, ANNA)
    assert catalogue.load(project).held_back(studio.today()) == set()


@pytest.mark.parametrize(
    ("changes", "reviewed_today", "state"),
    [
        pytest.param({"text": "New words."}, True, "published_by_source", id="new words"),
        pytest.param({"owner": "Somebody else"}, False, "clinically_reviewed", id="another owner"),
        pytest.param({"text": "Other words.\r\n"}, False, "clinically_reviewed", id="the same words, otherwise broken"),
    ],
)
def test_when_the_words_change_then_nobody_has_reviewed_them_clinically(
    studio: Studio, changes: dict[str, str], reviewed_today: bool, state: str
) -> None:
    there = replace(studio.question("faq/bmt_survival"), text="Other words.", state="clinically_reviewed")
    with studio.files.changing():
        now = {name: studio.files.read(name) for name in (DOMAIN, NLU, RULES)}
        studio.files.write(with_question(now, replace(there, reviewed_on="2026-01-01")))

    studio.save(replace(studio.question(there.label), **changes), ANNA)  # type: ignore[arg-type]

    saved = studio.question(there.label)
    assert saved.state == state
    assert saved.reviewed_on == (studio.today().isoformat() if reviewed_today else "2026-01-01")


@pytest.mark.parametrize("label", ["safety/emergency", "contact_human", "greet"])
def test_when_a_text_of_safety_or_contacts_is_to_be_changed_then_it_is_refused(studio: Studio, label: str) -> None:
    with pytest.raises(Blocked, match="editor"):
        studio.save(replace(studio.question(label), text="Wait for a reply."), ANNA, reason="I want it")


def removed(studio: Studio, label: str) -> history.Change:
    """An example taken from a question."""
    there = studio.question(label)
    change = studio.save(replace(there, examples=there.examples[1:]), ANNA)
    assert change is not None
    return change


def example_elsewhere(studio: Studio) -> history.Change:
    change = removed(studio, "topic/cost")
    other = studio.question("topic/insurance")
    studio.save(replace(other, examples=(*other.examples, change.removed[0].upper())), ANNA)
    return change


def source_gone(studio: Studio) -> history.Change:
    there = studio.question("topic/cost")
    change = studio.save(replace(there, text="Ask the team about {facts.cart_duration}."), ANNA)
    assert change is not None
    studio.save(replace(studio.question("topic/cost"), text=there.text), ANNA)
    facts = studio.files.root / "data" / "facts.yml"
    facts.write_text(facts.read_text().replace("cart_duration:", "cart_length:"))
    domain = studio.files.root / "domain.yml"
    domain.write_text(domain.read_text().replace("{facts.cart_duration}", "{facts.cart_length}"))
    return history.of(studio.store, "topic/cost")[0]


def still_named(studio: Studio) -> history.Change:
    change = studio.save(PARKING, ANNA)
    assert change is not None
    studio.save(replace(studio.question("topic/cost"), next=("topic/parking",)), ANNA)
    return change


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        pytest.param(example_elsewhere, "is an example of topic/insurance now", id="the example is another question's"),
        pytest.param(source_gone, "facts.cart_duration", id="a figure is gone"),
        pytest.param(still_named, "topic/parking", id="another question leads to it"),
    ],
)
def test_when_what_would_come_back_is_no_longer_in_order_then_nothing_is_undone(
    studio: Studio, project: Path, store: Store, meanwhile: Callable[[Studio], history.Change], said: str
) -> None:
    change = meanwhile(studio)
    before = files_of(project)
    known, problems = len(history.of(store)), validate.problems(project, studio.today())

    with pytest.raises(Blocked, match=re.escape(said)):
        studio.undo(change.id, ANNA)

    assert files_of(project) == before
    assert len(history.of(store)) == known
    assert validate.problems(project, studio.today()) == problems == []


def test_when_somebody_has_half_done_work_in_a_file_then_an_undo_is_refused_and_says_what_to_do(
    checkout: Path, studio: Studio, store: Store
) -> None:
    change = removed(studio, "topic/cost")
    nlu, rules = checkout / "data" / "nlu.yml", checkout / "data" / "rules.yml"
    rules.write_text(rules.read_text() + "# half done\n")  # a file that the undo leaves alone
    clean = nlu.read_text()
    nlu.write_text(clean + "# half done\n")

    with pytest.raises(Uncommitted, match=r"data/nlu\.yml: .* not committed; commit them, or .* git stash"):
        studio.undo(change.id, ANNA)

    assert nlu.read_text() == clean + "# half done\n"
    assert [one.what for one in history.of(store)] == ["change"]
    nlu.write_text(clean)
    assert studio.undo(change.id, ANNA).commit
    assert git(checkout, "status", "--porcelain").split() == ["M", "data/rules.yml"]


def test_when_the_folder_is_a_checkout_then_each_change_is_a_commit_of_its_author(
    checkout: Path, studio: Studio, store: Store, parking: Make
) -> None:
    change = studio.save(parking(), ANNA)
    assert change is not None
    studio.undo(change.id, ANNA)

    told = git(checkout, "log", "--format=%an <%ae> %s", "-2").splitlines()
    assert told == [
        "Anna Trainer <anna@hospital.example> Took back a change of topic/parking",
        "Anna Trainer <anna@hospital.example> Added topic/parking",
    ]
    assert git(checkout, "status", "--porcelain") == ""
    assert all(one.commit for one in history.of(store))


def test_when_a_developer_has_half_done_work_then_it_is_not_committed_for_them(
    checkout: Path, studio: Studio, store: Store, parking: Make
) -> None:
    (checkout / "data" / "nlu.yml").write_text((checkout / "data" / "nlu.yml").read_text() + "# half done\n")

    studio.save(parking(), ANNA)

    assert git(checkout, "log", "--format=%s").splitlines() == ["as it was"]
    assert history.of(store)[0].commit is None
    assert studio.question("topic/parking").examples


def test_when_it_is_killed_between_two_files_then_the_next_change_finishes_it(
    studio: Studio, project: Path, parking: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.studio import files

    real, written = files._write, []

    def dies(file: Path, text: str) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(file)
        real(file, text)

    monkeypatch.setattr(files, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        studio.save(parking(), ANNA)
    monkeypatch.setattr(files, "_write", real)
    half = validate.problems(project, studio.today())

    with Files(project).changing():
        pass

    assert half
    assert validate.problems(project, studio.today()) == []


def test_when_a_file_is_gone_then_it_is_said(tmp_path: Path, store: Store, checks: Checks, project: Path) -> None:
    shutil.move(project / "domain.yml", tmp_path / "elsewhere.yml")

    with pytest.raises(Exception, match=r"domain\.yml cannot be read"):
        Studio(Files(project), store, Settings(), checks).questions()
