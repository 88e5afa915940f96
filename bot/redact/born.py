"""Days of birth that are told in words: `the winter of 52, 9 february`, `2nd Bhadra 2046 B.S.`, `Jahrgang 61`.

`birth` reads dates; here are runs of words that dates are made of, in many languages and calendars, beside a word for
being born, years that stand beside `year of birth` and the like, days that correct a wrong one, and what somebody's papers
say. The words are in `born.yml`. A run is walked word by word, so that it is linear in its length.

Longer than 300 lines because every way of telling has its own rule, and all of them need the same walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.redact.birth import DATE, LONG_AGO, OTHER, year_of
from bot.redact.folded import fold
from bot.redact.keep import kept_words
from bot.redact.kinds import Span
from bot.redact.labels import label
from bot.redact.lexicon import plain
from bot.redact.spoken import counted, ordinals

_FILE = Path(__file__).with_name("born.yml")
_PHRASES = ("year_of", "year_behind", "corrects", "papers", "says", "units")
"""Groups that are pieces of regular expressions; the others are plain words."""


@cache
def _read() -> dict[str, list[str]]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        name: [word for word in re.split(r"\s+\|\s*|\s*\|\s+", words.strip()) if word] for name, words in read.items()
    }


@cache
def _before_years() -> frozenset[str]:
    return frozenset(_read()["before_years"])


_ARTICLE = re.compile(r"\A(?:d|l|dell|nell|all|un)'(?=\w{2})")


def _key(word: str) -> str:
    """A word as it is looked up: small, without what stands around it, its article and full stops."""
    return _ARTICLE.sub("", word.lower().strip("\"'").replace(".", ""))


@cache
def _words() -> dict[str, str]:
    """Each plain word → the groups that it is of, by their first letters."""
    out: dict[str, str] = {}
    for group in ("months", "feasts", "seasons", "weekdays", "calendars", "years", "days", "links"):
        for word in _read()[group]:
            key = _key(fold(word).text)
            out[key] = out.get(key, "") + group[0 if group != "days" else 1]  # m f s w c y a l
    return out


@cache
def _alternatives(group: str) -> str:
    return "|".join(sorted(_read()[group], key=len, reverse=True))


@cache
def _units() -> re.Pattern[str]:
    return re.compile(rf"(?:{_alternatives('units')})\Z", re.IGNORECASE)


_WORD = re.compile(r"[^\s,;:()\[\]/|“”«»。，、؛،?!–—~+=-]+")
_GAP = re.compile(r"[\s,:/()\[\]–—-]{0,3}\Z")
_NUMBER = re.compile(r"'?\d{1,4}\.?\Z|\d{4}(?:ه|م|г|ж|년|年)\.?\Z")
_DOTTED = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,2}\.?\Z")
_ORDINAL = re.compile(
    r"\d{1,2}[.']?(?:st|nd|rd|th|er|re|e|eme|ème|o|a|º|ª|°|ο|η|ης|й|я|е|го|ого|ти|ми|ші|шы|nci|inci|ncı|ıncı|cü|uncu|"
    r"ten|sten|nde|de|den|te|dik|oy|ga|ই|শে|লা|রা|ठা|日|日生)\Z",
    re.IGNORECASE,
)
_ORDINAL_MONTH = re.compile(r"[^\W\d_]{3,20}\s")
_HEBREW = re.compile(r"[בה]?[א-ת]{1,4}[\"״׳'][א-ת]?\Z")
_ROMAN = re.compile(r"(?:ii|iii|iv|vi|vii|viii|ix|xi|xii|v|x)\Z")
_GENERIC = frozenset(
    ("day", "eve", "new", "saint", "st", "san", "sankt", "orthodox", "يوم", "dates", "war", "ended", "boxing")
)
"""Of the feasts and seasons those that are feasts only with another word beside them."""
_MOST = 14
"""A run has so many words at most."""


@dataclass
class _Run:
    """A run of words for a date."""

    start: int
    end: int
    kinds: list[str]
    words: list[str]

    def tells(self) -> bool:
        """Whether it tells a year or a day, and is not only made of small words."""
        numbers = [
            int(re.sub(r"\D", "", word)) for word, kind in zip(self.words, self.kinds, strict=True) if kind == "n"
        ]
        if any(_is_year(number) for number in numbers) or "d" in self.kinds:
            return True
        some = bool(numbers) or "o" in self.kinds or "t" in self.kinds
        named = any(kind in "mfs" and word not in _GENERIC for word, kind in zip(self.words, self.kinds, strict=True))
        if named and some:
            return True
        if any(
            kind == "f" and word not in _GENERIC and len(word) > 3
            for word, kind in zip(self.words, self.kinds, strict=True)
        ):
            return True
        if self.kinds.count("t") and self.kinds.count("t") + self.kinds.count("o") >= 2:
            return True
        if sum(kind == "c" for kind in self.kinds) >= 2 and not numbers:
            return any(word >= "\u00e0" for word in self.words)  # giáp ngọ
        for place, (word, kind) in enumerate(zip(self.words, self.kinds, strict=True)):
            if (
                kind == "n"
                and re.fullmatch(r"'?[2-9]\d\.?", word)
                and (word[0] == "'" or (place and self.words[place - 1] in _before_years()))
            ):
                return True
        return "h" in self.kinds and self.kinds.count("h") + self.kinds.count("m") >= 2


_YEARS = ((1890, 2060), (1300, 1490), (2430, 2610), (5650, 5830), (4240, 4400))
"""From when to when somebody who lives can be born: in our calendar, the Muslim ones, the Buddhist, the Hebrew, Dangun's."""


