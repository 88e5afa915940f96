"""The judgement: from hits of rules to one verdict.

Red needs a danger that is not denied, over, imagined or asked about in general, and that happens to somebody, or now,
or was measured. Each hit is judged in its own clause, and the gravest one wins. What comes out red is read once more as
a whole (`bot.screen.doubt`): where hardly any danger reads like that, it becomes unclear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.screen import frames, settled, supposing, telling
from bot.screen.clauses import FORMS, SETS, Sentence, sentences
from bot.screen.doubt import doubts
from bot.screen.lexicon import LEXICON
from bot.screen.measure import FEVER
from bot.screen.rules import Hit, Rule, hits
from bot.screen.text import tokens
from bot.screen.verdict import Verdict

_GRAVITY = {"self_harm": 4, "emergency": 3, "personal_advice": 2, "check": 1, "none": 0}
"""Self-harm comes before other danger because its text carries the emergency number as well as the crisis line."""

_STRETCH = 10
_MOST_HITS = 5
"""At most so many wordings of one rule are judged in every so many words: repeating a word costs nothing."""
_NEAR = 5
"""Words on either side in which a rule's `unless` words count."""
_HAPPENS = FORMS["event_verbs"]
"""Verb forms that tell of an event."""


@dataclass(frozen=True)
class Finding:
    """One judged hit.

    Attributes:
        rule: The rule.
        verdict: What the rule gives here: its own verdict, or `check` where it is unclear whether it is happening.
        span: Start and end (exclusive) of the words, in characters of the given text.
    """

    rule: Rule
    verdict: str
    span: tuple[int, int]


def findings(text: str) -> Iterator[Finding]:
    """Judges every hit of every rule.

    Args:
        text: The message as it was written.

    Yields:
        The findings in the order of the text, without those that the wording rules out.
    """
    return (finding for finding in _judged(text, lambda rule: True) if finding.verdict != "none")


