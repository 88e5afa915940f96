"""The validator's rules on outcome figures: none stands without whose it is, since when, of whom and of how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.answer import figures, placeholders
from bot.answer.catalogue import DOMAIN_FILE
from bot.answer.facts import FACTS_FILE, KINDS, MENTIONED, OUTCOME, Fact, one_line
from bot.answer.problem import Problem

_UNSAID = "not say"


def in_fact(fact: Fact, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    """What is wrong with a fact's kind and with the words that go with an outcome.

    Args:
        fact: The fact.
        facts: All of them, to fill in the figures that those words name.
    """
    where = f"facts.{fact.key}"
    if fact.kind not in KINDS:
        yield _problem(
            FACTS_FILE, f"{where}.kind", f"no such kind, got {fact.kind!r}", f"use one of {', '.join(KINDS)}"
        )
    expected = set(MENTIONED) if fact.kind == OUTCOME else set()
    if set(fact.mentions) != expected or not all(words.strip() for words in fact.mentions.values()):
        yield _problem(
            FACTS_FILE,
            f"{where}.mentions",
            f"holds {sorted(fact.mentions)} for the kind {fact.kind!r}",
            f"give {', '.join(MENTIONED)} for an outcome, and nothing for the other kinds",
        )
        return
    said = {name: _filled(words, facts) for name, words in fact.mentions.items()}
    wrong = [name for name in ("period", "denominator") if said and not _tells(getattr(fact, name), said[name])]
    if said and not figures.numbers(said["number"]) and _UNSAID not in said["number"]:
        wrong.append("number")
    for name in wrong:
        yield _problem(
            FACTS_FILE,
            f"{where}.mentions.{name}",
            f"{said[name]!r} does not tell of the {name}: {getattr(fact, name, None) or 'null'}",
            f"name it; where the source names none write that its page does {_UNSAID}",
        )


def _filled(words: str, facts: Mapping[str, Fact]) -> str:
    return placeholders.PATTERN.sub(
        lambda match: facts[key].reads if (key := match[1].removeprefix("facts.")) in facts else match[0], words
    )


def _tells(named: str | None, said: str) -> bool:
    """Whether the words tell what the source names (its numbers, else its words), or plainly that it names nothing."""
    if named is None:
        return _UNSAID in said
    numbers = figures.numbers(named)
    return set(numbers) <= set(figures.numbers(said)) if numbers else named.lower() in said.lower()


def in_text(where: str, text: str, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    """What a text leaves out that must stand with the outcome figures in it.

    Args:
        where: The text's key in the domain.
        text: The text with its placeholders.
        facts: The facts.
    """
    said = one_line(text)
    for name in dict.fromkeys(placeholders.PATTERN.findall(text)):
        fact = facts.get(name.removeprefix("facts."))
        for part, words in fact.mentions.items() if fact else ():
            if one_line(words) not in said:
                yield _problem(
                    DOMAIN_FILE,
                    where,
                    f"states the outcome {{{name}}} without its {part}",
                    f"write {words!r} in it; {FACTS_FILE.as_posix()} tells what each outcome must have with it",
                )


def _problem(file: Path, key: str, what: str, do: str) -> Problem:
    return Problem(file.as_posix(), key, what, do)
