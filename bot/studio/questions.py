"""The service under pages and commands: questions changed with checks, kept with history, undone."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from bot.answer import review, validate
from bot.errors import MarrowError
from bot.journal.clock import Clock
from bot.journal.store import Store
from bot.settings import Settings
from bot.studio import history
from bot.studio.files import DOMAIN, NLU, RULES, Files, Person, Uncommitted
from bot.studio.form import Issue, in_form
from bot.studio.grade import MOST
from bot.studio.question import Question, cleaned, question_of, questions_in, with_question


class NoSuchQuestion(MarrowError):
    """There is no question with this label."""


class Overtaken(MarrowError):
    """Somebody changed the question meanwhile."""


class Blocked(MarrowError):
    """A change was not made; `issues` says why."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("studio: " + "; ".join(issue.said for issue in issues))


class Checker(Protocol):
    """Compares examples with everything that is taught already (`bot.studio.checker`)."""

    def collisions(self, label: str, examples: Sequence[str], added: Sequence[str]) -> list[Issue]:
        """What of the added examples really belongs to another label."""


class Studio:
    """The service under pages and commands.

    Args:
        files: The project's files.
        store: The journal, for history and audit.
        settings: The hospital's time zone.
        checker: Compares examples.
        clock: The time.
    """

    def __init__(
        self, files: Files, store: Store, settings: Settings, checker: Checker, clock: Clock | None = None
    ) -> None:
        self.files, self.store, self.settings, self.checker = files, store, settings, checker
        self.clock = clock or Clock()

    # --- reading ------------------------------------------------------------------------------------------------------

    def questions(self) -> list[Question]:
        """Every question, in the order of the domain."""
        return list(questions_in(self.files.read(DOMAIN), self.files.read(NLU)).values())

    def question(self, label: str) -> Question:
        """One question.

        Raises:
            NoSuchQuestion: There is none.
        """
        found = questions_in(self.files.read(DOMAIN), self.files.read(NLU)).get(label)
        if found is None:
            raise NoSuchQuestion(f"studio: there is no question {label!r}; `./marrow intent list` names all")
        return found

    def today(self) -> date:
        """The day at the hospital."""
        return review.today(self.settings.time_zone, datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC))

    # --- checking -----------------------------------------------------------------------------------------------------

    def issues(self, wanted: Question, there: Question | None = None) -> list[Issue]:
        """What stands in the way of a question as it is wanted.

        Args:
            wanted: How it should be.
            there: How it is; None for a new one.
        """
        found = in_form(wanted, there)
        if not any(issue.kind == "answer" for issue in found):  # else the files cannot be made with it
            found += self._in_answer(wanted)
        before = set(there.examples) if there else set()
        added = [example for example in wanted.examples if example not in before]
        if added:
            found += self.checker.collisions(wanted.label, wanted.examples, added)
        if (there is None or wanted.text != there.text) and wanted.grade > MOST:
            found.append(
                Issue("grade", f"The answer reads at grade {wanted.grade:g}; {MOST:g} is the most. Use shorter words.")
            )
        return found

    def check(self, wanted: Question) -> list[Issue]:
        """What `save` of the same question would stop at; nothing is changed."""
        there = questions_in(self.files.read(DOMAIN), self.files.read(NLU)).get(wanted.label)
        return self.issues(self.completed(wanted, there), there)

    def _in_answer(self, wanted: Question | None, there: Question | None = None, label: str = "") -> list[Issue]:
        """What `./marrow validate` would find, that it does not find now; a question that is None is taken away."""
        now, today = self._texts(), self.today()
        with tempfile.TemporaryDirectory(prefix="marrow-studio-") as folder:
            root = Path(folder)
            (root / "data").mkdir()
            for file in (self.files.root / "data").iterdir():
                (root / "data" / file.name).symlink_to(file.resolve())
            for name, text in with_question(now, wanted, there, label).items():
                (root / name).unlink(missing_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            known = {str(problem) for problem in validate.problems(self.files.root, today)}
            found = [problem for problem in validate.problems(root, today) if str(problem) not in known]
        return [Issue("answer", f"{one.key}: {one.what}. {one.do}".strip(": "), stands=True) for one in found]

    # --- changing -----------------------------------------------------------------------------------------------------

    def save(
        self, wanted: Question, by: Person, *, reason: str = "", version: str | None = None, what: str = ""
    ) -> history.Change | None:
        """Changes or adds a question.

        Args:
            wanted: How it should be.
            by: Who does it.
            reason: Why what the check found may stay; empty: it blocks.
            version: Of the question that was changed; None: whatever is there; empty: there is none yet.
            what: Name of the change for history and audit.

        Returns:
            The change; None when nothing differs.

        Raises:
            Blocked: The check found something; nothing was changed.
            Overtaken: It was changed meanwhile.
        """
        with self.files.changing():
            there = questions_in(self.files.read(DOMAIN), self.files.read(NLU)).get(wanted.label)
            wanted = self.completed(wanted, there)
            if version is not None and version != (there.version if there else ""):
                raise Overtaken(f"studio: {wanted.label} was changed meanwhile; load it again")
            if there == wanted:
                return None
            issues = self.issues(wanted, there)
            if [issue for issue in issues if issue.stands or not reason.strip()]:
                raise Blocked(issues)
            named = what or ("add" if there is None else "change")
            return self._write(wanted.label, there, wanted, by, named, reason.strip() or None)

    def completed(self, wanted: Question, there: Question | None) -> Question:
        """A question as it would be saved: examples in one line each, and the state and the day that new words have."""
        known = set(there.examples) if there else set()
        examples = tuple(one for given in wanted.examples if (one := given if given in known else cleaned(given)))
        state = wanted.state or (review.HOUSE if wanted.source == "none" else review.PUBLISHED_BY_SOURCE)
        text, reviewed_on = _in_lines(wanted.text), wanted.reviewed_on or self.today().isoformat()
        if there is not None and text == _in_lines(there.text):
            text = there.text
        elif there is not None:
            reviewed_on = self.today().isoformat()
            if state == there.state == review.CLINICALLY_REVIEWED:  # nobody has reviewed the new words
                state = review.PUBLISHED_BY_SOURCE
        return replace(wanted, examples=examples, text=text, state=state, reviewed_on=reviewed_on)

    def retire(self, label: str, reason: str, by: Person) -> history.Change | None:
        """Withdraws an answer: patients who ask read that it is being checked, and are offered a person.

        Raises:
            Blocked: There is no reason, or the text is none that can be withdrawn.
        """
        if not reason.strip():
            raise Blocked([Issue("answer", "Say why it is withdrawn.", stands=True)])
        there = self.question(label)
        wanted = replace(there, state=review.WITHDRAWN, state_reason=reason.strip())
        return self.save(wanted, by, version=there.version, what="retire")

    def undo(self, number: int, by: Person) -> history.Change:
        """Takes back a change; what was changed since in other parts of the question stays.

        Raises:
            NoSuchChange: There is no such change.
            Overtaken: A part of it was changed again since.
            Blocked: What would come back is no longer in order; nothing was changed.
            Uncommitted: Somebody's own work stands in a file that it would change.
        """
        change = history.one(self.store, number)
        with self.files.changing():
            there = questions_in(self.files.read(DOMAIN), self.files.read(NLU)).get(change.label)
            now = there.content if there else {}
            back = dict(now)
            if not change.before:
                if now != change.after:
                    raise Overtaken(f"studio: {change.label} was changed since; undo the later changes first")
                return self._undone(change, there, None, by)
            if not now and change.after:
                raise Overtaken(f"studio: {change.label} is no longer there; undo the later changes first")
            for key in change.fields if change.after else change.before:
                if change.after and key == "examples":
                    back[key] = [one for one in now[key] if one not in change.added] + change.removed
                elif change.after and now.get(key) != change.after[key]:
                    raise Overtaken(f"studio: {key} of {change.label} was changed since; undo the later changes first")
                else:
                    back[key] = change.before[key]
            if change.after and sorted(back["examples"]) == sorted(change.before["examples"]):
                back["examples"] = change.before["examples"]
            return self._undone(change, there, question_of(change.label, back), by)

    def _undone(
        self, change: history.Change, there: Question | None, wanted: Question | None, by: Person
    ) -> history.Change:
        """Writes what an undo comes to, after the checks that may end otherwise now than when it stood there."""
        issues = self._in_answer(wanted, there, change.label)
        if wanted is not None:
            issues += in_form(wanted, there) + self._elsewhere(wanted, set(there.examples) if there else set())
        if issues:
            raise Blocked(issues)
        dirty = set(self.files.dirty()) & set(self._changed(change.label, there, wanted))
        if dirty:
            raise Uncommitted(dirty)
        return self._write(change.label, there, wanted, by, "undo", None, undoes=change.id)

    def _elsewhere(self, wanted: Question, before: Collection[str]) -> list[Issue]:
        """Examples that would come, and that another question has meanwhile."""
        others = {
            example.casefold(): (example, one.label)
            for one in self.questions()
            for example in one.examples
            if one.label != wanted.label
        }
        return [
            Issue("duplicate", f'"{example}" is an example of {label} now.', example, other, label, stands=True)
            for example in wanted.examples
            if example not in before and (found := others.get(example.casefold()))
            for other, label in [found]
        ]

    def _write(
        self, label: str, there: Question | None, wanted: Question | None, by: Person, what: str, reason: str | None,
        undoes: int | None = None,
    ) -> history.Change:  # fmt: skip
        changed = self._changed(label, there, wanted)
        before, after = (there.content if there else {}), (wanted.content if wanted else {})
        number = history.keep(
            self.store, at_ms=self.clock.now_ms(), actor=by.actor, name=by.name, label=label, what=what, reason=reason,
            before=before, after=after, undoes=undoes,
        )  # fmt: skip
        commit = self.files.record(changed, _message(label, what, reason, undoes), by)
        if commit:
            history.committed(self.store, number, commit)
        return history.one(self.store, number)

    def _changed(self, label: str, there: Question | None, wanted: Question | None) -> dict[str, str]:
        """The files that differ with a question as it is wanted, with their new text."""
        now = self._texts()
        return {name: text for name, text in with_question(now, wanted, there, label).items() if text != now[name]}

    def _texts(self) -> dict[str, str]:
        return {name: self.files.read(name) for name in (DOMAIN, NLU, RULES)}


def _in_lines(text: str) -> str:
    return text.strip().replace("\r\n", "\n")


def _message(label: str, what: str, reason: str | None, undoes: int | None) -> str:
    did = {"add": "Added", "change": "Changed", "retire": "Withdrew", "undo": "Took back a change of"}.get(
        what, "Taught"
    )
    return f"{did} {label}" + (f"\n\n{reason}" if reason else "") + (f"\n\nUndoes change {undoes}." if undoes else "")
