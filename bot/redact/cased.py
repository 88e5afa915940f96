"""Names in alphabets with capitals: Latin, Cyrillic, Greek. Introduced, listed, or of the look that only names have.

Longer than 300 lines because the signs of a name are weighed against each other, and are easier to follow in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml

from bot.redact.keep import clinical_words, kept_words
from bot.redact.kinds import Span
from bot.redact.known import of_people
from bot.redact.lexicon import is_given, is_ordinary, is_surname, plain, small_words, sounds_clinical, words
from bot.redact.pinyin import is_pinyin_name

_LETTER = r"[A-Za-z\u00c0-\u024f\u0370-\u04ff\u0531-\u0587\u1e00-\u1fff]"
_WORD = re.compile(rf"{_LETTER}+(?:['-]{_LETTER}+)*")
_LONGEST = 6
"""A name has so many words at most."""

_STOP_WORDS = small_words("english")
_PARTICLES = small_words("particles")
_SURNAME_ENDINGS = re.compile(
    r"(?:[oe]v|[oe]va|[oe]vich|[oe]vna|evich|evna|enko|chuk|shvili|dze|dzes|yan|ian|iani|janian|jan|ovic|evic|ovich|sky|ski|ska|skaya|skiy|skii|oglu|"
    r"zade|zadeh|poulos|opoulou|idis|akis|escu|eanu|esku|sson|sdottir|bekov|bekova|bayev|bayeva|ullah|uddin|ullin|ullina|murthy|swamy|krishnan|nathan|"
    r"ов|ова|ову|овым|овой|ев|ева|еву|евым|евой|ёв|ёва|ин|ина|ину|иным|иной|ын|ына|ский|ская|скому|ского|ской|скую|цкий|цкая|енко|ко|чук|юк|ук|"
    r"ян|дзе|швили|иани|улы|ұлы|қызы|кызы|оглы|заде|бай|беков|бекова|ович|евич|овна|евна|овича|евича|овне|евне|ична|ыч|інович|івна|ович|йович|івни)\Z"
)
_PATRONYMIC = re.compile(
    r"(?:ович|евич|ьич|ична|овна|евна|івна|йович|ovich|evich|ovna|evna|yevna|yevich|ichna)(?:а|у|ем|ом|е|ы|ой|y|oi|a|u|em)?\Z"
)
_NO_NAMES = small_words("cased")
_SHORTENED = frozenset(("jr", "sr", "md", "mohd", "mst", "dr", "st", "wm", "thos", "jas", "geo", "chas", "fco", "abd"))
_SENTENCE_STARTS = frozenset(".!?:\n•*|>…")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|has|have|had|my|his|her|our|and|of|for|with|he|she|it|we|they|you|can|will|what|how|when|where|in|on|at|to|from|not|do|does|this|that|i|please|would|be|an|a|but|after|about|wrote|said|here)\b",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    r"\b(?:der|die|das|und|ist|nicht|ich|wir|mein|meine|bitte|für|mit|auf|ein|eine|hat|wie|wird|kann|zur|zum|dem|den|seit|nach|bei|sind|haben|wegen|unser\w*|wieder|neue\w?|spielt|darf|man|habe|ab|am|im|vom|beim|welche\w?|tag|ja|nein|oder|auch|noch|schon|kein\w?|herr|frau|privat|sehr)\b",
    re.IGNORECASE,
)


@cache
def said() -> dict[str, re.Pattern[str]]:
    """The groups of `names.yml` as patterns for the words before a name."""
    pieces = yaml.safe_load((Path(__file__).with_name("names.yml")).read_text(encoding="utf-8"))
    found = {}
    for name, piece in pieces.items():
        alternatives = (
            [part.strip() for part in re.split(r"\|(?![^(]*\))", piece) if part.strip()]
            if name in ("introducers", "leads", "titles")
            else None
        )
        joined = (
            "|".join(sorted(alternatives, key=len, reverse=True))
            if alternatives
            else re.sub(r"\s*\n\s*", "", piece.replace("| ", "|"))
        )
        behind = {
            "titles": r"\.?\s{1,2}",
            "sign_offs": r"[\s,.!:;~-]{1,6}",
            "relations": r"(?:\s?[,:(-]\s?|\s(?:is |named |called |- )?)(?:\"|')?",
        }.get(name, r"[\s:,=\"'«„“(-]{1,4}")
        found[name] = re.compile(rf"(?<![\w-])(?<!\w')(?:{joined}){behind}", re.IGNORECASE)
    return found


@dataclass
class _Token:
    """A word with what the lists know of it."""

    start: int
    end: int
    text: str
    plain: str
    first: bool
    """At the beginning of a sentence, where a capital says nothing."""
    kept: bool
    """Within something clinical."""
    shouting: bool = False
    """In a text all in capitals, where none of them says anything."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() and not self.shouting

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()

    @cached_property
    def known(self) -> bool:
        """Whether a list of names has it, or a part of it."""
        return any(is_given(part) or is_surname(part) for part in (self.plain, *_parts(self.plain)))

    @cached_property
    def mixed(self) -> bool:
        """Like FluMel or mRNA: no name is written so, but for McCain and those with a hyphen."""
        inner = re.sub(r"^(?:Mc|Mac|O'|D'|De|Di|La|Le|Van|Fitz|Al-|El-)", "", self.text)
        return any(part[1:] != part[1:].lower() and not part.isupper() for part in re.split(r"['-]", inner))