def _is_year(number: int) -> bool:
    """Whether a number is a year of any calendar in which somebody who lives can be born."""
    return any(low <= number <= high for low, high in _YEARS)


def _kind(word: str) -> str:
    """What a word of a date is, as a letter; an empty string for every other word."""
    bare = word.strip("\"'") if word[:1] != "'" else word.rstrip("\"'")
    if _NUMBER.match(bare):
        return "n"
    if _DOTTED.match(bare):
        return "d" if bare.count(".") - bare.endswith(".") == 2 else "n"
    if _ORDINAL.match(bare):
        return "o"
    key = _key(word)
    if _HEBREW.match(word):
        return "h"
    if _ROMAN.match(key):
        return "m"
    known = _words().get(key, "")
    if known:
        return known[0]
    if counted(key):
        return "t"
    return "o" if ordinals(key) else ""


def _ends_sentence(word: str) -> bool:
    return word.endswith(".") and (len(word) > 5 or (word[:-1].isdigit() and len(word) == 5))


def behind(text: str, start: int) -> _Run | None:
    """The run of words for a date that begins at `start`, when it tells a day or a year.

    Args:
        text: The plain text.
        start: Where it may begin, behind a word for being born.
    """
    kinds: list[str] = []
    words: list[str] = []
    ends: list[int] = []
    begin, end, strange = start, start, 0
    opened: int | None = None
    while len(words) < _MOST:
        found = _WORD.search(text, end, end + 40)
        gap = text[end : found.start()] if found else ""
        if not found or not _GAP.match(gap) or ("\n" in gap and words):
            break
        word = found[0]
        kind = _kind(word)
        if (
            not kind
            and not words
            and _ORDINAL_MONTH.match(text, found.start())
            and "," not in gap
            and not OTHER.search(word)
            and _kind(text[found.end() + 1 : found.end() + 24].split(" ")[0]) == "m"
        ):
            kind = "o"  # an ordinal that no list has, before a month
        if not kind:
            # of a place, or of a saint: the date goes on behind it
            strange += 1
            if (
                strange > 2
                or (not words and "," in gap)
                or OTHER.search(word)
                or (words and kinds[-1] not in "fasly")
                or word.endswith(".")
            ):
                break
            if not words and word[:1].isupper() and plain(word) not in kept_words() and opened is None:
                opened = found.start()
            if words:
                kinds.append("?")
                words.append(_key(word))
                ends.append(found.end())
            end = found.end()
            continue
        if (kind in "not" and _counts(text, found)) or _over(word, kind, kinds, words):
            break
        if not words:
            joined = opened is not None and kind != "l" and "," not in text[opened : found.start()]
            begin = opened if joined and opened is not None else found.start()
        kinds.append(kind)
        words.append(_key(word) if word[0] != "'" else word)
        end = found.end()
        ends.append(end - (word.endswith(".") and kind == "n"))
        if _ends_sentence(word) and not (word[0].isdigit() and text[end : end + 2].strip()[:1].islower()):
            ends[-1] = end - 1
            break
    return _trimmed(text, begin, kinds, words, ends)


