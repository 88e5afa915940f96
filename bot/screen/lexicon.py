"""Words to canonical words: inflections, spellings, slips of the finger, and phrases that count as one word.

The knowledge is data in `words/*.yml`. A word that is not known is looked up one slip away (two in long words), unless
it is an ordinary word in its own right: "never" is not a misspelt "fever".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.screen.text import Token

WORDS = Path(__file__).parent / "words"
_LONGEST_SLIP = 24
"""Characters; longer words are left as they are, so that a text without spaces costs nothing extra."""
_SHORTEST_SLIP = 5
_LOOSE = {"cannot", "not", "be", "the"}
"""Words that an idiom may hold in any form; its other words must stand as written."""
_TWO_SLIPS = 9


class Word(NamedTuple):
    """One word or phrase as the rules see it.

    Attributes:
        canon: The canonical word of the vocabulary, or the levelled text when the vocabulary does not know it.
        raw: The levelled text as written (its form tells the tense).
        start: Where it begins in the given text, in characters.
        end: Where it ends in the given text, exclusive.
        kind: `word`, `number` or `sign`.
    """

    canon: str
    raw: str
    start: int
    end: int
    kind: str


class VocabularyError(ValueError):
    """A file of `words/` contradicts itself."""


def read_yaml(path: Path) -> Any:
    """Reads one data file of the screen, at import time only.

    Args:
        path: The file.

    Returns:
        Its content.
    """
    with path.open(encoding="utf-8") as file:
        return yaml.safe_load(file) or {}


def read_sets(path: Path, key: str) -> dict[str, frozenset[str]]:
    """Reads named sets of words from one data file, at import time only.

    Args:
        path: The file.
        key: The part of the file that holds the sets.

    Returns:
        The words of each set.
    """
    return {name: frozenset(str(words).split()) for name, words in read_yaml(path)[key].items()}


def _deletes(word: str, depth: int) -> Iterator[str]:
    """Every string that is left when up to `depth` characters are taken out of a word."""
    layer = {word}
    for _ in range(depth):
        layer = {text[:place] + text[place + 1 :] for text in layer for place in range(len(text))}
        yield from layer


def _slips(one: str, two: str, most: int) -> bool:
    """Tells whether two words are at most `most` slips apart (a letter more, less, other, or two swapped)."""
    if abs(len(one) - len(two)) > most:
        return False
    before: list[int] = []
    row = list(range(len(two) + 1))
    for place, char in enumerate(one, start=1):
        following = [place]
        for other, mark in enumerate(two, start=1):
            cost = min(row[other] + 1, following[-1] + 1, row[other - 1] + (char != mark))
            if other > 1 and place > 1 and char == two[other - 2] and one[place - 2] == mark:
                cost = min(cost, before[other - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1] <= most


class Lexicon:
    """The vocabulary, ready to be looked up."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Reads the vocabulary.

        Args:
            files: The data files.

        Raises:
            VocabularyError: One form is claimed by two canonical words.
        """
        self._canon: dict[str, str] = {}
        self._expansions: dict[str, list[str]] = {}
        self._ordinary: frozenset[str] = frozenset()
        phrases: list[tuple[str, str, bool]] = []
        slippery: set[str] = set()
        body: set[str] = set()
        for path in files:
            data = read_yaml(path)
            for canon, forms in (data.get("forms") or {}).items():
                for form in str(forms).split():
                    held = self._canon.setdefault(form, canon)
                    if held != canon:
                        raise VocabularyError(
                            f"bot.screen.lexicon: {path.name}: the form {form!r} of {canon!r} already belongs to "
                            f"{held!r}; keep it in one place"
                        )
                    if path.name == "body.yml":
                        body.add(canon)
                    if path.name == "body.yml" or len(form) >= 7:
                        slippery.add(form)
            self._expansions.update(data.get("expansions") or {})
            self._ordinary |= frozenset(str(data.get("ordinary") or "").split())
            for canon, wordings in (data.get("phrases") or {}).items():
                texts = wordings.split("|") if isinstance(wordings, str) else wordings
                phrases.extend((canon, text.strip(), bool(data.get("exact"))) for text in texts if text.strip())
        self._slips: dict[str, list[str]] = {}
        for form in slippery:
            if len(form) >= _SHORTEST_SLIP:
                for rest in {form, *_deletes(form, 2 if len(form) >= _TWO_SLIPS else 1)}:
                    self._slips.setdefault(rest, []).append(form)
        self._body = body
        self._names = frozenset(self._canon.values()) | {canon for canon, _, _ in phrases}
        self._phrases: dict[tuple[str, ...], list[tuple[tuple[str, ...], str, tuple[str, ...] | None]]] = {}
        # Single words first: a longer wording may begin with one of them.
        for canon, wording, _ in phrases:
            if len(wording.split()) == 1:
                self._canon.setdefault(wording, canon)
        for canon, wording, exact in phrases:
            levelled, raw = self._wording(wording)
            if len(levelled) > 1:
                self._phrases.setdefault(levelled[:2], []).append((levelled, canon, raw if exact else None))
        for group in self._phrases.values():
            group.sort(key=lambda item: -len(item[0]))

    def _wording(self, wording: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The canonical words of a phrase as the data files write it, and its words as written."""
        raw: list[str] = []
        for piece in wording.replace("'", "").split():
            raw.extend(self._expansions.get(piece, [piece]))
        return tuple(self.lookup(piece) for piece in raw), tuple(raw)

    def exact(self, word: str) -> str:
        """Gives the canonical word of a known form, or the word itself; no guess at slips.

        Args:
            word: A form or a canonical word.
        """
        return word if word in self._names else self._canon.get(word, word)

    def lookup(self, form: str) -> str:
        """Gives the canonical word of one form.

        Args:
            form: A levelled word without apostrophe.

        Returns:
            The canonical word, or the form itself when nothing fits.
        """
        known = self._canon.get(form)
        if known is not None:
            return known
        if len(form) > _LONGEST_SLIP:
            return form
        return self._guess(form)

    def _guess(self, form: str) -> str:
        if form in self._ordinary or len(form) < 3:
            return form
        squeezed = _squeeze(form)
        if squeezed != form:
            for candidate in (_squeeze(form, 1), squeezed):
                if candidate in self._canon:
                    return self._canon[candidate]
        if len(squeezed) < _SHORTEST_SLIP - 1:
            return form
        most = 2 if len(squeezed) >= _TWO_SLIPS else 1
        best: tuple[int, str] | None = None
        for rest in (squeezed, *_deletes(squeezed, most)):
            for candidate in self._slips.get(rest, ()):
                if candidate[0] != squeezed[0] and candidate[1:2] != squeezed[0:1]:
                    continue
                for slips in range(1, (2 if len(candidate) >= _TWO_SLIPS else 1) + 1):
                    if (best is None or slips < best[0]) and _slips(squeezed, candidate, slips):
                        best = (slips, candidate)
                        break
        return self._canon[best[1]] if best else form

    def words(self, tokens: list[Token]) -> list[Word]:
        """Turns tokens into canonical words, phrases merged.

        Args:
            tokens: The tokens of a text.

        Returns:
            Canonical words in order; a phrase is one word.
        """
        flat: list[Word] = []
        for token in tokens:
            if token.kind != "word":
                flat.append(Word(token.text, token.text, token.start, token.end, token.kind))
                continue
            for part in self._parts(token.text):
                flat.append(Word(_cached(self, part), part, token.start, token.end, "word"))
        return self._merge(flat)

    def _parts(self, text: str) -> list[str]:
        """Takes contractions apart: "he's" is "he is", "son's" is "son"."""
        joined = text.replace("'", "")
        if joined in self._expansions:
            return self._expansions[joined]
        if "'" not in text or joined in self._canon:
            return [joined]
        base, _, suffix = text.partition("'")
        if suffix == "s":
            return [base, "is"] if self._canon.get(base) in ("i", "he", "she", "it", "what", "who", "where") else [base]
        if suffix in ("m", "re"):
            return [base, "are"]
        if suffix == "ve":
            return [base, "have"]
        if suffix == "ll":
            return [base, "will"]
        return [joined] if suffix else [base]

    def _merge(self, flat: list[Word]) -> list[Word]:
        """Merges phrases, the longest first; signs inside a phrase keep it apart."""
        canons = tuple(word.canon for word in flat)
        out: list[Word] = []
        place = 0
        while place < len(flat):
            for wording, canon, exact in self._phrases.get(canons[place : place + 2], ()):
                stop = place + len(wording)
                if canons[place:stop] == wording and (exact is None or _literal(self._body, flat[place:stop], exact)):
                    out.append(flat[place]._replace(canon=canon, end=flat[stop - 1].end))
                    place = stop
                    break
            else:
                out.append(flat[place])
                place += 1
        return out


def _literal(body: set[str], group: list[Word], raw: tuple[str, ...]) -> bool:
    return all(word.raw == piece or word.canon in body or word.canon in _LOOSE for word, piece in zip(group, raw))


def _squeeze(form: str, most: int = 2) -> str:
    """Cuts runs of one letter: "feveeeer" becomes "feveer" (or "fever" with `most=1`)."""
    out: list[str] = []
    for char in form:
        if out[-most:] != [char] * most:
            out.append(char)
    return "".join(out)


@lru_cache(maxsize=8192)
def _cached(lexicon: Lexicon, form: str) -> str:
    """Looks up and remembers: people use the same words again and again."""
    return lexicon.lookup(form)


LEXICON = Lexicon(sorted(WORDS.glob("*.yml")))
"""The vocabulary, read once at import."""