_OF_A_NUMBER = re.compile(r"(?:[\d/][^\W\d_]{1,2}|\d\s[a-zа-яё]{1,2})\Z")


def _tokens(text: str, kept: list[tuple[int, int]]) -> list[_Token]:
    found = []
    place = 0
    for match in _WORD.finditer(text):
        word, start, end = match[0], match.start(), match.end()
        if len(word) > 3 and word[-2:].lower() == "'s":
            word, end = word[:-2], end - 2
        if len(word) < 3 and _OF_A_NUMBER.search(text, max(0, start - 2), end):
            continue  # the g of `1 g. Then`, the L of `6 g/L. With`, the A of `KMT2A. Anna`
        before = text[:start].rstrip(" '")[-1:]
        while place < len(kept) and kept[place][1] <= start - 200:
            place += 1
        inside = any(low < end and start < high for low, high in kept[place:] if low < end) or _half_clinical(word)
        found.append(_Token(start, end, word, plain(word), not before or before in _SENTENCE_STARTS, inside))
    return found


def _half_clinical(word: str) -> bool:
    """Whether one half of a word is surely clinical: `Nivolumab-AVD`, `R-bendamustin`, `AML-es`."""
    return "-" in word and any(
        (part in clinical_words() or (len(part) > 4 and sounds_clinical(part))) and not of_people(part)
        for part in plain(word).split("-")
    )


def _parts(word: str) -> list[str]:
    return [part for part in re.split(r"['-]", word) if len(part) > 2] or [word]


