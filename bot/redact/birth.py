"""Days of birth: a date beside a word for being born, or where an age is told that somebody reaches on it.

A date alone, of a treatment say, stays. `DATE` reads dates with digits, `_SPELT` those with the day in words: they count
only where something says that they are of a birth. Words without a date, and other calendars' names, are `born`'s.

Longer than 300 lines because what a date looks like in each language and calendar stands here, and what may stand beside one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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
_OTHER_YEAR = r"1[34]\d{2}|2[45]\d{2}"
"""Years of Hijri, solar and Buddhist calendars."""
_D, _M = r"(?:[12]\d|3[01]|0?[1-9])", r"(?:1[0-2]|0?[1-9])"
_ROMAN = r"(?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})"
_HAN_NUMBER = r"(?:\d{1,2}|[元正一二三四五六七八九十廿卅]{1,4})"
_ERA_DATE = (
    # 昭和39年7月12日, 民國52年, 平成元年
    rf"(?:明治|大正|昭和|平成|令和|民[國国])\s?(?:\d{{1,3}}|[元一二三四五六七八九十廿卅百]{{1,4}})\s?年(?:\s?{_HAN_NUMBER}\s?月(?:\s?{_HAN_NUMBER}\s?[日号號]?)?)?"
    # S39.7.12
    rf"|(?-i:[MTSHR])\.?\d{{1,2}}[./-]{_M}[./-]{_D}(?!\d)"
)
DATE = re.compile(
    rf"(?<![A-Za-z0-9_/.-])(?:{_ERA_DATE}|[〇零一二三四五六七八九十廿卅]{{2,4}}年\s?[一二三四五六七八九十]{{1,3}}月(?:\s?[初一二三四五六七八九十廿卅]{{1,3}}[日号號]?)?|\d{{1,2}}\s(?-i:{_ROMAN})\s{_YEAR}|{_YEAR}\s?[./-]\s?{_ROMAN}\s?[./-]\s?\d{{1,2}}|\d{{1,2}}\s?[./-]\s?[IVXivx]{{1,4}}\s?[./-]\s?\d{{2,4}}|(?:the\s)?\d{{1,2}}(?:st|nd|rd|th)\s(?:day\s)?of\s{MONTH}(?:[\s,]{{1,3}}(?:in\s)?{_YEAR})?|{_YEAR}\s?年\s?\d{{1,2}}\s?月(?:\s?\d{{1,2}}\s?[日号]?)?|{_YEAR}\s?년\s?\d{{1,2}}\s?월(?:\s?\d{{1,2}}\s?일)?|"
    rf"\d{{1,2}}月\d{{1,2}}[日号]?|{_YEAR}\s?[-./]\s?\d{{1,2}}\s?[-./]\s?\d{{1,2}}|(?:{_OTHER_YEAR})\s?[-./]\s?{_M}\s?[-./]\s?{_D}(?!\d)|{_D}\s?[-./]\s?{_M}\s?[-./]\s?(?:{_OTHER_YEAR})|\d{{1,2}}\s?[-./]\s?\d{{1,2}}\s?[-./]\s?(?:{_YEAR}|'?\d{{2}})|"
    rf"(?:ngày|ngay)?\s?\d{{1,2}}\s?(?:tháng|thang)\s?\d{{1,2}}(?:\s?(?:năm|nam)\s?\d{{4}})?|"
    rf"\d{{1,2}}(?:\s?(?:st|nd|rd|th)|er|º|°|\.)?{_OF}{MONTH}(?:{_OF}(?:{_YEAR}|'?\d{{2}}))?|'\d{{2}}\s{MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|"
    rf"{MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:'\d{{2}}|[3-9]\d)(?!\s?(?:kg|mg|ml|%|cells|mmol|g\b|years?|yrs?|yo\b|to\b|-|/))|{MONTH}{_OF}\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:{_OF}{_YEAR})?|{MONTH}{_OF}{_YEAR}|"
    rf"\d{{1,2}}\s?[-/]\s?{MONTH}\s?[-/]\s?\d{{2,4}}|(?:{_YEAR})(?:0\d|1[0-2])(?:[0-2]\d|3[01])|(?:[0-2]\d|3[01])(?:0\d|1[0-2]){_YEAR})(?:\s?(?:ه|AH|A\.H\.|BS|B\.S\.|BE|B\.E\.|(?-i:H))(?!\w)|\sгод[ау]?(?!\w)|\sг\.|\sr\.|\sroku(?!\w)|\sрок[уи](?!\w)|\sр\.|\sgodine(?!\w))?(?![A-Za-z0-9/]|[.-]\d)",
    re.IGNORECASE,
)
_TENS = {"thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_OLD_YEAR = rf"(?:{'|'.join(_TENS)})(?:[\s-]?(?:one|two|three|four|five|six|seven|eight|nine))?"
_OLD_SPELT = re.compile(rf"[\s,](?:nineteen[\s-])?({'|'.join(_TENS)})", re.IGNORECASE)
_CALENDAR = r"(?:农历|農曆|阴历|陰曆|旧历|舊曆|阳历|陽曆|公历|公曆|新历)"
_HAN = r"[一二三四五六七八九十廿卅初]"
_SPELT = re.compile(
    # the third of June 1990, dritten März, le trois mai, третьего июня, üç haziran, the last day of february
    rf"(?<!\w)(?P<article>(?:the|am|le|el|il|lo|dia|día)\s)?(?:{days()})(?!\w),?\s?(?:(?:day\s)?(?:of|de|del|di|do|в|من|شهر)\s|d')?(?:the\smonth\sof\s)?"
    rf"{MONTH}(?!\w)(?:,?\s(?:(?:of|de|del|do|im\sjahr)\s)?(?:{_YEAR}|'?\d{{2}}(?!\s?\w)|{years()}))?(?!\w)"
    # 12th may forty nine
    rf"|(?<!\w)\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{MONTH}(?:,?\s(?:in\s)?)(?:{years()}|{_OLD_YEAR})(?!\w)"
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
    r"(?<!\w)(?:[^\W\d_]{2,12}\s(?:is|was|est|es|è|é|ist)(?=\s(?:of|from|de|del|di|dell'|aus|vom)\s?(?:the\s|dem\s|l'|l)?(?:year|jahr|année|año|ano|anno|')\s?\d)|i'?m|i\sam|he'?s|he\sis|she'?s|she\sis|ich\sbin|bin|je\ssuis|soy|sono|sou|я)\s(?:a\s)?(?:from|of|de|del|dell'|di|aus|vom\sjahrgang|jahrgang|baujahr|с|du)\s?(?:(?:the\s|dem\s|l')?(?:jahr|année|año|ano|anno)\s|the\s(?=year\s))?"
    r"(?P<year>(?:(?<=\s)year\s)?(?:19\d{2}|200\d)|'?(?:[2-9]\d|0\d))(?:\s?(?:года?|г\.))?(?=\s(?:and|und|et|y|e|и|but|so|my)\s|\s?[,;.!?)]|\s?\Z)",
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
OTHER = re.compile(
    r"(?<![^\W\d_])(?:car-?t|cell|fever|since|last\b|next\b|from\b|until|today|now\b|result|mri\b|pet\b|ct\b)|biopsy|transplant|infus|diagnos|treat|surger|operat|relaps|trasplant|trapiant|greff|nakil|ghép|cirug|recaíd|rechute|recidiv|rückfall|ingres|alta\b|consult|rdv|termin|cita\b|vuelo|flight|visa|dose|chemo|admi|discharg|biops|remission|harvest|collect|appoint|visit|scan|"
    r"phát hiện|nüks|tanı|erhielt|bekam|kreeg|received|relaps|krank|(?:got|fell|was|became|felt)\s(?:ill|sick)(?!\w)|chimio|chemio|quimio|kemo|hóa trị|химио|курс|трансплант|пересад|диагноз|операц|рецидив|移植|诊断|复发|住院|手术|再発|診断|手術|治療|入院|退院|이식|진단|재발|수술|입원|زراعة|تشخيص|ghép|chẩn đoán|[.!?]\s+(?-i:[A-ZА-Я])|\n\s*\n",
    re.IGNORECASE,
)


def parts(date: str) -> int:
    """How many parts a date has: day, month and year are three."""
    return len(re.findall(r"\d+|[^\W\d_]{3,}|(?<![^\W\d_])[IVXivx]+(?![^\W\d_])", date)) + len(
        re.findall(r"[元一二三四五六七八九十]+(?=[年月日])", date)
    )


_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?=[A-ZÀ-ÞА-ЯЁ][^\W\d_]{2})")
_STOP = re.compile(r"[.!?]\s+(?=[A-ZА-Я])|\n")
_BARE_YEAR = re.compile(
    r"[^\W\d_]\s?\d{1,2}(?:st|nd|rd|th)?,?\s\d{2}\Z|\d(?:st|nd|rd|th|\.)?\s[^\W\d_]{3,10}\.?\s\d{2}\Z"
)
_VALUE = re.compile(
    r"(?<!\w)(?:hb|hgb|plt|plts|platelets?|wbc|anc|neut\w*|crp|ldh|ferritin|creat\w*|weight|wt|temp\w*|bp|pulse|sugar|glucose|count|blasts?|gfr|alt|ast|cd\d+)(?!\w)",
    re.IGNORECASE,
)
"""`june 24 70` is a day, where no value is told of: `plt june 24 70` is one."""
LONG_AGO = 1999
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
        year = year_of(text[date[0] : date[1]])
        ahead = text[max(0, date[0] - 30) : date[0]]
        if (
            year
            and year <= LONG_AGO
            and not _TREATED.match(text, date[1])
            and parts(text[date[0] : date[1]]) >= 3
            and not OTHER.search(ahead[max((one.end() for one in _STOP.finditer(ahead)), default=0) :])
            and not (_BARE_YEAR.search(text[date[0] : date[1]]) and _VALUE.search(ahead + text[date[1] : date[1] + 12]))
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
                and not OTHER.search(text[date[1] : start])
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
_LISTED = 24
_AND = re.compile(r"\s?(?:[,;&/|+]|and\s|und\s|et\s|и\s|y\s|e\s|ve\s|và\s|dan\s|و)")
_BEHIND_NAME = re.compile(
    r"(?:[^\W\d_][\w'.-]+\s\(|(?:Mr|Mrs|Ms|Dr|Miss)\.?\s[\w' -]{3,40},\s|^[^\W\d_][\w'-]{2,20}(?:\s[^\W\d_][\w'-]{2,20})?[:,]\s)\Z"
)


_ERAS = {
    "明治": 1867,
    "大正": 1911,
    "昭和": 1925,
    "平成": 1988,
    "令和": 2018,
    "民國": 1911,
    "民国": 1911,
    "M": 1867,
    "T": 1911,
    "S": 1925,
    "H": 1988,
    "R": 2018,
}
"""What is added to a year of an era."""
_SHORT_YEAR = re.compile(
    r"\d{1,2}\s?([./-])\s?\d{1,2}\s?\1\s?(?P<a>\d{2})"
    r"|(?:\d{1,2}\D{1,4}|[^\d]{0,6})[^\W\d_]{3,10}[^\w']{0,3}(?:\d{1,2}(?:st|nd|rd|th)?[^\w']{1,3})?'?(?P<b>\d{2})"
)


def year_of(date: str) -> int | None:
    """The year of a date, 1961 for `4/7/61`, `12 May 61`, `昭和36年4月7日` and `2504/7/4`; None where none can be told."""
    date = date.strip()
    era = re.match(r"(明治|大正|昭和|平成|令和|民[國国]|[MTSHR](?=[.\s]?\d))[.\s]?(\d{1,3})", date)
    if era:
        return _ERAS[era[1]] + int(era[2])
    whole = re.search(r"(?<!\d)(?:19|20)\d{2}", date)
    if whole:
        return int(whole[0])
    other = re.search(r"(?<!\d)(?:1[34]|2[45])\d{2}(?!\d)", date)
    if other:
        year = int(other[0])
        return year - 543 if year > 2000 else year + 621 if year < 1380 else None  # a solar year; a lunar one is as old
    spelt = _OLD_SPELT.search(date)
    if spelt:
        return 1900 + _TENS[spelt[1].lower()]
    short = _SHORT_YEAR.fullmatch(date)
    year = int(short["a"] or short["b"]) if short else 0
    return 1900 + year if year > _THIS_CENTURY else None


def _also(text: str, claimed: list[tuple[int, int]], dates: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Whole dates close behind a day of birth, as of several people: `mine 03-Jan-1978, donor 22-Sep-2004`."""
    found: list[tuple[int, int]] = []
    ends = [end for _, end in claimed]
    for date in dates:
        for end in ends:
            between = text[end : date[0]]
            if not 0 < len(between) <= _LISTED:
                continue
            if _NOT_THIS.fullmatch(between):
                found.append(date)  # `it is 7/11/1956 not the 11th of July`
            elif (
                parts(text[date[0] : date[1]]) >= 3
                and (_AND.match(between) or not between.strip())
                and not OTHER.search(between)
                and not _TREATED.match(text, date[1])
            ):
                found.append(date)
                ends.append(date[1])
            else:
                continue
            break
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
    return behind and OTHER.search(text[max(0, start - 16) : start]) is not None


