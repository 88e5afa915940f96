"""Postal addresses in the forms of many countries. Cities alone stay: patients ask where hospitals are.

Longer than 300 lines because it is a list of forms, one a country, a family of languages or a kind of home.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from bot.redact.birth import DATE
from bot.redact.hospitals import hospitals
from bot.redact.keep import clinical, clinical_words, kept, kept_words
from bot.redact.kinds import Span
from bot.redact.labels import label
from bot.redact.lexicon import is_ordinary, plain, small_words, sounds_clinical
from bot.redact.places import by_words
from bot.redact.spread import backward, first_piece, onward

_U = r"[A-Z\u00c0-\u00de\u0100-\u017f]"  # a capital with or without an accent, of Latin alphabets
_W = r"[\w'.-]"
# Words between a house's number and `street` are no measures and no small words: `2 weeks on the road` is no address.
_NOT_A_STREET = (
    r"(?!(?:days?|weeks?|months?|years?|hours?|minutes?|times?|mg|ml|kg|cm|km|cells?|of|the|to|in|on|at|and|or|is|was|a|an|for|from|with|patients?|pos|neg|vs|"
    r"cycles?|doses?|people|per|percent|i|we|my|our|he|she|they|more|other|different|long|half|way|miles?)\b)"
)
_SURE = (
    r"(?:street|str|brae|wynd|gate|tce|terr|pde|parade|cct|circuit|close|cl|estate|estates|compound|mansions?|apartments?|hostel|residences?|towers?|villas?|heights|homes|condominium|condo|arcade|bypass|expressway|turnpike|pike|cove|lorong|avenue|ave|av|road|rd|lane|ln|boulevard|blvd|terrace|crescent|cres|highway|hwy|parkway|pkwy|drive|court|mews|quay|esplanade|"
    r"st|dr|ct|pl|sq|place|square|gardens|gdns|grove|close|circle|cir|trail|trl|alley|row|walk|way|rise|hill|park|view|plaza|loop|marg|nagar|"
    r"colony|salai|lu|jie|dajie|xiang|hutong|soi|jalan|straat|laan|gatan|vägen|gade|vej|katu)"
)
_FLAT = (
    r"(?:(?:flat|room|unit|rm)\s\d{1,3}\s?/\s?[fF]|(?:apt|apartment|flat|unit|suite|ste|room|rm|floor|fl|building|bldg|block|blk|tower|house|villa|door|kv|kvartira|entrance|level|lot|plot|"
    r"app|apto|depto|dpto|torre|bloque|appartement|appt|étage|etage|esc|piso|puerta|planta|porta|interno|scala|int|wohnung|whg|daire|kat|m|lok)\.?\s?(?:no\.?|nr\.?|#)?\s?#?\s?(?:\d{1,5}[A-Za-z]?|(?<=[\s.#])[A-Za-z]\d{0,4})(?![\w])|#\s?\d{1,5}(?:-\d{1,4})?[A-Za-z]?)"
)
_NUMBER = r"\d{1,5}[A-Za-z]?(?:\s?[-/]\s?\d{1,5}[A-Za-z]?)?"
_SPELT = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|(?:one|two|three|four|five|six|seven|eight|nine)\shundred(?:\s(?:and\s)?[a-z-]{3,9}){0,2})"
)
_ENGLISH = re.compile(
    rf"(?<![\w.,$€£+/:-])(?:{_FLAT}\s*,?\s*)?(?:no\.?\s?)?(?:{_NUMBER}|{_SPELT}),?\s+(?:{_NOT_A_STREET}{_W}{{1,20}}\s+){{1,5}}{_SURE}\b\.?(?!\s?(?:cells?|therapy))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(  # 12 5th Avenue, 350 W 42nd St
    r"(?<![\w.,$€£+/-])\d{1,5}\s+(?:[NSEW]{1,2}\.?\s+)?\d{1,3}(?:st|nd|rd|th)\s+(?:street|st|avenue|ave|road|rd)\b\.?",
    re.IGNORECASE,
)
_NUMBER_BEHIND = re.compile(  # Baker Street 12
    rf"(?<!\w)(?:{_U}{_W}{{1,20}}\s+){{1,3}}(?:Street|Str\.?|St\.?|Avenue|Ave\.?|Road|Rd\.?|Lane|Boulevard|Blvd\.?)[,\s]+(?:No\.?\s?)?\d{{1,4}}[A-Za-z]?(?!\w)"
)
_SHORT_TYPES = frozenset(
    [
        "cl",
        "estate",
        "estates",
        "compound",
        "close",
        "homes",
        "heights",
        "hostel",
        "apartment",
        "apartments",
        "tower",
        "towers",
        "villa",
        "villas",
        "cove",
        "parade",
        "pike",
        "circuit",
        "arcade",
        "residence",
        "residences",
        "st",
        "dr",
        "ct",
        "pl",
        "sq",
        "place",
        "square",
        "gardens",
        "grove",
        "close",
        "circle",
        "row",
        "walk",
        "way",
        "rise",
        "hill",
        "park",
        "view",
        "loop",
        "lu",
        "av",
        "str",
        "court",
        "drive",
        "m",
    ]
)
_BOX = re.compile(
    r"(?<!\w)(?:(?:g\.?)?p\.?\s?o\.?\s?box|p\.?\s?o\.?\s?b\.?|p\.?\s?m\.?\s?b\.?|(?:private|locked|mail)\s?bag|postfach|postbus|postboks|(?:post)?box|apartado(?:\s(?:postal|de correos))?|apdo\.?|casilla|casella postale|caixa postal|c\.\s?p\.|skr\.?\s?poczt\.?|posta kutusu|p\.\s?k\.|"
    r"bo[iî]te postale|b\.\s?p\.|ص\.?\s?ب\.?|صندوق بريد|صندوق پستی|а/я|абонентский ящик|郵政信箱|信箱|ת\.?ד\.?|hộp thư|post office box)\s?(?:no\.?|nr\.?|№|:|#)?\s?(?-i:[A-Z]{0,3})-?\s?\d{2,7}(?:-\d{3,6})?(?!\w|[.,/]\d|\s?°)",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    rf"(?<!\w)(?:(?:{_U}[\wßäöü.]{{1,20}}[\s-]){{0,3}}(?:[\wßäöü-]{{2,30}}(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|pfad|straat|laan|gracht|plein|gatan|vägen|gade|vej|katu|veien|gata)|"
    rf"(?:Straße|Strasse|Platz|Allee|Weg|Ring|Gasse)(?:\s(?:des|der|am|im)\s[\w.\s]{{2,20}}?)?)|(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|Zur|Unter den|Alter?)\s{_U}[\wßäöü-]{{2,24}}(?:\s{_U}[\wßäöü-]{{2,20}})?)"
    rf"\s{{1,2}}\d{{1,4}}\s?[a-zA-Z]?(?![\w%])",
    re.IGNORECASE,
)
_GERMAN_SURE = re.compile(
    r"stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|pfad|straat|laan|gracht|plein|gatan|vägen|gade|vej|katu|veien|gata",
    re.IGNORECASE,
)
_ROMANCE = re.compile(
    rf"(?<!\w)(?:(?:\d{{1,4}}(?:\s?(?:bis|ter|[A-Za-z]))?,?\s+)(?:rue|avenue|av\.?|boulevard|bd\.?|place|impasse|all[ée]e|chemin|quai|cours|route|square|passage|faubourg)\s(?:{_W}{{1,20}}\s?){{1,6}}?(?=[,.;\n]|\s\d|\s[àa]\s|$)|"
    rf"(?:calle|c/|cl\.|avenida|avda\.?|av\.|plaza|pza\.?|paseo|carrera|cra\.?|cl\.|kr\.?|diag\.|diagonal|transversal|carretera|camino|ronda|traves[íi]a|urbanizaci[óo]n|urb\.?|calzada|colonia|barrio|jr\.?|jir[óo]n|"
    rf"via|viale|v\.le|piazza|p\.zza|corso|largo|vicolo|strada|stradă|str\.|ulica|ulice|rua|r\.|rr\.|rruga|travessa|pra[çc]a|alameda|estrada|rodovia|rue|boulevard|impasse|chemin|all[ée]e|quai|place|avenue)\s(?:{_W}{{1,20}}\s?){{1,6}}?[,\s]\s?(?:n[ºo°.r]{{1,2}}\.?\s?|num\.?\s?|#\s?|núm\.?\s?)?\d{{1,5}}[A-Za-z]?(?:\s?[-–#]\s?\d{{1,4}}){{0,2}}[A-Za-z]?(?!\w)(?!\s?(?:mg|ml|mo|months?|weeks?|days?|%|°)))",
    re.IGNORECASE,
)
_ROMANCE_CAPITAL = re.compile(
    r"(?:\d{1,4},?\s+(?=bd))?(?i:via|largo|corso|strada|rua|r|colonia|route|cours|place|ronda|camino|urb|jr|carrera|bd)\.?\s"
)
_NAME_BEFORE = re.compile(r"[A-Z][a-zà-ÿ]+\s\Z")
_RUSSIAN = re.compile(
    r"(?<![\w])(?:(?:(?:ул|вул|пр|пер|просп|бул|ш|наб|пл|туп|мкр|мкрн|пос|дер)\.|(?:ул|пер|пр-т|пр-кт|б-р|мкр|мкрн)\b|улиц[аыеу]|проспект\w*|переул\w+|бульвар\w*|шоссе|набережн\w+|площад\w+|микрорайон\w*|проезд\w*|тупик\w*)\s?"
    r"(?:\d{1,3}[- ]?(?:[йя]|ая|ой|го|летия|лет)?\s)?(?:[\w.-]{1,25}\s?){1,4}?|(?:[А-ЯЁ][\w-]{2,25}\s){1,2}(?:улиц[аеу]|ул\.?|проспект\w*|пр-т|переул\w+|бульвар\w*|шоссе|набережн\w+|площад\w+))"
    r"[,\s]{1,3}(?:д\.?|дом\w?)?\s?№?\s?\d{1,4}\s?[а-яА-Я]?(?:/\d{1,4})?(?![\w%])"
    r"(?:[,\s]{1,3}(?:(?:к|корп|корпус|стр|строение|под|подъезд|эт|этаж)\.?\s?\d{1,3}[а-яА-Я]?|[\"«]?[а-яА-Я][\"»]?(?=,))){0,3}(?:[,\s-]{1,3}(?:кв|квартира|оф|офис|комн|ком)\.?\s?№?\s?\d{1,4})?",
    re.IGNORECASE,
)
_RUSSIAN_HOUSE = re.compile(
    r"(?<!\w)(?:д|дом)\.?\s?\d{1,4}[а-я]?(?:/\d+)?[,\s]{1,3}(?:(?:к|корп|корпус|стр)\.?\s?\d{1,3}[,\s]{1,3})?(?:кв|квартира)\.?\s?\d{1,4}",
    re.IGNORECASE,
)
_RUSSIAN_LATIN = re.compile(
    r"(?<!\w)(?:ul\.?|ulitsa|ulica|prospekt|prospect|pr-t|pr\.|pereulok|per\.|bulvar|shosse|naberezhnaya)\s(?:[\w'-]{2,25}\s?){1,3}?[,\s]{1,3}(?:d\.?|dom)?\s?\d{1,4}[a-zA-Z]?(?:/\d{1,4})?(?:[,\s]{1,3}(?:kv|kvartira|apt|korp|k)\.?\s?\d{1,4}){0,2}"
    r"|(?<!\w)(?:[A-Z][\w'-]{2,25}\s){1,3}(?:ulitsa|prospekt|prospect|pereulok|shosse|bulvar),?\s(?:d\.?\s?)?\d{1,4}(?:[,\s]{1,3}(?:kv|apt)\.?\s?\d{1,4})?",
    re.IGNORECASE,
)
_H = r"[\u4e00-\u9fff]"
_N = r"(?:\d{1,5}(?:-\d{1,5}){0,3}|[一二三四五六七八九十百]{1,5})"
_CHINESE = re.compile(
    rf"(?:{_H}{{2,8}}?(?:省|自治区))?(?:{_H}{{2,7}}?市)?(?:{_H}{{1,6}}?(?:区|區|县|縣|镇|鎮|乡|鄉|村|旗)){{0,3}}{_H}{{1,9}}?(?:路|街道?|大道|巷|弄|胡同|里|道)(?:[一二三四五六七八九]段|{_H}{{0,3}}?[东南西北中]?段?)?\s?{_N}(?:号|號|弄|巷)?(?:{_N}(?:号|號|弄|巷)){{0,2}}(?:之{_N})?"
    rf"(?:院?\d{{1,5}}(?:-\d{{1,5}}){{1,3}}|院?\d{{2,5}}(?!\d)|[,，\s]?{_H}{{0,10}}?(?:{_N}|[A-Za-z]\d{{0,3}})(?:号楼|号院|号|號|栋|棟|幢|座|楼|樓|单元|單元|室|层|層|房|户|区|期)){{0,5}}"
)
_CHINESE_HOUSE = re.compile(
    rf"{_H}{{2,10}}(?:小区|花园|花苑|苑|公寓|家园|新村|大厦|广场|社区|嘉园|雅苑|豪庭|城|村|屯|组|庄|里|园|院|区)\s?(?:{_H}{{0,4}}?{_N}(?:号楼|号|栋|幢|座|楼|单元|室|层|房|户|组|社|排)\s?){{1,5}}|"
    rf"{_N}(?:号楼|栋|幢|座)\s?(?:{_N}单元)?\s?{_N}(?:室|房|户)?"
)
_JAPANESE = re.compile(
    rf"〒\s?\d{{3}}-?\d{{4}}|(?:{_H}{{2,4}}[都道府県])?{_H}{{1,6}}[市区町村郡][\u3040-\u30ff\u4e00-\u9fff]{{1,12}}\s?\d{{1,4}}(?:丁目|番地?|号|-\d{{1,4}}){{1,4}}(?:\d{{1,4}}(?:番地?|号)?){{0,3}}"
)
_KOREAN = re.compile(
    r"(?:[가-힣]{1,6}(?:특별시|광역시|시|도)\s?)?(?:[가-힣]{1,5}(?:구|군|시|읍|면|동)\s?){0,3}[가-힣\d]{1,10}(?:로|길)\s?\d{1,4}(?:번길\s?\d{1,4})?(?:-\d{1,4})?(?:[,\s]+(?:[가-힣]{1,8}\s?)?\d{1,4}(?:동|호|층)){0,3}|[가-힣]{1,5}동\s?\d{1,4}(?:-\d{1,4})?번지"
)
_AR_WORD = r"[\u0621-\u064a\u0671-\u06d3]{2,20}"
_ARABIC = re.compile(
    rf"(?<!\w)(?:و|ب|في\s)?(?:شارع|حي|طريق|جادة|زقاق|درب|حارة|بناية|عمارة|مبنى|برج|شقة|فيلا|منزل رقم|بيت رقم|مجمع|قطعة|بلوك)\s(?:{_AR_WORD}\s?){{1,3}}(?:[،,\s]*(?:رقم|شقة|الطابق|الدور|عمارة|مبنى|بناية|منزل|فيلا|قطعة|بيت)?\s?(?:رقم)?\s?\d{{1,5}}){{0,4}}(?=[،,.؛\s]|$)"
)
_VIET_TYPE = r"(?:đường|phố|ngõ|hẻm|ngách|kiệt|duong|pho|ngo|hem)"
_VIETNAMESE = re.compile(
    rf"(?<![\w.])(?:(?:số\s(?:nhà\s)?|so\s(?:nha\s)?|nhà\s)?\d{{1,4}}[A-Za-z]?(?:/\d{{1,4}}[A-Za-z]?){{0,3}},?\s{_VIET_TYPE}\s(?:[\w-]{{1,8}}\s?){{1,5}}?(?=[,.;\n]|$|\s(?:phường|quận|huyện|thành|tp|phuong|quan|và|va|ở|xin))|"
    rf"(?:số\s(?:nhà\s)?|số\s)\d{{1,4}}[A-Za-z]?(?:/\d{{1,4}})?\s(?:[A-ZĐÀ-Ỹ][\w-]{{1,8}}\s?){{1,5}}|{_VIET_TYPE}\s(?:[A-ZĐÀ-Ỹ0-9][\w/-]{{0,8}}\s?){{1,5}})",
    re.IGNORECASE,
)
_VIET_PART = re.compile(
    r"(?<!\w)(?:phường|quận|huyện|xã|thôn|ấp|tổ|phuong|quan|huyen)\s(?:\d{1,2}|(?:[A-ZĐÀ-Ỹ][\w-]{1,8}\s?){1,3})"
)
_VIET_CAPITALS = re.compile(r"\s[A-ZĐÀ-Ỹ0-9]")
_TURKISH = re.compile(
    r"(?<!\w)(?:[A-ZÇĞİÖŞÜ\d][\w.]{1,20}\s){1,4}(?:Mahallesi|Mah\.?|Caddesi|Cad\.?|Cd\.?|Sokağı|Sokak|Sok\.?|Sk\.?|Bulvarı|Blv\.?|Apartmanı|Apt\.?)(?:[,\s]+(?:No|Daire|D|Kat|K)\s?[:.]?\s?\d{1,4}(?:/\d{1,4})?[A-Za-z]?){1,3}",
    re.IGNORECASE,
)
_POLISH = re.compile(
    r"(?<!\w)(?:ul|al|os|pl)\.\s?(?!\d)(?:[\w.-]{2,25}\s?){1,4}?\d{1,4}[a-zA-Z]?(?:\s?[/m.]{1,2}\s?\d{1,4})?(?!\w)",
    re.IGNORECASE,
)
_INDIAN = re.compile(
    r"(?<!\w)(?:h\.?\s?no|house no|flat no|plot no|door no|d\.\s?no|shop no|survey no|sector|block no|gali no|ward no)\.?\s?[:#-]?\s?[A-Za-z]?-?\d{1,4}[\w/-]{0,10}(?:\s?,\s?[\w .'-]{2,30}){0,5}",
    re.IGNORECASE,
)
_JALAN = re.compile(
    r"(?<!\w)(?:\d{1,4}(?:/\d{1,4})?[A-Za-z]?\s)?(?:moo \d{1,2}\s)?(?:jalan|jln?\.|jl\.|soi|thanon|lorong)\s(?:[\w.-]{2,20}\s?){1,4}?(?:no\.?\s?)?\d{1,4}[A-Za-z]?(?:/\d{1,3})?(?!\w)",
    re.IGNORECASE,
)
_POSTCODES = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}|[AC-FHKNPRTV-Y]\d[\dW] (?=[A-Z]{0,3}\d)[\dAC-FHKNPRTV-Y]{4}|"
    r"(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]) \d{5}(?:-\d{4})?|"
    r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d)(?![\w-])"
)
_POSTCODE_TOLD = re.compile(
    r"(?<!\w)(?:post(?:al)?\s?code|zip(?:\s?code)?|pin\s?code|индекс|邮编|邮政编码|plz|postleitzahl|code postal|c[óo]digo postal|cap|cep|mã bưu chính|الرمز البريدي)\s?(?:is|:|-|是|：)?\s?(?P<value>(?!\d{1,3}\s?[mµu]?c?g\b)[A-Z]{0,2}\d[\dA-Z -]{2,8}[\dA-Z])",
    re.IGNORECASE,
)

_PART = (
    r"(?:house|room|rm|flat|apt|apartment|block|blk|bldg|building|unit|lot|tower|floor|villa|gate|plot|phase|quarter|qtr|road|street|lane|suite|level|door|compound|shop|stand|erf|farm|p\.?o\.? box|box|h\.? ?no|"
    r"kvartal|kv|dom|d|korp|k|vhod|entrance|sc|bl|et|ap|app|nr|nb|no|esc|torre|bloque|apto|piso|puerta|casa|manzana|mz|lote|lt|int|interior|b[âa]t(?:iment)?|rés|résidence|porte|étage|scala|interno|pall|shk|hyrja|blok|kat|daire|sk|cad|mah|"
    r"дом|кв|корп|квартал|кварт|подъезд|вход|вх|ет|ап|бл|мкр|под'їзд|буд|thôn|thon|xã|xa|ấp|tổ|khu|khu phố|phường|quận|huyện|số nhà|so nha|phuong|quan|huyen|xóm|xom|rt|rw|kel|kec|desa|blok|no\.|purok|brgy|barangay|sitio|moo|tambon|"
    r"bairro|quadra|qd|lote|trav|beco|vila|sitio|sítio|km|mz|manz|urb|sector|secteur|hameau|lieu-dit|lotissement|cité|résidence|imm(?:euble)?|utca|út|tér|u\\.|em|ajtó|ulice|náměstí|č\\.?p\\.?|br|ul|naselje|vh|vchod|posch|tower|wing|cluster|pod|row|camp|quarters|taman|kampung|kg|lorong|gg|gang|tole|chak|tehsil|distt?|district|mohalla|gali|street no|st no|mouza|union|upazila|thana|village|vill|po|ps|hostel|dorm|cabin|hut|bay|site|stand no|unit no|хороо|байр|тоот|дүүрэг|үй|пәтер|көше|мөлтек|ბინა|սենյ|գյուղ|бл|вх|жк|улица|"
    r"οδός|λεωφ|ορ|διαμ|गली|मकान|वार्ड|गाँव|प्लॉट|মহল্লা|রোড|বাড়ি|গ্রাম|হাউস|หมู่บ้าน|ตึก|อาคาร|ชั้น|گلی|مکان|محلہ|شارع|زقاق|دار|محلة|محله|بناية|عمارة|شقة|طابق|منزل|فيلا|بلوك|قطعة|مجمع|كوچه|کوچه|خیابان|پلاک|واحد|طبقه|بلوار|ساختمان|דירה|בית|כניסה|קומה|רחוב|วอร์ด|หมู่|ซอย|บ้านเลขที่|ถนน)"
)
_PART_NUMBER = re.compile(
    rf"(?<!\w){_PART}(?:\.|\s|\s?#\s?|\.\s|:\s?|\s?no\.?\s?|\s?№\s?){{1,2}}(?:[A-Za-zА-Я]?-?\d{{1,5}}(?:[/-]\d{{1,4}}){{0,2}}[A-Za-zА-Яа-я]?|[A-Z])(?![\w%]|\s?(?:mg|ml|days?|weeks?|months?|years?|hours?|kg|cells))",
    re.IGNORECASE,
)
_NAMED_PART = re.compile(
    r"(?<!\w)(?:شارع|خیابان|کوچه|بلوار|رحوב|רחוב|xã|xa|thôn|ấp|phường|phuong|rr\.|rruga|rés\.|résidence|desa|kel\.|kec\.|brgy\.?|barangay|mahalla|mahallasi)\s(?:[^\W\d_][\w'-]{1,15}\s?){1,3}(?=[,،;.\n]|$)",
    re.IGNORECASE,
)
_ESTATE = re.compile(
    r"(?<!\w)(?:[A-Z][\w'-]{1,20}\s){1,3}(?:Estates?|Apartments?|Hostel|Compound|Mansions?|Residences?|Residency|Towers?|Villas?|Heights|Homes|Condo(?:minium)?|Court|Gardens?|Plaza|Village|Town(?:ship)?|Road|Street|Lane|Avenue|Nagar|Colony|Enclave|Marg|Layout|Chowk|Bazar|Bazaar|Mohalla|Ulitsa|Mandir|Hwy|Highway)(?!\w)(?!\s(?:hospital|clinic|cancer|medical))"
)
_C = r"(?-i:[A-ZÀ-ÞĀ-ŽА-ЯЁ])[\w'’.-]{1,24}"
_HOUSE = r"\d{1,5}[A-Za-z]?(?:\s?[/-]\s?\d{1,4}[A-Za-z]?){0,2}"
_SHAPES = (
    # Bialik 31/4, Ramat Gan 5245113 · Hauptplatz 7, 8010 Graz: a name, a house, a postcode before or behind a town
    re.compile(
        rf"(?<![\w.])(?:{_C}\s){{1,4}}{_HOUSE}(?:\s[A-Z]\s?\d{{0,3}})?,\s(?:{_C}(?:\s{_C}){{0,3}},\s){{0,2}}(?:{_C}\s){{1,4}}(?:[A-Z]{{1,2}}-)?\d{{4,7}}(?:\s[A-Z]{{2}})?(?![\w%]|[.,]\d)"
    ),
    re.compile(rf"(?<![\w.])(?:{_C}\s){{1,4}}{_HOUSE}(?:\s[A-Z]\s?\d{{0,3}})?,\s(?:[A-Z]{{1,2}}-)?\d{{4,6}}\s{_C}"),
    # 318 Kauri Bend, Glebe 2037
    re.compile(
        rf"(?<![\w.,/$€£+-]){_HOUSE},?\s(?:{_C}\s?){{1,4}},\s(?:{_C}(?:\s{_C}){{0,3}},\s){{0,2}}(?:{_C}\s){{1,4}}\d{{4,7}}(?![\w%]|[.,]\d)"
    ),
)
"""Where no word says street: a house's number with a name, and a postcode with another."""
_TOWN = rf"(?:{_C}\s){{0,2}}{_C}"
_ROOM = (
    r"(?:room|rm\.?|bed|dorm|zimmer|zi\.|chambre|ch\.|habitaci[oó]n|hab\.?|camera|quarto|oda|номер|комната|phòng|kamar|kamer|pokoj|pokój|szoba|غرفة|اتاق|δωμάτιο)"
    r"\s?(?:no\.?\s|nr\.?\s|#\s?)?\d{1,4}[a-z]?"
)
_LODGING = r"hotel|hostel|inn|motel|guest ?house|gasthof|gästehaus|familiehuis|logeerhuis|ubytovn\w{1,2}|penzion|hotelu|hostelu|hostal|posada|pension|pensión|parkhotel|homestay|auberge|dharamshala|отель|гостиниц\w|хостел|otel|khách sạn|فندق|هتل"
_HAN_LODGING = "酒店|宾馆|賓館|旅馆|旅館|旅店|公寓|民宿|招待所|客栈|飯店|旅舍|會館|ホテル|イン"
_HANGUL_LODGING = "호텔|레지던스|모텔|게스트하우스|펜션|오피스텔|고시원|고시텔|여관|민박|쉼터|하숙집"
_ROOMS = (
    # rooms of houses that take guests, where no capital tells their names: فندق الورد غرفة 314, 如家酒店(人民路店)1207房
    re.compile(
        r"(?<!\w)[بلفو]?(?:ال)?(?:فندق|نزل|هتل|مهمانسرا|مسافرخانه|ہوٹل|گیسٹ ہاؤس|ہاسٹل|مسافر خانہ)\s(?:[^\W\d_]+[،,]?\s){1,4}(?:ال)?(?:غرفة|غرفه|جناح|شقة|اتاق|کمرہ|کمرا|روم)\s?(?:رقم\s|نمبر\s|شماره\s)?\d{1,5}"
        r"|(?<!\w)[^\W\d_]+\s(?:ہوٹل|گیسٹ ہاؤس|ہاسٹل|مسافر خانہ)\s(?:کمرہ|کمرا|روم)\s?(?:نمبر\s)?\d{1,5}"
    ),
    re.compile(
        rf"(?:住[进進在了]?|在|订了?|訂了?|到)(?P<value>[\u3040-\u30ff\u4e00-\u9fff]{{1,12}}?(?:{_HAN_LODGING})(?:\([^)]{{1,14}}\))?[,，\s]?\d{{2,5}}\s?(?:号|號)?(?:房间?|房間|室|号|號))"
        rf"|(?:(?<=\s)|(?<=[,。、は])|^)(?:ホテル)?[\u30a0-\u30ff\u4e00-\u9fff]{{1,10}}(?:ホテル|旅館|イン)?の?\s?\d{{2,4}}号室(?=[^\n]{{0,12}}(?:泊|滞在))"
    ),
    re.compile(
        rf"(?:{_HANGUL_LODGING})\s?[가-힣]{{1,10}}\s?\d{{2,5}}호|[가-힣]{{1,10}}\s?(?:{_HANGUL_LODGING})\s?\d{{2,5}}호"
    ),
    re.compile(
        r"(?:होटल|धर्मशाला|गेस्ट हाउस|लॉज|হোটেল|গেস্ট হাউস|লজ|โรงแรม|หอพัก|เกสต์เฮาส์)\s?(?:[^\s\d,;।.]+,?\s){0,3}?(?:कमरा|कमरे|रूम|রুম|কক্ষ|ห้อง)\s?(?:नंबर\s|नं\.?\s|নং\s|নম্বর\s|เบอร์\s)?\d{1,4}"
    ),
    # ibis Styles, room 88
    re.compile(
        rf"(?<!\w)(?:ibis|novotel|mercure|hilton|marriott|holiday inn|premier inn|travelodge|best western|radisson|sheraton|hyatt|motel 6|residence inn|extended stay(?: america)?|homewood suites|hampton inn|comfort inn|la quinta|super 8|days inn|red roof(?: inn)?|motel one|b&b hotel|airbnb)(?:\s[A-Z][\w'-]{{2,20}}){{0,3}},?\s(?:{_ROOM}|(?:suite|unit|apt)\s\d{{1,4}})",
        re.IGNORECASE,
    ),
)
"""Rooms of houses that take guests, told by words that stand for nothing else."""
_ODD = (
    # container 14, Hassan Effendi camp · pitch 7, Willow Marina
    re.compile(
        rf"(?<!\w)(?:container|caravan|tent|trailer|cabin|barracks?|shelter|prefab|pitch|mooring|berth|houseboat|block|sector|room|konteyner|chalet|bungalow)\s(?:no\.?\s|nr\.?\s|#)?\d{{1,4}}[a-z]?,?\s(?:in\s|at\s|of\s)?(?:the\s)?(?:{_C}\s){{1,3}}(?:refugee\s|caravan\s|trailer\s|holiday\s)?(?:camp|marina|wharf|harbour|settlement|quarter|park|site)(?!\w)",
        re.IGNORECASE,
    ),
    # the yellow house at the end of Quarry Lane · the old mill at Skorven
    re.compile(
        r"(?<!\w)(?:the\s)?(?:[a-z]{3,9}\s){0,2}(?:house|cottage|hut|door|gate|farm|farmhouse|mill|watermill|windmill|lighthouse|rectory|vicarage|gatehouse|schoolhouse|boathouse|houseboat|barn|caravan|bungalow|lodge)\s"
        r"(?:at\sthe\send\sof|at\sthe\scorner\sof|at\sthe\stop\sof|at\sthe\sbottom\sof|next\sto|opposite|across\sfrom|behind|beside|past|above|at)\s(?:the\s)?(?-i:[A-Z])[\w'’-]{2,24}(?:\s(?-i:[A-Z])[\w'’-]{1,24}){0,3}",
        re.IGNORECASE,
    ),
    # off Highway 9 past the grain silo, third gate
    re.compile(
        r"(?<!\w)off\s(?:the\s)?(?:highway|hwy|route|rte|road|county\sroad|state\sroad|motorway|autobahn|national)\s?[A-Z]{0,2}-?\d{1,4}(?:,?\s(?:past|after|before|behind|near|by|opposite)\sthe\s(?:[a-z]{3,12}\s?){1,3})?(?:,\s(?:first|second|third|fourth|last|\d(?:st|nd|rd|th))\s(?:gate|house|left|right|turn|drive))?",
        re.IGNORECASE,
    ),
    # near the blue water tank, Ward 6, Chandpur village
    re.compile(
        rf"(?<!\w)(?:(?:near|behind|opposite|beside|next\sto)\s(?:the\s)?(?:[a-z]{{3,12}}\s?){{1,4}},\s)?ward\s(?:no\.?\s?)?\d{{1,2}},\s(?:{_C}\s){{1,2}}(?:village|gaun|gaon|union|vdc|municipality|panchayat|tola)(?!\w)",
        re.IGNORECASE,
    ),
    # we had Bustan quarter, near the olive press · vivo en el barrio La Loma
    re.compile(
        r"(?<!\w)(?:(?:live[sd]?|living|stay(?:ing|s)?|sleep(?:ing)?|had|from|moved\sto|home\sis)\s(?:in\s|at\s)?(?:the\s)?)(?P<value>(?:(?-i:[A-Z])[\w'’-]{2,20}\s){1,2}(?:quarter|mahall?ah?|camp|neighbou?rhood|settlement|township)(?:,\s(?:near|behind|opposite|beside|next\sto)\s(?:the\s)?(?:[a-z]{3,12}\s?){1,3})?)(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\w)(?:(?:vivo|vivimos|moro|moramos|habite|habitons|abito|abitiamo|resido|wohnen?|oturuyor\w*)\s(?:en\s|no\s|na\s|nel\s|nella\s|im\s|dans\sle\s|au\s|à\s)?(?:el\s|la\s)?)(?P<value>(?:barrio|colonia|quartier|bairro|rione|contrada|quartiere|viertel|vereda|fraccionamiento|conjunto|urbanización|douar|hay|cité)\s(?-i:[A-ZÀ-Þ])[\w'’-]{1,20}(?:\s(?:(?:de|del|da|do|dos|la|el|di)\s)?(?-i:[A-ZÀ-Þ])[\w'’-]{1,20}){0,3})",
        re.IGNORECASE,
    ),
)
"""Homes that have no street: camps, mills, farms, what stands at the end of a lane or past a silo."""
_LODGED = re.compile(
    rf"(?<!\w){_ROOM},?\s(?:of\s|in\s|at\s|im\s|del?\s|da\s|du\s|в\s)?(?:the\s|el\s|la\s|le\s)?(?:{_LODGING})(?:\s{_C}){{1,3}}"
    rf"|(?<!\w){_ROOM},?\s(?:of\s|in\s|at\s|im\s)?(?:the\s)?(?:{_C}\s){{1,3}}(?:{_LODGING})(?!\w)"
    rf"|(?<!\w)(?:{_LODGING})\s(?:(?:van\s|den?\s|der\s)?{_C},?\s){{1,3}}{_ROOM}(?!\w)"
    rf"|(?<!\w)(?:{_C}\s){{1,3}}(?:{_LODGING}),?\s{_ROOM}(?!\w)",
    re.IGNORECASE,
)
"""A room of a house that takes guests: `room 308 of the Jasmine Inn`, `Jasmine Inn, room 308`."""
_NO_HOME = re.compile(
    r"(?<!\w)(?:hospital|clinic|ronald|mcdonald|ward\s[a-z\d]{1,3}\Z|hope|hospice|guest)(?!\w)", re.IGNORECASE
)
_LIVES = r"house|home|flat|gate|compound|building|shop|kiosk|bungalow|hut|farm|apartment|villa|place|casa|maison|haus|rumah|nyumba|ev|дом|квартира|nhà|بيت|منزل|دار|خانه"
_LANDMARK = re.compile(
    rf"(?<!\w)(?:(?:the|a|an|our|my|his|her|la|el|le|das|die)\s)?(?:[^\W\d_]{{3,12}}\s){{0,2}}?(?:{_LIVES})\s(?:(?:is|it's|es|est|ist|adalah|with|has)\s)?(?:of\s[\w' -]{{2,25}}?,?\s)?(?:(?:the|a)\s(?:[\w-]+\s){{1,3}}?)?(?:just\s|right\s|located\s)?"
    r"(?:behind|opposite(?:\sto)?|opp\.?|next\sto|near(?:\sto)?|above|over|below|beside|in\sfront\sof|across\sfrom|facing|adjacent\sto|close\sto|off|detrás\sde|frente\sa|al\slado\sde|cerca\sde|junto\sa|atrás\sd[ao]|ao\slado\sd[ao]|perto\sd[ao]|derrière|en\sface\sd[eu]|près\sd[eu]|à\scôté\sd[eu]|hinter|gegenüber|neben|belakang|dekat|depan|sebelah|"
    r"за|возле|около|напротив|рядом\sс|gần|đối\sdiện|sau|cạnh|خلف|قرب|جنب|مقابل|بجانب|پشت|روبروی|کنار)\s(?P<what>(?:[^,.;!?\n]|(?<=\s[A-Z][a-z])\.){4,60})",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"mosque|church|school|market|bakery|butcher|barber|station|mill|temple|bank|park|bridge|pharmacy|tower|stadium|roundabout|junction|mall|shop|post office|palace|factory|cemetery|iglesia|escuela|mercado|église|école|marché|kirche|schule|мечет|церк|школ|рынок|магазин|masjid|gereja|sekolah|pasar|nhà thờ|chợ|trường|مسجد|مدرسة|سوق|كنيسة|مدرسه|بازار",
    re.IGNORECASE,
)
_NOT_SEEN = re.compile(
    r"hospital|clinic|centre|center|ward|больниц|клиник|klinik|clinique|مستشفى|bệnh viện", re.IGNORECASE
)
_CLUSTER_GAP = 34
_JAPAN_LATIN = re.compile(
    r"(?<![\w.-])\d{1,3}-\d{1,4}-\d{1,4},?\s(?:[A-Z][a-z]+(?:-[A-Za-z]+)*)(?:,\s[A-Z][a-z]+-(?:ku|shi|cho|machi|gun|dong|gu|si))?"
)
_CITY_BLOCKS = re.compile(r"(?<!\w)(?:[A-Z][a-z]{3,20},?\s){1,3}\d{1,3}[A-Za-z]?(?:-\d{1,4}){1,3}(?![\w-])")
_UZBEK = re.compile(
    r"(?<!\w)[A-Z\u0400-\u042f][\w'-]{2,25}\s(?:ko'chasi|kochasi|ko'cha|mahallasi|mavzesi|dahasi|кўчаси|көшесі|көчөсү)[\s,]{1,2}\d{1,4}[A-Za-z]?(?:-?\s?(?:uy|үй|уй))?(?:[\s,]{1,2}\d{1,4}-?\s?(?:xonadon|хонадон|пәтер))?",
    re.IGNORECASE,
)
_LORONG = re.compile(
    r"(?<![\w.])\d{1,4}[A-Za-z]?\s(?:lorong|jalan|soi|jln)\s[\w-]{1,15}(?:\s[A-Za-z][\w-]{2,15})?(?!\w)", re.IGNORECASE
)
_NUMBER_STREET_BEHIND = re.compile(
    r"(?<!\w)(?:[A-Z][\w'.-]{2,20}\s){1,3}(?i:ave(?:nue)?|street|st|road|rd|lane|ulitsa|prospekt|blvd|gracht|straat|plein|kade|laan)\.?,?\s\d{1,4}[A-Za-z]?(?:-[a-z0-9]{1,4})?(?!\w)|(?<!\w)[A-Z][a-z]{3,25}(?:gracht|straat|plein|kade|laan|gatan|vägen|gade|vej|gasse|weg)\s\d{1,4}(?:-[a-z0-9]{1,4})?(?!\w)"
)
_CANADA = re.compile(r"(?<![\w.,-])\d{2,5}\s(?:[A-ZÀ-Þ][\w'.-]{2,20}\s){1,3}(?:Est|Ouest|Nord|Sud|[NSEW])(?!\w)")