class _Reader:
    """Reads one text for names."""

    def __init__(self, text: str, kept: list[tuple[int, int]]) -> None:
        self.text = text
        self.tokens = _tokens(text, kept)
        letters = [token for token in self.tokens if len(token.text) > 2]
        self.shouting = bool(letters) and sum(token.shouted for token in letters) > 0.7 * len(letters)
        for token in self.tokens:
            token.shouting = self.shouting
        self.english = len(_ENGLISH.findall(text)) * 6 >= len(self.tokens)
        self.cyrillic = any("\u0400" <= character <= "\u04ff" for character in text)
        self.german = len(_GERMAN.findall(text)) >= 2
        self.at = {token.start: place for place, token in enumerate(self.tokens)}

    def near(self, left: int, right: int) -> bool:
        """Whether two tokens stand side by side: a space, an initial's full stop or a nickname's quotes between."""
        between = self.text[self.tokens[left].end : self.tokens[right].start]
        if between in (" ", "  ", "-", ". ", ".", ' "', '" ', "' ", " '"):
            return (
                not between.startswith(".") or len(self.tokens[left].text) <= 2 or self.tokens[left].plain in _SHORTENED
            )
        return False

    def known(self, place: int) -> bool:
        """Whether a list has it, or a part of it."""
        return self.tokens[place].known

    def unordinary(self, place: int) -> bool:
        token = self.tokens[place]
        return (
            not is_ordinary(token.plain)
            and token.plain not in _NO_NAMES
            and token.plain not in kept_words()
            and token.plain.removesuffix("s") not in kept_words()
            and not (token.plain in words("places") and not is_given(token.plain))
        )

    def sure(self, place: int) -> bool:
        """Looks like a name by itself."""
        token = self.tokens[place]
        if self._given_though_ordinary(place):
            return True
        if (
            token.kept
            or len(token.plain) < 3
            or not self.unordinary(place)
            or token.mixed
            or sounds_clinical(token.plain)
        ):
            return False
        if token.shouted and not self.shouting and len(token.text) < 4:
            return False
        given = any(is_given(part) for part in (token.plain, *_parts(token.plain)))
        if token.capital:
            if _PATRONYMIC.search(token.plain) or (len(token.plain) > 5 and _SURNAME_ENDINGS.search(token.plain)):
                return True
            if given or is_surname(token.plain):
                return given or not token.first or self._pair(place)
            return self._unknown(place)
        if (
            self.shouting
            and token.known
            and any(
                0 <= beside < len(self.tokens)
                and self.tokens[beside].known
                and self.unordinary(beside)
                and self.near(min(place, beside), max(place, beside))
                for beside in (place - 1, place + 1)
            )
        ):
            return True
        if not token.text.isascii() and token.text[0] < "\u0370":
            return False  # tones and accents tell ordinary words from names that look like them without
        return (given and len(token.plain) >= 4) or (
            len(token.plain) > 7 and _PATRONYMIC.search(token.plain) is not None
        )

    def _pair(self, place: int) -> bool:
        """A surname at the beginning of a sentence with another name behind it: `Nguyễn Văn Tài`, `Kaplan Ayşe`."""
        if place + 1 >= len(self.tokens) or not self.near(place, place + 1):
            return False
        following = self.tokens[place + 1]
        return (
            following.capital
            and not following.kept
            and not following.mixed
            and following.plain not in _NO_NAMES
            and (self.known(place + 1) or following.plain in _PARTICLES or self.unordinary(place + 1))
            and not sounds_clinical(following.plain)
        )

    def _given_though_ordinary(self, place: int) -> bool:
        """Poppy and Will: a capital inside an English sentence, or two names side by side at its beginning."""
        token = self.tokens[place]
        if not token.capital or token.shouted or token.kept or self.german or not is_given(token.plain):
            return False
        if token.plain in _NO_NAMES or token.plain in kept_words() or not is_ordinary(token.plain):
            return False
        if self.english:
            return not token.first
        before = self.tokens[place - 1].plain if place else ""
        return not token.first and before not in _ARTICLES

    def _unknown(self, place: int) -> bool:
        """A capitalised word that no list has: within a sentence it is a name more often than anything else."""
        token = self.tokens[place]
        if token.shouted or self.german or len(token.plain) < 3 or (not token.text.isascii() and self.cyrillic):
            return False
        if not token.first:
            return True
        follows = self.text[token.end : token.end + 5]
        if (
            self.english
            and re.match(r"'s|, |\s(?:and|&|wr|sa|as|is|ha|wa|he|in)|[.]?\Z", follows)
            and token.text.isascii()
        ):
            return True
        return (
            place + 1 < len(self.tokens)
            and self.near(place, place + 1)
            and self._could(place + 1)
            and self.known(place + 1)
        )

    def _could(self, place: int) -> bool:
        """Could be part of a name next to one."""
        token = self.tokens[place]
        if token.plain in _NO_NAMES or token.plain in _METHODS or (token.mixed and not self.known(place)):
            return False
        if token.capital and len(token.text) == 1:
            return (
                self.text[token.end : token.end + 1] == "."
                or self.text[token.end : token.end + 2].strip() == ""
                or self.english
            )
        if (
            len(token.text) == 1
            and self.text[token.end : token.end + 1] == "."
            and not self.text[token.end + 1 : token.end + 2].isalnum()
        ):
            return True  # svetlana b.
        if token.kept and not (token.capital and self.known(place)):
            return False
        if token.capital:
            if token.shouted and not self.shouting and len(token.text) < 4 and not self.known(place):
                return False
            inside = not token.first and not self.german and not sounds_clinical(token.plain)
            return self.known(place) or inside or (self.unordinary(place) and not sounds_clinical(token.plain))
        if self.shouting:
            return self.unordinary(place) and not sounds_clinical(token.plain) and len(token.plain) >= 3
        return self.known(place) and not is_ordinary(token.plain) and len(token.plain) >= 3

    def widen(self, place: int, least: int = 0) -> tuple[int, int]:
        """The whole name around a sure part."""
        left = right = place
        while (
            left > max(least, place - _LONGEST)
            and self.near(left - 1, left)
            and (self._could(left - 1) or self._particle(left - 1, -1))
        ):
            if (
                self.tokens[left - 1].first
                and is_ordinary(self.tokens[left - 1].plain)
                and not self._could_begin(left - 1)
            ):
                break
            left -= 1
        while (
            right + 1 < len(self.tokens)
            and right - left < 6
            and self.near(right, right + 1)
            and (self._could(right + 1) or self._particle(right + 1, 1))
        ):
            right += 1
        while right > place and self.tokens[right].plain in _PARTICLES and not self.tokens[right].capital:
            right -= 1
        while left < place and self.tokens[left].plain in _PARTICLES and not self.tokens[left].capital:
            left += 1
        return left, right

    def _could_begin(self, place: int) -> bool:
        return is_given(self.tokens[place].plain)

    def _particle(self, place: int, step: int) -> bool:
        beyond = place + step
        return (
            self.tokens[place].plain in _PARTICLES
            and 0 <= beyond < len(self.tokens)
            and self.near(min(place, beyond), max(place, beyond))
            and (self._could(beyond) or self.tokens[beyond].plain in _PARTICLES)
        )

    def introduced(
        self,
        start: int,
        *,
        strict: bool,
        most: int = 4,
        capital: bool = False,
        naming: bool = False,
        titled: bool = False,
        said: bool = False,
    ) -> tuple[int, int] | None:
        """The name that begins at `start`, after words that announce one.

        Args:
            start: Where the words end.
            strict: True when the word must look like a name; False when any word there is one.
            most: How many words at most.
            naming: True after words such as `my name is`, where an ordinary word can be a name in small letters.
            capital: True where any capital inside an English sentence is a name.
            said: True where a given name counts though it is an ordinary word in small letters.
            titled: True behind `Mr` and the like, where nothing but a name stands.
        """
        place = self.at.get(start)
        if place is None:
            return None
        right = place
        token = self.tokens[place]
        titled = titled and token.plain not in clinical_words()  # `Mr Hodgkin described it`
        # `I'm Florence.`, `my name is florence`: people bear the names of towns
        own = (said or naming) and is_given(token.plain) and token.plain not in clinical_words()
        if (
            len(token.plain) < 2
            or token.plain in _NO_NAMES
            or (token.kept and (strict or not token.capital) and not titled and not own)
        ):
            return None
        if strict:
            lead = token.capital and (self.known(place) or self.unordinary(place)) and not token.mixed
            if token.shouted and not self.shouting and not self.known(place):
                lead = False
            if not token.capital:
                goes_on = capital and self.english and not token.kept and len(token.plain) > 2
                lead = self.unordinary(place) and (
                    (goes_on and _GOES_ON.match(self.text, token.end) is not None)
                    or is_given(token.plain)
                    or (is_surname(token.plain) and len(token.plain) > 4)
                )
            if (
                titled
                and len(token.plain) > 1
                and (token.capital or is_surname(token.plain) or is_given(token.plain) or self.unordinary(place))
                and token.plain not in _STOP_WORDS | _NOT_TITLED
                and token.plain not in clinical_words()
                and not sounds_clinical(token.plain)
            ):
                lead = True  # `Mr. May`, `mr li`: nothing but a name stands there
            if capital and token.capital and self.english and not token.shouted and not token.mixed and not token.first:
                lead = True
            if said and is_given(token.plain) and token.plain not in _STOP_WORDS:
                lead = True  # `dr. faith`, `i am jasmine from Manila`
            if sounds_clinical(token.plain) or (
                not titled
                and not own
                and token.plain in kept_words()
                and not (is_given(token.plain) and not token.kept)
            ):
                lead = False
        else:
            lead = token.capital or self.unordinary(place) or (naming and is_given(token.plain))
            if sounds_clinical(token.plain) and not naming:
                lead = False
            if token.plain in kept_words() and not token.capital and not own:
                lead = False
        if not lead:
            return None
        while right + 1 < len(self.tokens) and right - place + 1 < most and self.near(right, right + 1):
            following = self.tokens[right + 1]
            good = self._could(right + 1) or self._particle(right + 1, 1)
            if (
                naming and not good and not following.capital
            ):  # `my name is john smith`: ordinary words are surnames too
                good = is_surname(following.plain) and following.plain not in _STOP_WORDS and is_given(token.plain)
            if titled and not good and not token.capital and not following.capital:
                good = following.known and following.plain not in _STOP_WORDS and not is_ordinary(following.plain)
            if not strict and not good and not following.capital and following.plain not in _NO_NAMES:
                good = self.unordinary(right + 1) and not following.kept and not token.capital
            if (
                not strict
                and not good
                and following.capital
                and not following.kept
                and token.capital
                and not self.german
            ):
                good = following.plain not in _NO_NAMES and not (following.shouted and not token.shouted)
            if not good and (naming or said) and is_given(token.plain) and following.capital and not following.shouted:
                good = _CLOSES.match(self.text, following.end) is not None  # `Best regards, Milan Schirmer`
            if not good:
                break
            right += 1
        while right > place and self.tokens[right].plain in _PARTICLES and not self.tokens[right].capital:
            right -= 1
        return place, right


