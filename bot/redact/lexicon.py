"""The lists of names and of ordinary words under `names/`, read once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).with_name("names")
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ß": "ss",
        "æ": "ae",
        "ə": "e",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "’": "'",
        "ё": "е",
    }
)


@cache
def words(name: str) -> frozenset[str]:
    """The lines of `names/<name>.txt` without its head."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(plain(line) for line in lines if line and not line.startswith("#"))


def listed(file: Path) -> dict[str, str]:
    """The groups of a file of lists: name → its words, a bar between them."""
    groups = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {name: group["words"] for name, group in groups.items()}


def any_of(listed_words: Iterable[str]) -> str:
    """One of some words, the longest first, as a piece of a regular expression."""
    return "|".join(map(re.escape, sorted(listed_words, key=len, reverse=True)))


@cache
def small_words(group: str) -> frozenset[str]:
    """The words of a group of `small_words.yml`."""
    groups = yaml.safe_load(Path(__file__).with_name("small_words.yml").read_text(encoding="utf-8"))
    return frozenset(groups[group].split())


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """A word as the lists have it: lower case; Latin letters without accents."""
    lowered = word.lower().translate(_LETTERS)
    if lowered.isascii() or "\u0400" <= lowered[:1] <= "\u04ff":
        return lowered
    parts = unicodedata.normalize("NFD", lowered)
    return "".join(character for character in parts if not unicodedata.combining(character))


@cache
def _meanings() -> dict[str, str]:
    lines = (_FOLDER / "meanings.txt").read_text(encoding="utf-8").splitlines()
    groups = (line.split() for line in lines if not line.startswith("#"))
    return {word: str(number) for number, group in enumerate(groups) for word in group}


def meaning(word: str) -> str | None:
    """The number of the group of like words that a word in small letters is in; None when it is in none."""
    return _meanings().get(word)


def is_given(word: str) -> bool:
    """Whether a plain word is a given name in Latin letters, or any name in others."""
    return word in words("given") or word in words("other_scripts")


def is_surname(word: str) -> bool:
    """Whether a plain word is a surname."""
    return word in words("surnames") or word in words("other_scripts")


_STEM = 4
"""A word that begins with an ordinary one of so many letters is ordinary too, in languages with many endings."""


@lru_cache(maxsize=8192)
def is_ordinary(word: str) -> bool:
    """Whether a plain word is an ordinary word of some language."""
    ordinary = words("ordinary")
    if word in ordinary:
        return True
    if "\u0370" <= word[:1] <= "\u04ff":
        ordinary = words("ordinary_other")
        if word in ordinary:
            return True
        return any(word[:end] in ordinary for end in range(max(_STEM, len(word) - 4), len(word)))
    if "'" in word or "-" in word:
        return all(part in ordinary or len(part) < 2 for part in re.split(r"['-]", word))
    if is_given(word):  # vitaly is not `vita` with an ending
        return False
    for ending in ("s", "es", "ed", "d", "ing", "ly", "'s", "er", "en", "n"):
        if word.endswith(ending) and word[: -len(ending)] in ordinary and len(word) - len(ending) >= _STEM:
            return True
    return False


_CLINICAL = re.compile(
    r"(?:mab|nib|cel|leucel|vir|cillin|azole?|platin|rubicin|mide|stim|lisib|parib|sone|solone|olol|pril|sartan|statin|floxacin|mycin|cycline|cept|"
    r"poietin|fungin|rasib|tinib|ciclib|zomib|trexate|bine|toclax|stat|kinra|setron|prazole|oxin|emia|aemia|oma|omas|itis|osis|penia|pathy|cytes?|philia|"
    r"ectomy|scopy|graphy|gram|therap\w+|blasts?|phage|plasia|globulins?|emic|otic|plasm\w*|genic|cytic|apheresis|coccus|virus|ase|cyte|oid|ology|"
    r"logie|logia|ismus|ismo|isme|wert|werte|zyten|engraft\w*|graft\w*|infus\w*|chim[aeä]+r\w*|cytok\w*|ferritin\w*|platelet\w*|plaq\w*|hemoglob\w*|haemoglob\w*|h[äa]moglob\w*|thrombo\w*|lympho\w*|leuko\w*|leuco\w*|neutro\w*|creatin\w*|kreatin\w*|bilirub\w*|sporin|sporine?a?|logía|lymphom\w*|leuk[aeä]+mi\w*|myelom\w*|carcin\w+|transplant\w*|chemo\w*|thromb\w+|neutro\w+|hemat\w+|haemat\w+|immun\w+|cardi\w+|nephr\w+|hepat\w+|onco\w+|"
    r"mi[ae]lomas?|leuc[eé]mi\w+|linfom\w*|lymphome\w*|anemi\w*|anémie|sept\w*|"
    r"клеточн\w+|лимф\w+|лейк\w+|миел\w+|химио\w+|трансплант\w+|тромб\w+|мицин\w{0,2}|циллин\w{0,2}|азол\w{0,2}|вир|лимус\w{0,2}|платин\w{0,2}|рубицин\w{0,2}|сартан|статин|фунгин|ксабан|парин|золон\w?|метазон\w?|мустин|циклин|флоксацин\w{0,2}|филграстим\w{0,2}|лейкин|цептин|стим|цел|прил|празол|фамид\w?|трексат\w?|рабин\w?|цитоз\w*|пени\w+|ома|оз|ит|маб|ниб)\Z",
)


@lru_cache(maxsize=8192)
def sounds_clinical(word: str) -> bool:
    """Whether a plain word ends, or begins, like names of medicines and diseases do."""
    return len(word) >= 5 and _CLINICAL.search(word) is not None


def forget() -> None:
    """Drops the words that were looked up: they are a patient's."""
    for looked_up in (plain, is_ordinary, sounds_clinical):
        looked_up.cache_clear()
