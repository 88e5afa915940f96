"""What stays though it looks like a secret: measured values, dates of treatment, and what the lists name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from bot.redact.birth import DATE
from bot.redact.firm import firm
from bot.redact.hospitals import hospitals
from bot.redact.known import groups, known, known_places, of_people
from bot.redact.lexicon import is_given, is_surname, plain, sounds_clinical

_NUMBER = r"\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d+)?|\d{1,6}(?:[.,]\d+)?"
_UNIT = (
    r"(?:°\s?[CF]?|degrees?|celsius|fahrenheit|[cf]\b|mg|mcg|µg|μg|ug|ng|g|kg|gram(?:s|mes)?|lbs?|pounds?|ml|dl|l|liters?|litres?|cc|mmol|µmol|umol|mol|iu|units?|u|k|m|mm|cm|m2|m²|"
    r"cells?|x\s?10|×\s?10|\*\s?10|e\d|10\^|%|percent|per\b|bpm|mmhg|/(?:µ|u|m|d)?l|/mm3|/kg|/min|days?|weeks?|wks?|months?|mos?|years?|yrs?|yo|y/o|y\.o|hours?|hrs?|h\b|minutes?|mins?|seconds?|"
    r"times|cycles?|doses?|tablets?|pills?|capsules?|drops?|steps?|people|patients?|children|kids|copies|log|usd|eur|euros?|dollars?|rmb|cny|yuan|rub|rubles?|roubles?|rupees?|inr|gbp|pounds|baht|yen|won|"
    r"lakhs?|crores?|million|billion|thousand|сут\w*|дн\w*|день|недел\w*|мес\w*|лет|год\w*|час\w*|мг|мл|кг|г\b|мкл|руб\w*|тыс\w*|тысяч\w*|млн|градус\w*|клеток|岁|歲|天|日|周|週|个月|月|年|小时|分钟|度|毫克|克|公斤|毫升|万|元|次|例|人|倍|세|일|주|개월|년|시간|도|"
    r"شهور|شهرا|سنين|يوما|يوم\w*|أيام|أسبوع\w*|أسابيع|شهر\w*|أشهر|سنة|سنوات|عام\w*|ساعة|ساعات|درجة|ملغ|مل|كغ|ألف|مليون|دولار|tuổi|tuoi|ngay\b|tuan\b|thang\b|ngày|tuần|tháng|giờ|độ|triệu|nghìn|đồng|vnđ|vnd|jahre?|tage?n?|wochen?|monate?n?|stunden?|ans?|jours?|semaines?|mois|heures?|años?|días?|semanas?|meses|mes|horas?|anni|giorni|mesi|gün\w*|ay\b|yıl|yaş\w*)"
)
_LAB = (
    r"(?:anc|wbc|rbc|alk\.? ?phos|paraprotein|m-?protein|clairance|spiegel|talspiegel|retics?|leukos?|thrombos?|hgb|hb|hemoglobin|haemoglobin|hct|hematocrit|plts?|platelets?|neutrophils?|lymphocytes?|blasts?|ferritin|crp|ldh|il-?6|creatinine|urea|bun|bilirubin|alt|ast|ggt|alp|sodium|potassium|calcium|magnesium|glucose|sugar|"
    r"albumin|inr|d-?dimer|fibrinogen|procalcitonin|igg|iga|igm|m-?spike|kappa|lambda|flc|cd\s?\d{1,3}\+?|counts?|temp(?:erature)?s?|fever|bp|blood pressure|pulse|heart rate|hr|spo2|sats?|saturation|oxygen|o2|ef|lvef|weight|height|bmi|chimerism|"
    r"mrd|viral load|cmv|ebv|pcr|trough|level|levels|dose|doses|лейкоцит\w*|тромбоцит\w*|гемоглобин\w*|нейтрофил\w*|ферритин\w*|температур\w*|срб|соэ|давлени\w*|пульс|вес|рост|血小板|白细胞|血红蛋白|中性粒细胞|体温|血压|铁蛋白|血糖|白|红|板|钾|钠|钙|浓度|الصفيحات|صفائح|صفيحات|كريات|فيريتين|الفيريتين|خلايا|الصفائح|الحرارة|الهيموغلوبين|tiểu cầu|bạch cầu|hồng cầu|nhiệt độ)"
)
_MEASURED = re.compile(
    rf"(?<![A-Za-z0-9_.])[+~<>≥≤=±-]?\s?(?:{_NUMBER})(?:\s?(?:-|to|/|x|×|до|至|到)\s?(?:{_NUMBER}))?\s?{_UNIT}(?![A-Za-z])",
    re.IGNORECASE,
)
_LAB_VALUE = re.compile(
    rf"(?<![A-Za-z]){_LAB}\s?(?:\+|count|level|value|results?|was|is|are|of|at|around|about|now|today|=|:|~|<|>|≥|≤|,|fell to|dropped to|rose to|went (?:up|down) to|from|only|still|\s){{0,5}}"
    rf"(?:{_NUMBER})(?:\s?(?:,|then|to|and|->|→|-|/|\s)\s?(?:{_NUMBER})){{0,6}}(?!\d)",
    re.IGNORECASE,
)
_PATTERNS = (
    DATE,
    _MEASURED,
    _LAB_VALUE,
    re.compile(
        r"(?<!\w)(?:day|days|d|день|дня|天|giorno|tag|jour|día|dia|ngày|اليوم|يوم|gün|cycle|week|month|year|grade|stage|phase|line|level|type|age|aged|room temp|score|round|step|month|arm|cohort|group|version|part|no|nr)\s?[+#-]?\s?\d{1,3}(?![\d])",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\w)(?:lot|batch|charge|blister|part|kit|model|error|cat(?:alog)?|item|sku|ch\.-b|exp|expiry|haltbarkeit|bag|vial|serial|code on (?:the )?\w+|партия|серия препарата|批号|رقم التشغيلة)\.?\s?(?:no\.?|nr\.?|number|:|#)?\s?(?:is\s)?[A-Za-z]{0,4}\d[\w/-]{1,14}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\w.,])\d{1,5}(?:[.,]\d{1,3})?(?:\s(?:\d{1,5}(?:[.,]\d{1,3})?)){2,10}\s(?:cal\w*|kcal|those|these|are my|intake|bpm|mmhg|counts?)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\w)[dDtT]\s?[+-]\s?\d{1,3}(?!\d)"),
    re.compile(
        r"(?<!\w)(?:CR|PR|CD|IL|HLA|BCL|IGH|TP|FLT|NPM|IDH|JAK|T|B|NK|HHV|EBV|HPV|G|H|N|M|V|S|A|C|Q|R|BK|PD|CTLA|LAG|TIM|Ph|WHO|ICD|ASXL|RUNX|KMT|SF3B|Hb|Ig|FEV|SpO|PaO|FiO|CO|O|B|DR|DQ|DP|DRB|DQB|DPB|IVS)-?\s?\d{1,3}(?:[.:*]\d{1,3})*[+*-]?(?![\dA-Za-z])",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\w/])\d{1,2}\s?/\s?\d{1,2}(?:\s?(?:match\w*|hla|allel\w*|antigen\w*|loci|identical|mismatch\w*|совпад\w*|相合|相配|全相合|半相合|تطابق|phù hợp))?(?![\w/]|\s?/\s?\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\w)[t|inv|del|dup|add|ins|i]{1,3}\s?\(\s?[\dpqXY;: ,.]{1,20}\)(?:\([pq\d;.]{1,20}\))?", re.IGNORECASE
    ),
    re.compile(r"(?<!\w)(?:icd|cpt|pcs|procedure|drg|atc|loinc)(?:\s?code)?\s?:?\s[A-Z\d.]{3,8}(?!\w)", re.IGNORECASE),
    re.compile(r"(?<!\w)(?:[ABC]|D[RQP](?:B1)?)\*?\d{4}(?!\d)"),
    re.compile(r"(?<!\w)(?:HLA-?)?(?:A|B|C|DRB1|DQB1|DPB1|DRB[345])\*\s?\d{2,3}(?::\d{2,3}){0,3}", re.IGNORECASE),
    re.compile(
        r"(?<!\w)(?:NCT|ISRCTN|UMIN|ACTRN|DRKS|CTRI|JPRN|KCT|EUCTR|EudraCT|ChiCTR\w{0,5}|jRCTs?|NTR|RBR|PACTR|SLCTR|TCTR|IRCT|PMID|PMC|DOI|arXiv|ISBN|ICD-?(?:10|11|O)?|CPT|ATC|LOINC|SNOMED|rs|ENST|NM_|NP_|CAS)[\s:#-]{0,2}[\d./-]{3,24}[\w.]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\w)(?:JNJ|BMS|RO|GSK|MK|AMG|ABBV|PF|LY|AZD|CC|TAK|REGN|KTE|CTL|CT|UCART|ALLO|JCAR|bb|NSC|LN|PBCAR|CYAD|AUTO|HBI|MB|CNCT|GC|ET|BNT|mRNA|RG|TG|INCB|ONO|DS|E|AG|ASTX|CPX|KRT|SNDX|XmAb|LCAR|SAR|VIP|EMB|IMM|OBE|ALLOCAR|CAR|GPRC|MCARH|ARI|CD)-?X?\d{2,9}[A-Za-z]?(?![\w])"
    ),
    re.compile(
        r"[$€£¥₽₹฿₩₫₺₦₴₸₮]\s?\d[\d ,.']*\d?\s?(?:k|m|million|thousand)?|\b(?:usd|eur|gbp|rmb|cny|inr|rs\.?|us\$|rub|rm|rp\.?|php|s\$|hk\$|nt\$|ksh|kes|tsh|ugx|zar|ngn|sar|aed|qar|kwd|omr|bhd|egp|pkr|bdt|npr|lkr|thb|vnd|idr|myr|sgd|krw|jpy|twd|pln|czk|huf|ron|bgn|chf|sek|nok|dkk|uah|kzt|uzs|mnt|brl|mxn|clp|cop|ars|pen|r\$)\s?\d[\d ,.']*\d?",
        re.IGNORECASE,
    ),
    re.compile(r"\d[\d ,.']*\s?(?:[$€£¥₽₹฿₩₫]|x\s?10)"),
    re.compile(r"(?<![\d.+-])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\.?)?(?![\d])", re.IGNORECASE),
    re.compile(r"(?<![\w./-])(?:(?:19|20)\d{2}|'\d{2})(?:\s?[-/]\s?(?:(?:19|20)?\d{2}))?(?![\w/-])"),
    re.compile(
        r"(?<![\w./-])\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?(?:19|20)?\d{2}(?![\w/-])|(?<![\w./-])(?:19|20)\d{2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2}(?![\w/-])|(?:19|20)\d{2}\s?年(?:\s?\d{1,2}\s?月)?(?:\s?\d{1,2}\s?[日号])?"
    ),
    re.compile(r"(?<!\d)1\s?[хx×*]\s?10\s?[\^*]?\s?\d{1,2}|10\s?\^\s?\d{1,2}(?:\s?/\s?\w{1,3})?", re.IGNORECASE),
    # sizes and doses: `75x50x30`, `1000x2`, and what stands behind a medicine, `Tab Septran`
    re.compile(r"(?<![\w.])\d{1,4}\s?[x×х*]\s?\d{1,4}(?:\s?[x×х*]\s?\d{1,4})?(?![\w])", re.IGNORECASE),
    re.compile(r"(?<!\w)(?:Tab|Cap|Syp|Inj|Susp|Tbl|Drg)\.?\s[A-Z][\w-]{2,20}(?:\s(?:DS|SR|XR|CR|ER|MR|Forte))?(?!\w)"),
    # wards and houses that bear a name: `Asha ward`, `in the Lincoln Wing`, `Building Karolina`; `I am Grace Ward` is a person
    re.compile(
        r"(?<![\w'-])(?<!am )(?<!is )(?<!name )(?:[A-Z][\w'’-]{1,20}\s){1,2}?(?:ward|wing|building|pavilion|lounge|lodge|canteen|"
        r"pharmacy|guest ?house|hostel|taxi|yogh?urt|airlines|infusion room)(?![\w])"
    ),
    re.compile(
        r"(?<!\w)(?:the|on|in|to|at|says?|near|of)\s[\"“]?(?:[A-Z][\w'’-]{1,20}\s){1,2}?(?:Ward|Wing|Building|Pavilion|Block|Unit|Lounge|Lodge|Hall|House|Suite)(?!\w)"
    ),
    # the same on a sign: `Level 5 - Marina Ward`, `Iris Suite, Grace Wing`
    re.compile(
        r"(?:(?<!\w)(?i:level|floor|ebene|etage|stock|lift|gate|block|zone)\s\w{1,3}\s?[:,-]\s?|(?<=Suite, )|(?<=Wing, )|(?<=Ward, ))(?:[A-Z][\w'’-]{1,20}\s){1,2}?(?:Ward|Wing|Pavilion|Lounge|Suite|Unit|Clinic)(?!\w)"
    ),
    re.compile(
        r"(?<!\w)(?:[Ww]ard|[Ww]ing|[Bb]uilding|[Pp]avil[il]?i?on|[Pp]avilon|[Pp]abellón|[Kk]amar|[Ss]tation|[Pp]avillon|[Θθ]άλαμος|[Зз]ал|[Bb]ay|[Ff]lights?)\s[\"“]?"
        r"(?:(?:La|El|Le|Der|Die)\s)?[^\W\d_a-z][\w'’-]{0,20}[\"”]?(?=\s?[\d,?)\"”]|\s(?:kde|on|is|floor|level|στον)(?!\w)|\s*\Z)"
    ),
    # flights: `flight AY 87`, `vol W6 2497`
    re.compile(
        r"(?<!\w)(?i:flights?|vols?|vuelos?|flug|рейс|chuyến bay)\s(?:no\.?\s|số\s)?(?:[A-Z]{2}|[A-Z]\d|\d[A-Z])\s?\d{2,4}(?!\w)"
    ),
    # a hospital behind its short word: `RS Siloam`, `Steve Biko Academic`
    re.compile(
        r"(?<!\w)(?:RS|RSUP|RSUD|RSU|BV|CHU|CHR|UZ|UMC|KBC|UKC|USZ)\s(?:[A-Z][\w'’-]{1,20}(?:\s(?=[A-Z])|(?!\w))){1,3}"
    ),
    # the same again, asked about: `is Kelvin a ward`
    re.compile(
        r"(?<!\w)[\"“]?[A-Z][\w'’-]{1,20}[\"”]?\s(?:is\s|é\s|es\s|ist\s)?(?:a|an|the|a|una?|eine?)\s(?:ward|building|brand|city|town|cidade|ciudad|Stadt|hospital|clinic|hotel|floor)(?!\w)"
    ),
    re.compile(
        r"(?<![\w'-])(?:[A-Z](?:[\w'’]{1,20}|\w{0,2}\.)[ -]){1,3}?(?:syndrome|disease|lymphoma|sarcoma|leuk[ae]+mia|anemia|anaemia|chromosome|criteria|classification|macroglobulin\w+|tumou?r|bodies|regimen|conditioning|syndrom|болезнь|синдром|лимфома)(?![\w])"
    ),
    # `Adaeze's fever` is a person's, `Lassa fever` is not
    re.compile(
        r"(?<![\w'-])(?:[A-Z](?:(?:\w|['’](?!s\b)){1,20}|\w{0,2}\.)[ -]){1,3}?(?:scale|score|stage|staging|catheter|line|port|cells?|test|stain|sign|grade|index|protocol|method|virus|fever|trial|study)(?![\w])"
    ),
    re.compile(
        r"(?<!\w)(?i:лимфом\w+|болезн\w+|синдром\w*|саркома|анеми\w+|шкал\w+|хромосом\w+|макроглобулинеми\w+)\s[А-ЯЁ][а-яё-]+(?:\s?-\s?[А-ЯЁ][а-яё]+)?"
    ),
    re.compile(
        r"(?<![\w'-])(?:[A-Z][\w'’.&-]{0,25}\s){1,6}?(?:(?:of|and|the|for|de|la|del|di)\s)?(?:(?:[A-Z][\w'’.&-]{0,25}\s){0,4}?)(?:[Hh]ospitals?|[Cc]lini(?:c|cs|que|ca|k)|[Mm]edical|[Cc]ancer|[Cc]ent(?:er|re|rum|ro)s?|[Ii]nstitut(?:e|es|o)?|[Uu]niversit(?:y|é|ät|à)|Klinik\w*|[Ff]oundation|[Hh]ospice|[Ii]nfirmary|[Cc]harity|[Rr]egistry|[Cc]ollege|[Ss]chool|Hastanesi|[Aa]irport|[Hh]otel)(?![\w])"
    ),
    re.compile(
        r"(?<!\w)(?:[Hh]ospital|[Cc]l[íi]nica|[Cc]linique|[Hh][ôo]pital|[Oo]spedale|Klinikum|Universitätsklinikum|Institut[eo]?|Policlinico|CHU|IRCCS|[Uu]niversity of|[Uu]niversidad|[Бб]ольниц\w+|[Кк]линик\w+|[Цц]ентр\w*|[Ии]нститут\w*|НМИЦ|ДГОИ|[Bb]ệnh viện|[Vv]iện|مستشفى|مركز|معهد)\s(?:(?:de|of|del|della|la|le|les|di|du|im|им\.|имени|св\.|[Uu]niversity|Universit\w+|General|Clínico|Clinic)\s?){0,3}(?:[\"«]?[A-ZÀ-ÞА-ЯЁĐ\u0621-\u064a][\w'’.-]*[\"»]?(?:\s|(?![\w]))){1,4}"
    ),
    re.compile(r"[\u4e00-\u9fff]{2,14}(?:医院|医学院|大学|中心|医学中心|研究所|血液病院|基金会|公司|病院|병원|센터)"),
    re.compile(r"[가-힣]{2,12}(?:병원|센터|대학교|의료원)"),
)
"""What is kept by its form. Each is linear: a number with its unit, a laboratory's value, a day after treatment, markers
and genes, matches, karyotypes, trials, drug codes, money, times, dates, and what is named after somebody."""


@cache
def _trials() -> re.Pattern[str]:
    names = groups()["trials"].split("|")
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name.strip()) for name in names)})(?:-\d{{1,3}})?(?!\w)")


def trials_in(text: str) -> list[tuple[int, int]]:
    """Names of trials in capitals, in a text that is not written in capitals as a whole."""
    if sum(map(str.isupper, text)) > 0.7 * sum(map(str.isalpha, text)):
        return []
    return [found.span() for found in _trials().finditer(text)]


_DOSED = re.compile(
    r"(?<![\w'-])(?P<word>[A-ZÀ-ÞА-ЯЁ][\w-]{3,20})\s(?=\d{1,4}(?:[.,]\d{1,2})?\s?(?:mg|mcg|µg|μg|ml|iu|мг|мл|мкг)(?!\w))"
)


def _dosed(text: str) -> Iterator[tuple[int, int]]:
    """What has a dose behind it is a medicine: `Encorton 20 mg`; unless it is a name of people: `gave Maria 20 mg`."""
    for found in _DOSED.finditer(text):
        word = plain(found["word"])
        if not (is_given(word) or is_surname(word)):
            yield found.span("word")


def kept_words() -> frozenset[str]:
    """The words of `keep.yml` and of the lists of `known/`, lower case."""
    return known().words


def clinical_words() -> frozenset[str]:
    """Those of them that are diseases, whoever described one, medicines and targets."""
    return known().clinical


@lru_cache(maxsize=1)
def kept(text: str) -> list[tuple[int, int]]:
    """The pieces of a text that stay unless something strong claims them, in order.

    Several recognisers ask for the same text; who asks last calls `forget_kept()`, so that no words stay behind.
    """
    places = [found.span() for pattern in _PATTERNS for found in pattern.finditer(text)]
    places.extend(trials_in(text))
    places.extend(_dosed(text))
    places.extend(known_places(text))
    places.extend(firm(text))
    return sorted(places)


@lru_cache(maxsize=1)
def clinical(text: str) -> list[tuple[int, int]]:
    """The pieces that nothing but a name may take: laboratory values, diseases, medicines, markers; in order.

    And what is measured behind a comma, where an address may have run on too far.
    """
    places = [found.span() for found in _LAB_VALUE.finditer(text)]
    places.extend(known_places(text, clinical=True))
    places.extend(found.span() for found in _MEASURED.finditer(text) if text[: found.start()].rstrip()[-1:] in ",،;.、")
    return sorted(places)


_LONG = 8
"""A word so long that sounds like a medicine or an illness is one: `daratumumab`, `Marginalzonenlymphom`."""
_STEM = re.compile(
    r"l[iyí](?:m|mph|nf)o[mcdtz]|le[uv]k[aeoäé]|leuc[eoé]|m[iy][eé]l[oe]m|thromb|trombo|transplant|chemoth|химиот|quimiot|chimiot|лимф|лейк|миел|"
    r"(?:zumab|tuximab|ximab|mumab|tinib|leucel|limus|fungin|conazole?|micina?|mycin|platin|rubicin|penia|itis|osis|aemia|emia|blastom\w?)\Z"
)
"""What a long word with a capital must have: `Sélestat` and `Septimus` sound like medicines too."""
_CODE_BEFORE, _CODE_BEHIND = re.compile(r"\d[-/_.:]?\Z"), re.compile(r"[-/_.:]?\d{2}")


_ENDING = re.compile(r"(?:[aeiouyаеиоуыэюяії]{1,2}[nmsthмхй]?)?")
"""`son` and `ov` are none: Hodgkinson and Hodgkinov are people."""


@cache
def _stems() -> frozenset[str]:
    """Long words of illnesses and medicines without their last vowel."""
    words = (word for word in clinical_words() if word.isalpha() and not of_people(word))
    return frozenset(stem for word in words if len(stem := plain(word).rstrip("aeiouyаеиоуыэюяьй")) >= _LONG - 2)


def _with_ending(word: str) -> bool:
    """Whether a plain word is one of them with the ending of a case: `Hizentrę`, `Карвикти`, `bendamustina`."""
    return any(
        word[:end] in _stems() and _ENDING.fullmatch(word, end)
        for end in range(max(_LONG - 2, len(word) - 3), len(word) + 1)
    )


def surely_clinical(text: str) -> Iterator[tuple[int, int]]:
    """The pieces of a text that the tagger may not take for a name or a home: no name of people is like them.

    Illnesses, medicines and tests of the lists that nobody is called by, and long words that sound like them.
    """
    for start, end in known_places(text, clinical=True):
        if _CODE_BEFORE.search(text[max(0, start - 2) : start]) or _CODE_BEHIND.match(text, end):
            continue  # `BMT-20417` may be a record's number
        if not any(of_people(word) for word in re.findall(r"[^\W\d_]+", text[start:end])) or " " in text[start:end]:
            yield start, end
    for found in re.finditer(rf"[^\W\d_]{{{_LONG - 1},}}", text):
        low = plain(found[0])
        sounds = len(low) >= _LONG and (sounds_clinical(low) if found[0].islower() else _STEM.search(low))
        if (sounds or _with_ending(low)) and not of_people(low):
            yield found.span()


def forget_kept() -> None:
    """Drops the last text that was looked through: its words are a patient's."""
    kept.cache_clear()
    firm.cache_clear()
    hospitals.cache_clear()
    clinical.cache_clear()