_AND = frozenset(["and", "und", "et", "y", "e", "и", "i", "og", "och", "en", "ve", "và", "dan", "і", "или", "or"])


def _over(word: str, kind: str, kinds: list[str], words: list[str]) -> bool:
    """Whether a date is whole before a word: `born 12 May 1961, so 64`; and whether it cannot begin with one."""
    if not words:
        return _key(word) in _AND
    year = any(kind == "n" and len(one) >= 4 for one, kind in zip(words, kinds, strict=True))
    if year and kind == "t" and word[0].isupper():  # `born 1961 in Lima`, which counts five elsewhere
        return True
    numbers = sum(kind in "no" for kind in kinds)
    return bool(
        year
        and (numbers >= 3 or (numbers >= 2 and "m" in kinds and "y" not in kinds))
        and kind in "lnota"
        and not word.endswith("年")
    )


def _counts(text: str, found: re.Match[str]) -> bool:
    """Whether a number counts something: `born 3 weeks early`."""
    value = re.sub(r"\D", "", found[0])
    if len(value) > 3:
        return False
    following = _WORD.match(text, found.end() + 1) if text[found.end() : found.end() + 1] in (" ", "-") else None
    return (following is not None and _units().match(_key(following[0])) is not None) or text[
        found.end() : found.end() + 2
    ] == " %"


def _trimmed(text: str, begin: int, kinds: list[str], words: list[str], ends: list[int]) -> _Run | None:
    while kinds and (kinds[-1] in "lw?" or words[-1] in ("day", "month")):
        kinds.pop()
        words.pop()
        ends.pop()
    if not kinds:
        return None
    run = _Run(begin, ends[-1], kinds, words)
    if not run.tells():
        return None
    tail = re.compile(r"[-'][^\W\d_]{1,6}(?!\w)").match(text, run.end)  # `22-сінде`
    return _Run(run.start, tail.end() if tail and text[run.end - 1].isdigit() else run.end, kinds, words)


def before(text: str, end: int) -> _Run | None:
    """The run of words for a date that ends at `end`, right before a word for being born."""
    low = max(0, end - 90)
    found = list(_WORD.finditer(text, low, end))
    if low and found and found[0].start() == low:
        found = found[1:]
    kinds: list[str] = []
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    until = end
    for word in reversed(found):
        gap = text[word.end() : until]
        if not _GAP.match(gap) or "\n" in gap or len(words) >= _MOST:
            break
        kind = _kind(word[0])
        if not kind or _ends_sentence(word[0]):
            break
        kinds.insert(0, kind)
        words.insert(0, _key(word[0]) if word[0][0] != "'" else word[0])
        spans.insert(0, word.span())
        until = word.start()
    while kinds and kinds[0] in "lw":
        del kinds[0], words[0], spans[0]
    if not kinds:
        return None
    run = _Run(spans[0][0], spans[-1][1], kinds, words)
    return run if run.tells() else None


_LEADS = re.compile(
    r"[\s:：=(\[*-]{0,3}(?:(?:is|was|date|day|birthday|on\sthe|est|ist|es|è|é|era|то|это|là|adalah|er|är|jest|je|هو|هي|کی|का|की)(?!\w)[\s:：=]{1,2}){0,2}",
    re.IGNORECASE,
)
_POSTFIX = re.compile(
    r"(?<!\w)(?:doğum\w*|doğmuş|doğdu\w*|dogum\w*|dogmus|doğulub|tug'ilgan|tugilgan|туған|туылған|төрсөн|төрөгдсөн|született|szül\w*|народжен\w*|родил\w{2,3}|paida|paidaish|जन्म\w*|जन्मे|भएको|ծնված|ծնվել|data\snașterii|birthday|bday|geboren|geburtstag\w*)(?!\w)|생(?!\w)|생이|태어|년생|生まれ|の生まれ",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"[\s,:-]{0,2}(?:(?:is|my|his|her|күні|kuni|günü|da|de|ta|te|do|ko|को|का|की|में|na|дня|-(?:нд?е|да|де|те|та))(?!\w)\s?){0,2}\Z",
    re.IGNORECASE,
)


