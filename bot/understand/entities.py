"""Finds entities with spaCy's matcher: names and spellings from data/nlu.yml, misspellings by edit distance.

In `data/nlu.yml` a `lookup` lists the ways in which an entity is said, a `synonym` says which value they stand for; a
surface form without a synonym is its own value. spaCy serves for tokens and matching alone; its English vectors did
badly as features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.matcher import PhraseMatcher
from spacy.matcher.levenshtein import levenshtein
from spacy.tokens import Doc
from spacy.util import filter_spans

# shorter words have too many neighbours at one edit: `auto` and `ante`, `hal` and `all`
_ONE_EDIT_FROM = 6
_TWO_EDITS_FROM = 9
# words of their own that begin like a name: "after the second readmission"
_OTHER_WORDS = frozenset({"readmission", "readmissions"})


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


def _edits(word: str) -> int:
    """How many wrong letters a word of a name may have."""
    return 2 if len(word) >= _TWO_EDITS_FROM else 1 if len(word) >= _ONE_EDIT_FROM else 0


class EntityMatcher:
    """Matches surface forms of entities.

    Words of a text that are misspelt words of names are put right first, then whole names are matched exactly.

    Args:
        forms: For each entity, its surface forms and their values.
    """

    def __init__(self, forms: Mapping[str, Mapping[str, str]]) -> None:
        self.forms = {entity: dict(surface) for entity, surface in forms.items()}
        self._nlp = spacy.blank("en")
        self._matchers: dict[str, PhraseMatcher] = {}
        self._values: dict[tuple[str, str], str] = {}
        words: set[str] = set()
        for entity, surfaces in self.forms.items():
            matcher = self._matchers[entity] = PhraseMatcher(self._nlp.vocab, attr="LOWER")
            for surface, value in surfaces.items():
                doc = self._nlp.make_doc(surface.lower())
                matcher.add(surface, [doc])
                self._values[entity, surface] = value
                words.update(token.text for token in doc)
        self._words = words
        # Who misspells a word gets its first letter right; at the first letter stand other words: related and
        # unrelated, plastic and aplastic, narrow and marrow, admission and remission.
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(words):
            if _edits(word):
                self._by_letter.setdefault(word[0], []).append(word)

    def _right(self, word: str) -> str:
        """The word of a name that a word is a misspelling of, or the word itself."""
        if word in self._words or len(word) < _ONE_EDIT_FROM - 1 or word in _OTHER_WORDS:
            return word
        near = [
            (levenshtein(word, meant), meant)
            for meant in self._by_letter.get(word[0], ())
            if abs(len(word) - len(meant)) <= _edits(meant)
        ]
        distance, meant = min(near, default=(99, word))
        return meant if distance <= _edits(meant) else word

    def find(self, text: str) -> list[Found]:
        """Finds entities from left to right; where two of a kind overlap, the longer stands, of equals the exact one.

        One place may be two kinds of entity.
        """
        said = self._nlp.make_doc(text)
        meant = Doc(self._nlp.vocab, words=[self._right(token.lower_) for token in said])
        kept: list[Found] = []
        for entity, matcher in self._matchers.items():
            for span in filter_spans([meant[start:end] for _, start, end in matcher(meant)]):
                place = said[span.start : span.end]
                name = next(
                    self._nlp.vocab.strings[key]
                    for key, start, end in matcher(meant)
                    if (start, end) == (span.start, span.end)
                )
                kept.append(Found(entity, self._values[entity, name], place.start_char, place.end_char))
        return sorted(kept, key=lambda found: (found.start, found.entity))


def forms_of(lookup_tables: Iterable[Mapping[str, Any]], synonyms: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Joins Rasa's lookup tables and synonyms to surface forms with their values."""
    values = {surface.lower(): value for surface, value in synonyms.items()}
    forms: dict[str, dict[str, str]] = {}
    for table in lookup_tables:
        elements = table["elements"]
        if isinstance(elements, str):
            raise ValueError(
                f"data/nlu.yml: lookup {table['name']} names a file ({elements}); list its elements there instead"
            )
        forms.setdefault(table["name"], {}).update(
            {surface: values.get(surface.lower(), surface) for surface in elements}
        )
    return forms
