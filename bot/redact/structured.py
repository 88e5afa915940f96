"""What has a form of its own: e-mail, links, accounts, IBAN, payment cards, passwords, IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from bot.redact.kinds import Span
from bot.redact.labels import group, label, labelled
from bot.redact.lexicon import is_given, is_ordinary, is_surname, small_words

_DOT = r"(?:\.|\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?|\s(?:dot|punto|point|punkt|ponto|точка)\s|点)"
_AT = r"(?:\s?@\s?|\s?[\[({<]\s?(?:at|at sign|@|собака|arroba|arobase|chiocciola|klammeraffe|艾特)\s?[\])}>]\s?)"
_DOMAIN = rf"[^\W_](?:[\w-]{{0,61}}[^\W_])?(?:{_DOT}[^\W_](?:[\w-]{{0,61}}[^\W_])?){{1,6}}"
# A local part is looked for backwards from its @, so that a long run of letters without one costs nothing.
_AT_SIGN = re.compile(_AT, re.IGNORECASE)
_AFTER_AT = re.compile(_DOMAIN, re.IGNORECASE)
_BEFORE_AT = re.compile(r"[\w.!#$%&*+/=?^`{|}~'-]{1,64}\Z")
_NO_DOT_DOMAIN = re.compile(
    r"(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|qq|163|126|mail|yandex|gmx|web|protonmail|proton|foxmail|sina|live|msn|aol|naver|rambler|bk|inbox|list)\b",
    re.IGNORECASE,
)
_NAMED_AT = re.compile(
    r"(?<!\w)[\w.+-]{2,40}\s(?:chez|małpa|malpa|zavináč|zavinac|kukac|apenstaartje|snabel-?a|chiocciola|arroba|arobase|klammeraffe|собака|песик)\s[\w-]{2,40}(?:\.[a-z]{2,10}){1,3}(?!\w)",
    re.IGNORECASE,
)
# An address that is read aloud. The sign that makes it one comes first in each pattern's words; a plain `at` asks for a domain
# that ends as domains do, the names of the sign in other languages ask for nothing.
_SAY_DOT = r"(?:dot|punto|point|punkt|ponto|nokta|kropka|точка|крапка|chấm|cham|titik|نقطة|نقطه|دوت)"
_SAY_AT = (
    r"(?:arroba|arobase|aroba|chiocciola|klammeraffe|affenschwanz|apenstaartje|małpa|malpa|zavináč|zavinac|kukac|snabel-?a|"
    r"собака|собачка|песик|равлик|a\scòng|a\smóc|a\svòng|kuyruklu\sa|et\sişareti|آت|ات|艾特|圈a|小老鼠)"
)
_SAY_SIGN = (
    r"(?:underscore|underline|dash|hyphen|minus|tiret(?:\sbas)?|trait\sd'union|gui[oó]n(?:\sbajo)?|h[ií]fen|tra[cç]o|sublinhado|"
    r"bindestrich|unterstrich|trattino(?:\sbasso)?|tire|alt\s?tire|alt\sçizgi|kreska|myślnik|podkreślnik|podkreślenie|"
    r"тире|дефис|минус|подч[её]ркивание|нижнее\sподч[её]ркивание|gạch\s(?:ngang|dưới)|شرطة(?:\sسفلية)?|下划线|横杠|减号)"
)


def _said(words: str) -> str:
    """A word for a sign: between spaces, or in brackets with spaces or without."""
    return rf"(?:\s{words}\s|\s?[\[({{<]\s?(?:{words}|[.@_-])\s?[\])}}>]\s?)"


_PIECE = r"[\w.+-]{1,30}"
_LINKED = rf"(?:{_said(_SAY_DOT)}|{_said(_SAY_SIGN)})"
_SPOKEN_EMAIL = re.compile(
    rf"(?<!\w)[\w.+-]{{1,40}}(?:{_LINKED}{_PIECE}){{0,6}}(?:"
    rf"(?:\sat\s|\sätt?\s|\s?[\[({{<]\s?at\s?[\])}}>]\s?)[\w-]{{1,40}}(?:(?:{_LINKED}|\.(?=\S)|点)[\w-]{{1,30}}){{0,4}}"
    rf"(?:{_said(_SAY_DOT)}|\.|点)(?:com|org|net|edu|gov|info|biz|io|me|example|[a-z]{{2}})"
    rf"|(?:{_said(_SAY_AT)}|\s?艾特\s?)[\w-]{{1,40}}(?:(?:{_LINKED}|\.(?=\S)|点)[\w-]{{1,30}}){{0,4}}(?:{_said(_SAY_DOT)}|\.|点)[^\W\d_]{{2,10}}"
    r")(?!\w)",
    re.IGNORECASE,
)
_SPELT_OUT = re.compile(rf"{_SAY_DOT}|{_SAY_AT}|(?<!\w)[\[(]?at[\])]?(?!\w)|点", re.IGNORECASE)


def email(text: str) -> Iterator[Span]:
    """E-mail addresses, also spelt out (`john at gmail dot com`) and of domains that no list knows."""
    for at in _AT_SIGN.finditer(text):
        before = _BEFORE_AT.search(text[max(0, at.start() - 64) : at.start()])
        after = _AFTER_AT.match(text, at.end()) or _NO_DOT_DOMAIN.match(text, at.end())
        if before and after:
            start = at.start() - len(before[0])
            yield Span(start, after.end(), "email", strong=True)
    for found in _NAMED_AT.finditer(text):
        yield Span(found.start(), found.end(), "email", strong=True)
    if _SPELT_OUT.search(text):
        for found in _SPOKEN_EMAIL.finditer(text):
            yield Span(found.start(), found.end(), "email", strong=True)


_URL = re.compile(
    r"(?:(?:https?|ftp|hxxps?)://|www\.|(?<![\w@.-])(?=[\w.-]{1,60}\.[a-z]{2,10}/))[^\s<>\"'，。；、）)】]{3,500}",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"(?:facebook|fb|instagram|twitter|x|vk|t|wa|linkedin|tiktok|youtube|ok|weibo|m\.me|snapchat|line|threads|reddit|pinterest|telegram|github)"
    r"\.(?:com|me|ru|net|org|cn|ly)/(?:in/|@|u/|user/|people/)?[\w.@+-]{2,}",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"[?&#;][\w.~%-]{1,40}=|token|session|sid=|auth|signature|passw|invite|share|//[^/\s]{1,80}:[^/\s]{1,80}@|/[\w-]*\d[\w-]{11,}|/[A-Za-z0-9_-]{20,}|@",
    re.IGNORECASE,
)


def url(text: str) -> Iterator[Span]:
    """Links that tell who somebody is: with a query, a token, a long key, or to a person's page. Others stay."""
    if "/" not in text and "www." not in text.lower():
        return
    for found in _URL.finditer(text):
        end = found.start() + len(found[0].rstrip(".,;:!?"))
        address = text[found.start() : end]
        if _SOCIAL.search(address) or _TELLING.search(address):
            yield Span(found.start(), end, "url", strong=True)