_NEIGHBOUR = re.compile(
    r"\s*[,،]\s*(?P<words>(?:near\s|next to\s|behind\s|opp\.?\s|opposite\s|قرب\s|خلف\s|район\s|г\.\s?)?[^\W\d_][\w'.-]*(?:\s[^\W\d_][\w'.-]*){0,2})(?=\s*(?:[,،.;!?\n]|$))"
)
_NEIGHBOUR_BEFORE = re.compile(
    r"(?:^|[\s:(])(?P<words>(?:near\s|opp\.?\s|behind\s)?[^\W\d_][\w'.-]*(?:\s[^\W\d_a-z][\w'.-]*){0,2})\s*[,،]\s*\Z"
)
_CASELESS = re.compile(r"[\u0590-\u06ff]")
_NO_NEIGHBOUR = re.compile(
    r"\b(?:my|i|we|he|she|and|is|has|have|can|please|thanks?|how|what|age|aged|for|with|after|before|who|need|want|the|son|daughter|wife|husband|mother|father|patient)\b",
    re.IGNORECASE,
)


def _proper(words: str) -> bool:
    """Whether words between commas can be a quarter or a town: each with a capital, nothing clinical, no sentence."""
    parts = re.findall(r"[^\W\d_][\w'-]*", words)
    if not parts or _NO_NEIGHBOUR.search(words) or re.search(r"[\u3040-\u9fff\uac00-\ud7a3]", words):
        return False
    if re.match(r"(?:near|opp\.?|opposite|behind|next to)\s", words, re.IGNORECASE):
        return True
    capitals = all(
        part[0].isupper()
        or not part[0].islower()
        or part.lower() in ("de", "la", "del", "near", "next", "to", "behind", "opposite")
        for part in parts
    )
    clinical = any(
        plain(part) in kept_words() or sounds_clinical(plain(part)) or (part.isupper() and len(part) <= 6)
        for part in parts
    )
    return capitals and not clinical


