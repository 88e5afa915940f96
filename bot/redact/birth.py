"""Days of birth: a date beside a word for being born, or where an age is told that somebody reaches on it.

A date alone, of a treatment say, stays. `DATE` reads dates with digits, `_SPELT` those with the day in words: they count
only where something says that they are of a birth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.redact.kinds import Span
from bot.redact.labels import group, label
from bot.redact.spoken import days, numbers, years

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|"
    r"январ\w|феврал\w|март\w?|апрел\w|ма[йя]|июн\w|июл\w|август\w?|сентябр\w|октябр\w|ноябр\w|декабр\w|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|"
    r"janv\.?|févr?\.?|fevr?\.?|juil\.?|déc\.?|ene\.?|abr\.?|ago\.?|dic\.?|genn?\.?|mag\.?|giu\.?|lug\.?|sett?\.?|ott\.?|fev\.?|set\.?|out\.?|dez\.?|mär\.?|okt\.?|янв\.?|фев\.?|мар\.?|апр\.?|авг\.?|сент?\.?|окт\.?|нояб?\.?|дек\.?|січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня|janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|"
    r"januar|februar|märz|juni|juli|oktober|dezember|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|novembre|dicembre|"
    r"janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro|ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|"
    r"يناير|فبراير|مارس|أبريل|ابريل|إبريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول|"
    r"stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|januari|februari|maart|augustus)"
)
_OF = r"(?:\s*(?:of|de|del|di|do|г\.?)?\s*[.,/-]?\s*)"
_YEAR = r"(?:19|20)\d{2}"
DATE = re.compile(
    rf"(?<![A-Za-z0-9_/.-])(?:[二〇零一三四五六七八九]{{4}}年[一二三四五六七八九十]{{1,3}}月(?:[一二三四五六七八九十]{{1,3}}[日号]?)?|\d{{1,2}}\s?[./-]\s?[IVXivx]{{1,4}}\s?[./-]\s?\d{{2,4}}|(?:the\s)?\d{{1,2}}(?:st|nd|rd|th)\s(?:day\s)?of\s{MONTH}(?:[\s,]{{1,3}}(?:in\s)?{_YEAR})?|{_YEAR}\s?年\s?\d{{1,2}}\s?月(?:\s?\d{{1,2}}\s?[日号]?)?|{_YEAR}\s?년\s?\d{{1,2}}\s?월(?:\s?\d{{1,2}}\s?일)?|"
    rf"\d{{1,2}}月\d{{1,2}}[日号]?|{_YEAR}\s?[-./]\s?\d{{1,2}}\s?[-./]\s?\d{{1,2}}|\d{{1,2}}\s?[-./]\s?\d{{1,2}}\s?[-./]\s?(?:{_YEAR}|\d{{2}})|"
    rf"(?:ngày|ngay)?\s?\d{{1,2}}\s?(?:tháng|thang)\s?\d{{1,2}}(?:\s?(?:năm|nam)\s?\d{{4}})?|"
    rf"\d{{1,2}}(?:st|nd|rd|th|er|º|°|\.)?{_OF}{MONTH}(?:{_OF}(?:{_YEAR}|'?\d{{2}}))?|"
    rf"{MONTH}{_OF}\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:{_OF}{_YEAR})?|{MONTH}{_OF}{_YEAR}|"
    rf"\d{{1,2}}\s?[-/]\s?{MONTH}\s?[-/]\s?\d{{2,4}}|(?:{_YEAR})(?:0\d|1[0-2])(?:[0-2]\d|3[01])|(?:[0-2]\d|3[01])(?:0\d|1[0-2]){_YEAR})(?:\sгод[ау]?(?!\w)|\sг\.|\sr\.|\sroku(?!\w)|\sрок[уи](?!\w)|\sр\.|\sgodine(?!\w))?(?![A-Za-z0-9/]|[.-]\d)",
    re.IGNORECASE,
)
_CALENDAR = r"(?:农历|農曆|阴历|陰曆|旧历|舊曆|阳历|陽曆|公历|公曆|新历)"
_HAN = r"[一二三四五六七八九十廿卅初]"
_SPELT = re.compile(
    # the third of June 1990, dritten März, le trois mai, третьего июня, üç haziran, the last day of february
    rf"(?<!\w)(?P<article>(?:the|am|le|el|il|lo|dia|día)\s)?(?:{days()})(?!\w),?\s?(?:(?:day\s)?(?:of|de|del|di|do|в|من|شهر)\s|d')?(?:the\smonth\sof\s)?"
    rf"{MONTH}(?!\w)(?:,?\s(?:(?:of|de|del|do|im\sjahr)\s)?(?:{_YEAR}|'?\d{{2}}(?!\s?\w)|{years()}))?(?!\w)"
    # June the third
    rf"|(?<!\w){MONTH}\s(?:the\s)?(?:{days()})(?!\w)(?:,?\s{_YEAR})?"
    # ngày mùng 5 tháng giêng năm 1958
    r"|(?:ngày|ngay)?\s?(?:mùng|mồng|mung|mong|hôm)\s(?:\d{1,2}|[^\W\d_]{2,5})\s(?:tháng|thang)\s(?:\d{1,2}|[^\W\d_]{2,6})(?:\s(?:năm|nam)\s\d{4})?(?!\w)"
    # 属兔的，一九七五年农历四月初二
    rf"|(?:属[鼠牛虎兔龙蛇马羊猴鸡狗猪]的?[,、\s]{{0,2}})?(?:[一二三四五六七八九〇零\d]{{2,4}}年)?{_CALENDAR}?闰?(?:正|冬|腊|{_HAN}{{1,2}}|\d{{1,2}})月(?:{_HAN}{{1,3}}|\d{{1,2}})[日号]?",
    re.IGNORECASE,
)
_AGE = rf"(?:\d{{1,3}}|(?:{numbers()})(?!\w))"
_TURNS = re.compile(
    rf"(?<![A-Za-z0-9_])(?:{group('turns')})\s?{_AGE}(?:\s?(?:years?(?:\sold)?|jahre?(?:\salt)?|ans?|años|anos|anni|лет|год\w{{0,2}}|lat|tuổi|سنة|سنوات|عام\w?|岁|歲|周岁|yaş\w*)(?!\w))?"
    r"[\s,]{0,2}(?:(?:on|this|next|last|the|am|le|el|il|em|a|no|в|dnia|ngày|hôm|vào|يوم|في|بتاريخ|于|在)[\s]{1,2}){0,3}",
    re.IGNORECASE,
)
"""An age with what leads to the day it was reached on: the day stands right behind."""
_YAS = re.compile(r"\s\d{1,3}\s(?:yaş\w+|yasin\w*)\s(?:doldur\w+|bas\w+|gir\w+|ol\w+)", re.IGNORECASE)
"""The same in Turkish, where the day stands before: `3 Haziran'da 61 yaşını doldurdu`."""
_FROM_YEAR = re.compile(
    r"(?<!\w)(?:i'?m|i\sam|he'?s|he\sis|she'?s|she\sis|ich\sbin|bin|je\ssuis|soy|sono|sou|я)\s(?:a\s)?(?:from|of|de|del|dell'|di|aus|vom\sjahrgang|jahrgang|baujahr|с|du)\s?"
    r"(?P<year>(?:19\d{2}|200\d)|'?(?:[2-9]\d|0\d))(?:\s?(?:года?|г\.))?(?=\s(?:and|und|et|y|e|и|but|so|my)\s|\s?[,;.!?)]|\s?\Z)",
    re.IGNORECASE,
)
"""`I am from 95`: nobody comes from a number but a year."""
_NOT_THIS = re.compile(
    r"[\s,;(]{0,3}(?:(?:and|but|und|et|y|e|и|а)\s)?(?:not|nicht|pas|no|não|non|не|değil|không\sphải|nie|ليس|不是|and\snot)\s?(?:(?:on|the|am|le|el|il)\s){0,2}\Z",
    re.IGNORECASE,
)
_ZERO = re.compile(r"\d{1,4}\s?[-./]\s?0{1,2}\s?[-./]|0{1,2}\s?[-./]|\d{1,2}\s?[-./]\s?\d{1,2}\s?[-./]\s?0(?!\d)")
"""No day and no month is 0: `75-0-75` is what somebody takes in the morning, at noon and at night."""
_ONLY_YEAR = re.compile(
    rf"(?<![A-Za-z0-9_/.-])(?:{_YEAR}|'\d{{2}})(?:\s?(?:г\.?|года?|году|年|년생?))?(?![A-Za-z0-9/%]|[.-]\d)"
)
_NEAR, _NEAR_YEAR, _BEHIND = 48, 22, 22
_DATED = re.compile(
    r"\d|[年月]|teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?<![^\W\d_])(?:car-?t|cell|fever|since|last\b|next\b|from\b|until|today|now\b|result|mri\b|pet\b|ct\b)|biopsy|transplant|infus|diagnos|treat|surger|operat|relaps|trasplant|trapiant|greff|nakil|ghép|cirug|recaíd|rechute|recidiv|rückfall|ingres|alta\b|consult|rdv|termin|cita\b|vuelo|flight|visa|dose|chemo|admi|discharg|biops|remission|harvest|collect|appoint|visit|scan|"
    r"трансплант|пересад|диагноз|операц|рецидив|移植|诊断|复发|住院|手术|زراعة|تشخيص|ghép|chẩn đoán|[.!?]\s+(?-i:[A-ZА-Я])|\n\s*\n",
    re.IGNORECASE,
)


_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?=[A-ZÀ-ÞА-ЯЁ][^\W\d_]{2})")
_LONG_AGO = 1999
"""A whole date of this year or before it is taken for a day of birth: few treatments are told of that are so old."""
_THIS_CENTURY = 30
"""Years of two digits up to this one are of this century."""


def birth_date(text: str) -> Iterator[Span]:
    """The date next to a word for being born, one that stands right behind a name, and one of long ago."""
    # with its article and without: the word for a birth may claim the article, `née le`
    spelt = [
        (start, found.end())
        for found in _SPELT.finditer(text)
        for start in {found.start(), found.end("article") if found["article"] else found.start()}
    ]
    if not spelt and not _DATED.search(text):
        return
    dates = [found.span() for found in DATE.finditer(text) if not _ZERO.match(found[0])]
    dates = sorted({*dates, *spelt}, key=lambda date: (date[0], -date[1]))
    yield from _reached(text, dates)
    years = [(found.start(), found.end()) for found in _ONLY_YEAR.finditer(text)]
    # `2015, the 14th of July`
    dates = sorted(
        {
            *dates,
            *(
                (low, high)
                for low, until in years
                for begin, high in dates
                if 0 < begin - until <= 12 and _BETWEEN.fullmatch(text, until, begin)
            ),
        },
        key=lambda date: (date[0], -date[1]),
    )
    for date in dates:
        year = _year(text[date[0] : date[1]])
        ahead = text[max(0, date[0] - 30) : date[0]]
        if (
            year
            and year <= _LONG_AGO
            and not _TREATED.match(text, date[1])
            and len(re.findall(r"\d+|[IVX]+|[^\W\d_]{3,}", text[date[0] : date[1]])) >= 3
            and not _OTHER.search(ahead)
        ) or (_BEHIND_NAME.search(ahead) and re.match(r"\s?[),]|\Z", text[date[1] : date[1] + 2])):
            yield Span(*date, "birth_date", strong=True)
        if text[date[1] : date[1] + 1] == "生" and text[date[1] : date[1] + 2] not in ("生病", "生效"):
            yield Span(*date, "birth_date", strong=True)
    for told in label("birth").finditer(text):
        start, end = told.start(), told.end()
        # right before the word: `12.03.1985 г.р.`, `am 29.02.2012 Geburtstag`
        before = [
            date
            for date in (*dates, *years)
            if -5 <= start - date[1] <= 3
            and date[0] < start
            and not _told_of(text, date[0], end, dates)
            and not _NEXT_SENTENCE.match(text, date[1])  # `CAR-T in 2023. Born on ...`
        ]
        claimed = before or [*_claim(text, end, dates, _NEAR), *_claim(text, end, years, _NEAR_YEAR)]
        other = _ANY_DATE.match(text, end)
        if (
            other
            and not before
            and not any(low <= other.start("value") and other.end("value") <= high for low, high in claimed)
        ):
            claimed = [(other.start("value"), other.end())]
        claimed = [*claimed, *_also(text, claimed, dates)]
        if not claimed:
            claimed = [
                date
                for date in (*dates, *years)
                if 0 <= start - date[1] <= _BEHIND
                and not _OTHER.search(text[date[1] : start])
                and not _NEXT_SENTENCE.match(text, date[1])
            ]
        for place, date in enumerate(sorted(claimed)):
            yield Span(*date, "birth_date", strong=True)
            if place and _BETWEEN.fullmatch(
                text, sorted(claimed)[place - 1][1], date[0]
            ):  # `in 1996 on the 14th of May`
                yield Span(sorted(claimed)[place - 1][1], date[0], "birth_date", strong=True)


_NOT_UNIT = r"(?!(?:weeks?|days?|months?|years?|hours?|kg|grams?|g|ml|mg|лет|год|недел\w*|tuần|tháng\s\w*tuổi|wochen|semaines|semanas|at|with|in|and|by|the|my)\b)"
_ORDINAL = r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)|primero|erste[rn]?|premier"
_SAID = r"(?:(?:nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_ERA = r"(?:昭和|平成|令和|大正|明治|民國|民国|西元|公元|佛历|พ\.ศ\.|[SHTRM](?=\d{1,2}[./]))\s?"
_PART = rf"(?:{_ERA})?\d{{1,4}}(?:st|nd|rd|th|er|º|ª|°)?\.?|{_ORDINAL}|{_SAID}|[一二三四五六七八九十〇零]{{1,4}}"
_LINK = r"(?:\s?[./,،-]\s?|\s?[年月日号]\s?|\s?[년월일]\s?|\s(?:(?:day\s)?of|in|de|del|do|di|du|the|в|tháng|năm|thang|nam|ngày|года?|of\sthe)\s|\s{1,2}|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d))"
_ANY_DATE = re.compile(
    rf"[\s:：,=()\[\]-]{{0,4}}(?:(?:is|was|on|in|the|am|le|el|il|em|on\sthe|ngày|ngay|năm|nam|是|为|于|は|는|은|هو|في|:)[\s:]{{0,2}}){{0,3}}(?P<value>(?:(?:(?:sun|mon|tues|wednes|thurs|fri|satur)day|mồng|mùng|ngày),?\s(?:the\s)?)?(?:{_PART}){_LINK}(?:(?:{_PART}){_LINK}(?:{_PART})|{_NOT_UNIT}[^\W\d_]{{3,14}}\.?{_LINK}(?:'?\d{{2,4}}|{_SAID}(?:[\s-](?:hundred\s(?:and\s)?)?{_SAID})?))|{_NOT_UNIT}[^\W\d_]{{3,14}}\.?\s\d{{1,2}}(?:st|nd|rd|th)?{_LINK}'?\d{{2,4}}"
    rf"|(?:\d\s){{5,7}}\d|{_ORDINAL}\s(?:of\s)?{MONTH}|year\s\d{{4}},?\smonth\s\d{{1,2}}(?:,?\sday\s\d{{1,2}})?|[一二三四五六七八九〇零\d]{{2,4}}年(?:闰?[一二三四五六七八九十\d]{{1,3}}|正|冬|腊)月(?:[初廿卅]?[一二三四五六七八九十\d]{{1,3}}[日号號]?)?)(?:\s?[日号號일]|\s?(?:г\.?|года?|هـ|هجري|م)(?!\w))?(?![A-Za-z0-9%]|[.,]\d)",
    re.IGNORECASE,
)
"""Whatever stands right behind a word for being born and has three parts: any calendar, any language, numbers in words."""
_BETWEEN = re.compile(r"(?:[\s,]|on|in|the|am|le|el|il|of|de)+", re.IGNORECASE)
_BEHIND_NAME = re.compile(
    r"(?:[^\W\d_][\w'.-]+\s\(|(?:Mr|Mrs|Ms|Dr|Miss)\.?\s[\w' -]{3,40},\s|^[^\W\d_][\w'-]{2,20}(?:\s[^\W\d_][\w'-]{2,20})?[:,]\s)\Z"
)


def _year(date: str) -> int | None:
    """The year of a date, 1961 for `4/7/61`."""
    whole = re.search(r"(?:19|20)\d{2}", date)
    if whole:
        return int(whole[0])
    short = re.fullmatch(r"\d{1,2}\s?([./-])\s?\d{1,2}\s?\1\s?(\d{2})", date.strip())
    if not short or int(short[2]) <= _THIS_CENTURY:
        return None
    return 1900 + int(short[2])


def _also(text: str, claimed: list[tuple[int, int]], dates: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Whole dates close behind a day of birth, as of two people: `mine 03-Jan-1978, donor 22-Sep-2004`."""
    found = []
    for _, end in claimed:
        for date in dates:
            between = text[end : date[0]]
            whole = len(re.findall(r"\d+|[^\W\d_]{3,}", text[date[0] : date[1]])) >= 3
            if 0 < len(between) <= 24 and _NOT_THIS.fullmatch(between):
                found.append(date)  # `it is 7/11/1956 not the 11th of July`
            elif (
                0 < len(between) <= 24
                and whole
                and re.match(r"\s?(?:[,;&/]|and|und|et|и)", between)
                and not _OTHER.search(between)
            ):
                found.append(date)
    return found


