"""Runs all recognisers under Presidio's analyzer, asks the tagger, and puts placeholders where they found something.

Longer than 300 lines because it holds what Presidio wants of its parts beside the redactor itself.
"""

from __future__ import annotations

import logging
import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from bot.redact import addresses, birth, numbers, structured
from bot.redact.born import born
from bot.redact.cased import cased_names
from bot.redact.firm import blood_groups, firm
from bot.redact.folded import fold
from bot.redact.hospitals import hospitals
from bot.redact.join import alone, believed, quiet, runs, whole
from bot.redact.keep import clinical, forget_kept, kept, kept_words, surely_clinical
from bot.redact.kinds import KINDS, WITHHELD, Redacted, Span, settle
from bot.redact.known import known_hospitals, known_phrases
from bot.redact.lexicon import forget, is_given, is_ordinary, is_surname, plain, small_words, sounds_clinical
from bot.redact.measured import measured
from bot.redact.model import load
from bot.redact.places import indoors
from bot.redact.spoken import spoken
from bot.redact.tagger import CODES, Tagger
from bot.redact.uncased import uncased_names

if TYPE_CHECKING:
    from spacy.language import Language

log = logging.getLogger(__name__)

LANGUAGE = "en"
"""What Presidio is told. Our recognisers read all languages at once; spaCy's model reads English."""

STRONG, WEAK = 1.0, 0.6
"""Presidio's score for what nothing clinical can save, and for what gives way to it."""


class _Own(EntityRecognizer):
    """One of our recognisers as Presidio wants it."""

    def __init__(self, kind: str, find: Callable[[str], Iterator[Span]]) -> None:
        self._find = find
        super().__init__(supported_entities=[kind], name=f"marrow-{kind}", supported_language=LANGUAGE)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """What it finds in a plain text."""
        return [
            RecognizerResult(span.kind, span.start, span.end, STRONG if span.strong else WEAK)
            for span in self._find(text)
        ]


class _People(EntityRecognizer):
    """What spaCy's model takes for a person, where no list says otherwise."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["name"], name="marrow-spacy", supported_language=LANGUAGE)

    def load(self) -> None:
        """The model is loaded by the engine."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """The people in a plain text."""
        found = []
        for entity in nlp_artifacts.entities:
            if entity.label_ != "PERSON":
                continue
            start, end = entity.start_char, entity.end_char
            title = _TITLE.match(text[start:end])
            if title and plain(title[1]) in small_words("abbreviated_titles"):
                start += title.end()
            if text[start:end].lower().endswith("'s"):
                end -= 2
            if _person(text[start:end]):
                found.append(RecognizerResult("name", start, end, WEAK))
        return found


_TITLE = re.compile(r"([^\W\d_]{2,5})\.?\s")


def _person(words: str) -> bool:
    """Whether words that the model calls a person can be one."""
    parts = [plain(part) for part in re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*", words)]
    if not parts or any(character.isdigit() for character in words) or len(words) < 3:
        return False
    if any(
        part in small_words("cased")
        or part in kept_words()
        or part.removesuffix("s") in kept_words()
        or sounds_clinical(part)
        for part in parts
    ):
        return False
    listed = [part for part in parts if is_given(part) or is_surname(part)]
    unknown = [part for part in parts if not is_ordinary(part)]
    capital = words[:1].isupper() and not (words.isupper() and len(words) < 5)
    return bool((listed or unknown) and capital and unknown)


class _NoContext(ContextAwareEnhancer):
    """Presidio raises scores by the words around; our recognisers read these themselves, at a tenth of the time."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0, 0)

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_args: Any, **_named: Any
    ) -> list[RecognizerResult]:
        """Leaves the results as they are."""
        return raw_results