@cache
def _year_before() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{_alternatives('year_of')})[\s:.=(]{{0,3}}(?P<value>'?(?:19\d{{2}}|20[0-2]\d|1[34]\d{{2}}|2[45]\d{{2}}|\d{{2}}))"
        rf"(?![\w%]|[.,:/-]\d|\s?(?:{_alternatives('units')})(?!\w))",
        re.IGNORECASE,
    )


@cache
def _year_behind() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,/:+-])(?<!\d )'?(?:19\d{{2}}|20[0-2]\d|\d{{2}})(?:{_alternatives('year_behind')}|-born(?!\w))",
        re.IGNORECASE,
    )


@cache
def _corrects() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-zА-Яа-я])(?:{_alternatives('corrects')})[\s:,]{{0,3}}", re.IGNORECASE)


@cache
def _papers() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-zА-Яа-я])(?:{_alternatives('papers')})[\s:,]{{0,2}}(?:{_alternatives('says')})(?![A-Za-zА-Яа-я])"
        r"(?:[\s:,(]{1,2}(?:only|just|that|it|is|was|the|year|nur|bloß|das|jahr|seulement|que|juste|l'année|solo|sólo|el|año|apenas|só|o|ano|soltanto|l'anno|только|лишь|год|тільки|рік|tylko|rok|sadece|alleen|bara|chỉ|mỗi|hanya|cuma|فقط|بس|सिर्फ|केवल|只)(?![A-Za-zА-Яа-я])){0,3}",
        re.IGNORECASE,
    )


