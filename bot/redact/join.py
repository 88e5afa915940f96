"""What is hidden in the end: what the rules found, what the tagger found, and what it takes for nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from bot.redact.kinds import Span
from bot.redact.tagger import CODE, CODES, Tag
from bot.redact.tokens import Token

START = 0.3
"""A run of pieces is hidden when the tagger is so sure of its surest one. Chosen by cross-validation, writer by writer."""
GO_ON = 0.05
"""And goes on over the pieces beside it while it is so sure of them: of an address nothing may stay open."""

VETO_WEAK = 0.2
"""What the rules found weakly goes when the tagger is less sure than that of each of its pieces."""
VETO_STRONG = {"name": 0.1, "address": 0.1, "birth_date": 0.1}
"""The same for what they found strongly. What has a form or a sum of its own (e-mail, cards, phones, ids) stays."""


def runs(pieces: Sequence[Token], tags: Sequence[Tag], found: Sequence[Span]) -> list[Span]:
    """What the tagger hides by itself.

    Args:
        pieces: The pieces of a plain text.
        tags: What the tagger thinks of them.
        found: What the rules found: they tell a passport from a record.
    """
    out = []
    place = 0
    while place < len(pieces):
        begin = place
        kinds: Counter[str] = Counter()
        last = None
        while place < len(pieces) and tags[place].hidden >= GO_ON:
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
        if max(tag.hidden for tag in tags[begin:place]) < START:
            continue
        end = place
        while begin < end - 1 and _loose(pieces[begin], tags[begin]):
            begin += 1
        while end - 1 > begin and _loose(pieces[end - 1], tags[end - 1]):
            end -= 1
        kind = kinds.most_common(1)[0][0] if kinds else "name"
        span = Span(pieces[begin].start, pieces[end - 1].end, kind)
        out.append(Span(span.start, span.end, _code(span, found)) if kind == CODE else span)
    return out


def _loose(piece: Token, tag: Tag) -> bool:
    """Whether a piece at the end of a run is a sign that the sentence owns."""
    return not piece.text[0].isalnum() and tag.hidden < 0.5


def _code(span: Span, found: Sequence[Span]) -> str:
    """What is made of digits and letters: what a rule says that it is, else a record's number."""
    said = [one for one in found if one.kind in CODES and one.start < span.end and span.start < one.end]
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
