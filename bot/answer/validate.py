"""Finds what is wrong with the answers, facts and sources, by file and key, before a patient meets it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from bot.answer import figures, labels, placeholders, review, validate_outcomes, validate_review
from bot.answer.catalogue import DOMAIN_FILE, NO_SOURCE, metadata_of
from bot.answer.facts import FACTS_FILE, SOURCES_FILE, Fact, Source, load_facts, load_sources, one_line, read_yaml
from bot.answer.problem import Problem
from bot.errors import AnswerError
from bot.settings import ROOT, Settings, settings

NLU_FILE = Path("data/nlu.yml")
QUESTION_CHARACTERS = 40
_REQUIRED = ("label", "source", "owner", "reviewed_on", "review_by", "state")


def problems(root: Path, today: date) -> list[Problem]:
    """Checks the answers of the project in `root`.

    Args:
        root: The project's folder.
        today: The day in the hospital's zone, on which answers may have expired.

    Returns:
        All problems, in the order of the files; empty when the answers may be given.
    """
    root = Path(root)
    found: list[Problem] = []
    facts: dict[str, Fact] = {}
    sources: dict[str, Source] = {}
    responses: dict[str, Any] = {}
    try:
        sources = load_sources(root)
        found += _in_sources(sources)
        facts = load_facts(root)
        found += _in_facts(facts, sources)
    except AnswerError as error:
        found.append(Problem(str(FACTS_FILE.parent), "", str(error), "correct the file named"))
    try:
        responses = _responses(root)
        found += _in_responses(responses, facts, sources, today)
    except AnswerError as error:
        found.append(Problem(str(DOMAIN_FILE), "", str(error), "correct the file"))
    found += _unused(facts, sources, responses)
    found += _without_examples(root, _taught(responses))
    return found


def reminders(root: Path, today: date) -> list[Problem]:
    """What is in order still, but must be reviewed soon; empty when the domain cannot be read, which is a problem.

    Args:
        root: The project's folder.
        today: The day in the hospital's zone.
    """
    try:
        return list(validate_review.due(_responses(Path(root)), today))
    except AnswerError:
        return []


def _responses(root: Path) -> dict[str, Any]:
    given = read_yaml(root / DOMAIN_FILE).get("responses")
    return given if isinstance(given, dict) else {}


def _taught(responses: Mapping[str, Any]) -> list[str]:
    """Labels that trainers made, by the responses that answer them."""
    found = (labels.label_of(name.removeprefix("utter_")) for name in responses if name.startswith("utter_"))
    return [label for label in found if label and labels.is_taught(label)]


def _in_sources(sources: Mapping[str, Source]) -> Iterator[Problem]:
    for key, source in sources.items():
        for name in ("reads", "title", "publisher", "kind", "sha256"):
            if not getattr(source, name).strip():
                yield _problem(SOURCES_FILE, f"sources.{key}.{name}", "is empty", "fill it in")
        if review.day_of(source.retrieved) is None:
            yield _problem(
                SOURCES_FILE, f"sources.{key}.retrieved", f"is no date, got {source.retrieved!r}", "write YYYY-MM-DD"
            )
        if not source.excerpts:
            yield _problem(SOURCES_FILE, f"sources.{key}.excerpts", "is empty", "add the passages that answers rest on")


def _in_facts(facts: Mapping[str, Fact], sources: Mapping[str, Source]) -> Iterator[Problem]:
    for key, fact in facts.items():
        where = f"facts.{key}"
        for name in ("value", "whose", "quote", "reads"):
            if not (getattr(fact, name) or "").strip():
                yield _problem(FACTS_FILE, f"{where}.{name}", "is empty", "fill it in")
        if fact.source not in sources:
            yield _problem(
                FACTS_FILE, f"{where}.source", f"no such source, got {fact.source!r}", f"use a key of {SOURCES_FILE}"
            )
        elif not sources[fact.source].says(fact.quote):
            yield _problem(
                FACTS_FILE,
                f"{where}.quote",
                f"the words are in no excerpt of {fact.source}, got {fact.quote!r}",
                f"quote the source word for word, or add the passage to {SOURCES_FILE}",
            )
        if one_line(fact.value) not in one_line(fact.quote):
            yield _problem(
                FACTS_FILE,
                f"{where}.value",
                f"{fact.value!r} does not stand in the quote",
                "write it as the source does",
            )
        if figures.numbers(fact.reads) != figures.numbers(fact.value):
            yield _problem(
                FACTS_FILE,
                f"{where}.reads",
                f"{fact.reads!r} holds other numbers than {fact.value!r}",
                "use the same ones",
            )
        yield from validate_outcomes.in_fact(fact, facts)


def _in_responses(
    responses: Mapping[str, Any], facts: Mapping[str, Fact], sources: Mapping[str, Source], today: date
) -> Iterator[Problem]:
    questions: dict[str, str] = {}
    known = placeholders.names(facts)
    known_labels = {*labels.LABELS, *_taught(responses)}
    for label in labels.LABELS:
        if labels.response_of(label) not in responses:
            yield _problem(
                DOMAIN_FILE, f"responses.{labels.response_of(label)}", f"the label {label} has no answer", "write it"
            )
    for name, variations in responses.items():
        where = f"responses.{name}"
        if not isinstance(variations, list) or not variations or not all(isinstance(one, dict) for one in variations):
            yield _problem(DOMAIN_FILE, where, "holds no list of texts", "give it at least one `- text:`")
            continue
        plain = [one for one in variations if not one.get("condition")]
        if len(plain) != 1:
            yield _problem(
                DOMAIN_FILE, where, f"needs one text without a condition, got {len(plain)}", "leave exactly one"
            )
        yield from _in_metadata(name, metadata_of(variations), sources, questions, known_labels)
        yield from validate_review.in_review(name, metadata_of(variations), today)
        for number, variation in enumerate(variations):
            yield from _in_texts(f"{where}[{number}]", variation, known)
            text = str(variation.get("text") or "")
            yield from validate_outcomes.in_text(f"{where}[{number}].text", text, facts)


def _in_metadata(
    name: str,
    meta: Mapping[str, Any],
    sources: Mapping[str, Source],
    questions: dict[str, str],
    known_labels: set[str],
) -> Iterator[Problem]:
    where = f"responses.{name}.metadata"

    def wrong(key: str, what: str, do: str) -> Problem:
        return _problem(DOMAIN_FILE, f"{where}.{key}", what, do)

    for key in _REQUIRED:
        if not str(meta.get(key) or "").strip():
            yield wrong(key, "is missing", "add it; docs/answers.md tells what it means")
    source, label = meta.get("source"), meta.get("label")
    if source and source != NO_SOURCE and source not in sources:
        yield wrong("source", f"no such source, got {source!r}", f"use a key of {SOURCES_FILE}, or `{NO_SOURCE}`")
    if source == NO_SOURCE and str(label).startswith(review.STATES_FACTS):
        yield wrong("source", "an answer of faq/ states something and needs a source", f"use a key of {SOURCES_FILE}")
    expected = labels.label_of(name.removeprefix("utter_"))
    if expected and label and label != expected:
        yield wrong("label", f"must be {expected!r}, got {label!r}", "correct it or the response's name")
    if not expected and label and label not in (*known_labels, *labels.OUTCOMES):
        yield wrong("label", f"no such label, got {label!r}", "use one of bot/answer/labels.py")
    yield from _in_question(wrong, name, expected, meta, questions)
    for key, allowed in (("subject", labels.SUBJECTS), ("aspect", labels.ASPECTS)):
        if meta.get(key, "none") not in allowed:
            yield wrong(key, f"got {meta.get(key)!r}", f"use one of {', '.join(allowed)}")
    for following in meta.get("next") or ():
        if following not in known_labels:
            yield wrong("next", f"no such label, got {following!r}", "use one that has an answer")


def _in_question(
    wrong: Any, name: str, expected: str | None, meta: Mapping[str, Any], questions: dict[str, str]
) -> Iterator[Problem]:
    question = str(meta.get("question") or "").strip()
    if expected and not question:
        yield wrong("question", "is missing", "add the words that a patient would press to get this answer")
    if len(question) > QUESTION_CHARACTERS:
        yield wrong("question", f"is longer than {QUESTION_CHARACTERS} characters, got {len(question)}", "shorten it")
    # `utter_contacts` is `utter_contact_human` under another name, so one label may have its question twice.
    if question and questions.setdefault(question, str(meta.get("label"))) != meta.get("label"):
        yield wrong("question", f"{question!r} also asks for {questions[question]}", "make them differ")


def _in_texts(where: str, variation: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    meta = variation.get("metadata") or {}
    texts = {
        f"{where}.text": str(variation.get("text") or ""),
        f"{where}.metadata.question": str(meta.get("question") or ""),
    }
    for number, button in enumerate(variation.get("buttons") or ()):
        texts[f"{where}.buttons[{number}].title"] = str(button.get("title") or "")
    if not texts[f"{where}.text"].strip():
        yield _problem(DOMAIN_FILE, f"{where}.text", "is empty", "write the answer")
    for key, text in texts.items():
        for figure in figures.typed_by_hand(text):
            yield _problem(
                DOMAIN_FILE,
                key,
                f"a figure typed by hand, got {figure!r}",
                f"put it into {FACTS_FILE} and write {{facts.KEY}}",
            )
        for name in placeholders.PATTERN.findall(text):
            if name not in known:
                yield _problem(
                    DOMAIN_FILE, key, f"unknown placeholder {{{name}}}", "docs/answers.md lists those there are"
                )
        bare = placeholders.PATTERN.sub("", text)
        if "{" in bare or "}" in bare:
            yield _problem(DOMAIN_FILE, key, "a brace without its partner", "braces are for placeholders alone")


def _unused(
    facts: Mapping[str, Fact], sources: Mapping[str, Source], responses: Mapping[str, Any]
) -> Iterator[Problem]:
    lists = [one for one in responses.values() if isinstance(one, list)]
    variations = [one for several in lists for one in several if isinstance(one, dict)]
    used = {name for one in variations for name in placeholders.PATTERN.findall(str(one.get("text") or ""))}
    cited = {str((one.get("metadata") or {}).get("source")) for one in variations}
    for key in facts:
        if f"facts.{key}" not in used:
            yield _problem(
                FACTS_FILE, f"facts.{key}", "no text uses it", f"write {{facts.{key}}} in an answer, or drop it"
            )
    for key in sources:
        if key not in cited:
            yield _problem(SOURCES_FILE, f"sources.{key}", "no answer names it", "drop it")


def _without_examples(root: Path, taught: Iterable[str]) -> Iterator[Problem]:
    try:
        entries = read_yaml(root / NLU_FILE).get("nlu") or []
    except AnswerError as error:
        yield _problem(NLU_FILE, "nlu", str(error), "restore it")
        return
    with_examples = {
        entry.get("intent") for entry in entries if isinstance(entry, dict) and _has_examples(entry.get("examples"))
    }
    for label in (*labels.LABELS, *taught):
        if labels.intent_of(label) not in with_examples:
            yield _problem(
                NLU_FILE,
                f"nlu.{labels.intent_of(label)}",
                f"the label {label} has no examples",
                "add what patients write",
            )


def _has_examples(examples: Any) -> bool:
    """Whether Rasa's block text (`- one example` a line) or its long form (a list) holds any."""
    if isinstance(examples, str):
        return any(line.strip().removeprefix("-").strip() for line in examples.splitlines())
    return bool(examples)


def _problem(file: Path, key: str, what: str, do: str) -> Problem:
    return Problem(file.as_posix(), key, what, do)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def main(root: Path = ROOT, clock: Callable[[], datetime] = _now, given: Settings | None = None) -> int:
    """Prints each problem and each reminder with file, key and what to do; exit code 1 when there is any problem.

    Args:
        root: The project's folder.
        clock: Tells the time with a zone.
        given: Settings, for the hospital's zone; those of the process when None.
    """
    today = review.today((given or settings()).time_zone, clock())
    found = problems(root, today)
    for one in found:
        print(one)
    for one in reminders(root, today):
        print(f"soon: {one}")
    print(f"{len(found)} problems in answers, facts, sources and examples" if found else "the answers are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