def _with_neighbours(text: str, start: int, end: int) -> tuple[int, int]:
    """Takes along the quarter or town between commas on both sides."""
    for _ in range(2):
        found = _NEIGHBOUR.match(text, end)
        if not found or not _proper(found["words"]) or _CASELESS.search(found["words"]):
            break
        end = found.end("words")
    for _ in range(2):
        before = _NEIGHBOUR_BEFORE.search(text[max(0, start - 50) : start])
        if (
            not before
            or not _proper(before["words"])
            or text[max(0, start - 50) :][: before.start("words")].rstrip()[-1:].isdigit()
        ):
            break
        start = max(0, start - 50) + before.start("words")
    return start, end


_PLACE = re.compile(
    r"(?<!\w)(?:at|in|near|to|from|live[sd]?|living|stay(?:s|ing|ed)?|moved?|home|house|flat|apartment|hotel|hostel|rent(?:ing|ed)?|deliver\w*|send|sent|post|ship|courier|pick(?:ed)?(?:\s\w+)? up|visit|located|reside\w*|wohn\w*|habit\w*|viv\w+|"
    r"жив\w+|адрес\w*|прожива\w+|в|на|из|по|ở|nhà|sống|tại|rue|zu hause|à|au|en|em|na|no|w|v|bei|nach|di|da|abit\w*|mora\w*|oturuyor\w*|alamat|tinggal|nakatira|sa|kaa)[\s:,]{1,3}(?:(?:the|number|no\.?|house|flat|apt\.?|our|my)\s)?",
    re.IGNORECASE,
)
_NUMBERED_PLACE = re.compile(
    r"(?:\d{1,5}(?:[/-]\d{1,5}){0,3}[A-Za-z]?,?\s(?P<a>[A-ZÀ-ÞĀ-ŽА-ЯЁ][\w'.-]{2,25}(?:\s[A-ZÀ-ÞĀ-ŽА-ЯЁ][\w'.-]{1,25}){0,4})|(?P<b>[A-ZÀ-ÞĀ-ŽА-ЯЁ][\w'-]{2,25}(?:\s(?:[A-ZÀ-ÞĀ-ŽА-ЯЁ][\w'-]{0,25}|de|la|del|da|do|dos|di|van|von|el|al|of|na)){0,3}?),?\s(?:№|no\.?\s?|nr\.?\s?|#)?\d{1,5}(?:[/-]\d{1,4}){0,3}[A-Za-zА-Яа-я]?(?![\w%:]|[.,]\d))"
)
_NO_PLACE = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|day|week|cycle|grade|stage|phase|ward|group|level|type|line|room temp|version|covid|monday|tuesday|wednesday|thursday|friday|saturday|sunday|boeing|flight|train|terminal|gate|iphone|windows|arm|dose|days|weeks|trial)\b",
    re.IGNORECASE,
)


