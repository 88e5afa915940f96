"""Which language a message is in: English unless there is good reason to think otherwise.

Patients write short, misspelt, second-language English; a language guesser alone would take much of it for something
else, and the English views of the classifier would then be left out for nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

# the languages of the multilingual encoder
LANGUAGES = ("ar", "zh", "en", "fr", "de", "it", "ja", "ko", "nl", "pl", "pt", "es", "th", "tr", "ru")

# words that stand in nearly every English sentence and are rare as words of the other languages ("was" is how a German
# question begins, "i" an Italian article)
_ENGLISH = (
    "the is are were be been do does did how what when where which who why can could will would should "
    "have has had my our your his her their it this that these those and for with about after before from "
    "not long much many get any please need want tell you u ur pls hi hello thanks thank yes ok there "
    "they she he we am i'm it's don't if"
)
_ENGLISH_WORDS = frozenset(_ENGLISH.split())
# words that stand in short questions of the other languages in Latin letters and are no words of English
_OTHER = (
    "que qué é cuanto cuánto cuanta quanto quanta combien wieviel cuesta custa costa coûte kostet dura "
    "dauert el las del il lo gli della le les une des du est der das ist und wie ich wer wann kann "
    "eine um uma para por con per chi cosa quem quien quién quel quelle qui quoi ne kadar nedir bir için "
    "mi var kim hola gracias bonjour merci grazie obrigado "
)
_OTHER_WORDS = frozenset(_OTHER.split())
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_SCRIPT_SHARE = 0.3  # of a message's letters in another script: a name in Chinese inside English stays English
_ENGLISH_SHARE = 0.2  # of words that are plainly English
_SURE = 0.97  # probability from which another language in Latin letters is believed
_LIKELY = 0.5  # the same, where words of another language stand in it and none of English
_MIN_WORDS = 3  # fewer words in Latin letters say nothing about the language


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def language_of(text: str) -> str:
    """Gives the ISO 639-1 code of a message's language, `en` when unsure."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return "en"
    for code, script in _SCRIPTS:
        if sum(bool(script.match(character)) for character in letters) >= _SCRIPT_SHARE * len(letters):
            return code
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    english = sum(word in _ENGLISH_WORDS for word in words)
    likely = not english and not _OTHER_WORDS.isdisjoint(words)
    if not likely and (len(words) < _MIN_WORDS or english >= _ENGLISH_SHARE * len(words)):
        return "en"
    code, probability = _identifier().classify(text)
    return str(code) if probability >= (_LIKELY if likely else _SURE) else "en"