_MANY = re.compile(
    r"(?<!\w)(?:birthdays|birthdates|birth\sdates|dates\sof\sbirth|dobs|d\.o\.b\.s|births|dob\slist|list\sof\s(?:dobs?|births?)|geburtstage|geburtsdaten|geburten|dates\sde\snaissance|"
    r"anniversaires|fechas\sde\snacimiento|cumpleaños|nacimientos|datas\sde\snascimento|aniversários|date\sdi\snascita|compleanni|geboortedata|"
    r"verjaardagen|födelsedatum|födelsedagar|fødselsdatoer|fødselsdager|daty\surodzenia|data\snarození|дни\sрождения|даты\sрождения|дати\sнародження|doğum\s(?:tarihleri|günleri)|"
    r"ngày\ssinh(?=\s(?:của\s)?(?:cả|các|mọi|từng|hai|ba|bốn))|tanggal\slahir(?=\s(?:kami|mereka|semua))|تواريخ\sالميلاد|أعياد\sالميلاد)(?!\w)|生日(?=.{0,4}[:：])|出生日期(?=.{0,4}[:：])",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?<![A-Za-z])(?:d\.?o\.?b\.?|born|birth\s?(?:date|day)?|date\sof\sbirth|bday|ddmmyy|yymmdd|mmddyy|ddmmyyyy|yyyymmdd|ttmmjj|jjmmtt|jjmmaa|ddmmaa|ggaayy|ддммгг|ггммдд|geb\.?(?:oren|\.?datum)?|geburtsdatum|"
    r"n[ée]e?\s(?:le|en)|naissance|nac(?:\.|imiento|id[oa])?|nasc(?:\.|imento|ita|id[oa])?|nat[oa](?:\sil)?|f(?:ö|ø)d[dt]?|geboren|ur\.?|urodz\w*|д\.?р\.?|дата\sрождения|doğum\w*|sinh|ngày\ssinh|lahir|生日|出生日期?|生年月日|생년월일|تاريخ\sالميلاد)"
    r"[\s:：=.(-]{0,3}(?:is\s|le\s|il\s|am\s|den\s)?(?P<value>(?:\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{2}|"
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d{2}\s\d{2}\s(?:\d{4}|\d{2})))(?!\d|[.,]\d|\s?(?:kg|mg|ml|%))(?=[^\d]|\Z)",
    re.IGNORECASE,
)
_ON_PAPERS = re.compile(
    rf"(?P<value>{DATE.pattern}|(?<![\w.,/-])(?:19\d{{2}}|200\d|1[34]\d{{2}})(?![\w%]|[.,/-]\d))\s(?:(?:is|are|stands|what|only|the|just|year|steht|es|está|figure|est|стоит|written)\s){{0,3}}(?:on|in|auf|im|in|en|sur|dans|на|в|no|na|sul|nel)\s"
    r"(?:my|his|her|our|their|the|meinem|seinem|ihrem|mein|mi|su|mon|son|ma|sa|ses|mes|meu|minha|mio|suo|моём|моем|его|её|ее|паспорте)\s(?:[^\W\d_]{2,14}(?:'s|s')?\s){0,2}(?:papers?|passports?|id(?:\scard)?|card|certificate|documents?|licence|license|pass|ausweis|papieren|documento|dni|cédula|passeport|papiers|carte|documenti|паспорте|документах)(?!\w)",
    re.IGNORECASE,
)
_REACHED = re.compile(
    r"(?<!\w)(?:my|his|her|our|their|dad's|mum's|mom's|the|meine?n?|sein(?:en)?|ihren?|mes|ses|mis|sus|i\smiei|мо[йяё]|его|её)\s(?:\d{1,3}(?:st|nd|rd|th|\.|e|º|ª|-?й)?|[a-z]{5,12}(?:th|st|rd|nd))"
    r"(?:\s(?:birthday|bday|b-day|geburtstag|anniversaire|ans|cumpleaños|años|aniversário|compleanno|anni|день\sрождения|лет|юбилей))?"
    r"(?:\s(?:today|tomorrow|yesterday|this\s\w+|last\s\w+|next\s\w+|heute|morgen|gestern|aujourd'hui|demain|hier|hoy|mañana|ayer|hoje|oggi|domani|сегодня|завтра|вчера))?"
    r"\s?[(,]\s?(?P<value>(?:(?:born|b\.|geb\.|né|née|nacid[oa])\s)?(?:19|20)\d{2})(?=\s?[),.]|\s*\Z)",
    re.IGNORECASE,
)
"""`it's my 40th today (1985)`."""
_ITS_ARTICLE = re.compile(
    r"\s(?P<word>on|in|at|le|la|il|en|el|am|em|un|de|op|på|den|d\.|w|в|na|na|it)\Z", re.IGNORECASE
)
"""A label may have taken the small word that a date begins with: `born on`."""
_NUMERAL = r"(?:\d{1,4}|[〇零一二三四五六七八九十元廿卅初正]{1,4})"
_CJK_YEAR = rf"(?:(?:农历|農曆|阴历|陰曆|藏历|回历|旧暦|음력|양력|단기|西暦|西元|公元|民[國国]|昭和|大正|明治|平成|令和)?\s?(?:{_NUMERAL}|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥])\s?[年년])"
_CJK = (
    # 2019年端午节那天出生, 1955년 음력 3월 초이틀생, 昭和5年の元日の生まれ
    re.compile(
        rf"(?P<value>(?:属.的?[,，、\s]?)?(?:{_CJK_YEAR}[^。，,、\n;；(（)）]{{0,14}}?[，,]?[^。，,、\n;；(（)）]{{0,8}}?|(?:农历|農曆|阴历|陰曆|음력)[^。、\n;；]{{1,14}}?))\s?(?:的?(?<![再卫衛医醫学學发發产產先新人])[出誕]?生(?!病|活|存|效|命|长|產|产|理|化|效|血|検|检)(?:日|於|于|まれ)?|(?:の|に)?(?:生まれ|誕生|お誕生日)|が誕生日|出世|생(?!각|활|존|명|성|검|체))"
    ),
    # 生日国庆节, 生於1996年臘八, 生まれは大正15年の師走, 생일이 음력 9월 그믐, 1959년
    re.compile(
        rf"(?:生[於于]|出生于|出生在|生日是?[在:：]?|生まれは|誕生日は|생일[은이]?|출생일?[은:]?)\s?(?P<value>(?:{_CJK_YEAR}|(?:农历|農曆|阴历|陰曆|음력|旧暦)|{_NUMERAL}\s?[月월]|[^\W\d_]{{1,4}}[节節])[^。，,、\n;；(（)）这這和跟]{{0,12}}(?:[，,]\s?(?:{_CJK_YEAR}|{_NUMERAL}[月월])[^。，,、\n;；(（)）这這和跟]{{0,8}})?)"
    ),
)
_SENTENCE = re.compile(r"(?<!\d)[.!?]\s+(?=[A-ZÀ-ÞА-ЯЁ])|\d{4}[.!?]\s+(?=[A-ZÀ-ÞА-ЯЁ][^\W\d_]{2})|\n\s*\n")
_LONG = 220
_TOLD = 90
_LATEST = 2015
"""A year that papers show, later than this one, may be the one of their making."""