def _placed(text: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """`in Chavchavadze 37`, `at 12 Gokhale Wadi`: proper nouns with a house's number behind a word of place."""
    for found in _PLACE.finditer(text):
        place = _NUMBERED_PLACE.match(text, found.end())
        if not place:
            continue
        words = place["a"] or place["b"]
        parts = [plain(part) for part in re.findall(r"[^\W\d_]+", words)]
        clinical = any(
            part in clinical_words() or sounds_clinical(part) or (len(part) <= 5 and part.upper() in words)
            for part in parts
        )
        if (
            clinical
            or _NO_PLACE.search(words)
            or any(low < place.end() and place.start() < high for low, high in taken)
        ):
            continue
        if all(is_ordinary(part) or part in kept_words() for part in parts):
            continue
        # a town may stand before the street: `in Gyumri Rustaveli 3a`
        street = place.start() + place[0].rstrip().rfind(" ", 0, max(place[0].rstrip().rfind(" "), 0)) + 1
        if any(low < place.end() and street < high for low, high in kept(text)):
            continue
        yield place.span()


def _clusters(text: str, cores: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pieces such as `House 12, Road 27, Block K` make an address together, with what stands between them."""
    parts = sorted(
        {found.span() for pattern in (_PART_NUMBER, _NAMED_PART, _ESTATE) for found in pattern.finditer(text)}
        | set(cores)
    )
    run: list[tuple[int, int]] = []
    for part in [*parts, (len(text) + 10_000, len(text) + 10_000)]:
        if run:
            between = text[max(end for _, end in run) : part[0]]
            joined = (
                part[0] <= len(text)
                and len(between) <= _CLUSTER_GAP
                and not re.search(
                    r"[.!?;\n。]\s+\S|[:;?!]|\s(?:and|is|are|was|for|with|has|my|the|и|у|which|where)\s", between
                )
            )
            if joined and (re.match(r"\s*[,،-]|\s*$|\s", between) or part[0] < run[-1][1]):
                run.append(part)
                continue
            whole = text[run[0][0] : max(end for _, end in run)]
            if len(set(run)) >= 2 and (_ESTATE.match(whole) or any(map(str.isdigit, whole))):
                yield run[0][0], max(end for _, end in run)
        run = [part]


_SIMPLE = (
    _UZBEK,
    _LORONG,
    _JAPAN_LATIN, _CITY_BLOCKS, _NUMBER_STREET_BEHIND, _CANADA,
    _NUMBERED, _NUMBER_BEHIND, _BOX, _RUSSIAN, _RUSSIAN_HOUSE, _RUSSIAN_LATIN, _CHINESE, _CHINESE_HOUSE, _JAPANESE, _KOREAN,
    _TURKISH, _POLISH, _INDIAN, _JALAN, _POSTCODES,
)  # fmt: skip

_TAIL_PART = re.compile(
    rf"\s*[,，;\n-]?\s*(?:[\"«][A-Za-zА-Яа-я][\"»]|{_FLAT}|(?:кв|квартира|оф|корп|д|дом|эт|подъезд)\.?\s?\d{{1,4}}|[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}|(?:[A-Z]{{2}}\s)?\d{{5,6}}(?:-\d{{4}})?|\d{{4}}\s?[A-Z]{{2}}(?!\w)|[A-Z]\d[A-Z]\s?\d[A-Z]\d|"
    rf"{_N}(?:室|栋|单元|楼|层|号)|\d{{1,2}}\s?[ºª°oa](?:\s?[A-Za-z](?!\w))?|(?:esc|pta|izda|dcha|bajo|bât(?:iment)?|rés(?:idence)?|torre|apto|bldg|block|blk|unit|rear unit|gate|vhod|sc|bl|et|ap|nr|porte|tower|floor|level|entrance)\.?\s[\w.'-]{{1,10}}(?:\s[A-Z][\w.'-]{{1,12}})?(?=[,.;\s]|$)|#\s?\d{{1,4}}(?:-\d{{1,4}})?|(?:rear|upper|lower|ground|top|first|second|third|1st|2nd|3rd|\d{{1,2}}th)\s(?:unit|floor|flat))",
    re.IGNORECASE,
)
_TAIL_CITY = re.compile(
    rf"\s*,\s*(?:{_U}[\w'.-]{{1,20}}\s?){{1,3}}(?=\s*,?\s*(?:[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}|(?:[A-Z]{{2}}\s)?\d{{4,6}}(?!\d)|[A-Z]\d[A-Z]\s?\d[A-Z]\d))"
)
_HEAD_PART = re.compile(
    rf"(?<!\w)(?:{_FLAT}|(?:[A-Za-z]-?)?\d{{1,4}}[A-Za-z]?(?=,)|\d{{5,6}})\s*,?\s*(?:(?:г\.\s?)?(?-i:[A-ZА-ЯЁ])[\w-]{{2,20}}\s*,\s*)?\Z",
    re.IGNORECASE,
)
_TOLD_REST = re.compile(
    r"[\s:,=-]*(?:is|at|in|on|to|under|по|是|在|于|:|هو|في|là|est|ist|es|è|adresu)?[\s:]*(?P<value>[^\n;!?。！？]{3,140})",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(
    r"[.؟]\s+(?=[\u0590-\u06ff가-힣])|(?<!\s\d)\.\s+(?=[A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё])(?<!\b[Gg]ovt\.\s)(?<!\b[Ss]t\.\s)(?<!\bул\.\s)(?<!\bд\.\s)(?<!\bг\.\s)(?<!No\.\s)|\.$|\s(?:and|but|please|can|could|so|because|where|when|what|how|which|who|и|но|а также|y|et|und|và|для|пожалуйста)\s(?!\d)|，?请|,\s(?:my|i|we|and|can|please|what|how)\s",
    re.IGNORECASE,
)


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Takes along flats, floors and postcodes before and behind."""
    for _ in range(6):
        found = _TAIL_CITY.match(text, end) or _TAIL_PART.match(text, end)
        if not found or found.end() == end:
            break
        end = found.end()
    head = _HEAD_PART.search(text[max(0, start - 60) : start])
    if head:
        start -= len(head[0])
    return start, end


_CITY_LAST = re.compile(r"(?:,\s?|\d\s)(?P<city>[^\W\d_]+)\Z")
_COLON = re.compile(r"\s?[:=]")
_STOPPED = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, small_words('place_stops') - {'and', 'y', 'и', 'e', 'et', 'і'}), key=len, reverse=True))})(?!\w)",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")