_CLOSES = re.compile(r"\s*(?:[,.;!)\n]|\Z)")
_GOES_ON = re.compile(r",?\s(?:age|aged|is|has|had|was|who|needs|got|\d{1,2}\b|years?|yrs?|yo|and i|diagnosed)|\s?\(")
_SURELY_TITLED = re.compile(
    r"(?:mr|mrs|ms|miss|mx|mme|mlle|herr|frau|señora?|señorita|signora?|senhora?|г-н|г-жа|господин|госпожа|пан|пані|sayın|sheikh|shaikh|sheik|hajj|haji|hajja|alhaji|hajia|hajiya|chief|prince|princess|imam|pastor|rev|reverend|khun|engr|lord|md|mohd|muhd|encik|puan|shri|smt|sir|madam|lady|lord)\b",
    re.IGNORECASE,
)
_NOT_TITLED = frozenset(("google", "team", "sir", "madam", "president", "doctor", "x"))
_PART_OF_NAME = frozenset(("md", "mohd", "umm", "um", "abu", "abou", "ibn", "bint", "om", "oum"))
_CALLED = re.compile(
    r"(?:dr|doctor|prof|professor|nurse|pastor|rev|aunty|auntie|aunt|uncle|cousin|hajj|haji)\b", re.IGNORECASE
)
_I_AM = re.compile(r"(?:i am|i'm|i m|im|iam|this is|it's|its|hello|hi|hey)\b", re.IGNORECASE)
_ENDS_THERE = re.compile(
    r"[^\W\d_]+(?:\s?[,.!;-]|\s(?:from|my|and i|here|again|speaking|mother|father|mom|dad|wife|husband|mum)\b|\s*\Z)",
    re.IGNORECASE,
)
_FEELINGS = re.compile(
    r"(?:happy|sunny|rich|early|frank|merry|young|precious|blessed|sincere|brave|strong|true|love|dear|doctor|good|sweet|faithful|grand|clean|clear|hardy|noble|an|so|la)\b",
    re.IGNORECASE,
)


