"""`./marrow intent`: questions from the command line, by the same service and the same checks as the pages."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from bot.answer import review
from bot.errors import MarrowError
from bot.journal.clock import iso
from bot.journal.migrate import opened
from bot.settings import ROOT, settings
from bot.studio import history, standing
from bot.studio.candidates import Candidates
from bot.studio.checker import Comparer
from bot.studio.files import Files, Person
from bot.studio.form import Issue
from bot.studio.question import Question, cleaned
from bot.studio.questions import Blocked, NoSuchQuestion, Studio

Say = Callable[[dict[str, Any], str], None]
_EMAIL = "operator@marrow.invalid"


def _lines() -> list[str]:
    """Examples, one a line of standard input."""
    return [line for line in map(cleaned, sys.stdin.read().splitlines()) if line]


def _brief(question: Question, today: Any) -> dict[str, Any]:
    return {
        "label": question.label, "examples": len(question.examples), "question": question.question,
        "state": review.effective(question.label, question.state, question.review_by, today),
        "reviewed_on": question.reviewed_on, "review_by": question.review_by, "owner": question.owner,
    }  # fmt: skip


def _list(_given: argparse.Namespace, studio: Studio, say: Say) -> int:
    today, used = studio.today(), standing.used(studio.store, now_ms=studio.clock.now_ms())
    pairs = Candidates(studio.store, studio.clock.now_ms, studio.files.root).live_confusion()
    confused = standing.confusions(pairs)
    for question in studio.questions():
        one, use, seen = _brief(question, today), used.get(question.label, standing.Use()), confused.get(question.label)
        one |= {"asked": use.asked, "up": use.up, "down": use.down, "languages": dict(use.languages)}
        one["confusion"] = asdict(seen) | {"taken_for": dict(seen.taken_for)} if seen else None
        say(
            one,
            f"{one['label']:32} {one['examples']:4} examples  asked {use.asked} times in {standing.DAYS} days  "
            f"{one['state']}, review by {one['review_by']}",
        )
    return 0


def _show(given: argparse.Namespace, studio: Studio, say: Say) -> int:
    question = studio.question(given.label)
    changes = [
        {"change": one.id, "at": iso(one.at_ms), "by": one.name, "what": one.what, "fields": list(one.fields),
         "reason": one.reason, "commit": one.commit}
        for one in history.of(studio.store, given.label)
    ]  # fmt: skip
    whole = {"label": question.label, **question.content, "grade": question.grade, "history": changes}
    told = [f"{question.label}: {question.question}", "", question.text, ""]
    told += [f"{key}: {getattr(question, key)}" for key in ("source", "owner", "state", "reviewed_on", "review_by")]
    told += ["", f"{len(question.examples)} examples", *(f"- {one}" for one in question.examples)]
    told += [f"change {one['change']}, {one['at']}, {one['by']}: {one['what']}" for one in changes]
    say(whole, "\n".join(told))
    return 0


def _tell(issues: list[Issue], say: Say) -> None:
    for one in issues:
        say(
            {"kind": one.kind, "example": one.example, "other": one.other, "label": one.label, "said": one.said,
             "needs": "change" if one.stands else "change or reason"},
            one.said,
        )  # fmt: skip


def _wanted(given: argparse.Namespace, studio: Studio) -> tuple[Question, Question | None]:
    """The question as the arguments and standard input want it, and as it is; None when there is none."""
    try:
        there: Question | None = studio.question(given.label)
    except NoSuchQuestion:
        there = None
    wanted = there or Question(given.label)
    fields = {
        "text": given.answer, "question": given.question, "source": given.source, "owner": given.owner,
        "review_by": given.review_by, "state": given.state, "state_reason": given.state_reason,
        "next": tuple(given.next.split(",")) if given.next else None,
        "reviewed_on": studio.today().isoformat() if given.reviewed else None,
    }  # fmt: skip
    wanted = replace(wanted, **{key: value for key, value in fields.items() if value is not None})
    return replace(wanted, examples=tuple(dict.fromkeys([*wanted.examples, *_lines()]))), there


def _check(given: argparse.Namespace, studio: Studio, say: Say) -> int:
    issues = studio.check(_wanted(given, studio)[0])
    _tell(issues, say)
    return 1 if issues else 0


def _add(given: argparse.Namespace, studio: Studio, say: Say) -> int:
    wanted, there = _wanted(given, studio)
    change = studio.save(wanted, _person(), reason=given.reason or "", version=there.version if there else "")
    _say_change(change, say)
    return 0


def _retire(given: argparse.Namespace, studio: Studio, say: Say) -> int:
    _say_change(studio.retire(given.label, given.reason, _person()), say)
    return 0


def _undo(given: argparse.Namespace, studio: Studio, say: Say) -> int:
    _say_change(studio.undo(given.change, _person()), say)
    return 0


def _say_change(change: history.Change | None, say: Say) -> None:
    if change is None:
        say({"change": None}, "nothing differs")
        return
    kept = f", commit {change.commit[:12]}" if change.commit else ""
    say(
        {"change": change.id, "label": change.label, "what": change.what, "commit": change.commit},
        f"{change.label}: {change.what} is change {change.id}{kept}. It is live after training and promotion",
    )


def _person() -> Person:
    return Person("operator", getpass.getuser(), _EMAIL)


def _arguments(made: argparse.ArgumentParser) -> None:
    """What a question is made of, on the command line."""
    made.add_argument("label", help="such as topic/parking")
    for name, help_ in (
        ("answer", "what patients read"), ("question", "the words of its button, 40 characters at most"),
        ("source", "key of data/sources.yml; none: it states no medical fact"), ("owner", "who keeps it true"),
        ("review-by", "day until which it holds, YYYY-MM-DD"), ("state", "a state of docs/answers.md"),
        ("state-reason", "why a draft or a withdrawn answer is not given"),
        ("next", "labels worth asking next, separated by commas"),
    ):  # fmt: skip
        made.add_argument(f"--{name}", help=help_)
    made.add_argument("--reviewed", action="store_true", help="its words were reviewed today; notes the day")


def parser() -> argparse.ArgumentParser:
    """The parser of the command."""
    top = argparse.ArgumentParser(prog="./marrow intent", description=__doc__)
    whats = top.add_subparsers(dest="what", required=True, metavar="WHAT")

    def add(name: str, run: Callable[[argparse.Namespace, Studio, Say], int], help_: str) -> argparse.ArgumentParser:
        made = whats.add_parser(name, help=help_, description=help_)
        made.add_argument("--json", action="store_true", help="one JSON object a line")
        made.set_defaults(run=run)
        return made

    add("list", _list, "every question with its number of examples and its review")
    add("show", _show, "one question whole, with its history").add_argument("label")
    checks = add(
        "check", _check, "what `add` of the same would stop at, changing nothing: exit 1 when there is anything"
    )
    adds = add("add", _add, "add a question, or examples (standard input, one a line) and texts to one there is")
    for one in (checks, adds):
        _arguments(one)
    adds.add_argument("--reason", help="why what the check found may stay")
    retire = add("retire", _retire, "withdraw an answer; patients read that it is being checked")
    retire.add_argument("label")
    retire.add_argument("--reason", required=True)
    add("undo", _undo, "take back a change, by its number").add_argument("change", type=int)
    return top


def main(arguments: list[str]) -> int:
    """Runs a command.

    Returns:
        0 when all is well, 1 when something stands in the way; it says what.
    """
    given = parser().parse_args(arguments)

    def say(found: dict[str, Any], words: str) -> None:
        print(json.dumps(found, ensure_ascii=False) if given.json else words, flush=True)

    comparer = Comparer()
    try:
        config = settings()
        with opened(config) as store:
            return int(given.run(given, Studio(Files(ROOT), store, config, comparer), say))
    except Blocked as blocked:
        _tell(list(blocked.issues), say)
        reason = "" if any(one.stands for one in blocked.issues) else ", or give --reason"
        print(f"studio: nothing was changed; change what is named{reason}", file=sys.stderr)
        return 1
    except MarrowError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        comparer.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
