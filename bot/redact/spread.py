"""How far an address reaches: from a street, a box or a label over quarters, flats, towns and postcodes to its end.

A text is walked piece by piece, as commas and line ends part it, away from what was found. A piece goes along while it is
made of what addresses are made of: proper nouns, numbers, words for parts of places; the first word of a sentence, a
clinical word or a measured value ends it.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from bot.redact.labels import alternatives
from bot.redact.lexicon import is_ordinary, plain, small_words, sounds_clinical

_UNIT = re.compile(
    rf"(?:{alternatives('unit')}|{alternatives('street')}|{alternatives('locality')})(?!\w)", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s{0,2}[,،、，;/|·]\s{0,2}|\s?\n\s?|\s-\s|\s")
_WORD = re.compile(r"[csdw]/o\b|[\"«“]?[^\W_][\w'.’ºª°-]*[\"»”]?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:n\.?[º°o]\.?\s?|no\.?\s?|nr\.?\s?|№\s?|#\s?)?(?:[A-Za-zА-Яа-я]{0,2}-?)?\d{1,7}(?:[/-]\d{1,5}){0,3}(?:\s?-?[A-Za-zА-Яа-я](?![\w'-]))?"
    r"(?:[.]?[ºª°]|\.[oa](?!\w)|-?(?:st|nd|rd|th|er|ème|e|й|я))?(?![\w%:]|[.,]\d)",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)|[A-Z]\d[A-Z] ?\d[A-Z]\d(?!\w)|\d{4} ?[A-Z]{2}(?!\w)|\d{3} \d{2,3}(?![\w.,]\d)|\d{2,5}-\d{3,4}(?!\d)|(?:[A-Z]{1,2}-)?\d{4,7}(?![\w%]|[.,]\d)"
)
_AFTER_NUMBER = re.compile(
    r"\s?(?:mg|ml|kg|g|%|°|x10|cells?|days?|weeks?|months?|years?|yrs?|yo|hours?|hrs?|min|times|cycles?|patients?|people|km|cm|usd|eur|\$|€|лет|год|дн|нед|мес|час|tuổi|tuần|tháng|ngày|ans|jours|mois|años|días|meses|jahre|tage|anni|giorni|سن|يوم|شهر|أسبوع)",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"(?<=\d)\s[a-zß-ÿа-яё]{4,}")
_PARTICLES = small_words("particles") | small_words("place_particles")
_LOOSE = frozenset(
    [
        "old",
        "new",
        "first",
        "third",
        "front",
        "side",
        "back",
        "bottom",
        "top",
        "full",
        "part",
        "well",
        "next",
        "last",
        "behind",
        "off",
        "fifty",
        "forty",
        "sixty",
        "twenty",
        "one",
        "two",
        "three",
    ]
)
"""Small words that names of places have too."""
_STOPS = (small_words("english") - _LOOSE) | small_words("place_stops")
_DOT, _SHORT = re.compile(r"\.\s"), re.compile(r"(?<!\w)[^\W\d_]{1,4}\Z")
_BESIDE = re.compile(
    r"(?:near|opp\.?|opposite|behind|next\sto|beside|off|adjacent|frente|detrás|cerca|junto|al\slado|derrière|en\sface|près|gegenüber|hinter|neben|dekat|belakang|depan|возле|напротив|рядом|за|gần|đối\sdiện|قرب|خلف|مقابل|جنب|بجانب)\s",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"\s?[,،、，;.!?)\n/|\"]|\s?-\s|\s*\Z")
_ABBREVIATED = small_words("abbreviated_places")
_REACH = 7
"""An address goes on over so many pieces at most, to each side."""


def _is_part(word: str) -> bool:
    return _UNIT.fullmatch(word) is not None or _UNIT.fullmatch(word.rstrip(".")) is not None


def _proper(word: str, *, begins: bool) -> bool:
    """Whether a word can belong to the name of a place.

    Args:
        word: As written.
        begins: True where it stands right behind a comma: there an ordinary word with a capital can be one too.
    """
    bare = word.strip(".'-\"«»“”")
    low = plain(bare)
    if len(bare) < 2:
        return bare.isupper()
    if len(bare) == 2 and bare.isupper():  # a state: `UP 261303`
        return low not in small_words("place_stops")
    if sounds_clinical(low) or low in _STOPS:
        return False
    if bare[0] >= "\u0590":
        return True
    return bare[0].isupper() and (begins or not is_ordinary(low))


def _piece(text: str, place: int, free: int, *, begins: bool, told: bool) -> int:
    """Where the piece that begins at `place` ends; `place` itself when it is no part of an address."""
    end = place
    words = 0
    told = told or _BESIDE.match(text, place) is not None
    while end < free and words < 7:
        postcode = _POSTCODE.match(text, end, free) or _NUMBER.match(text, end, free)
        if postcode:
            if _AFTER_NUMBER.match(text, postcode.end()):
                break
            # `2 bottles of`: a small number before a word in small letters counts something
            if (
                _COUNTS.match(text, postcode.end())
                and len(postcode[0]) < 4
                and not _UNIT.match(text, postcode.end() + 1)
            ):
                break
            end_of = postcode.end()
        else:
            found = _WORD.match(text, end, free)
            if not found:
                break
            word = found[0]
            part = _is_part(word)
            low = plain(word.strip("."))
            particle = low in _PARTICLES and (words > 0 or told)
            if not (
                part
                or particle
                or (told and words > 0 and low not in _STOPS and not sounds_clinical(low))
                or _proper(word, begins=begins)
            ):
                break
            end_of = found.end()
            if word.endswith(".") and not (part or len(word) <= 3):  # a full stop behind a whole word ends the sentence
                return end_of - 1
        words += 1
        after = text[end_of : end_of + 1]
        if after != " ":
            return end_of
        if words == 7:
            return place if begins and not told else end_of
        end = end_of + 1
    while end > place and text[end - 1] == " ":
        end -= 1
    # small words at the end belong to the sentence: `12 Hill Road in`
    while True:
        last = re.search(r"\s([^\W\d_]+)\Z", text[place:end])
        if not last or (plain(last[1]) not in _PARTICLES) or last[1][0].isupper():
            break
        end = place + last.start()
    return end


def _free(text: str, place: int, taken: list[tuple[int, int]]) -> int:
    """Where the next taken piece begins; the text's end when there is none."""
    following = bisect_left(taken, (place, 0))
    return taken[following][0] if following < len(taken) else len(text)