def _said_so(pattern: str, found: re.Match[str], text: str) -> bool:
    if pattern == "titles":
        return _CALLED.match(found[0]) is not None
    return (
        pattern == "leads"
        and _I_AM.match(found[0]) is not None
        and _ENDS_THERE.match(text, found.end()) is not None
        and _FEELINGS.match(text, found.end()) is None
    )


_ARTICLES = small_words("articles")
_METHODS = frozenset(("car-t", "cart-t", "car", "bmt", "hsct", "gvhd", "all", "aml", "cll", "cml", "mds", "icu"))
_ABBREVIATED = small_words("abbreviated_titles")
_NAMING = re.compile(
    r"nam|nom|call|appel|hei(?:ß|ss)|llam|chiam|cham|tên|ten |ad[ıi]m|imi|zov|зовут|имя|зват", re.IGNORECASE
)


def _given_by(pattern: str, reader: _Reader, strict: bool, most: int) -> Iterator[tuple[int, int]]:
    for found in said()[pattern].finditer(reader.text):
        if pattern == "titles" and "." in found[0].rstrip(" ")[-1:] and plain(found[0].strip(" .")) not in _ABBREVIATED:
            continue  # `my mum. Can you`: a sentence ended there
        capital = pattern in ("relations", "titles") and "'" not in found[0]
        naming = _NAMING.search(found[0]) is not None
        titled = pattern == "titles" and found[0].strip(" .") != "MD" and _SURELY_TITLED.match(found[0]) is not None
        run = reader.introduced(
            found.end(),
            strict=strict,
            most=most,
            capital=capital,
            naming=naming,
            titled=titled,
            said=_said_so(pattern, found, reader.text),
        )
        if run and pattern == "titles" and plain(found[0].strip(" .")) in _PART_OF_NAME:
            run = reader.at.get(found.start(), run[0]), run[1]
        if run:
            yield run


