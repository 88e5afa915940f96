"""Chinese names in Latin letters: a surname and one or two syllables, in either order."""

from __future__ import annotations

import re

from bot.redact.lexicon import small_words

SURNAMES = small_words("pinyin_surnames")
_SYLLABLE = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan|üan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ue|ui|un|üe|ün|a|o|e|i|u|ü)"
_ONE = re.compile(rf"{_SYLLABLE}\Z")
_TWO = re.compile(rf"{_SYLLABLE}['-]?{_SYLLABLE}\Z")
_ENGLISH = small_words("pinyin")


def is_pinyin_name(words: list[str]) -> bool:
    """Whether two or three words side by side are a name such as Zhang Wei, Wang Xiaoming or Xiaoming Li."""
    plain = [word.lower() for word in words]
    capital = all(word[0].isupper() for word in words)
    if plain[0] in SURNAMES:
        given = plain[1:]
    elif plain[-1] in SURNAMES and len(words) == 2:
        given = plain[:-1]
    else:
        return False
    whole = all(_TWO.match(word) or _ONE.match(word) for word in given)
    if not whole:
        return False
    if capital:
        return not any(word in ("no", "she", "he", "so", "me", "we") for word in plain)
    # small letters: only with a given name of two syllables that is no English word
    return (
        len(given) == 1
        and len(given[0]) >= 6
        and _ONE.match(given[0]) is None
        and given[0] not in _ENGLISH
        and plain[0] not in _ENGLISH
    )