class _Engine(NlpEngine):
    """spaCy's model for Presidio; what it read is forgotten as soon as the text is done."""

    def __init__(self, model: Language) -> None:
        self._model = model

    def load(self) -> None:
        """Loaded already."""

    def is_loaded(self) -> bool:
        """Always."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Finds people, in English alone."""
        doc = self._model(text if _english(text) else "")
        return NlpArtifacts(list(doc.ents), doc, [], [], self, language)

    def process_batch(self, texts: Any, language: str, batch_size: int = 1, n_process: int = 1, **kwargs: Any) -> Any:
        """Not used: a patient's messages come one by one."""
        raise NotImplementedError

    def is_stopword(self, word: str, language: str) -> bool:
        """Not used."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """Not used."""
        return False

    def get_supported_entities(self) -> list[str]:
        """People alone."""
        return ["name"]

    def get_supported_languages(self) -> list[str]:
        """The one of `LANGUAGE`."""
        return [LANGUAGE]


_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|has|have|had|my|his|her|our|and|of|for|with|he|she|it|we|they|you|can|will|what|how|when|where|in|on|at|to|from|not|do|does|this|that|i|please|would|be|an|a|but|after|about)\b",
    re.IGNORECASE,
)


def _english(text: str) -> bool:
    """Whether the model, which reads English, can make sense of a text."""
    return len(_ENGLISH.findall(text)) * 8 >= len(text.split())


def forget_all() -> None:
    """Drops what was looked up of a text: its words are a patient's."""
    forget_kept()
    forget()


class Redactor:
    """Hides secrets. Made once a process: loading takes seconds. Calls from several threads wait for one another.

    Args:
        tagger: What finds secrets beside the rules; the one of the release unless another is given. None: the rules
            alone, for training and for measuring.

    Raises:
        WeightsError: A file of the model is missing or is not the one that was reviewed.
    """

    def __init__(self, tagger: Tagger | Literal["release"] | None = "release") -> None:
        self._model = load()
        self._tagger = Tagger() if tagger == "release" else tagger
        self._turn = threading.Lock()
        registry = RecognizerRegistry(
            recognizers=[
                _Own("email", structured.email),
                _Own("url", structured.url),
                _Own("handle", structured.handle),
                _Own("handle", structured.account),
                _Own("ip", structured.ip),
                _Own("bank_account", structured.bank_account),
                _Own("card", structured.card),
                _Own("password", structured.password),
                _Own("passport", numbers.passport),
                _Own("national_id", numbers.national_id),
                _Own("record_number", numbers.record_number),
                _Own("phone", numbers.phone),
                _Own("phone", spoken),
                _Own("birth_date", lambda text: birth.led(text, birth.birth_date(text))),
                _Own("birth_date", birth.of_kin),
                _Own("birth_date", lambda text: birth.led(text, born(text))),
                _Own("address", addresses.address),
                _Own("name", uncased_names),
                _People(),
            ],
            supported_languages=[LANGUAGE],
        )
        self._analyzer = AnalyzerEngine(
            registry=registry,
            nlp_engine=_Engine(self._model),
            supported_languages=[LANGUAGE],
            context_aware_enhancer=_NoContext(),
        )

    def redact(self, text: str) -> Redacted:
        """Puts placeholders where there are secrets. Never raises: what cannot be looked through is withheld whole.

        Args:
            text: As typed.

        Returns:
            What may be stored.
        """
        try:
            return self._redacted(text)
        except Exception as error:
            # Neither the words nor the error's own text may reach a log: both can hold what a patient wrote.
            log.error("bot.redact: a text could not be looked through (%s); it is withheld", type(error).__name__)
            return Redacted(WITHHELD, (), withheld=True)

    def _redacted(self, text: str) -> Redacted:
        out: list[str] = []
        hidden: list[str] = []
        place = 0
        for span in self.places(text):
            out += [text[place : span.start], KINDS[span.kind]]
            hidden.append(span.kind)
            place = span.end
        out.append(text[place:])
        return Redacted("".join(out), tuple(dict.fromkeys(hidden)))

    def places(self, text: str) -> list[Span]:
        """Where the secrets stand in a text as typed, in order and apart."""
        try:
            return self._places(text)
        finally:
            forget_all()

    def _places(self, text: str) -> list[Span]:
        folded = fold(text)
        if not any(character.isalnum() for character in folded.text):
            return []
        found: list[Span] = []
        for span in self._spans(folded.text):
            start, end = folded.place(span.start, span.end)
            start = max(start, found[-1].end if found else 0)
            if start < end:
                found.append(Span(start, end, span.kind, span.strong))
        return found

    def findings(self, text: str) -> tuple[list[Span], list[Span]]:
        """What the rules find in a plain text, unsettled.

        Returns:
            What counts, and what is dropped because it is weak and stands where something clinical does.
        """
        stays = kept(text)
        # spaCy remembers every word it ever saw unless it is told not to: patients' words must not pile up in memory
        with self._turn, self._model.memory_zone():
            results = self._analyzer.analyze(text, LANGUAGE)
        found = [Span(one.start, one.end, one.entity_type, one.score >= STRONG) for one in results]
        numbered = [(start, end) for start, end in stays if any(map(str.isdigit, text[start:end]))]

        def stands(span: Span) -> bool:
            if span.kind == "address" and indoors(text, span.start, span.end):
                return False
            return span.strong or not _overlaps(span, numbered if span.kind in _NUMBERED else stays)

        dropped = [span for span in found if not stands(span)]
        found = [span for span in found if stands(span)]
        found.extend(cased_names(text, stays))
        found = _without_things(text, found)
        ends = [span.end for span in found if span.kind == "name"]
        found.extend(birth.led(text, birth.beside_names(text, ends)))
        return found, dropped

    def _spans(self, text: str) -> list[Span]:
        found, dropped = self.findings(text)
        surely = list(surely_clinical(text))
        counted = list(measured(text, surely))
        if self._tagger is None:
            return _without(settle(_uncounted(found, counted)), counted, text)
        with self._turn:
            pieces, tags = self._tagger.tags(text, found, dropped)
        found = _uncounted(found, counted)
        tags = quiet(pieces, tags, [*firm(text), *blood_groups(text)], found, beside=True)
        surely += [*counted, *hospitals(text), *alone(pieces, tags, known_hospitals(text))]
        tags = quiet(pieces, tags, surely, found)
        by_rules = _without(settle(believed(found, pieces, tags, list(addresses.lodged(text)))), counted, text)
        return whole(text, settle([*by_rules, *runs(text, pieces, tags, found)]))