_FROM_WHERE = re.compile(r"(?:sent\s)?from\b", re.IGNORECASE)
_ON_THE_WAY = re.compile(
    r"(?<!\w)(?!love |hugs |greetings |regards |message |wishes |thanks |thank you |blessings |sent |hello |hi |signed |and )[^\W_]+\s\Z",
    re.IGNORECASE,
)
"""`he drives from Alice` tells where, `love from Alice` signs."""


def _is_place(reader: _Reader, start: int) -> bool:
    """Whether a place of the lists stands there, which no list has as a given name."""
    place = reader.at.get(start)
    return place is not None and (
        reader.tokens[place].plain in words("places") or reader.tokens[place].text.lower() in kept_words()
    )


_INITIALS = re.compile(r"(?<![\w./-])(?:[A-ZА-ЯЁ]\.\s?){1,3}(?=[A-ZÀ-ÞА-ЯЁ][\w'-]{2,})")
_SOMETHING = re.compile(r"[^\W\d_]{3,}\s\Z")
_LONGEST_WORD = 24
_REVERSED = re.compile(r"(?<![\w,])(?P<a>[A-ZÀ-Þ][\w'-]{2,20}),\s(?P<b>[A-ZÀ-Þ][\w'-]{2,20})(?=[\s.,;/\"]|$)")
_INITIAL_BEHIND = re.compile(r"(?<![\w,])(?P<a>[A-ZÀ-ÞА-ЯЁ](?:[^\W\d_]|['-]){2,20}),?\s(?P<b>[A-ZА-ЯЁ])\.(?!\w)")
_HERE = re.compile(
    r"(?:^|[.!?\n]\s*)(?P<name>[A-ZÀ-ÞА-ЯЁΑ-Ω][\w'-]{1,20}(?:\s[A-ZÀ-ÞА-ЯЁΑ-Ω][\w'-]{1,20}){0,2})(?=(?:\s(?:из|aus|from)\s[A-ZА-ЯЁ]|\s(?:here|speaking|again|writing)\b|\s?,\s?(?:\d{1,2}\b|mum|mom|mother|мама|папа|dad|father|wife|husband|son|daughter|aged?|from)))"
)
_FATHERS = re.compile(r"\s(?:a/[lp]|[swd]/o|@)\s[A-Z][\w'-]{1,25}(?:\s[A-Z][\w'-]{1,25})?")
_SPOKE = re.compile(
    r"(?:^|[.!?\n]\s*)(?P<name>[A-Z][a-z]{2,14})(?=\s(?:asked|asks|said|says|told|wrote|writes|wants|needs|went|feels|vomited|slept|ate)\b)"
)
_INITIALS_SAID = re.compile(r"(?i:initials?)\s(?i:are|is|:)?\s?(?P<name>(?:[A-Z]\.?\s?){2,4})(?!\w)")
_NAMED_ASIDE = re.compile(r"(?:^|[.!?\n]\s*)(?P<name>[A-Z][a-z]{2,14})(?=\s\((?:the|my|our|a|his|her|who)\s)")
_TAIL = re.compile(r"(?:^|[\n.!?,;:)-])\s*(?P<name>(?:[^\W\d_][\w'.-]*\s?){1,4})[\s.!]*\Z")


