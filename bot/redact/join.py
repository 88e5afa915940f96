"""What is hidden in the end: what the rules found, what the tagger found, and what it takes for nothing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bot.redact.birth import DATE
from bot.redact.keep import kept_words, trials_in
from bot.redact.kinds import KINDS, Span
from bot.redact.known import known_phrases
from bot.redact.lexicon import plain, small_words
from bot.redact.places import indoors
from bot.redact.tagger import CODE, CODES, Tag
from bot.redact.tokens import Token

START = 0.2
"""A run of pieces is hidden when the tagger is so sure of its surest one. Chosen by cross-validation, writer by writer."""
START_CODE = 0.2
"""The same for what is made of digits, where no rule finds anything: messages are full of values."""
START_DATE = 0.5
"""The same for a date that no rule takes for a day of birth: messages are full of dates of treatment."""
START_YEAR = 0.9
"""The same for a year, or a month and a year, alone."""
GO_ON = {"name": 0.08, "address": 0.03, "birth_date": 0.05, CODE: 0.04}
"""And goes on over the pieces beside it while it is so sure of them: of an address nothing may stay open."""
GO_ON_SMALL, GO_ON_FIRST, GO_ON_SURE, GO_ON_KNOWN = 0.3, 0.5, 0.7, 0.5
"""The same for small words and signs behind it; before it; before it where a rule knows the beginning; and for any word
beside a name, or before a date, whose ends a rule knows."""

VETO_WEAK = 0.1
"""What the rules found weakly goes when the tagger is less sure than that of each of its pieces."""
VETO_STRONG = {"address": 0.2, "birth_date": 0.2, "name": 0.1}
"""The same for what they found strongly: a word behind `im` is a name in English and none in German. What has a form or
a sum of its own (e-mail, cards, phones, ids) stays."""

_YEAR_ALONE = re.compile(r"(?:(?:1[0-2]|0?[1-9])\s?[./-]\s?)?(?:19|20)\d{2}\W?")
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
        if span.kind == "address" and indoors(text, span.start, span.end):
            continue
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
    if kind == "birth_date" and not sure:
        told = _YEAR_ALONE.fullmatch(text, low, high) is None
        if tags[surest].hidden < (START_DATE if told else START_YEAR):
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


def quiet(
    pieces: Sequence[Token],
    tags: Sequence[Tag],
    places: Iterable[tuple[int, int]],
    found: Sequence[Span],
    *,
    beside: bool = False,
) -> list[Tag]:
    """What the tagger thinks, with nothing said of the pieces at some places that no sure rule claims.

    Args:
        pieces: The pieces of a text.
        tags: What the tagger thinks of them.
        places: Where it is not believed: they are surely of a treatment.
        found: What the rules found.
        beside: Whether it is not believed of the words beside them either, where it does not know what they are.
    """
    out = list(tags)
    starts = [piece.start for piece in pieces]

    def covered(low: int, high: int) -> range:
        return range(bisect_left(starts, low), bisect_left(starts, high))

    claimed = {place for one in found if one.strong and one.kind != "name" for place in covered(one.start, one.end)}
    for low, high in places:
        here = covered(low, high)
        if not claimed.isdisjoint(here):
            continue
        for place in here:
            out[place] = Tag(None, False, 0.0)
        # of a word beside it the tagger was only unsure because it took both for one: `BMS-986393 trial`
        for place in (here.start - 1, here.stop) if beside else ():
            if 0 <= place < len(out) and out[place].kind is None:
                out[place] = Tag(None, False, 0.0)
    return out


def alone(pieces: Sequence[Token], tags: Sequence[Tag], places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those of some places that the tagger takes for names alone, and that no name stands beside.

    Args:
        pieces: The pieces of a text.
        tags: What the tagger thinks of them.
        places: Where hospitals of the lists stand: `Papanikolaou` is one, `Kalliopi Papanikolaou` is somebody.
    """
    starts = [piece.start for piece in pieces]
    for low, high in places:
        first, last = bisect_left(starts, low), bisect_left(starts, high)
        beside = [tags[place] for place in (first - 1, last) if 0 <= place < len(tags)]
        if all(tag.kind in (None, "name") for tag in tags[first:last]) and all(tag.hidden < START for tag in beside):
            yield low, high