def _claim(text: str, end: int, dates: list[tuple[int, int]], near: int) -> list[tuple[int, int]]:
    for date in dates:
        if 0 <= date[0] - end <= near:
            between = text[end : date[0]]
            return [] if OTHER.search(between) or len(re.findall(r"[,，;；]", between)) > 2 else [date]
    return []


_LED = re.compile(
    r"(?<!\w)(?:(?:on|in|the|le|la|el|il|em|am|op|den|dem|der|dia|día|du|w|dnia|в|на|ngày|hôm|tanggal|'?d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo|spring|summer|autumn|winter|early|late|about|around|circa)[\s,]{1,2}(?:of\s)?){1,3}\Z",
    re.IGNORECASE,
)


_KIN = re.compile(
    r"(?<!\w)(?:me|mine|ich|moi|yo|io|я|mum|mom|mother|dad|father|wife|husband|hubby|son|daughter|brother|sister|donor|twins?|baby|grand(?:ma|pa|mother|father|son|daughter)|uncle|aunt|cousin|nephew|niece|vater|mutter|sohn|tochter|"
    r"bruder|schwester|oma|opa|père|mère|fils|fille|frère|sœur|soeur|mari|femme|padre|madre|hijo|hija|hermano|hermana|esposo|esposa|marido|mujer|pai|mãe|filho|filha|irmão|irmã|figlio|figlia|fratello|sorella|marito|moglie|"
    r"мама|мамы|папа|папы|сын|дочь|брат|сестра|муж|жена|anne|baba|oğlum|kızım|kardeşim|eşim|mẹ|ba|bố|con|chồng|vợ|anak|ibu|bapak|suami|istri)[,:]?\s\(?\Z",
    re.IGNORECASE,
)
_OVER = re.compile(r"\s?(?:[,.;)/|&]|\Z|\n|and\s|und\s|et\s|y\s|e\s|и\s)")


