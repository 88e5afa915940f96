"""Finds entities with spaCy's matcher: names and their other spellings from data/nlu.yml, misspellings by edit distance.

In `data/nlu.yml` a `lookup` lists the ways in which an entity is said, a `synonym` says which value they stand for; a
surface form without a synonym is its own value. spaCy serves for tokens and matching alone; its English vectors did
badly as features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.util import filter_spans

# shorter words have too many neighbours at one edit: `auto` and `ante`, `hal` and `all`
_ONE_EDIT_FROM = 6
_TWO_EDITS_FROM = 9


@dataclass(frozen=True)
class Found:
    """One entity in a text.

    Attributes:
        entity: Its kind.
        value: What it stands for.
        start: First character.
        end: One past the last character.
    """

    entity: str
    value: str
    start: int
    end: int


def _pattern(token: str) -> dict[str, Any]:
    if len(token) >= _TWO_EDITS_FROM:
        return {"LOWER": {"FUZZY2": token}}
    if len(token) >= _ONE_EDIT_FROM:
        return {"LOWER": {"FUZZY1": token}}
    return {"LOWER": token}


class EntityMatcher:
    """Matches surface forms of entities.

    Args:
        forms: For each entity, its surface forms and their values.
    """

    def __init__(self, forms: Mapping[str, Mapping[str, str]]) -> None:
        self.forms = {entity: dict(surface) for entity, surface in forms.items()}
        self._nlp = spacy.blank("en")
        self._matcher = Matcher(self._nlp.vocab)
        self._values: dict[str, tuple[str, str]] = {}
        for entity, surfaces in self.forms.items():
            for surface, value in surfaces.items():
                key = f"{entity}\t{surface}"
                self._values[key] = (entity, value)
                tokens = [token.lower_ for token in self._nlp.make_doc(surface)]
                self._matcher.add(key, [[_pattern(token) for token in tokens]])

    def find(self, text: str) -> list[Found]:
        """Finds entities from left to right; where two overlap, the longer and of equals the exact one stands."""
        doc = self._nlp.make_doc(text)
        spans = []
        for key, start, end in self._matcher(doc):
            span = doc[start:end]
            name = self._nlp.vocab.strings[key]
            exact = span.text.lower() == name.split("\t", 1)[1].lower()
            spans.append((exact, span, self._values[name]))
        kept: list[Found] = []
        by_entity: dict[str, list[tuple[bool, Any, tuple[str, str]]]] = {}
        for item in spans:
            by_entity.setdefault(item[2][0], []).append(item)
        for items in by_entity.values():  # one place may be two kinds of entity, never two of one kind
            items.sort(key=lambda item: not item[0])
            chosen = filter_spans([span for _, span, _ in items])
            for span in chosen:
                entity, value = next(found for _, other, found in items if other is span)
                kept.append(Found(entity, value, span.start_char, span.end_char))
        return sorted(kept, key=lambda found: (found.start, found.entity))


def forms_of(lookup_tables: Iterable[Mapping[str, Any]], synonyms: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Joins Rasa's lookup tables and synonyms to surface forms with their values."""
    values = {surface.lower(): value for surface, value in synonyms.items()}
    forms: dict[str, dict[str, str]] = {}
    for table in lookup_tables:
        elements = table["elements"]
        if isinstance(elements, str):
            raise ValueError(
                f"data/nlu.yml: lookup {table['name']} names a file ({elements}); list its elements in data/nlu.yml instead"
            )
        forms.setdefault(table["name"], {}).update({surface: values.get(surface.lower(), surface) for surface in elements})
    return forms