def _english(text: str) -> Iterator[tuple[int, int]]:
    for found in _ENGLISH.finditer(text):
        words = re.findall(r"[\w'.-]+", found[0])
        kind = words[-1].lower().rstrip(".")
        capital = any(word[0].isupper() for word in words[1:-1])
        if re.search(r"\d\.\s|\w{4}\.\s", found[0]):  # a sentence ended within
            continue
        if any(low < found.end() - 1 < high for low, high in hospitals(text)):
            continue  # `6 cycles at RSUP Dr. Sardjito`
        if (kind in _SHORT_TYPES and not capital) or words[-1] == "CT":  # a scan
            continue  # `2 patients walk`: only a street when it is written like one
        yield found.start(), found.end()


def _at_home(text: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """What patterns find, without what is known to be no home."""
    for pattern in patterns:
        for found in pattern.finditer(text):
            start, end = found.span("value") if "value" in pattern.groupindex else found.span()
            words = [plain(word) for word in re.findall(r"[^\W\d_]{2,}", text[start:end])]
            if (
                not _NO_HOME.search(text[start : end + 10])
                and not any(map(sounds_clinical, words))
                and words[-1] not in kept_words()
            ):
                yield start, end


def lodged(text: str) -> Iterator[tuple[int, int]]:
    """The places of rooms with a number in houses that take guests: sure enough to stand against the tagger.

    Args:
        text: The plain text.
    """
    if any(map(str.isdigit, text)):
        yield from _at_home(text, _ROOMS)
        yield from (found.span() for found in _LODGED.finditer(text) if not _NO_HOME.search(found[0]))


def _shaped(text: str) -> Iterator[tuple[int, int]]:
    """Addresses by their shape alone, and houses that are told by what stands beside them."""
    taken: list[tuple[int, int]] | None = None
    if any(map(str.isdigit, text)):
        for pattern in _SHAPES:
            for found in pattern.finditer(text):
                parts = [plain(part) for part in re.findall(r"[^\W\d_]{2,}", found[0])]
                start, end = found.span()
                taken = _taken(text) if taken is None else taken
                if not any(map(sounds_clinical, parts)) and not any(low < end and start < high for low, high in taken):
                    yield start, end
    yield from _at_home(text, _ODD)
    yield from lodged(text)
    for found in _LANDMARK.finditer(text):
        what = found["what"]
        if _NOT_SEEN.search(what) or not (_SEEN.search(what) or re.search(r"(?<!^)[A-ZА-ЯЁ]", what)):
            continue
        taken = _taken(text) if taken is None else taken
        begin = found.start("what")
        yield found.start(), onward(text, max(first_piece(text, begin, taken), begin), taken, told=True)


def _taken(text: str) -> list[tuple[int, int]]:
    """What no address runs over: clinical places and dates."""
    return sorted([*clinical(text), *(found.span() for found in DATE.finditer(text))])


def _told(text: str) -> Iterator[tuple[int, int]]:
    """What follows `my address is` and holds a number."""
    taken: list[tuple[int, int]] | None = None
    for found in label("address").finditer(text):
        rest = _TOLD_REST.match(text, found.end())
        if not rest:
            continue
        value = rest["value"]
        over = _SENTENCE_END.search(value)
        if over:
            value = value[: over.start()]
        if _HAN.search(value):
            # what follows a comma goes along while it has a number or a word for a place
            pieces = re.split(r"(?=[，,；;])", value)
            length = len(pieces[0])
            for piece in pieces[1:]:
                if not re.search(
                    r"\d[^\d]{0,4}[号號楼樓室栋棟层層座單单户F동호층]|[省市区區县縣镇鎮路街巷村]", piece
                ) or re.search(r"电话|電話|手机|전화", piece):
                    break
                length += len(piece)
            value = value[:length]
        else:
            taken = _taken(text) if taken is None else taken
            begin = rest.start("value")
            walked = text[begin : onward(text, first_piece(text, begin, taken), taken, told=True)]
            free = taken[following][0] if (following := bisect_left(taken, (begin, 0))) < len(taken) else len(text)
            over = _STOPPED.search(value)
            whole = value[: min(free - begin, over.start() if over else len(value))]
            # behind `address:` all of the sentence is one; behind `I live in` only what has the look of it
            value = (
                max(walked, whole, key=len)
                if _COLON.match(text, found.end()) or text[found.end() - 1] == ":"
                else walked
            )
        sure = re.search(
            r"address|house|home|place|houseboat|адрес|地址|住址|địa chỉ|dia chi|عنوان|direcci|adress|anschrift|indirizz|endere|주소|住所|alamat|adres|at$|domicil",
            found[0],
            re.IGNORECASE,
        )
        number = re.search(r"\d", value)
        words = len(value.split())
        if (
            number
            and (
                sure
                or (
                    words <= 12
                    and not re.search(
                        r"\d\s?(?:km|hours?|minutes?|min|miles?|years?|weeks?|months?|days?|час\w*|км|лет|小时|公里|年|people|children|kids)",
                        value,
                        re.IGNORECASE,
                    )
                )
            )
        ) or (sure and re.match(r"\s*[:=-]", text[found.end() :]) and words <= 12):
            start = rest.start("value")
            yield start, start + len(value.rstrip(" .,"))


def address(text: str) -> Iterator[Span]:
    """Streets with houses, flats, boxes, postcodes; and what is called an address."""
    found: list[tuple[int, int]] = []
    if re.search(r"\d|[一二三四五六七八九十]", text) or re.search(rf"\b{_SPELT}\s[A-Z]", text):
        found.extend(_english(text))
        for pattern in _SIMPLE:
            found.extend(match.span() for match in pattern.finditer(text))
        for match in _GERMAN.finditer(text):
            sure = _GERMAN_SURE.search(match[0]) or (match[0][:1].isupper() and re.search(r"\s[A-ZÄÖÜ]", match[0]))
            if (
                sure
                and re.search(r"[A-ZÄÖÜa-zäöüß]{5,}", match[0])
                and not re.match(r"(?:on|in|the)\s", match[0], re.IGNORECASE)
            ):
                found.append(match.span())
        for match in _ROMANCE.finditer(text):
            rest = _ROMANCE_CAPITAL.match(match[0])
            if match[0][:2] == "R." and _NAME_BEFORE.search(text, max(0, match.start() - 24), match.start()):
                continue  # `Deepika R. Nambiar, 43`
            if (
                not rest
                or not match[0][rest.end() : rest.end() + 1].islower()
                or (match[0][:1].isupper() and match[0][:2] != "R.")
            ):
                found.append(match.span())
        for match in _VIETNAMESE.finditer(text):
            if _VIET_CAPITALS.search(match[0]) or re.match(r"\d|số", match[0], re.IGNORECASE):
                found.append(match.span())
        found.extend(match.span("value") for match in _POSTCODE_TOLD.finditer(text))
        found.extend(_told(text))
    else:
        found.extend(match.span() for match in _VIETNAMESE.finditer(text) if _VIET_CAPITALS.search(match[0]))
        found.extend(_told(text))
    found.extend(match.span() for match in _VIET_PART.finditer(text))
    found.extend(match.span() for match in _ARABIC.finditer(text))
    if any(map(str.isdigit, text)):
        found.extend(_placed(text, [match.span() for match in DATE.finditer(text)]))
    found.extend(by_words(text))
    found.extend(_shaped(text))
    found.extend(_clusters(text, found))
    if not found:
        return
    taken = _taken(text)
    for start, end in sorted(set(found)):
        start, end = _widen(text, start, end)
        while end > start and text[end - 1] in " ,":
            end -= 1
        start, end = _with_neighbours(text, backward(text, start, taken), onward(text, end, taken))
        city = _CITY_LAST.search(text[start:end][-40:])  # cities stay: answers need them
        if city and city["city"].lower() in kept_words() - clinical_words():
            end -= len(city["city"])
        while end > start and text[end - 1] in " ,.;\n":
            end -= 1
        if end > start:
            yield Span(start, end, "address", strong=True)