_AT_NAME = re.compile(r"(?<![\w@.])(?<![\w.]/)@[A-Za-z_][\w.]{2,30}", re.IGNORECASE)
_ACCOUNT = labelled(
    "handle",
    r"@?(?=[\w.:-]*[\d_]|[\w.:-]{0,40}[A-Za-z])[A-Za-z0-9_][\w.:-]{2,40}",
    between=r"(?:[\s:=\"'(-]|(?:id|is|name|handle|account|user|username|me|на|号码?|是|:|为|at|under|no|number)(?![A-Za-z])){1,8}",
)
_LOOKS_MADE = re.compile(r"[A-Za-z].*[\d_.:]|[\d_].*[A-Za-z]|^\d{5,12}$")


def handle(text: str) -> Iterator[Span]:
    """Names of accounts: `@anna_k`, `wechat: anna1985`, `QQ 12345678`."""
    for found in _AT_NAME.finditer(text):
        yield Span(found.start(), found.end(), "handle", strong=True)
    for found in _ACCOUNT.finditer(text):
        value = found["value"].rstrip(".:-")
        between = text[found.start() : found.start("value")]
        told = re.search(r"[:=]|\bid\b|\bis\b|name|handle|account|号|是", between[3:], re.IGNORECASE)
        plain = value.lower().strip("@")
        if _LOOKS_MADE.search(plain) or (told and len(plain) > 3 and plain not in _NO_ACCOUNT and value.isascii()):
            yield Span(found.start("value"), found.start("value") + len(value), "handle", strong=True)