def _without_things(text: str, found: list[Span]) -> list[Span]:
    """What was found without names that are a part of something that has a longer name: `Dr Pepper`, `Princess Margaret`."""
    longer = sorted([*known_phrases(text), *firm(text), *hospitals(text)])

    def part(span: Span) -> bool:
        last = bisect_right(longer, (span.start, len(text)))
        return any(
            span.end <= high and high - low > span.end - span.start for low, high in longer[max(0, last - _DEEP) : last]
        )

    return [span for span in found if span.kind != "name" or not part(span)]


_DEEP = 6
"""No more names of things begin before one place and reach over it."""

_NUMBERED = frozenset((*CODES, "bank_account"))
"""Kinds that are numbers: the name of a bank or an insurer before one does not explain it."""

_CUT = frozenset(("address", "record_number", "national_id", "passport", "phone", "bank_account", "birth_date"))
"""Kinds whose recognisers may run on into what follows; it is cut off where something clinical begins."""


_SCHEDULE = re.compile(r"\s?\d{1,4}(?:-\d{1,4}){2,3}(?![\w-])")
"""A medicine at morning, noon and night."""


def _uncounted(spans: list[Span], counted: list[tuple[int, int]]) -> list[Span]:
    """Spans without what is a part of a value: the name in `45 saal` and `Homa 39`, the day in `relapse 3.4.2021`."""

    def part(span: Span) -> bool:
        unsure = span.kind == "birth_date" or (span.kind == "name" and not span.strong)
        return unsure and any(low <= span.start and span.end <= high for low, high in counted)

    return [span for span in spans if not part(span)]


def _without(spans: list[Span], counted: list[tuple[int, int]], text: str) -> list[Span]:
    """Ends spans of `_CUT` before the first clinical piece inside them, and addresses before what is counted."""
    of_all = clinical(text)
    of_addresses = sorted([*of_all, *counted])
    out = []
    for span in spans:
        places = of_all
        if span.kind == "address":
            places = of_addresses
            # `Tacrolimus 2-1-2` is a dose; of `Hb 9, 12 Hill Road` the road stays hidden
            reached = max((end for start, end in places if start <= span.start < end), default=span.start)
            rest = text[reached : span.end]
            if reached > span.start:
                if _SCHEDULE.match(rest) or not re.search(r"[^\W\d_]{3,}", rest):
                    continue
                span = Span(reached + len(rest) - len(rest.lstrip(" ,.;:،。、")), span.end, span.kind, span.strong)
        if span.kind in _CUT:
            first = next((start for start, _ in places if span.start < start < span.end), None)
            if first is not None and any(character.isdigit() for character in text[span.start : first]):
                end = span.start + len(text[span.start : first].rstrip(" ,.;:،。、(-/"))
                span = Span(span.start, end, span.kind, span.strong)
        out.append(span)
    return out


def _overlaps(span: Span, places: list[tuple[int, int]]) -> bool:
    return any(start < span.end and span.start < end for start, end in places)
