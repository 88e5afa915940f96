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
    "they she he we am i'm it's don't if now just day days week weeks later today again fever seizure bleeding blood "
    "cells cancer back price difference chest weak dizzy stool sleeping confused shaking tube hurt hours checklist"
)
_ENGLISH_WORDS = frozenset(_ENGLISH.split())
# words that stand in short questions of the other languages in Latin letters and are no words of English
_OTHER = (
    "que qué é cuanto cuánto cuanta quanto quanta combien wieviel cuesta custa costa coûte kostet dura "
    "dauert el las del il lo gli della le les une des du est der das ist und wie ich wer wann kann "
    "eine um uma para por con per chi cosa quem quien quién quel quelle qui quoi ne kadar nedir bir için "
    "mi var kim hola gracias bonjour merci grazie obrigado "
    # German, Dutch
    "welche welcher wieviele wo mein meine für fuer nicht gibt mutter bei oder auch noch mit zu nach "
    "sind haben macht machen bitte danke hallo tschüss guten bekommt bezahlt wat hoe hoeveel waar wanneer wie een het "
    "voor mijn jullie ik graag naar niet moeder vader dank kun kunnen zijn wordt welke duurt kost ook nog bij aub "
    # Spanish, Portuguese, French, Italian
    "como cómo cuando cuándo donde dónde cual cuál cuales tienen tengo hijo hija madre hacen pueden después gracias "
    "buenos buenas está están una unos qual quais onde quando você voce vcs não nao meu minha mãe fazer feito "
    "foi são obrigada oi olá pelo até também depois das comment pourquoi où mon père mère je vous avez "
    "svp est-ce c'est quels quelles avec dans aux faut votre peut dove quando quale quali mio mia mamma avete "
    "buonasera dopo serve è non sono nel con alla dei "
    # Turkish, Polish
    "mı mu mü nasıl nasil hangi kaç kac yok ve ile sizde benim annem babam oğlum kızım eşim merhaba teşekkürler lazım "
    "olur sonra önce icin midir mudur musunuz misiniz miyim daha kök hücre nakil nakli süre süresi tedavi tedavisi "
    "czy jak ile jest się sie nie mam moja mój moj dla przed kto gdzie kiedy jaki jaka jakie dziękuję dziekuje są "
    "można mozna po przeszczep przeszczepu u nas wy macie robicie dzień dobry "
)
_OTHER_WORDS = frozenset(_OTHER.split())
# letters that no word of English has; a name in an English message may ("café", "Müller")
_OTHER_LETTERS = re.compile(r"[àáâãäåąæçčćèéêëęěğìíîïıłñńňòóôõöøőœřśşšßťùúûüůűýÿźżž¿¡]")
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
    likely = not english and (not _OTHER_WORDS.isdisjoint(words) or bool(_OTHER_LETTERS.search(text.lower())))
    if not likely and (len(words) < _MIN_WORDS or english >= _ENGLISH_SHARE * len(words)):
        return "en"
    code, probability = _identifier().classify(text)
    return str(code) if probability >= (_LIKELY if likely else _SURE) else "en"
