"""Numbers that lead to one person: phones, passports, national ids, records; and the day of birth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers

from bot.redact.birth import DATE
from bot.redact.firm import prices
from bot.redact.kinds import Span
from bot.redact.labels import label, labelled

# --- phones

_PHONE = re.compile(
    r"(?<![A-Za-z0-9_.,$€£¥/])(?<!\d:)(?:\+|00)?[ ]?(?:\(?\+?\d{1,5}\)?[ ./-]{0,2}){1,8}\d{2,14}(?![\d]|[.,]\d|\s?%)"
)
_REGIONS = (
    "US", "GB", "CN", "RU", "VN", "SA", "AE", "DE", "FR", "ES", "IT", "IN", "TR", "KR", "JP", "BR", "HK", "SG", "TH",
    "EG", "KZ", "UA", "PK", "ID", "MY", "PH", "IL", "AU", "PL", "NL", "CH", "KW", "QA", "IQ", "JO", "MX",
)  # fmt: skip
_TOLD_BEFORE = 45
"""So many characters before a number are looked at for a word such as `call`."""
_NO_PHONE_NUMBER = re.compile(
    r"^(?:(?:19|20)\d{2}\s?[-/.]\s?(?:19|20)?\d{2}(?:\s?[-/.]\s?\d{1,2})?|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{1,3}(?:[ ]\d{3})*[ ]000)$"
)
_SPACED = re.compile(r"(?<![\w.,])(?:\d[ .-]{1,3}){8,14}\d(?![\w.,]?\d)")
_CHINA_MOBILE = re.compile(r"(?<![A-Za-z0-9.])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_LOCAL = re.compile(
    r"(?<![\w.,/-])(?:0\d{1,4}[ /-]\d{2,4}(?:[ -]\d{2,4}){1,4}|1[38]00[ -]\d{3}[ -]\d{3}|8[ -]\(?\d{3}\)?[ -]\d{3}[ -]\d{2}[ -]?\d{2})(?:\s?(?:ext|x|доб)\.?\s?\d{1,5})?(?![\w]|[.,]\d)"
)
_ONLY_DIGITS = re.compile(r"\s*\+?[\d\s().-]{6,24}\s*\Z")


def _real_anywhere(digits: str) -> bool:
    for region in _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(digits, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def phone(text: str) -> Iterator[Span]:
    """Phone numbers of any country: with a plus, with a word that says so, or of a form that is dialled somewhere."""
    digits_there = sum(character.isdigit() for character in text) >= 5
    told_at = [found.end() for found in label("phone").finditer(text)] if digits_there else []
    if digits_there:
        if _ONLY_DIGITS.match(text) and not _NO_PHONE_NUMBER.match(text.strip()):
            yield Span(len(text) - len(text.lstrip()), len(text.rstrip()), "phone", strong=True)
            return
        for found in _PHONE.finditer(text):
            written = found[0].strip()
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            digits = re.sub(r"\D", "", written)
            if not 6 <= len(digits) <= 16 or _NO_PHONE_NUMBER.match(written):
                continue
            plus = written.startswith(("+", "00", "(+"))
            told = any(0 <= start - end <= _TOLD_BEFORE for end in told_at)
            grouped = bool(re.search(r"\d[\s().-]+\d", written))
            if (plus and len(digits) >= 7) or told:
                yield Span(start, start + len(written), "phone", strong=True)
            elif len(digits) >= 8 and (digits[0] in "0178" or grouped) and _real_anywhere(digits):
                yield Span(start, start + len(written), "phone")
        for pattern in (_SPACED, _LOCAL, _CHINA_MOBILE):
            for found in pattern.finditer(text):
                if 7 <= sum(character.isdigit() for character in found[0]) <= 16:
                    yield Span(found.start(), found.end(), "phone", strong=pattern is not _LOCAL)


# --- national ids that can be told by themselves


def _any(value: str) -> bool:
    return True


def _nhs_holds(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1))) % 11
    return check % 11 == int(digits[-1])


_TURN = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")
_MULTIPLY = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip


def _verhoeff_holds(value: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(re.sub(r"\D", "", value))):
        check = int(_MULTIPLY[check][int(_TURN[place % 8][int(digit)])])
    return check == 0


def _nir_holds(value: str) -> bool:
    digits = re.sub(r"\s", "", value).upper().replace("2A", "19").replace("2B", "18")
    return len(digits) == 13 or 97 - int(digits[:13]) % 97 == int(digits[13:15])


_IDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = tuple(
    (re.compile(rf"(?<![A-Za-z0-9_.-])(?:{pattern})(?![A-Za-z0-9_-])"), holds)
    for pattern, holds in (
        (r"\d{6}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx]", _any),  # China, 18
        (r"\d{17}[\dXx]", _any),
        (r"\d{3}[- ]\d{3}[- ]\d{3}[- ]\d{2}", _any),  # Russia, SNILS
        (r"(?!000|666)[0-8]\d{2}-\d{2}-\d{4}", _any),  # USA
        (r"\d{3}[ -]\d{3}[ -]\d{4}", _nhs_holds),  # United Kingdom, NHS
        (
            r"[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z] ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]",
            _any,
        ),  # NINO
        (r"[XYZxyz][ -]?\d{7}[ -]?[A-Za-z]|\d{8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]", _any),  # Spain
        (r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3}(?: ?\d{2})?", _nir_holds),  # France
        (r"[A-Za-z]{6} ?\d{2} ?[A-EHLMPR-Ta-ehlmpr-t] ?\d{2} ?[A-Za-z]\d{3} ?[A-Za-z]", _any),  # Italy
        (r"[A-Z]{1,2}\d{6}\([\dA]\)", _any),  # Hong Kong
        (r"784[- ]?\d{4}[- ]?\d{7}[- ]?\d", _any),  # United Arab Emirates
        (r"\d{6}[-\s][1-8]\d{6}", _any),  # Korea
        (r"\d{3}\.\d{3}\.\d{3}-\d{2}", _any),  # Brazil
        (r"[STFGMstfgm]\d{7}[A-Za-z]", _any),  # Singapore
        (r"\d{6}-\d{2}-\d{4}", _any),  # Malaysia
        (r"[2-9]\d{3} \d{4} \d{4}(?! \d)", _verhoeff_holds),  # India
        (r"\d-\d{4}-\d{5}-\d{2}-\d", _any),  # Thailand
        (r"[A-Z]{5}\d{4}[A-Z]", _any),  # India, PAN
        (r"\d{6}[-+]\d{4}|\d{6}[-+A]\d{3}[A-Z\d]", _any),  # Nordic countries
        (r"\d{2}\.\d{2}\.\d{2}-\d{3}[.-]\d{2}", _any),  # Belgium
        (r"756\.\d{4}\.\d{4}\.\d{2}", _any),  # Switzerland
        (r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d", _any),  # Mexico
        (r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", _any),  # Chile
        (r"\d{5}-\d{7}-\d", _any),  # Pakistan
        (r"\d{1,2}/[A-Za-z]{4,12} ?\([A-Za-z]{1,6}\) ?\d{6}", _any),  # Myanmar
        (r"\d{6}/\d{2}/\d", _any),  # Zambia
        (r"\d{2}-\d{6,7} ?[A-Z] ?\d{2}", _any),  # Zimbabwe
        (r"\d{8}-\d{5}-\d{5}-\d{2}", _any),  # Tanzania
        (r"\d{2}-\d{2}-\d{2}-\d{5}", _any),  # Nepal
        (r"1[34]\d{2}-\d{4}-\d{5}", _any),  # Afghanistan
        (r"[A-Z]{2}\d{8}[A-Z]{2}", _any),  # Japan, of residents from abroad
        (r"[A-Z][89A-D]\d{8}", _any),  # Taiwan, the same
        (r"\d{2}[0156]\d[0-3]\d/\d{3,4}", _any),  # Czechia, Slovakia
    )
)
_L = r"A-Za-zА-Яа-яЁё\u0621-\u064a"
_CODE = rf"(?=[{_L}0-9/ .()-]{{0,30}}\d)[{_L}0-9](?:(?:[ /-]|\.(?! )){{0,2}}(?:№\s?|No\s?)?[{_L}0-9]){{2,24}}(?:\([A-Z0-9]\))?"
_ID_LABELLED = labelled("national_id", _CODE)
_PASSPORT_LABELLED = labelled("passport", _CODE)
_RECORD_LABELLED = labelled("record_number", _CODE)
_PASSPORT_TOLD = re.compile(
    r"(?<![A-Za-z0-9_.-])(?:[A-Z]{1,3} ?\d{3,4} ?\d{3,5}|\d{2} ?\d{2} ?(?:№|No)? ?\d{6,7}|\d{8,9})(?: [A-Z]{2})?(?![A-Za-z0-9_-])"
)
_PASSPORT_ALONE = re.compile(r"(?<![A-Za-z0-9_.-])(?:[A-Z]{1,2}\d{7,8}|[EGPegp][A-Za-z]?\d{7,8})(?![A-Za-z0-9_-])")


def _value_of(found: re.Match[str]) -> Span | None:
    """The digits and letters of a labelled value, without the words behind it."""
    value = found["value"]
    end = 0
    for piece in re.finditer(r"[^\W_]+(?:[./-]+[^\W_]+)*(?:\([A-Z0-9]\))?", value):
        has_digit = any(character.isdigit() for character in piece[0])
        # `KEH 0148822`, `N 482917 PY`: short groups of capitals belong to the number
        short_letters = len(piece[0]) <= 4 and piece[0].isupper() and (piece.start() == 0 or len(piece[0]) <= 2)
        if not has_digit and not short_letters and piece[0] != "No":
            break
        end = piece.end()
    if sum(character.isdigit() for character in value[:end]) < 3:
        return None
    return Span(found.start("value"), found.start("value") + end, "", strong=True)


_DECIMAL = re.compile(r"\d{1,3}[.,]\d{1,2}")


def _labelled(text: str, pattern: re.Pattern[str], kind: str, least_digits: int) -> Iterator[Span]:
    for found in pattern.finditer(text):
        span = _value_of(found)
        if (
            span
            and not _DECIMAL.fullmatch(text, span.start, span.end)
            and sum(character.isdigit() for character in text[span.start : span.end]) >= least_digits
        ):
            yield Span(span.start, span.end, kind, strong=True)


def national_id(text: str) -> Iterator[Span]:
    """Numbers that a state, or an insurer, gave."""
    for pattern, holds in _IDS:
        for found in pattern.finditer(text):
            if holds(found[0]):
                yield Span(found.start(), found.end(), "national_id", strong=True)
    yield from _labelled(text, _ID_LABELLED, "national_id", 4)


def passport(text: str) -> Iterator[Span]:
    """Numbers of passports, called so or of their form."""
    yield from _labelled(text, _PASSPORT_LABELLED, "passport", 4)
    told = label("passport").search(text) is not None
    for found in (_PASSPORT_TOLD if told else _PASSPORT_ALONE).finditer(text):
        if found[0].startswith("NCT"):  # a trial's
            continue
        yield Span(found.start(), found.end(), "passport", strong=told)


# --- records, and any long number that nothing else explains

_LONG = re.compile(r"(?<![A-Za-z0-9_.,$€£¥+-])\d{7,24}(?![\d]|[.,]\d|-\d|\s?%)(?![A-Za-z])")
_MIXED = re.compile(r"(?<![\w/-])[A-Za-zА-Я0-9]{1,20}(?:[-/][A-Za-zА-Я0-9]{1,12}){0,4}(?![\w/-])")
_NUMBERED = ("passport", "national_id", "record_number", "phone", "birth", "bank", "card")
_DIGIT_BY_DIGIT = re.compile(r"(?<![\w.,])(?:\d ){6,20}\d(?![\w.,]?\d)")
_GROUPS = re.compile(
    r"(?<![\w./-])(?=[A-Z\d -]{0,30}\d)(?:[A-Z]{1,6}(?:-[A-Z]{2,4})?\d{0,6}|\d{1,9}[A-Z]{0,2})(?:[ -][A-Z]{0,2}\d{2,9}[A-Z]{0,2}){1,4}(?: [A-Z])?(?![\w%/]|[.,-]\d)"
)
"""Groups of capitals and digits: `RR8 4471906`, `PA 3829174 B`."""
_YEARED = re.compile(r"[A-Za-zА-Я-]{2,12}[-/ ]?(?:19|20)\d{2}|(?:19|20)\d{2}[-/][A-Za-zА-Я-]+")  # ELN2022
_MONTH_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}")
_MONTH = re.compile(r"\d{1,2}[/.-](?:19|20)\d{2}")
_NUMBERED_CODE = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?:no|nr|n[ºo°]|num|number|nummer|número|numéro|numero|номер|id|code|код|ref|reg)(?![A-Za-zА-Яа-я])|№|#)\.?\s?(?:is|ist|es|est|:|#|=)?\s?(?P<value>[A-ZА-Я]{0,4}[ /-]?\d[\dA-Za-zА-Яа-я/.-]{2,20}\d(?:[ -]\d{2,6}){0,3}[A-Za-zА-Я]?)(?![\w,]|\s?(?:mg|ml|kg|%|usd|euro?s?|rmb|cells|x))",
    re.IGNORECASE,
)
_PAPER_LABELLED = labelled("paper", _CODE)
_JOURNEY_LABELLED = labelled(
    "journey", r"(?=[A-Za-z\d-]{0,8}\d)(?=[A-Za-z\d-]{0,8}[A-Za-z])[A-Za-z\d]{2,4}-?[A-Za-z\d]{3,5}(?![\w-])"
)
_SAMPLE_LABELLED = labelled("sample", _CODE)
_NO_SAMPLE = re.compile(
    r"\d{1,2}\s?/\s?\d{1,2}(?![\d/-])|(?:M?MUD|MSD|HLA)(?!\w)|NCT\d|ISRCTN|(?:[A-Z]{2,5}\s)?\d{1,3}(?:[eE]\d)?(?![\w-])(?!-?/?\d)"
)
_ONLY_YEAR = re.compile(r"(?:19|20)\d{2}(?![\w/-])|\d{1,3}(?:[., ]\d{3})+(?![\d-])")
_DATE_8 = re.compile(
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2}"
)


def record_number(text: str) -> Iterator[Span]:
    """Numbers of hospital records, cases and orders; and any number of seven digits and more that nothing explains."""
    yield from _labelled(text, _RECORD_LABELLED, "record_number", 3)
    paid = {start for start, _ in prices(text)}
    for span in _labelled(text, _PAPER_LABELLED, "record_number", 3):
        if span.start not in paid and not _ONLY_YEAR.match(text, span.start) and not DATE.match(text, span.start):
            yield span
    for span in _labelled(text, _SAMPLE_LABELLED, "record_number", 3):
        told = (
            _ONLY_YEAR.match(text, span.start)
            or DATE.match(text, span.start)
            or _NO_SAMPLE.match(text, span.start)
            or _YEARED.match(text, span.start)
        )
        unbroken = " " not in text[span.start : span.end] or sum(map(str.isdigit, text[span.start : span.end])) >= 6
        if span.start not in paid and not told and unbroken and not _MONTH_DAY.fullmatch(text[span.start : span.end]):
            yield span
    for found in _JOURNEY_LABELLED.finditer(text):
        yield Span(*found.span("value"), "record_number", strong=True)
    for found in _NUMBERED_CODE.finditer(text):
        if sum(map(str.isdigit, found["value"])) >= 4 and not _MONTH.fullmatch(found["value"]):
            yield Span(*found.span("value"), "record_number")
    for found in _LONG.finditer(text):
        number = found[0]
        if number.endswith("0000") or (len(number) == 8 and _DATE_8.fullmatch(number)):
            continue
        yield Span(found.start(), found.end(), "record_number")
    for found in _DIGIT_BY_DIGIT.finditer(text):
        yield Span(found.start(), found.end(), "record_number")
    for found in _GROUPS.finditer(text):
        first, _, rest = found[0].partition(" ")
        named = first.isalpha() and any(label(kind).fullmatch(first) for kind in _NUMBERED)  # `SSN 123 45 6789`
        start = found.end() - len(rest) if named else found.start()
        if sum(map(str.isdigit, found[0])) >= 6 and re.search(r"[A-Z]", text[start : found.end()]):
            yield Span(start, found.end(), "record_number")
    for found in _MIXED.finditer(text):
        code = found[0]
        digits = sum(character.isdigit() for character in code)
        letters = sum(character.isalpha() for character in code)
        parted = len(re.findall(r"[-/]", code))
        if letters and (digits >= 5 or (parted and digits >= 4)) and not _YEARED.fullmatch(code):
            yield Span(found.start(), found.end(), "record_number")