def _reached(text: str, dates: list[tuple[int, int]]) -> Iterator[Span]:
    """Days on which somebody reaches an age, and years that somebody says to be from."""
    starts = dict(reversed(dates))
    for told in _TURNS.finditer(text):
        # what leads to a date may have taken the date's own article
        for start in range(max(told.start(), told.end() - 10), told.end() + 1):
            if start in starts:
                yield Span(start, starts[start], "birth_date", strong=True)
                break
    for start, end in dates:
        if _YAS.match(re.sub(r"\A'?(?:de|da|te|ta)(?!\w)", "", text[end : end + 60])):
            yield Span(start, end, "birth_date", strong=True)
    for told in _FROM_YEAR.finditer(text):
        yield Span(*told.span("year"), "birth_date", strong=True)


def _told_of(text: str, start: int, end: int, dates: list[tuple[int, int]]) -> bool:
    """Whether a date before a word for being born is of a treatment: `relapsed 4/4/25, born 5/5/65`."""
    behind = any(0 <= date[0] - end <= 6 for date in dates)
    return behind and _OTHER.search(text[max(0, start - 16) : start]) is not None


def _claim(text: str, end: int, dates: list[tuple[int, int]], near: int) -> list[tuple[int, int]]:
    for date in dates:
        if 0 <= date[0] - end <= near:
            between = text[end : date[0]]
            return [] if _OTHER.search(between) or len(re.findall(r"[,，;；]", between)) > 2 else [date]
    return []


_JOINED = re.compile(r"\s?[,:;(\[/-]?\s?(?:\(|\*|b\.?\s?|geb\.?\s?|né[e]?\s(?:le\s)?)?\Z", re.IGNORECASE)
_TREATED = re.compile(
    r"\s?\)?\s?[,:-]?\s?(?:transplant|infus|biops|admi|scan|mri|pet|ct\b|relaps|diagnos|dose|visit|appoint|signed|report|result)",
    re.IGNORECASE,
)


def beside_names(text: str, ends: list[int]) -> Iterator[Span]:
    """Whole dates right behind a name, as lists of patients have them: `Emil (03.03.2017)`, `Olga P., 4.5.61`.

    Args:
        text: The plain text.
        ends: Where names end.
    """
    if not ends:
        return
    for found in DATE.finditer(text):
        whole = len(re.findall(r"\d+|[^\W\d_]{3,}|[IVX]+", found[0])) >= 3
        behind = any(end <= found.start() <= end + 8 and _JOINED.fullmatch(text, end, found.start()) for end in ends)
        closed = text[found.end() : found.end() + 1] == ")"
        if whole and behind and (closed or not _TREATED.match(text, found.end())):
            yield Span(*found.span(), "birth_date", strong=True)