def cased_names(text: str, kept: list[tuple[int, int]]) -> Iterator[Span]:
    """Names in alphabets that have capitals.

    Args:
        text: The plain text.
        kept: What is clinical in it, in order.
    """
    reader = _Reader(text, kept)
    if not reader.tokens:
        return
    runs: list[tuple[int, int, bool]] = []
    runs.extend((*run, True) for run in _given_by("introducers", reader, False, 4))
    runs.extend((*run, True) for run in _given_by("leads", reader, True, 4))
    runs.extend((*run, True) for run in _given_by("relations", reader, True, 4))
    runs.extend((*run, True) for run in _given_by("titles", reader, True, 4))
    for found in said()["sign_offs"].finditer(text):
        if _FROM_WHERE.match(found[0]) and (
            _ON_THE_WAY.search(text[: found.start()]) or _is_place(reader, found.end())
        ):
            continue
        run = reader.introduced(found.end(), strict=True, said=found[0].rstrip()[-1:] in ",.!:")
        if run:
            ends = reader.tokens[run[1]].end
            closes = not text[ends : ends + 3].strip(" .!,\n") or text[ends : ends + 1] in "\n,.("
            runs.append((*run, closes))
    for found in _INITIALS.finditer(text):
        place = reader.at.get(found.end())
        begin = found.start()
        if (
            place is not None
            and reader.tokens[place].plain in _STOP_WORDS
            and _SOMETHING.search(text, max(0, begin - _LONGEST_WORD), begin)
        ):
            continue  # `Block C. She has`: a sentence ended there
        if place is not None and reader._could(place):
            runs.append((max(0, place - found[0].count(".")), reader.widen(place, place)[1], False))
    done = -1
    for place in range(len(reader.tokens)):
        if place > done and reader.sure(place):
            left, done = reader.widen(place, done + 1)
            runs.append((left, done, False))
    for found in _REVERSED.finditer(text):  # `Hodgkins, Maureen`: as on forms
        first, second = reader.at.get(found.start("a")), reader.at.get(found.start("b"))
        if first is None or second is None or reader.tokens[second].kept:
            continue
        surname = reader.tokens[first]
        shouted = surname.shouted and len(surname.plain) > 4 and not surname.kept and reader.unordinary(first)
        if (
            (reader.known(first) or shouted)
            and not is_given(surname.plain)
            and (is_given(reader.tokens[second].plain) or (not surname.kept and reader.sure(second)))
        ):
            runs.append((first, reader.widen(second, second)[1], True))
    for found in _INITIAL_BEHIND.finditer(text):  # `Lumumba, J.`
        first, second = reader.at.get(found.start("a")), reader.at.get(found.start("b"))
        if first is None or second is None or not reader.unordinary(first):
            continue
        token = reader.tokens[first]
        if not (token.kept or token.shouted or sounds_clinical(token.plain)):
            runs.append((first, second, False))
    for found in _HERE.finditer(text):
        run = reader.introduced(found.start("name"), strict=False, most=3)
        if run and (is_given(reader.tokens[run[0]].plain) or reader.unordinary(run[0])):
            runs.append((*run, True))
    for found in _INITIALS_SAID.finditer(text):
        yield Span(found.start("name"), found.start("name") + len(found["name"].rstrip()), "name", True)
    for found in (*_NAMED_ASIDE.finditer(text), *_SPOKE.finditer(text)):
        place = reader.at.get(found.start("name"))
        if place is not None and is_given(reader.tokens[place].plain):
            runs.append((place, place, True))
    for left, right in _pinyin(reader):
        runs.append((left, right, False))
    last = _TAIL.search(text[-80:])
    if last and len(reader.tokens) > 3:  # a name alone at the end is a signature
        start = len(text) - len(text[-80:]) + last.start("name")
        run = reader.introduced(start, strict=True)
        if (
            run
            and run[1] == len(reader.tokens) - 1
            and reader.known(run[0])
            and (reader.shouting or not reader.tokens[run[0]].shouted)
        ):
            runs.append((*run, False))
    runs.extend(_vietnamese(reader))
    runs.extend(_behind_surnames(reader, runs))
    runs.extend(_again(reader, runs))
    for left, right, strong in runs:
        end = reader.tokens[right].end
        of = _FATHERS.match(text, end)  # `Thirunavukkarasu a/l Muniandy`
        yield Span(reader.tokens[left].start, of.end() if of else end, "name", strong)