def of_kin(text: str) -> Iterator[Span]:
    """Whole dates right behind a word for somebody of the family: `His small sister, 17.9.2019, is a match`."""
    for found in DATE.finditer(text):
        if (
            parts(found[0]) >= 3
            and not _ZERO.match(found[0])
            and _KIN.search(text[max(0, found.start() - 20) : found.start()])
            and _OVER.match(text, found.end())
            and not _TREATED.match(text, found.end())
            and not OTHER.search(re.split(r"[.!?]\s", text[found.end() : found.end() + 14])[0])
            and not OTHER.search(text[max(0, found.start() - 28) : found.start()])
        ):
            yield Span(*found.span(), "birth_date", strong=True)


def led(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Days with the small words, the weekday and the season before them, which tell as much: `sunday the 7 march 1948`.

    Args:
        text: The plain text.
        spans: The days.
    """
    for span in spans:
        low = max(0, span.start - 32)
        before = _LED.search(text[low : span.start])
        yield Span(low + before.start() if before else span.start, span.end, span.kind, span.strong)


_JOINED = re.compile(
    r"\s?[,:;(\[/|-]{0,2}\s?(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s)?(?:\(|\*|b\.?\s?|geb\.?\s?|né[e]?\s(?:le\s)?)?\Z",
    re.IGNORECASE,
)
_TREATED = re.compile(
    r"\s?\)?\s?[,:-]?\s?(?:transplant|infus|biops|admi|scan|mri|pet|ct\b|relaps|diagnos|dose|visit|appoint|signed|report|result)",
    re.IGNORECASE,
)


_YEAR_AND_NAME = re.compile(
    r"\((?:[^\W\d_]{2,12},\s|\*\s?|b\.?\s?|geb\.?\s)?(?P<value>(?:19\d{2}|200\d))\)", re.IGNORECASE
)
"""A year in brackets behind a name: `Lola Remi (grandma, 1939)`."""
_DAY_AND_AGE = re.compile(
    r"(?<![\w./-])(?P<value>(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])\.?)(?=\s?[,;/|]\s?\d{1,2}(?:\s?(?:y|yo|yrs?|j|jahre|ans|años|anni|лет|岁)(?!\w)|\s?[,;/|]|\s?$))",
    re.IGNORECASE | re.MULTILINE,
)
"""A day without its year, and how old: `Kaya, 28.09., 34`."""


def beside_names(text: str, ends: list[int]) -> Iterator[Span]:
    """Whole dates right behind a name, as lists of patients have them: `Emil (03.03.2017)`, `Olga P., 4.5.61`.

    Args:
        text: The plain text.
        ends: Where names end.
    """
    if not ends:
        return
    for found in _YEAR_AND_NAME.finditer(text):
        if any(0 <= found.start() - end <= 1 for end in ends):
            yield Span(*found.span("value"), "birth_date", strong=True)
    for found in _DAY_AND_AGE.finditer(text):
        if any(end <= found.start() <= end + 4 and _JOINED.fullmatch(text, end, found.start()) for end in ends):
            yield Span(*found.span("value"), "birth_date", strong=True)
    for found in (*DATE.finditer(text), *_SPELT.finditer(text)):
        whole = parts(found[0]) >= 3
        behind = any(end <= found.start() <= end + 8 and _JOINED.fullmatch(text, end, found.start()) for end in ends)
        closed = text[found.end() : found.end() + 1] == ")"
        if whole and behind and (closed or not _TREATED.match(text, found.end())):
            yield Span(*found.span(), "birth_date", strong=True)