def born(text: str) -> Iterator[Span]:
    """Days and years of birth in words, beside a word that says so."""
    told = [found for found in label("birth").finditer(text) if not _within(text, found)]
    ends: list[int] = [found.end() for found in told]
    for found in told:
        lead = _LEADS.match(text, found.end())
        run = behind(text, lead.end() if lead else found.end()) or behind(text, found.end())
        if run:
            article = _ITS_ARTICLE.search(found[0])
            first = found.start() + article.start("word") if article and run.start - found.end() <= 2 else run.start
            yield Span(first, run.end, "birth_date", strong=True)
            ends.append(run.end)
    for pattern in _CJK:
        for found in pattern.finditer(text):
            if not OTHER.search(found[0]):
                yield Span(*found.span("value"), "birth_date", strong=True)
    for found in _POSTFIX.finditer(text):
        small = _SMALL.search(text[max(0, found.start() - 24) : found.start()])
        run = before(text, found.start() - len(small[0]) if small else found.start())
        if run and not OTHER.search(text[max(0, run.start - 16) : run.start]):
            yield Span(run.start, run.end, "birth_date", strong=True)
    if not any(map(str.isdigit, text)) and not told:
        return
    for found in _year_before().finditer(text):
        yield Span(*found.span("value"), "birth_date", strong=True)
    for found in _year_behind().finditer(text):
        yield Span(*found.span(), "birth_date", strong=True)
    for found in _ON_PAPERS.finditer(text):
        run = before(text, found.end("value"))
        yield Span(run.start if run else found.start("value"), found.end("value"), "birth_date", strong=True)
    for pattern in (_COMPACT, _REACHED):
        for found in pattern.finditer(text):
            yield Span(*found.span("value"), "birth_date", strong=True)
    yield from _lists(text)
    yield from _right_ones(text, ends)


def _within(text: str, found: re.Match[str]) -> bool:
    """Whether a label ends in the middle of a longer word of an alphabet that parts its words."""
    after = text[found.end() : found.end() + 1]
    return after.isalpha() and "a" <= after.lower() <= "\u052f" and text[found.end() - 1].isalpha()


def _lists(text: str) -> Iterator[Span]:
    """Every whole date of a sentence that begins with `birthdays:`."""
    for found in _MANY.finditer(text):
        over = _SENTENCE.search(text, found.end(), found.end() + _LONG)
        until = (
            over.start() + 4 if over and text[over.start()].isdigit() else over.start() if over else found.end() + _LONG
        )
        last = found.end()
        for date in DATE.finditer(text, found.end(), min(until, len(text))):
            between = text[last : date.start()]
            if len(between) < 24 and (last == found.end() or not OTHER.search(between)):
                yield Span(*date.span(), "birth_date", strong=True)
                last = date.end()


def _right_ones(text: str, ends: list[int]) -> Iterator[Span]:
    """Days that correct wrong ones, and what somebody's papers say."""
    marks = [*ends, *(date.end() for date in DATE.finditer(text) if (year_of(date[0]) or LONG_AGO + 1) <= LONG_AGO)]
    for found in _papers().finditer(text):
        run = behind(text, found.end()) or _dated(text, found.end())
        if not run:
            continue
        year = next((number for number in map(int, re.findall(r"\d{4}", text[run.start : run.end]))), None)
        if (year is not None and 1890 <= year <= _LATEST) or (
            year is None and any(abs(run.start - end) < _TOLD for end in ends)
        ):
            yield Span(run.start, run.end, "birth_date", strong=True)
            marks.append(run.end)
    if not marks:
        return
    for found in _corrects().finditer(text):
        if not any(0 <= found.start() - mark <= _TOLD for mark in marks):
            continue
        run = behind(text, found.end()) or _dated(text, found.end())
        if run:
            yield Span(run.start, run.end, "birth_date", strong=True)


def _dated(text: str, start: int) -> _Run | None:
    date = DATE.match(text, start) or DATE.match(text, start + 1)
    return _Run(date.start(), date.end(), ["d"], [date[0]]) if date else None
