"""Addresses by their words: streets, quarters and parts of houses of many languages, with numbers and names beside them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from bot.redact.birth import DATE
from bot.redact.keep import clinical_words, kept, kept_words
from bot.redact.known import of_people
from bot.redact.labels import alternatives
from bot.redact.lexicon import is_ordinary, plain, sounds_clinical

_STREET, _UNIT = alternatives("street"), alternatives("unit")
_NUMBER = r"(?:\d{1,5}(?:[/-]\d{1,5}){0,3}\s?[A-Za-zА-Яа-я]?|\d{1,5}[A-Za-zА-Яа-я]?)(?!\w)"
_SIGN = r"(?:№\s?|no\.?\s?|nr\.?\s?|n[°ºo]\s?|#\s?|số\s|số nhà\s|д\.\s?|дом\s|br\.?\s|č\.\s?)?"
_NAME = r"[^\W\d_][\w'.-]{0,24}"
_CAPITAL = r"(?-i:[A-Z\u00c0-\u00de\u0100-\u017f\u0370-\u03ff\u0400-\u042f\u1ea0-\u1ef9])[\w'.-]{1,24}"
_ENDS = r"(?:(?<=[.\u0e00-\u0eff])|(?![^\W\d_]))"
"""A word ends here: `ruaridh has 38` is no rua. A full stop, and Thai, may have a name right behind."""
_STREETS = (
    # ул. Красная, 91 · οδός Πατησίων 134 · khu phố 3 · rua das Flores, nº 7
    re.compile(
        rf"(?<![\w./])(?!(?:út|utca|tér|körút)\b)(?:{_STREET}){_ENDS}\s?(?:(?:{_NAME}\s){{0,4}}{_NAME}[\s,]{{1,2}})?{_SIGN}{_NUMBER}",
        re.IGNORECASE,
    ),
    # Pozsonyi út 12 · Rustaveli ave. 29
    re.compile(rf"(?<![\w.])(?:{_CAPITAL}\s){{1,4}}(?:{_STREET})[\s,]{{1,2}}{_SIGN}{_NUMBER}", re.IGNORECASE),
    # 26 khoroo · 3rd Hasnabad Lane
    re.compile(
        rf"(?<![\w.,/-])\d{{1,5}}[A-Za-z]?(?:st|nd|rd|th|-?й|-?я|\.)?\s(?:{_CAPITAL}\s){{0,4}}(?:{_STREET})(?!\w)",
        re.IGNORECASE,
    ),
    # Kerkstraat 88 bis, Lange Voorhout 5 with a suffix that says street
    re.compile(
        rf"(?<!\w)(?-i:[A-ZÄÖÜÅØ])[\w'-]{{2,24}}(?:stra(?:ß|ss)e|str\.|straat|gracht|laan|plein|kade|weg|gasse|allee|platz|gatan|vägen|gade|vej|veien|vegen|gata|gate|katu|tie|kuja|kaari|polku|ranta|gränd|torget|allé|stræde|singel|dreef|steeg|iela|gatvė|utca)\s{_NUMBER}(?:\s?(?:bis|ter|hs|huis)\b)?",
        re.IGNORECASE,
    ),
)
_NAMED = re.compile(rf"(?<![\w.])(?:{_STREET})\s(?:{_CAPITAL}\s?){{1,3}}(?<=\w)", re.IGNORECASE)
"""A quarter or village by name alone: it only goes with something that has a number."""
_UNITS = (
    re.compile(rf"(?<![\w.])(?:{_UNIT})\s?(?:{_SIGN}{_NUMBER}|(?-i:[A-ZА-Я])(?!\w))", re.IGNORECASE),
    re.compile(rf"(?<![\w.,/-])\d{{1,4}}(?:st|nd|rd|th|-?й|\.|º|ª)?\s?-?(?:{_UNIT})(?!\w)", re.IGNORECASE),
)
_JOINT = re.compile(r"[\s,،;./-]{0,4}(?:\d{4,6}\s)?[\s,،]{0,2}")
_BIT = re.compile(rf"\s?[,،]\s?(?:{_NUMBER}|(?:{_CAPITAL})(?:\s{_CAPITAL}){{0,2}})(?=\s?(?:[,،;.]|$))")
_MEASURES = re.compile(
    r"\s?(?:mg|ml|kg|g|%|°|days?|weeks?|months?|years?|hours?|min|cells|tuổi|tuần|tháng|ngày|лет|дн|нед|мес|km|км|usd|\$|€)",
    re.IGNORECASE,
)
_DOSED = re.compile(r"(?:\d\s?|/)kg\b|\d\s?bd\b(?!\.?\s[A-Z])")
"""In small letters behind a number a weight, and twice a day."""
_EVERYDAY = frozenset(
    [
        "phase",
        "sector",
        "zone",
        "block",
        "unit",
        "level",
        "room",
        "gate",
        "row",
        "no",
        "nr",
        "no.",
        "level",
        "floor",
        "et.",
        "ap.",
        "m.",
        "lt",
        "casa",
        "no:",
        "quan",
        "pho",
        "hem",
        "to",
        "ngo",
        "tie",
        "para",
        "place",
        "square",
        "close",
        "circle",
        "drive",
        "house",
        "via",
        "road",
        "line",
        "stand",
        "lot",
        "og",
        "hh",
        "lo",
        "ev",
        "em.",
        "stock",
        "tower",
        "door",
        "nagar",
        "out",
        "u.",
        "c.",
        "с.",
        "ст.",
        "д.",
        "м.",
        "largo",
        "camino",
        "corso",
        "cesta",
        "plaza",
        "rua",
        "lane",
        "gang",
        "desa",
    ]
)


def _good(text: str, start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    """Whether a find is no measured value and nothing clinical stands in it."""
    if _MEASURES.match(text, end) or any(low < end and start < high for low, high in taken):
        return False
    if _DOSED.search(text, max(0, start - 2), end):
        return False
    parts = [plain(part) for part in re.findall(r"[^\W\d_]{2,}", text[start:end])]
    return not any(
        sounds_clinical(part) or (part in clinical_words() and not of_people(part)) for part in parts if len(part) > 2
    )


def _sure(found: str) -> bool:
    """Whether a street alone is one: a name, or a word that is used of nothing else."""
    parts = re.findall(r"[^\W\d_][\w'.-]*", found)
    names = [
        part
        for part in parts
        if part[0].isupper() and not is_ordinary(plain(part.strip("."))) and plain(part) not in kept_words()
    ]
    everyday = all(part.lower() in _EVERYDAY or is_ordinary(plain(part.strip("."))) for part in parts)
    caseless = any(character >= "\u0590" for part in parts for character in part)
    return bool(names) or caseless or not everyday


def by_words(text: str) -> Iterator[tuple[int, int]]:
    """Places of addresses in a text with digits."""
    if not any(map(str.isdigit, text)):
        return
    taken = kept(text)
    measured = [(low, high) for low, high in taken if any(map(str.isdigit, text[low:high]))]
    measured += [found.span() for found in DATE.finditer(text)]
    streets = [
        found.span() for pattern in _STREETS for found in pattern.finditer(text) if _good(text, *found.span(), measured)
    ]
    units = [found.span() for pattern in _UNITS for found in pattern.finditer(text) if _good(text, *found.span(), [])]
    streets += [found.span() for found in _NAMED.finditer(text) if _good(text, *found.span(), measured)]
    sure = {
        span for span in streets if any(map(str.isdigit, text[span[0] : span[1]])) and _sure(text[span[0] : span[1]])
    }
    run: list[tuple[int, int]] = []
    for span in [*sorted({*streets, *units}), (len(text) + 9, len(text) + 9)]:
        if run and span[0] <= len(text):
            end = max(one[1] for one in run)
            bit = _BIT.match(text, end)
            if (
                span[0] <= end
                or _JOINT.fullmatch(text, end, span[0])
                or (bit and _JOINT.fullmatch(text, bit.end(), span[0]))
            ):
                run.append(span)
                continue
        if run:
            start, end = run[0][0], max(one[1] for one in run)
            apart = sum(
                1
                for place, one in enumerate(run)
                if all(one[0] >= other[1] or one[1] <= other[0] for other in run[:place])
            )
            if any(one in sure for one in run) or (
                apart >= 2
                and any(map(str.isdigit, text[start:end]))
                and (apart >= 3 or any(one in streets for one in run))
            ):
                bit = _BIT.match(text, end)
                if bit and any(map(str.isdigit, bit[0])) and not _MEASURES.match(text, bit.end()):
                    end = bit.end()
                yield start, end
        run = [span]


_INDOORS = re.compile(
    r"(?:wards?|room|floor|level|bed|north|south|east|west|main|suite|theatre|reception|pharmacy|apheresis|h[a]?ematology|oncology|radiology|out-?patients?|"
    r"icu|lab|x-?ray|mri|ct|pet|caf[eé]|cafeteria|chapel|stairs?|hall|lobby|seat|bay|lift|elevator|building|bldg|block|wing|tower|gate|entrance|door|desk|counter|corridor|clinic|unit|"
    r"zimmer|station|bett|etage|ebene|aufzug|salle|chambre|étage|pavillon|bâtiment|lit|habitación|planta|piso|cama|consulta|pabellón|"
    r"oda|kat|servis|yatak|палата|этаж|корпус|отделение|каб|phòng|tầng|giường|khoa|kamar|lantai|no|not|found|lol|and|the|in|on|at|of|now|st|nd|rd|th)"
    r"\.?(?!\w)|[^\W_]?\d+[^\W_]?(?!\w)|(?<!\w)[^\W\d_](?!\w)|\W",
    re.IGNORECASE,
)
_IN_HOSPITAL = re.compile(
    r"(?<!\w)(?:wards?|wing|lounge|suite|pharmacy|apheresis|theatre|beds?|bay|lift|hospital|clinic|h[a]?ematolog\w*|oncolog\w*|infusion|fasting|pet(?:-ct)?|day ?care|nurses?|porridge|"
    r"transplant|scan|icu|opd|bett|klinik|lit|cama|giường|bệnh viện|khoa|палат\w*|больниц\w*)(?!\w)",
    re.IGNORECASE,
)
_DWELLING = re.compile(
    r"(?<!\w)(?:flat|apt|apartment|home|live|lives|living|rent\w*|hotel|hostel|house|address|stay|staying|street|road|avenue|estate|"
    r"wohn\w*|habit\w*|casa|vivo|адрес|кв|nhà)(?!\w)",
    re.IGNORECASE,
)
_ROUND = 40
"""So many characters to each side tell whether a room is one of a hospital."""


def indoors(text: str, start: int, end: int) -> bool:
    """Whether `Block D room 412 bed 3` is a way through a hospital: nothing in it names a street or a quarter."""
    inside = text[start:end]
    places = kept(text)
    for low, high in places[bisect_left(places, (start - _ROUND, 0)) : bisect_left(places, (end, 0))]:
        if start < high and _IN_HOSPITAL.search(text[low:high]):  # `Hope Lounge`, `Mwaisela ward`
            low, high = max(low, start) - start, min(high, end) - start
            inside = inside[:low] + " " * (high - low) + inside[high:]
    if _INDOORS.sub("", inside):
        return False
    around = text[max(0, start - _ROUND) : end + _ROUND]
    return _IN_HOSPITAL.search(around) is not None and _DWELLING.search(around) is None
