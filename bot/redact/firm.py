"""What is firm: forms that are surely of a treatment, of money or of a way, so that nothing unsure may hide them.

A code of a product, a karyotype, rows of blood pressure, a medicine at morning, noon and night, prices, flights. The lists are in `firm.yml`. A rule that is sure (a label, a checksum) still wins; the tagger and weak rules do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

import yaml

from bot.redact.birth import DATE, MONTH
from bot.redact.known import towns

_FILE = Path(__file__).with_name("firm.yml")


@cache
def _read() -> dict[str, dict[str, str]]:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _listed(group: str, key: str = "codes") -> list[str]:
    return [" ".join(one.split()) for one in _read()[group][key].split("|")]


_TEMPLATE = {"#": r"\d", "@": "[A-Z]", "(": "(?:", ")": ")?"}


def _form(code: str) -> str:
    hyphen = "[ -]?" if re.match(r"[A-Z]{3}", code) else "-?"
    return "".join(hyphen if sign == "-" else _TEMPLATE.get(sign, re.escape(sign)) for sign in code)


@cache
def _codes() -> re.Pattern[str]:
    forms = sorted({_form(code) for group in ("products", "procedures") for code in _listed(group)})
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?![\w-])", re.IGNORECASE)


_AMOUNT = r"\d{1,3}(?:[ ,.']\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,7}(?:[.,]\d{1,2})?(?!\d)"
_SCALE = r"(?:\s?(?:k|m|mn|mio|mln|bn|million\w*|billion|thousand|lakhs?|lacs?|crores?|cr|tsd|tausend|mille|mil|mila|millones|milhões|tys|bin|milyon|тыс\w*|млн|万|萬|亿|억|만|triệu|tỷ|nghìn|juta|ribu|ألف|الف|مليون)(?!\w))?"
_SIGN = r"[$€£¥₽₹฿₩₫₺₦₴₸₮₪₱₡₵₲₼₾₿]"


_UNSURE = ("TRY", "SAR", "PEN", "COP", "MAD", "CAD", "ALL")
"""Codes of currencies that are words, or ways, in small letters."""


@cache
def _prices() -> re.Pattern[str]:
    codes, words = "|".join(_listed("currencies")), "|".join(_listed("currencies", "words"))
    small = "|".join(code.lower() for code in _listed("currencies") if code not in _UNSURE)
    before = rf"(?:{_SIGN}|(?<!\w)(?:[A-Z]{{1,2}}\$|(?:{codes}|{small}|[Rr]s\.?|Rp\.?|RM|Sh\.?|Br|GH₵)))"
    behind = rf"(?:{_SIGN}|(?:{codes}|{small}|{words}|kr|zł|kč|ft|lei|tl|грн)(?!\w))"
    ends = r"(?![\d-]|[.,/]\d|,?\s[A-Z][a-z]+[\s-][A-Z])"  # `RMB 1140 Dusty Gully Road` is a way
    return re.compile(
        rf"{before}[ ]?(?:{_AMOUNT})(?i:{_SCALE}){ends}|(?<![\w.,])(?:{_AMOUNT})(?i:{_SCALE})[ ]?(?i:{behind})"
        # `R45,000` and `R1.2m` are rand, `R34` is a road
        rf"|(?<!\w)R[ ]?(?:\d{{1,3}}(?:[ ,]\d{{3}}){{1,3}}|\d{{1,3}}(?:[.,]\d)?(?i:(?=\s?[km]){_SCALE})){ends}",
    )


def prices(text: str) -> Iterator[tuple[int, int]]:
    """Where money stands: a currency before or behind an amount."""
    return (found.span() for found in _prices().finditer(text))


_CHROMOSOMES = r"(?:t|inv|del|dup|add|ins|i|der|idic|dic|r|trp|ider)\((?:[\dXYpq?;:,. ]{1,20})\)(?:\([\dpqter;:.~? ]{1,30}\))?(?:[x×]\d)?"
_CLONE = (
    rf"\d{{2}}(?:[~-]\d{{2}})?(?:<\d[nN]>)?,\s?[XYxy?]{{1,4}}(?:,\s?[+-]?(?:{_CHROMOSOMES}|\d{{1,2}}(?!\d)|[XYxy]|mar\d?|dmin|c|inc)){{0,20}}"
    r"(?:\[(?:cp)?\d{1,3}\])?"
)
_FORMS = (
    # 46,XY,t(9;22)(q34;q11.2) · 47,XX,+8[14]/46,XX[6]
    re.compile(rf"(?<![\w,])(?:{_CLONE})(?:/(?:{_CLONE})){{0,6}}(?!\w)"),
    # HLA-C*07:01, DRB1*15:01, KIR2DL1, KIR Bw4, Bw6
    re.compile(
        r"(?<!\w)(?:HLA-?\s?)?(?:A|B|C|DRB[1345]|DQ[AB]1|DP[AB]1|MIC[AB])\*\s?\d{2,3}(?::\d{2,3}){0,3}[NLSQ]?(?!\w)|(?<!\w)KIR(?:\s?(?:[23]D[LSP]\d(?:\*\d{3,5})?|AA|AB|Bx|haplotypes?))?(?!\w)|(?<!\w)Bw[46](?!\w)",
        re.IGNORECASE,
    ),
    # targets with a decimal: Claudin18.2, CLDN6
    re.compile(r"(?<!\w)(?:claudin|cldn)[ -]?\d{1,2}(?:\.\d)?(?!\w)", re.IGNORECASE),
    # CPT 38241, ICD C91.0, HCPCS Q2042, billing code 99205
    re.compile(
        r"(?<!\w)(?:cpt|hcpcs|icd(?:-?(?:9|10|11|o))?(?:-?(?:cm|pcs|gm))?|ops|drg|ms-?drg|atc|loinc|goä|ebm|ccam|nomenclature|(?:billing|procedure|diagnosis|j-?|q-?)\s?codes?)\s?(?:codes?|no\.?|nr\.?|number|:|is)?\s?:?\s?"
        r"[A-Z]{0,2}\d[\dA-Z]{1,6}(?:[.-]\d{1,4})?(?![\w-])",
        re.IGNORECASE,
    ),
    # 75-0-75, 0-0-0-1, 1/2-0-1: no date, house or number of papers has a part of 0 among so small ones
    re.compile(
        r"(?<![\w.,/+-])(?=\d[\d.,/]{0,4}-\d[\d.,/]{0,4}-)(?=[\d.,/]{1,5}-(?:[\d.,/]{1,5}-){0,2}0(?![\d.])|0-)(?:(?:\d{1,2}(?:[.,]\d{1,2})?|\d{1,2}[05]|1/2|½)-){2,3}(?:\d{1,2}(?:[.,]\d{1,2})?|\d{1,2}[05]|1/2|½)(?![\w/-])"
    ),
    # mid-April, early June, Ende Mai: months that people are called by
    re.compile(
        rf"(?<!\w)(?:early|mid|late|end\sof|beginning\sof|anfang|mitte|ende|début|mi|fin|principios\sde|mediados\sde|finales\sde|inizio|metà|fine|начал\w|середин\w|кон[еац]\w{{0,2}})[ -]{MONTH}(?![\w-]|\s(?-i:[A-Z]))",
        re.IGNORECASE,
    ),
    # 14:30, 06:00-07:30
    re.compile(r"(?<![\w.:,])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])"),
    # a day of a treatment, as notes have it: adm 090326, D/C 010426, consent 22.08.26
    re.compile(
        rf"(?<!\w)(?:adm(?:itted)?|admission|d/c|disch(?:arged?)?|infus(?:ion|ed)|tx|consent(?:\ssigned)?|signed|relapsed?|diagnosed|dx|scan)\.?:?\s(?:on\s)?(?:(?:[0-2]\d|3[01])(?:0\d|1[0-2])\d{{2}}(?!\w)|{DATE.pattern})",
        re.IGNORECASE,
    ),
    # lots of products: lot NV-1147A, batch kx40218
    re.compile(
        r"(?<!\w)(?:lot|batch|ch\.-b\.?|lote|lotto|partia|партия|серия|批号)\s?(?:no\.?|nr\.?|number|#|№)?\s?:?\s?[A-Z]{1,4}-?\d{3,8}[A-Z]{0,2}(?![\w-])",
        re.IGNORECASE,
    ),
    # points of a questionnaire: scores 13 8 0 1 3
    re.compile(
        r"(?<!\w)(?:scores?|scale|points|phq-?9|gad-?7|qlq-?c?30|fact-?(?:g|bmt|lym)|ratings?|pain)(?:\s(?:are|were|is|was|of|today))?[\s:=]{1,3}(?:\d{1,2}[ ,/]{1,2}){2,12}\d{1,2}(?![\w-])",
        re.IGNORECASE,
    ),
    # ferries by their names: ferry Blue Star 2
    re.compile(
        r"(?<!\w)(?i:ferry|ferries|fähre|traghetto|transbordador|ferri|паром|feribot|veerboot)\s(?:[A-ZÀ-ÞА-Я][\w'’-]{1,15}\s?){1,2}(?:\d{1,2}(?!\d))?(?<=\w)"
    ),
    # train IC 2213, seat 61
    re.compile(
        r"(?<!\w)(?:trains?|zug|tren|treno|trein|comboio|поезд|pociąg|vlak|tàu)\s(?:no\.?\s|nr\.?\s|number\s|№\s?)?[A-Z]{0,4}\s?\d{1,5}(?![\d-]|\s\d{3})|(?<!\w)(?:seat|sitzplatz|wagen|coach|asiento|koltuk|вагон|место|ghế)\s\d{1,3}[A-F]?(?!\w)",
        re.IGNORECASE,
    ),
)


_BLOOD = re.compile(
    r"(?<![\w+-])(?:ab|a|b|o|0)(?:\s?rh)?(?:\s(?:pos(?:itiv\w{0,2})?|neg(?:ativ\w{0,2})?)(?!\w)|\s?[+-](?![\w+]|\s?\d))",
    re.IGNORECASE,
)


def blood_groups(text: str) -> Iterator[tuple[int, int]]:
    """Blood groups: `o positive`, `AB neg`, `O-`. Apart from `firm`: they stand right behind names, which stay names."""
    return (found.span() for found in _BLOOD.finditer(text))


@cache
def _trains() -> re.Pattern[str]:
    names = "|".join(map(re.escape, _listed("trains")))
    return re.compile(rf"(?<!\w)(?:(?:{names})\s){{1,2}}(?:no\.?\s)?\d{{1,5}}(?![\w-]|\s\d)", re.IGNORECASE)


@cache
def _flights() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(_listed('airlines'))})\s?\d{{2,4}}(?![\w-]|\s\d)", re.IGNORECASE)


_FLYING = re.compile(
    r"(?<!\w)(?:fl(?:y|ies|ying|ew|ights?|ug|üge?|ieg\w*)|vols?|vuelos?|v[ôo]os?|vol[oi]|uçu[şs]\w*|uça\w*|рейс\w*|вылет\w*|chuyến bay|pnr|booking|airport|terminal|gate|land|landing|arriv\w+|depart\w+|boarding|layover)(?!\w)|航班|飞|رحلة|طيران",
    re.IGNORECASE,
)
_NEAR = 40


def _by_air(text: str) -> Iterator[tuple[int, int]]:
    """Flights by their numbers, beside a word of flying or a city."""
    for found in _flights().finditer(text):
        behind = re.match(r"[\s,]{1,2}(?:to\s)?([^\W\d_]+)", text[found.end() : found.end() + _NEAR])
        to_city = found[0][:2].isupper() and behind is not None and behind[1].lower() in towns()
        if to_city or _FLYING.search(text[max(0, found.start() - _NEAR) : found.end() + _NEAR]):
            yield found.span()


_PRESSURE = re.compile(r"(?<![\w/.,-])(\d{2,3})\s?/\s?(\d{2,3})(?![\w/]|[.,]\d|-\d)")
_PRESSURE_SAID = re.compile(
    r"(?<!\w)(?:bp|rr|blood\spressure|pressure|mm\s?hg|blutdruck|tension|ta|presión|pressão|pressione|tansiyon|давлени\w*|huyết áp|ciśnienie|tekanan darah)(?!\w)|血压|血圧|혈압|ضغط",
    re.IGNORECASE,
)
_VITALS = re.compile(r"(?:[ ,;]{1,2}(?:\d{2,3}(?:[.,]\d)?\s?%?)(?![\w/.-])){1,4}")


def _pressures(text: str) -> Iterator[tuple[int, int]]:
    """Blood pressure where a word says so, or in rows: `118/76 131/84`; with pulse and temperature behind it."""
    found = [
        one for one in _PRESSURE.finditer(text) if 60 <= int(one[1]) <= 260 and 30 <= int(one[2]) < int(one[1]) - 9
    ]
    for place, one in enumerate(found):
        near = any(
            0 <= beside < len(found) and abs(found[beside].start() - one.start()) <= _NEAR
            for beside in (place - 1, place + 1)
        )
        if near or _PRESSURE_SAID.search(text[max(0, one.start() - _NEAR) : one.end() + 8]):
            behind = _VITALS.match(text, one.end())
            yield one.start(), behind.end() if behind else one.end()


@lru_cache(maxsize=1)
def firm(text: str) -> Sequence[tuple[int, int]]:
    """The pieces of a text that only a sure rule may take, in order. Who asks last calls `firm.cache_clear()`."""
    places = [found.span() for found in _codes().finditer(text)]
    if any(map(str.isdigit, text)):
        places += [found.span() for found in _trains().finditer(text)]
        places += [*prices(text), *_by_air(text), *_pressures(text)]
    places += [found.span() for pattern in _FORMS for found in pattern.finditer(text)]
    return sorted(places)
