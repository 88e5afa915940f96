"""What is hidden in the end: what the rules found, what the tagger found, and what it takes for nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from bot.redact.birth import DATE
from bot.redact.keep import kept_words, trials_in
from bot.redact.kinds import KINDS, Span
from bot.redact.known import known_phrases
from bot.redact.lexicon import plain, small_words
from bot.redact.tagger import CODE, CODES, Tag
from bot.redact.tokens import Token

START = 0.15
"""A run of pieces is hidden when the tagger is so sure of its surest one. Chosen by cross-validation, writer by writer."""
START_CODE = 0.4
"""The same for what is made of digits, where no rule finds anything: messages are full of values."""
START_DATE = 0.5
"""The same for a date that no rule takes for a day of birth: messages are full of dates of treatment."""
GO_ON = {"name": 0.08, "address": 0.03, "birth_date": 0.05, CODE: 0.04}
"""And goes on over the pieces beside it while it is so sure of them: of an address nothing may stay open."""
GO_ON_SMALL, GO_ON_FIRST, GO_ON_SURE, GO_ON_KNOWN = 0.3, 0.5, 0.7, 0.5
"""The same for small words and signs behind it; before it; before it where a rule knows the beginning; and for any word
beside a name, or before a date, whose ends a rule knows."""

VETO_WEAK = 0.1
"""What the rules found weakly goes when the tagger is less sure than that of each of its pieces."""
VETO_STRONG = {"address": 0.1, "birth_date": 0.1, "name": 0.05}
"""The same for what they found strongly: a word behind `im` is a name in English and none in German. What has a form or
a sum of its own (e-mail, cards, phones, ids) stays."""

_SMALL = small_words("english") | small_words("han_single")
_PLACEHOLDER = re.compile("|".join(map(re.escape, KINDS.values())))


def runs(text: str, pieces: Sequence[Token], tags: Sequence[Tag], found: Sequence[Span]) -> list[Span]:
    """What the tagger hides by itself.

    Args:
        text: The plain text.
        pieces: Its pieces.
        tags: What the tagger thinks of them.
        found: What the rules found: they tell a passport from a record, and how far a thing goes.
    """
    taken = [place.span() for place in _PLACEHOLDER.finditer(text)]
    said = [*known_phrases(text), *trials_in(text)]
    least = min(GO_ON.values())
    out = []
    place = 0
    while place < len(pieces):
        begin = place
        kinds: Counter[str] = Counter()
        last = None
        while place < len(pieces) and tags[place].hidden >= least:
            kind = tags[place].kind
            if kind:
                if last and kind != last:
                    break
                kinds[kind] += 1
                last = kind
            place += 1
        if place == begin:
            place += 1
            continue
        span = _cut(text, begin, place, last, pieces, tags, found)
        if not span or any(start < span.end and span.start < end for start, end in taken):
            continue
        if span.kind == "name" and any(start <= span.start and span.end <= end for start, end in said):
            continue  # a hospital, one of those its own pages tell of, or a trial
        out.append(span)
    return out


def _cut(
    text: str,
    begin: int,
    end: int,
    kind: str | None,
    pieces: Sequence[Token],
    tags: Sequence[Tag],
    found: Sequence[Span],
) -> Span | None:
    """A run without what does not belong to it at its ends; None when nothing in it is sure enough."""
    surest = max(range(begin, end), key=lambda place: tags[place].hidden)
    if tags[surest].hidden < START:
        return None
    if kind is None:
        kind = "name"
        if DATE.search(text, pieces[begin].start, pieces[end - 1].end):
            kind = "birth_date"
        elif any(piece.text[0].isdigit() for piece in pieces[begin:end]):
            kind = CODE
    low, high = pieces[begin].start, pieces[end - 1].end
    if (
        kind == CODE
        and tags[surest].hidden < START_CODE
        and not any(one.strong and one.start < high and low < one.end for one in found)
    ):
        return None
    sure = [one for one in found if one.strong and _same(one.kind, kind) and one.start < high and low < one.end]
    if kind == "birth_date" and not sure and tags[surest].hidden < START_DATE:
        return None

    def belongs(place: int, *, first: bool) -> bool:
        piece, hidden = pieces[place], tags[place].hidden
        if any(one.start < piece.end and piece.start < one.end for one in sure):
            return True
        if kind == "address" and plain(piece.text) in kept_words():
            return False  # a city may stay
        if sure and kind == "name":
            return hidden >= GO_ON_KNOWN
        if sure and kind == "birth_date" and first:
            return hidden >= GO_ON_KNOWN
        if kind == CODE and piece.text.isalpha():
            return hidden >= GO_ON_SMALL
        if not piece.text[0].isalnum() or plain(piece.text) in _SMALL:
            return hidden >= ((GO_ON_SURE if sure else GO_ON_FIRST) if first else GO_ON_SMALL)
        return hidden >= GO_ON[kind]

    while begin < end and not belongs(begin, first=True):
        begin += 1
    while end > begin and not belongs(end - 1, first=False):
        end -= 1
    if begin == end:
        return None
    start, until = pieces[begin].start, pieces[end - 1].end
    return Span(start, until, _code(start, until, found) if kind == CODE else kind)


def _same(said: str, kind: str) -> bool:
    return said in CODES if kind == CODE else said == kind


def _code(start: int, end: int, found: Sequence[Span]) -> str:
    """What is made of digits and letters: what a rule says that it is, else a record's number."""
    said = [one for one in found if one.kind in CODES and one.start < end and start < one.end]
    return max(said, key=lambda one: one.strong).kind if said else "record_number"


def believed(spans: Sequence[Span], pieces: Sequence[Token], tags: Sequence[Tag]) -> list[Span]:
    """What the rules found without what the tagger takes for nothing."""
    ends = [piece.end for piece in pieces]
    out = []
    for span in spans:
        least = VETO_STRONG.get(span.kind, 0.0) if span.strong else VETO_WEAK
        if least:
            place = bisect_right(ends, span.start)
            surest = 0.0
            while place < len(pieces) and pieces[place].start < span.end:
                surest = max(surest, tags[place].hidden)
                place += 1
            if surest < least:
                continue
        out.append(span)
    return out