_MADE_OF = re.compile(r"(?<![\w@./:-])(?P<parts>[^\W\d_]{2,20}(?:[._][^\W_]{2,20}){1,3}\d{0,5})(?![\w@/-]|[._]\w)")
_COUNTED = re.compile(
    r"(?<![\w@./:-])(?=[\w.-]{0,40}_)(?=[a-z][\w.-]{0,40}\d{2})[a-z][a-z\d]{0,20}(?:[._-][a-z\d]{1,20}){1,4}(?![\w@/])",
    re.IGNORECASE,
)


def account(text: str) -> Iterator[Span]:
    """Names of accounts by their form: parts of which one is a person's name, `rosalba.vint`, and `kmoyo_1979x`."""
    for found in _MADE_OF.finditer(text):
        parts = re.split(r"[._]", found["parts"].rstrip("0123456789").lower())
        named = [part for part in parts if is_given(part) or is_surname(part)]
        # `fever.Anna came` is a sentence's end without its space
        plain_ones = [part for part in parts if is_ordinary(part) and part not in named]
        if len(parts) >= 2 and named and not plain_ones and found["parts"].islower() and parts[-1] not in _ENDINGS:
            yield Span(*found.span("parts"), "handle", strong=True)
    for found in _COUNTED.finditer(text):
        yield Span(found.start(), found.end(), "handle")


_ENDINGS = small_words("endings")
_NO_ACCOUNT = small_words("accounts")

_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])", re.IGNORECASE)


def ip(text: str) -> Iterator[Span]:
    """IP and MAC addresses."""
    for pattern in (_IPV4, _IPV6):
        for found in pattern.finditer(text):
            try:
                ipaddress.ip_address(found[0])
            except ValueError:
                continue
            if len(found[0]) > 4:
                yield Span(found.start(), found.end(), "ip", strong=True)
    for found in _MAC.finditer(text):
        yield Span(found.start(), found.end(), "ip", strong=True)