def _judged(text: str, wanted: Callable[[Rule], bool]) -> Iterator[Finding]:
    """Judges the hits of the rules that are wanted at the time; `none` where the wording rules one out."""
    told = sentences(LEXICON.words(tokens(text)))
    found = [hits(sentence) for sentence in told]
    if not any(found):  # most messages: what tells of people and times need not be read
        return
    someone, earlier_past, long_ago = False, False, telling.tells_of_long_ago(told)
    since_treatment = long_ago and telling.only_treatment_dated(told)
    announced = False
    for number, sentence in enumerate(told):
        following = told[number + 1] if number + 1 < len(told) else None
        judged: Counter[tuple[str, int]] = Counter()
        for hit in found[number]:
            if not wanted(hit.pattern.rule):
                continue
            key = (hit.pattern.rule.id, hit.first // _STRETCH)
            judged[key] += 1
            if judged[key] > _MOST_HITS:
                continue
            # "fever 39 and shivers. The transplant was in June": what is old is the treatment
            old = long_ago and (not since_treatment or telling.told_as_past(sentence, hit))
            verdict = _judge(sentence, following, hit, someone, earlier_past, old, announced)
            if verdict in ("emergency", "self_harm") and settled.settled(told, number, hit):
                verdict = "check"
            span = (sentence.words[hit.first].start, sentence.words[hit.last].end)
            yield Finding(hit.pattern.rule, verdict, span)
        announced = supposing.announces(sentence)
        if not sentence.question:
            someone = someone or frames.somebody(sentence, 0, len(sentence.words))
            earlier_past = telling.dated_past(sentence) or (earlier_past and telling.goes_on_in_past(sentence))


def _judge(
    sentence: Sentence,
    following: Sentence | None,
    hit: Hit,
    someone: bool,
    earlier_past: bool,
    long_ago: bool,
    announced: bool,
) -> str:
    """Gives the verdict of one hit."""
    rule = hit.pattern.rule
    number = frames.clause_of(sentence, hit)
    clause = sentence.clauses[number]
    start, stop = clause.start, max(clause.stop, hit.last + 1)
    inside = sentence.canons(start, stop)
    near = sentence.canons(max(start, hit.first - _NEAR), min(stop, hit.last + _NEAR + 1))
    if any(canon in rule.unless for canon in near):
        return "none"
    if rule.verdict == "personal_advice":
        return "none" if frames.negated(sentence, number, hit) else rule.verdict
    if frames.negated(sentence, number, hit) or supposing.hypothetical(sentence, number, hit):
        return "none"
    if frames.denied_by_answer(sentence, following):
        return "none"
    going = telling.still_going(sentence, following, hit)
    if not going and supposing.supposed(sentence, number, hit, announced):
        return "none"
    if not going and (telling.information(sentence, number, hit) or telling.past(sentence, number, hit, earlier_past)):
        return "none"
    if frames.of_a_thing(sentence, number, hit):
        return "none"
    if not going and telling.over_after(following) and not telling.today(sentence, number, hit):
        return "none"
    if "lifelong" in inside:
        return "check"
    if not going and (
        telling.written(sentence, number, hit)
        or telling.reported(sentence, number, hit)
        or telling.quoted(sentence, hit)
    ):
        return "check"
    if rule.verdict == "check" or (long_ago and not going and not telling.at_present(sentence, number, hit)):
        return "check"
    if not going and not rule.lasting and _faded(sentence, number, hit, FEVER in inside):
        return "check"
    if rule.verdict == "self_harm" and (len(sentence.words) <= 3 or frames.somebody(sentence, 0, len(sentence.words))):
        return rule.verdict
    if (
        sentence.question
        and not going
        and not frames.somebody(sentence, start, stop)
        and not frames.near_now(sentence, start, stop)
        and not (FEVER in inside and frames.somebody(sentence, 0, len(sentence.words)))
    ):
        return "check"
    evident = (
        going
        or hit.pattern.alone
        or _stated(sentence, hit)
        or FEVER in inside
        or "help" in sentence.canons(0, len(sentence.words))
        or frames.somebody(sentence, start, stop)
        or frames.near_now(sentence, 0, len(sentence.words))
        or _same_person(sentence, number)
        or (someone and not sentence.question)
    )
    return rule.verdict if evident else "check"


def _faded(sentence: Sentence, number: int, hit: Hit, measured: bool) -> bool:
    """Tells whether it is unclear that something told in the past is still going on."""
    return telling.lately(sentence, number, hit) or (telling.only_was(sentence, number, hit) and not measured)


def _stated(sentence: Sentence, hit: Hit) -> bool:
    """Tells whether the wording itself states an event ("the catheter is swollen")."""
    if sentence.question:
        return False
    raws = [word.raw for word in sentence.words[hit.first : hit.last + 1]]
    return any(raw in _HAPPENS for raw in raws) or any(raw.endswith("ing") for raw in raws[1:])


def _same_person(sentence: Sentence, number: int) -> bool:
    """Tells whether another clause of the sentence says whom a clause without a subject is about."""
    for clause in sentence.clauses[number + 1 : number + 2]:
        canons = sentence.canons(clause.start, clause.stop)
        told = (
            clause.opener != "ask" and clause.own_subject and not any(canon in SETS["strong_info"] for canon in canons)
        )
        if told and frames.somebody(sentence, clause.start, clause.stop):
            return True
    for clause in reversed(sentence.clauses[:number]):
        if frames.somebody(sentence, clause.start, clause.stop):
            return not any(canon in SETS["strong_info"] for canon in sentence.canons(clause.start, clause.stop))
    return False


def screen(text: str, *, doubting: bool = True) -> Verdict:
    """Screens one message.

    Args:
        text: The message as it was written, in any condition.
        doubting: Whether what the rules call danger is read a second time; without it the rules speak alone.

    Returns:
        The gravest verdict, with the rule and the place of the first finding of that gravity.
    """
    worst: Finding | None = None

    def graver(rule: Rule) -> bool:
        return worst is None or _GRAVITY[rule.verdict] > _GRAVITY[worst.verdict]

    explained = False
    for finding in _judged(text, graver):
        if finding.verdict == "none":
            explained = explained or finding.rule.verdict != "personal_advice"
        elif worst is None or _GRAVITY[finding.verdict] > _GRAVITY[worst.verdict]:
            worst = finding
    if worst is None:
        return Verdict(explained=explained)
    verdict = Verdict(worst.verdict, worst.rule.id, worst.span, worst.rule.danger)
    doubtful = doubting and verdict.verdict == "emergency" and doubts(text, worst.span)
    return verdict.doubtful() if doubtful else verdict