def first_piece(text: str, start: int, taken: list[tuple[int, int]]) -> int:
    """Where the first piece behind words such as `my address is` ends; `start` when there is none."""
    free = _free(text, start, taken)
    return _piece(text, start, free, begins=True, told=True)


def onward(text: str, end: int, taken: list[tuple[int, int]], *, told: bool = False) -> int:
    """The end of an address whose beginning ends at `end`.

    Args:
        text: The plain text.
        end: Where what was found ends.
        taken: Clinical places and dates, in order: none of them belongs to an address.
        told: True behind words such as `my address is`: then small letters count too.
    """
    free = _free(text, end, taken)
    for _ in range(_REACH):
        gap = _SEPARATOR.match(text, end, free)
        if not gap:
            dot = _DOT.match(text, end, free)
            last = _SHORT.search(text[max(0, end - 6) : end])
            if not dot or not last or not (len(last[0]) <= 2 or plain(last[0]) in _ABBREVIATED):
                break
            gap = dot
        begins = gap[0].strip() != "" or "\n" in gap[0]
        reached = _piece(text, gap.end(), free, begins=begins, told=told)
        if reached == gap.end():
            break
        piece = text[gap.end() : reached]
        if not _belongs(text, piece, reached, begins=begins, told=told):
            break
        end = reached
    return end


def _belongs(text: str, piece: str, end: int, *, begins: bool, told: bool) -> bool:
    """Whether a piece is a quarter, a town, a flat or a postcode, and not the beginning of the next sentence."""
    words = re.findall(r"[^\W\d_][\w'’-]*", piece)
    if not words:
        return True
    if begins and _BESIDE.match(piece):
        return True
    if words[0][0] >= "\u3040":
        return any(map(str.isdigit, piece))
    if words[0][0] >= "\u0590" and not any(map(str.isdigit, piece)) and not _is_part(words[0]):
        return begins and len(words) <= 4 and (told or _CLOSED.match(text, end) is not None)
    if told:
        return True
    closed = _CLOSED.match(text, end) is not None
    strange = [word for word in words if not is_ordinary(plain(word)) or _is_part(word)]
    if any(map(str.isdigit, piece)):
        return bool(strange) or begins
    if not begins and not strange:
        return False
    # `, Please send` is none, `, Maple Ridge.` is one
    return closed or len(strange) == len(words)


def backward(text: str, start: int, taken: list[tuple[int, int]]) -> int:
    """The beginning of an address of which something was found at `start`: flats, houses and quarters before it."""
    reached = start
    for _ in range(4):
        before_it = bisect_left(taken, (reached, 0)) - 1
        floor = max(0, reached - 90, min(taken[before_it][1], reached) if before_it >= 0 else 0)
        before = text[floor:reached]
        comma = re.search(r"[,،、，]\s{0,2}\Z|(?<=\w)\s\Z|(?<=\s[^\W\d_]\.)\s\Z", before)
        if not comma:
            break
        whole = before[: comma.start()]
        at = max((whole.rfind(sign) for sign in ",،、，;:\n(!?|"), default=-1) + 1
        sentence = [
            match.end()
            for match in re.finditer(r"[.!?]\s", whole)
            if not _is_part(whole[: match.start() + 1].split(" ")[-1])
        ]
        at = max([at, *sentence])
        at += len(whole[at:]) - len(whole[at:].lstrip())
        parted = comma[0].strip() != ""
        best = None
        # the longest run of words up to the comma that are all parts of places
        for word in reversed(list(re.finditer(r"\S+", whole[at:]))):
            bare = word[0].strip(".'\"«»")
            low = plain(bare)
            good = (
                _is_part(word[0])
                or _NUMBER.fullmatch(word[0]) is not None
                or (bool(bare) and parted and bare[0].isupper() and low not in _STOPS and not sounds_clinical(low))
                or (
                    best is not None
                    and (low in _PARTICLES or (len(bare) <= 3 and bare.islower() and low not in _STOPS))
                )
            )
            if not good:
                break
            if not bare.islower() or _is_part(word[0]):
                best = word.start()
        if best is None:
            break
        piece = whole[at + best :]
        reached = floor + at + best
        # a person's name may stand before a comma: only up to what says that it is a place
        if any(_is_part(word) or any(map(str.isdigit, word)) for word in piece.split()):
            start = reached
    return start