_SYLLABLE = re.compile(r"(?:ngh?|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?")
_VIETNAMESE_SURNAMES = small_words("vietnamese_surnames")


def _vietnamese(reader: _Reader) -> Iterator[tuple[int, int, bool]]:
    """Vietnamese names in small letters and without tones: `nguyen van thinh`, `tran thi my linh`."""
    tokens = reader.tokens
    for place, token in enumerate(tokens[:-1]):
        if token.plain not in _VIETNAMESE_SURNAMES or token.kept:
            continue
        right = place
        while (
            right + 1 < len(tokens)
            and right - place < 4
            and reader.near(right, right + 1)
            and _SYLLABLE.fullmatch(tokens[right + 1].plain)
            and not tokens[right + 1].kept
            and tokens[right + 1].text[0].isupper() == token.text[0].isupper()
            and (tokens[right + 1].plain not in _STOP_WORDS or tokens[right + 1].plain in ("van", "thi"))
        ):
            right += 1
        middle = right > place and tokens[place + 1].plain in ("van", "thi") and right > place + 1
        if middle or (
            right > place and reader.english and token.plain in ("nguyen", "pham", "huynh", "truong", "trinh")
        ):
            yield place, min(right, place + 3), middle


def _behind_surnames(reader: _Reader, runs: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int, bool]]:
    """Given names behind a surname and its comma, as on forms: `Patient: Nwosu, Chinenye`, `HOLLINGBERY, Edmund`."""
    for left, right, strong in runs:
        surname, place = reader.tokens[right], right + 1
        if left != right or place >= len(reader.tokens) or not (strong or surname.shouted) or is_given(surname.plain):
            continue
        token = reader.tokens[place]
        if (
            reader.text[surname.end : token.start] == ", "
            and (token.capital or reader.shouting)
            and len(token.plain) > 1
            and not (token.kept or token.mixed or sounds_clinical(token.plain))
            and (is_given(token.plain) or token.plain in _SHORTENED or (surname.shouted and reader.unordinary(place)))
            and not (token.shouted and not surname.shouted)
        ):
            yield right, reader.widen(place, place)[1], True


def _again(reader: _Reader, runs: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int, bool]]:
    """The same names further on or before, with a capital: who is `Hope` once is so in the next sentence."""
    said = {
        reader.tokens[place].text
        for left, right, strong in runs
        for place in range(left, right + 1)
        if strong
        and reader.tokens[place].capital
        and len(reader.tokens[place].text) > 2
        and reader.tokens[place].plain not in _PARTICLES
    }
    if not said:
        return
    for place, token in enumerate(reader.tokens):
        if token.text in said and not token.kept:
            yield place, place, False


def _pinyin(reader: _Reader) -> Iterator[tuple[int, int]]:
    for place in range(len(reader.tokens) - 1):
        pair = reader.tokens[place : place + 3]
        if not reader.near(place, place + 1) or pair[0].kept or pair[1].kept:
            continue
        three = len(pair) == 3 and reader.near(place + 1, place + 2) and not pair[2].kept
        if three and is_pinyin_name([token.text for token in pair]):
            yield place, place + 2
        elif is_pinyin_name([token.text for token in pair[:2]]):
            yield place, place + 1