_CUT_NUMBER = re.compile(r"(?<![\d.,:])\d{1,3}[.,:]\d{1,3}(?![.,:]?\d)")
_COUNTED = re.compile(
    r",\s?(?P<digits>\d{1,3})\s?(?:min|mins|minutes?|h|hrs?|hours?|km|miles?|days?|weeks?|months?|years?|uhr|stunden?|minuten|heures?|horas?|minutos?|ore|минут\w?|час\w{0,2}|км|dakika|saat|phút|giờ)(?!\w)",
    re.IGNORECASE,
)
_DISTANCE = re.compile(
    r"(?<![\w.,/-])\d{1,4}(?:[.,]\d)?\s?(?:km|kms|kilom\w+|miles|mi\b|kg|kilos?|min|mins|minutes?|minuten|minutos?|minuti|minut\w?|hours?|hrs?|std\.?|stunden?|heures?|horas?|ore\b|godzin\w?|days?|tage?n?|jours|días|dias|giorni|dni\b|"
    r"weeks?|wochen|semaines|semanas|settimane|months?|monate|mois|meses|mesi|years?|jahre|années|años|anos|anni|км|кг|минут\w?|мин|час\w{0,2}|дн\w{1,2}|недел\w|месяц\w{0,2}|лет|saat|dakika|gün|hafta|cây số|phút|giờ|ngày|tuần|tháng|jam|menit|hari|minggu|oras|saa|dakika|دقيقة|دقائق|ساعة|ساعات|كم|كيلو|دقیقه|ساعت|กม|นาที|ชั่วโมง|दिन|घंटे|मिनट|किमी)(?![\w])|(?<!\d)\d{1,4}\s?(?:분|시간|킬로|일간|公里|分钟|小时|分鐘|小時|キロ|時間)",
    re.IGNORECASE,
)
"""How far, how long and how heavy: an address ends before it."""
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_WHOLE = frozenset(("address", "record_number", "national_id", "passport", "phone"))


def whole(text: str, spans: Sequence[Span]) -> list[Span]:
    """Spans that end or begin within a number with a decimal, or within a time, leave it whole: `38.9` is no part of an address.

    Args:
        text: The plain text.
        spans: What is to be hidden.
    """
    return [_whole(text, span) if span.kind in _WHOLE else span for span in spans]


def _whole(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    cut = _cut_at(text, start)
    if cut:
        start = cut[1] + len(text[cut[1] : end]) - len(text[cut[1] : end].lstrip(" ,.;:،。、)"))
    cut = _cut_at(text, end)
    counted = _COUNTED.search(text, max(start, end - 8), end + 12) if span.kind == "address" else None
    far = _DISTANCE.search(text, start + 1, end + 12) if span.kind == "address" else None
    if far and start < far.start() < end and not any(map(str.isdigit, text[far.end() : end])):
        end = _before(text, start, far.start(), span.kind)
    elif cut and cut[0] > start:
        end = _before(text, start, cut[0], span.kind)
    elif counted and counted.start() > start and counted.start("digits") < end <= counted.end("digits"):
        end = counted.start()
    if start < end and any(map(str.isalnum, text[start:end])):
        return Span(start, end, span.kind, span.strong)
    return span


def _cut_at(text: str, place: int) -> tuple[int, int] | None:
    """The number that a place stands within."""
    for found in _CUT_NUMBER.finditer(text, max(0, place - 4), place + 5):
        if found.start() < place < found.end():
            return found.span()
    return None


def _before(text: str, start: int, end: int, kind: str) -> int:
    """Where a span ends that loses what stands at its end, and the name of the value with it: `Elm Road 4, neut`."""
    end = start + len(text[start:end].rstrip(" ,.;:،。、(-/$€£¥"))
    word = _LAST_WORD.search(text, max(start, end - 24), end)
    if kind == "address" and word and plain(word[0]) in kept_words():
        end = start + len(text[start : word.start()].rstrip(" ,.;:،。、(-/"))
    return end


def believed(
    spans: Sequence[Span], pieces: Sequence[Token], tags: Sequence[Tag], sure: Sequence[tuple[int, int]] = ()
) -> list[Span]:
    """What the rules found without what the tagger takes for nothing.

    Args:
        spans: What the rules found.
        pieces: The pieces of the text.
        tags: What the tagger thinks of them.
        sure: Places of what stays found whatever it thinks.
    """
    ends = [piece.end for piece in pieces]
    out = []
    for span in spans:
        least = VETO_STRONG.get(span.kind, 0.0) if span.strong else VETO_WEAK
        if least and not any(low < span.end and span.start < high for low, high in sure):
            place = bisect_right(ends, span.start)
            surest = 0.0
            while place < len(pieces) and pieces[place].start < span.end:
                surest = max(surest, tags[place].hidden)
                place += 1
            if surest < least:
                continue
        out.append(span)
    return out
