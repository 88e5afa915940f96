"""Rules: data of `rules/*.yml`, compiled once at import into patterns over canonical words.

A pattern is written as words: `nose bleed` means both words in this order with at most three others between;
`eye & yellow` means any order within five; `not +speak` means side by side; `~6` at the end allows six others between;
`a|b` are alternatives; `@name` is a named set. Matching walks forward only and
never goes back further than the pattern is long, so it is linear in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from bot.screen.clauses import SETS, Sentence
from bot.screen.lexicon import LEXICON, read_yaml

RULES = Path(__file__).parent / "rules"
_GAP_IN_ORDER = 3
_GAP_ANY_ORDER = 5
_RED = ("emergency", "self_harm")


class RuleError(ValueError):
    """A rule cannot be used."""


@dataclass(frozen=True)
class Rule:
    """One rule as its file tells it.

    Attributes:
        id: Unique name.
        danger: Its class, such as `fever`.
        verdict: What it gives when nothing speaks against it.
        source: The public guidance that names the symptom.
        why: Why the rule is there, in one or two sentences.
        unless: Canonical words that, in the same clause, make the wording mean something else.
        matches: Messages that must get the verdict.
        near_misses: Messages that look alike and must not.
        imagined: True when a condition in the first person is as grave as a statement ("if I killed myself").
        lasting: True when a past form without a time still counts ("my son had a seizure").
    """

    id: str
    danger: str
    verdict: str
    source: str
    why: str
    unless: frozenset[str]
    matches: tuple[str, ...]
    near_misses: tuple[str, ...]
    imagined: bool
    lasting: bool


@dataclass(frozen=True)
class Pattern:
    """One wording of a rule.

    Attributes:
        rule: The rule it belongs to.
        terms: For each word of the wording, the canonical words that fit.
        gaps: For each word but the first, how many other words may stand before it.
        alone: True when the wording tells of an event by itself, without a person or a time ("nose won't stop").
    """

    rule: Rule
    terms: tuple[frozenset[str], ...]
    gaps: tuple[int, ...]
    alone: bool


@dataclass(frozen=True)
class Hit:
    """A wording found in a sentence.

    Attributes:
        pattern: The wording.
        places: The indices of its words in the sentence, in order.
    """

    pattern: Pattern
    places: tuple[int, ...]

    @property
    def first(self) -> int:
        """Index of the first word."""
        return self.places[0]

    @property
    def last(self) -> int:
        """Index of the last word."""
        return self.places[-1]


def _compile(rule: Rule, wording: str, alone: bool, where: str) -> list[Pattern]:
    any_order = "&" in wording
    wording, _, width = wording.replace("&", " ").partition("~")
    gap = int(width) if width else _GAP_ANY_ORDER if any_order else _GAP_IN_ORDER
    terms: list[frozenset[str]] = []
    gaps: list[int] = []
    for piece in wording.split():
        gaps.append(0 if piece.startswith("+") else gap)
        piece = piece.removeprefix("+")
        term: set[str] = set()
        for word in piece.split("|"):
            if word.startswith("@"):
                if word[1:] not in SETS:
                    raise RuleError(f"bot.screen.rules: {where}: no set is named {word!r}; add it to words/frames.yml")
                term |= SETS[word[1:]]
            else:
                term.add(LEXICON.exact(word))
        terms.append(frozenset(term))
    if any_order:
        return [Pattern(rule, order, tuple(gaps[1:]), alone) for order in permutations(terms)]
    return [Pattern(rule, tuple(terms), tuple(gaps[1:]), alone)]


def _rule(data: dict[str, Any], where: str) -> Rule:
    missing = [
        key for key in ("id", "class", "verdict", "source", "why", "matches", "near_misses") if not data.get(key)
    ]
    if missing:
        raise RuleError(f"bot.screen.rules: {where}: the rule {data.get('id')!r} lacks {', '.join(missing)}; add it")
    return Rule(
        id=data["id"],
        danger=data["class"],
        verdict=data["verdict"],
        source=data["source"],
        why=data["why"],
        unless=frozenset(
            form for word in str(data.get("unless") or "").split() for form in (word, LEXICON.exact(word))
        ),
        matches=tuple(data["matches"]),
        near_misses=tuple(data["near_misses"]),
        imagined=bool(data.get("imagined")),
        lasting=bool(data.get("lasting")),
    )


def _load(folder: Path) -> tuple[tuple[Rule, ...], dict[str, list[Pattern]]]:
    rules: list[Rule] = []
    by_first: dict[str, list[Pattern]] = {}
    for path in sorted(folder.glob("*.yml")):
        for data in read_yaml(path):
            rule = _rule(data, path.name)
            if rule.id in {known.id for known in rules}:
                raise RuleError(f"bot.screen.rules: {path.name}: the id {rule.id!r} is used twice; rename one")
            rules.append(rule)
            for key, alone in (("says", False), ("alone", True)):
                for wording in data.get(key) or ():
                    for pattern in _compile(rule, str(wording), alone, f"{path.name}: {rule.id}"):
                        for word in pattern.terms[0]:
                            if pattern not in by_first.setdefault(word, []):
                                by_first[word].append(pattern)
    return tuple(rules), by_first


ALL_RULES, _BY_FIRST = _load(RULES)
"""Every rule, read once at import; and the patterns by the words they can begin with."""


def hits(sentence: Sentence) -> list[Hit]:
    """Finds every wording of every rule in one sentence.

    Args:
        sentence: The sentence.

    Returns:
        The hits in the order of their first words.
    """
    found: list[Hit] = []
    canons = sentence.canons(0, len(sentence.words))
    known = set(canons)
    for first, canon in enumerate(canons):
        for pattern in _BY_FIRST.get(canon, ()):
            if len(pattern.terms) > 1 and known.isdisjoint(pattern.terms[1]):
                continue
            places = [first]
            for term, gap in zip(pattern.terms[1:], pattern.gaps):
                place = places[-1] + 1
                limit = min(place + gap + 1, len(canons))
                while place < limit and canons[place] not in term:
                    place += 1
                if place >= limit:
                    break
                places.append(place)
            else:
                found.append(Hit(pattern, tuple(places)))
    return found
