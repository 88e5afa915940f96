"""Facts and sources: each figure once, with whose it is and the exact words it was taken from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from bot.errors import AnswerError

FACTS_FILE = Path("data/facts.yml")
SOURCES_FILE = Path("data/sources.yml")
OUTCOME = "outcome"
KINDS = (OUTCOME, "count", "duration", "date", "case")
MENTIONED = ("whose", "period", "denominator", "number")


@dataclass(frozen=True)
class Fact:
    """One figure.

    Attributes:
        key: Its name; texts say `{facts.KEY}`.
        kind: One of `KINDS`; `outcome` is what became of patients (remission, survival).
        value: The figure as the source writes it.
        unit: What is counted or measured (`weeks`, `%`, `cases`), or None.
        denominator: Of what or whom it is a part, or None when the source names none.
        period: The time it covers, or None when the source names none.
        whose: Who claims it, as a patient reads it.
        source: Key in `data/sources.yml`.
        quote: The source's exact words.
        reads: How it stands in a sentence.
        mentions: Of an outcome, by `MENTIONED`: the words that each text with the figure must hold, so that nobody
            reads it without whose it is, since when, of whom and of how many; empty for the other kinds.
    """

    key: str
    kind: str
    value: str
    unit: str | None
    denominator: str | None
    period: str | None
    whose: str
    source: str
    quote: str
    reads: str
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where answers come from.

    Attributes:
        key: Its name in `domain.yml` and `data/facts.yml`.
        reads: Its name as a patient reads it.
        title: The title the page itself bears.
        publisher: Who published it.
        kind: What sort of page it is.
        retrieved: ISO date on which its text was taken.
        sha256: SHA-256 of that text (UTF-8), so that a later copy can be told apart.
        excerpts: The passages that answers rest on, word for word.
    """

    key: str
    reads: str
    title: str
    publisher: str
    kind: str
    retrieved: str
    sha256: str
    excerpts: tuple[str, ...]

    def says(self, quote: str) -> bool:
        """Whether the words stand in one of the excerpts, line breaks aside."""
        return any(one_line(quote) in one_line(excerpt) for excerpt in self.excerpts)


def one_line(text: str) -> str:
    """The text with every run of white space (the sources' no-break spaces too) as one space."""
    return re.sub(r"\s+", " ", text).strip()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that refuses a key given twice, which PyYAML would silently let win."""


def _unique_keys(loader: Any, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_keys)


def read_yaml(file: Path) -> dict[str, Any]:
    """Reads a YAML file whose top level is a mapping.

    Raises:
        AnswerError: The file is missing, is not YAML, gives a key twice, or holds no mapping.
    """
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # a subclass of SafeLoader
    except OSError as error:
        raise AnswerError(f"{file}: cannot be read ({error.strerror}); restore it from the repository") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AnswerError(f"{file}: is not YAML that can be used; correct it there: {error}") from error
    if not isinstance(data, dict):
        raise AnswerError(f"{file}: must hold keys and values, got {type(data).__name__}")
    return data


def _records(root: Path, file: Path, top: str, kind: type) -> dict[str, dict[str, Any]]:
    entries = read_yaml(root / file).get(top)
    if not isinstance(entries, dict):
        raise AnswerError(f"{file}: needs `{top}:` with an entry for each, got {type(entries).__name__}")
    known = {spec.name for spec in fields(kind)} - {"key"}
    needed = {spec.name for spec in fields(kind) if spec.default_factory is MISSING} - {"key"}
    for key, entry in entries.items():
        given = set(entry) if isinstance(entry, dict) else set()
        if not needed <= given <= known:
            missing, unknown = ", ".join(sorted(needed - given)), ", ".join(sorted(given - known))
            raise AnswerError(f"{file}: {top}.{key}: missing keys [{missing}], unknown keys [{unknown}]")
    return entries


def load_facts(root: Path) -> dict[str, Fact]:
    """Reads `data/facts.yml`.

    Raises:
        AnswerError: The file cannot be used; the message names file and key.
    """
    facts = {}
    for key, entry in _records(root, FACTS_FILE, "facts", Fact).items():
        texts: dict[str, Any] = {
            name: value if value is None else str(value) for name, value in entry.items() if name != "mentions"
        }
        mentions = entry.get("mentions") or {}
        if not isinstance(mentions, dict):
            raise AnswerError(f"{FACTS_FILE}: facts.{key}.mentions: needs keys and words, got {mentions!r}")
        facts[key] = Fact(key=key, mentions={name: str(words) for name, words in mentions.items()}, **texts)
    return facts


def load_sources(root: Path) -> dict[str, Source]:
    """Reads `data/sources.yml`.

    Raises:
        AnswerError: The file cannot be used; the message names file and key.
    """
    sources = {}
    for key, entry in _records(root, SOURCES_FILE, "sources", Source).items():
        texts = {name: str(value) for name, value in entry.items() if name != "excerpts"}
        sources[key] = Source(key=key, excerpts=tuple(str(part) for part in entry["excerpts"] or ()), **texts)
    return sources
