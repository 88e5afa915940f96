"""Cuts text into the terms that the search index holds, and a query into the same: one way for both engines.

No database's own word cutter is asked. They differ from one another, know no Chinese, Japanese or Thai, and read signs
in a query as commands. Here a term is a run of letters and digits without case, accents and width; in scripts that put
no space between words (and in Korean, whose particles stick to the noun) each character is a term, so that a word of
any length is found as a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST_TERM = 64
"""Characters of a term that count; PostgreSQL takes no lexeme above 2 KB."""

LAST_POSITION = 16383
"""PostgreSQL counts positions no further."""

PREFIX_FROM = 3
"""Letters from which a word also finds longer words."""

MOST_CLAUSES = 16
"""Words and phrases of one query that count; the rest is left out."""

# Han, kana, Hangul, Thai, Lao, Myanmar, Khmer, Tibetan, and Han outside the basic plane
_SINGLE = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]"
)
MARKS = {"patient": "p", "staff": "s", "bot": "b"}
"""Who said a term."""

_NOTHING = "\0"
"""What an accent or a joiner comes to: no letter, and no gap between letters either."""

_ASCII_WORD = re.compile(r"[0-9a-z]+")
_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True)
class Term:
    """One term and where it stands in the text.

    Attributes:
        word: As it is indexed.
        start: Its first character in the text.
        end: One behind its last.
    """

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """One word or phrase of a query.

    Attributes:
        words: Terms that must follow one another.
        prefix: Whether the last term may be the beginning of a longer one.
        without: Whether lines with it are left out.
    """

    words: tuple[str, ...]
    prefix: bool = False
    without: bool = False


@lru_cache(maxsize=8192)
def _folded(character: str) -> tuple[str, bool]:
    """A character without case, accent and width, and whether it is a term for itself; "" parts terms."""
    wide = unicodedata.normalize("NFKC", character)
    if _SINGLE.match(wide):
        # A Korean syllable stays whole; kana lose the voiced mark, which may also come as a character of its own.
        parts = wide if "\uac00" <= wide <= "\ud7af" else unicodedata.normalize("NFKD", wide)
        kept = next((part for part in parts if part.isalnum()), "")
        return kept or (_NOTHING if unicodedata.category(wide[0])[0] == "M" else ""), bool(kept)
    bare = [part for part in unicodedata.normalize("NFKD", wide.casefold()) if not unicodedata.combining(part)]
    kept = "".join(part for part in bare if part.isalnum() or unicodedata.category(part) == "Mc")
    kept = kept.replace("đ", "d").replace("ł", "l").replace("ø", "o").replace("ı", "i")
    if not kept and unicodedata.category(character) in ("Mn", "Me", "Cf", "Lm"):
        return _NOTHING, False  # an accent, a joiner, a stretched Arabic line: nothing, but it parts no word
    return kept, False


def cut(text: str) -> Iterator[Term]:
    """The terms of a text, in order."""
    if text.isascii():
        for match in _ASCII_WORD.finditer(text.lower()):
            yield Term(match[0][:LONGEST_TERM], match.start(), match.end())
        return
    word, start, end = "", 0, 0
    for place, character in enumerate(text):
        kept, single = _folded(character)
        if kept == _NOTHING:
            end = place + 1
            continue
        if (single or not kept) and word:
            yield Term(word[:LONGEST_TERM], start, end)
            word = ""
        if single:
            yield Term(kept, place, place + 1)
        elif kept:
            start = place if not word else start
            word, end = word + kept, place + 1
    if word:
        yield Term(word[:LONGEST_TERM], start, end)


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """The words alone; kept for a while, because the bot says the same texts again and again."""
    return tuple(term.word for term in cut(text))


def read(query: str) -> tuple[Clause, ...]:
    """Reads what somebody typed: words that must all be there, "phrases", and -words that must not.

    A word of three letters or more finds longer words too; in quotation marks it finds itself alone. No sign is an
    error: what is neither a letter nor a digit only parts words.
    """
    clauses: list[Clause] = []
    for match in _PIECE.finditer(query):
        quoted = match[2] is not None
        found = words(match[2] if quoted else match[3])
        if found:
            last = found[-1]
            prefix = not quoted and len(last) >= PREFIX_FROM
            clauses.append(Clause(found, prefix, without=bool(match[1])))
    return tuple(dict.fromkeys(clauses))[:MOST_CLAUSES]


def for_fts5(clauses: tuple[Clause, ...], senders: tuple[str, ...]) -> tuple[str, str]:
    """The clauses in the language of SQLite's FTS5: what must match (may be empty), and what must not (may be empty).

    Terms hold letters and digits alone and stand in quotation marks, so that none is read as a command.
    """

    def one(clause: Clause, mark: str) -> str:
        return f'"{" ".join(mark + word for word in clause.words)}"' + (" *" if clause.prefix else "")

    return _of_each(clauses, senders, one, " AND ", " OR ")


def for_tsquery(clauses: tuple[Clause, ...], senders: tuple[str, ...]) -> tuple[str, str]:
    """The same in the language of PostgreSQL's tsquery."""

    def one(clause: Clause, mark: str) -> str:
        words_ = " <-> ".join(f"'{mark}{word}'" for word in clause.words)
        return f"({words_}{':*' if clause.prefix else ''})"

    return _of_each(clauses, senders, one, " & ", " | ")


def _of_each(
    clauses: tuple[Clause, ...], senders: tuple[str, ...], one: Callable[[Clause, str], str], all_: str, any_: str
) -> tuple[str, str]:
    marked = [MARKS[sender] for sender in senders]
    wanted = [clause for clause in clauses if not clause.without]
    unwanted = [clause for clause in clauses if clause.without]
    together = [f"({all_.join(one(clause, mark) for clause in wanted)})" for mark in marked] if wanted else []
    return any_.join(together), any_.join(one(clause, mark) for clause in unwanted for mark in marked)


def indexed(sender: str, text: str, *, sqlite: bool) -> str:
    """A line's terms as its engine takes them: apart by spaces, or with their positions as a tsvector.

    Each begins with a letter for who said it: so the index itself tells a patient's words from the bot's, which are
    many and always the same.
    """
    mark = MARKS[sender]
    if sqlite:
        return " ".join(mark + word for word in words(text))
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words(text), start=1):
        places.setdefault(word, []).append(str(min(place, LAST_POSITION)))
    return " ".join(f"'{mark}{word}':{','.join(found[:255])}" for word, found in places.items())


def marks(text: str, clauses: tuple[Clause, ...]) -> list[tuple[int, int]]:
    """Where in a text the wanted clauses stand, for highlighting; in order, none over another."""
    terms = list(cut(text))
    found: list[tuple[int, int]] = []
    for clause in clauses:
        length = len(clause.words)
        if clause.without:
            continue
        for first in range(len(terms) - length + 1):
            here = [term.word for term in terms[first : first + length]]
            last_fits = here[-1].startswith(clause.words[-1]) if clause.prefix else here[-1] == clause.words[-1]
            if last_fits and tuple(here[:-1]) == clause.words[:-1]:
                found.append((terms[first].start, terms[first + length - 1].end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