_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_BANK = labelled("bank", r"(?=[A-Za-z0-9 -]*\d[ -]?\d[ -]?\d)[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){4,33}")
_BIC = labelled("bank", r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")


def _iban_holds(text: str) -> bool:
    plain = re.sub(r"[ -]", "", text).upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _until_word(found: str) -> int:
    """How much of a value belongs to it: up to the first whole word without a digit."""
    end = 0
    for piece in re.finditer(r"[A-Za-z0-9]+[ -]?", found):
        if piece.start() and not any(character.isdigit() for character in piece[0]):
            break
        end = piece.start() + len(piece[0].rstrip(" -"))
    return end


def bank_account(text: str) -> Iterator[Span]:
    """IBAN, and account numbers that are called so."""
    for found in _IBAN.finditer(text):
        value = found[0]
        while value:  # the words after it may have been taken for its last groups
            if _iban_holds(value):
                yield Span(found.start(), found.start() + len(value), "bank_account", strong=True)
                break
            value = value.rpartition(" ")[0]
    for found in _BANK.finditer(text):
        length = _until_word(found["value"])
        if sum(character.isdigit() for character in found["value"][:length]) >= 4:
            yield Span(found.start("value"), found.start("value") + length, "bank_account", strong=True)
    for found in _BIC.finditer(text):
        if found["value"].isupper():
            yield Span(found.start("value"), found.end("value"), "bank_account", strong=True)


_CARD = re.compile(r"(?<![\d.,+A-Za-z-])\d(?:[ .-]{0,2}\d){12,18}(?![\d])")
_CARD_LABELLED = labelled("card", r"(?:[xX*•]{2,4}[ -]?){0,3}\d(?:[ -]?\d){3,18}")
_CARD_SECRET = labelled("card_secret", r"\d{1,4}(?:\s?[/.-]\s?\d{2,4})?(?!\d)")
_CARD_END = re.compile(
    rf"(?<![A-Za-zА-Яа-я0-9])(?:{group('card_word')})(?![A-Za-zА-Яа-я])[\s,:(]{{0,3}}(?:[^\W\d_]{{1,12}}[\s,:]{{1,2}}){{0,4}}?(?:{group('card_end')})"
    r"[\s:#(*x]{0,6}(?:(?:in|on|with|is|are|auf|par|en|em|con|на|digits|digit|رقم|是|为)[\s:]{1,2}){0,2}(?P<value>\d{4})(?!\d|[.,/-]\d)",
    re.IGNORECASE,
)
"""`card ending 8846`: four digits are enough for a thief who has the rest from elsewhere."""


def _luhn_holds(digits: str) -> bool:
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card(text: str) -> Iterator[Span]:
    """Payment cards: by Luhn's sum, by four groups of four, or called so; and what is printed on them beside it."""
    seen = False
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        fours = re.fullmatch(r"\d{4}([ -])\d{4}\1\d{4}\1\d{4}", found[0])
        if (fours and digits[0] in "2345689" and digits[0] != "0") or (
            digits[0] in "23456" and len(set(digits)) > 1 and _luhn_holds(digits)
        ):
            seen = True
            yield Span(found.start(), found.end(), "card", strong=True)
    for found in _CARD_LABELLED.finditer(text):
        if (
            sum(character.isdigit() for character in found["value"]) >= 12
            or "ending" in text
            or re.search(r"[x*]{2}", found["value"])
        ):
            seen = True
            yield Span(found.start("value"), found.end("value"), "card", strong=True)
    for found in _CARD_END.finditer(text):
        seen = True
        yield Span(found.start("value"), found.end("value"), "card", strong=True)
    if seen or label("card").search(text) or re.search(r"cvv|cvc", text, re.IGNORECASE):
        for found in _CARD_SECRET.finditer(text):
            yield Span(found.start("value"), found.end("value"), "card", strong=True)


_PASSWORD = labelled(
    "password",
    r"[^\s,;，。；]{3,64}",
    between=r"(?:[\s:=\"'(-]|(?:is|was|are|number|no|code|ist|est|es|è|là|это|for\ \w{1,15}|to\ \w{1,15})(?![A-Za-z])|是|为|は|هو|هي){1,8}",
)
_SAID = re.compile(r"[:=]|\bis\b|\bwas\b|\bist\b|\best\b|\bes\b|是|为|هو|هي|это|là", re.IGNORECASE)


def password(text: str) -> Iterator[Span]:
    """Passwords, PINs and one-time codes that somebody typed."""
    for found in _PASSWORD.finditer(text):
        value = found["value"].rstrip(".!?)\"'")
        made = re.search(r"\d|[^\w'.-]|[a-z][A-Z]", value)
        told = re.search(r"[:=]", text[found.start() : found.start("value")])
        if len(value) >= 3 and (made or (told and _SAID.search(text[found.start() : found.start("value")]))):
            yield Span(found.start("value"), found.start("value") + len(value), "password", strong=True)
