"""Whether a danger word is only imagined: a condition, a fear, a plan for the worst, a case to be talked through.

Like frames.py it looks over a few words and neighbouring clauses of one sentence only, so its work is bounded.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from bot.screen.clauses import FORMS, SETS, Clause, Sentence
from bot.screen.frames import LIST_CLAUSES, index_of, since_or_for, stop_of
from bot.screen.measure import FEVER
from bot.screen.rules import Hit

_SAID_OF = frozenset({"the", "he", "she", "we", "somebody", "there"})
_ANNOUNCED = 8
"""A sentence of at most so many words that names a case to be talked through governs the next one as well."""
_FRONTED = 7
"""Words that may stand between a condition and the clause that it governs ("if on some evening he becomes ...")."""
_DREAM = 12
"""Words before a hit in which a dream is looked for that tells of it."""
_TO_COME = frozenset({"may", "might", "will", "could", "would", "someday", "ever"})
"""Forms that say of a fear that it has not come about."""
_INVERTED = 4
"""Words in which "were ... to" has its subject ("were my old father to fall")."""
_COME_TRUE = frozenset({"here", "true", "happening", "happened", "real", "now"})


def hypothetical(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether the hit is only imagined: if he gets, in case of, what if, afraid of, might develop, will I get."""
    clause = sentence.clauses[number]
    stop = stop_of(clause, hit)
    if since_or_for(sentence, clause.start, stop, lasting=False):
        return False
    before = sentence.canons(clause.start, hit.first)
    inside = sentence.canons(clause.start, stop)
    words = sentence.canons(0, hit.last)
    before += [words[place] for place in range(hit.first, hit.last) if place not in hit.places]
    if hit.pattern.rule.verdict == "self_harm":
        # "He said he would" and "everyone would be better off" are as grave as the deed: only a condition counts here.
        if hit.pattern.rule.imagined and any(canon in SETS["self"] for canon in inside):
            return False
        return any(canon in SETS["condition"] for canon in before) or _conditional(sentence, number - 1, clause)
    if any(canon in SETS["condition"] for canon in before) or _inverted(sentence, clause.start, hit.first):
        return True
    if before[:1] == ["shall"] and before[1:2] and before[1] in SETS["owner"]:
        return True
    if before[:1] == ["shall"] and "ever" in before:
        return True
    if before[:1] == ["say"] and before[1:2] and before[1] in _SAID_OF:
        return True  # "say the eyes turn yellow in month 2"
    if "when" in before and (sentence.question or _asks(sentence)):
        return True
    if "fear" in before and FEVER not in inside:
        return True
    if hit.pattern.rule.id == "overdose" and "will" in before:
        return True  # what will be swallowed by and by is a prescription
    modal = index_of(before, {"can", "may", "will", "shall"})
    if modal >= 0 and not {"help", "see", "say", "notice", "feel"} & set(before):
        between = before[modal + 1 :]
        if any(canon in SETS["starting"] for canon in between) or (
            before[modal] != "may" and all(canon in SETS["asked_subject"] for canon in between)
        ):
            return True
        if before[modal] in ("will", "can", "shall") and {"have", "be"} & set(between) and FEVER not in inside:
            return True
    after = sentence.canons(hit.last + 1, clause.stop)
    modal = index_of(after[:3], {"can", "may", "will"})
    if modal >= 0 and any(canon in SETS["starting"] for canon in after[modal + 1 : modal + 4]):
        return True
    if _hangs_on_condition(sentence, clause):
        return True
    if number > 1 and not clause.opener and sentence.canons(clause.start - 2, clause.start) == ["and", "say"]:
        # "if we ring and say / he is not waking up"
        return _conditional(sentence, number - 2, replace(clause, opener="and", own_subject=False))
    return _conditional(sentence, number - 1, clause)


def _conditional(sentence: Sentence, number: int, following: Clause) -> bool:
    """Tells whether a clause without a subject continues a list that hangs on an "if"."""
    if following.opener == ")" and sentence.words[following.start].canon not in SETS["subject"]:
        # "if the donor (my sister) gets a fever": what stands in brackets parts nothing
        while number > 0 and sentence.clauses[number].opener != "(":
            number -= 1
        return number > 0 and _conditional(sentence, number - 1, replace(following, opener="and", own_subject=False))
    if following.opener == "and" and sentence.canons(following.start, following.start + 1) == ["say"]:
        following = replace(following, own_subject=False)  # "if we ring and say he is not waking up"
    if following.opener not in ("or", "and", ",", "/") and not (following.opener == "because" and number >= 0):
        return False
    if following.own_subject and following.opener != "or" and not (following.opener == "and" and sentence.question):
        return False
    for place in range(number, max(number - LIST_CLAUSES, -1), -1):
        clause = sentence.clauses[place]
        canons = sentence.canons(clause.start, clause.stop)
        if _hangs_on_condition(sentence, clause):
            return True
        if since_or_for(sentence, clause.start, clause.stop) or clause.opener == "ask":
            return any(canon in SETS["condition"] for canon in canons) and clause.opener != "ask"
        if any(canon in SETS["condition"] for canon in canons) or "fear" in canons:
            return True
        if clause.own_subject or clause.opener not in (",", "or", "and", "/"):
            return False
    return False


def _asks(sentence: Sentence) -> bool:
    """Tells whether a neighbouring clause asks what to do."""
    for clause in sentence.clauses:
        canons = sentence.canons(clause.start, clause.stop)[:4]
        if clause.opener == "ask" or any(canon in SETS["asking_word"] for canon in canons) or "shall" in canons:
            return True
    return False


def _hangs_on_condition(sentence: Sentence, clause: Clause) -> bool:
    """Tells whether a condition stands before a clause with no more than a time between ("if one day / he falls").

    A sign may stand directly behind the "if" ("if, and only if, he falls"), but nowhere else: "just in case: he fell".
    """
    if clause.opener not in ("", ",", "and"):
        return False
    lowest = max(clause.start - _FRONTED, 0)
    for place in range(clause.start - 1, lowest - 1, -1):
        word = sentence.words[place]
        if word.canon in SETS["condition"]:
            return not clause.opener or word.raw in FORMS["bare_ifs"]
        if not {word.canon, word.raw} & SETS["some_time"] and not (word.kind == "sign" and clause.opener):
            return False
    return False


def _inverted(sentence: Sentence, start: int, stop: int) -> bool:
    """Tells whether a clause begins with a condition without an "if": "were my husband to", "should it happen"."""
    raws = [word.raw for word in sentence.words[start : min(stop, start + _INVERTED + 2)]]
    canons = sentence.canons(start, start + 2)
    if raws[:1] == ["were"] and len(canons) > 1 and (canons[1] in SETS["subject"] | SETS["owner"] | {"the", "it"}):
        return "to" in raws[2:] and not any(raw.endswith(("ed", "en", "ld")) for raw in raws[1 : raws.index("to")])
    return raws[:1] == ["should"] and canons[1:2] == ["it"] and bool({"happen", "ever", "occur"} & set(raws))


def announces(sentence: Sentence) -> bool:
    """Tells whether a short sentence says that a case to be talked through follows ("A theoretical question.")."""
    return len(sentence.words) <= _ANNOUNCED and "supposed" in sentence.canons(0, len(sentence.words))


def supposed(sentence: Sentence, number: int, hit: Hit, announced: bool) -> bool:
    """Tells whether a case is talked through: let's say, hypothetically, my nightmare is that, would a fever mean.

    What is said to be so today stays what it is ("let's say he has had 39 since noon"), and so does self-harm.
    """
    clause = sentence.clauses[number]
    if hit.pattern.rule.verdict == "self_harm":
        return False
    if _dreamt(sentence, hit):
        return True  # "last night" is when it was dreamt
    if _of_today(sentence, clause.start, stop_of(clause, hit)):
        return False
    if announced or _named_case(sentence, hit):
        return True
    if clause.start == 1 and sentence.words[0].raw == "say":
        return True  # "say / he gets confused at home"
    after = sentence.canons(hit.last + 1, hit.last + 1 + _FRONTED)
    if "example" in after and not any(canon in SETS["somebody"] for canon in sentence.canons(0, clause.stop)):
        return True  # "fever comes one night, for example"
    return _dreaded(sentence, number, hit) or _feared(sentence, number, hit) or _would_a(sentence, clause, hit)


def _named_case(sentence: Sentence, hit: Hit) -> bool:
    """Tells whether a case is named before a hit ("a scenario", "the quiz asks"), and no "but" between."""
    for place in range(hit.first - 1, -1, -1):
        word = sentence.words[place]
        if word.canon == "but" or word.raw in _COME_TRUE:
            return False
        if word.canon == "supposed":
            return True
        if word.raw in FORMS["cases"] and sentence.words[place + 1].raw in (":", "-", "asks", "says"):
            return True
    return False


def _dreaded(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a hit is what a named fear is about ("my nightmare is that he chokes"), and has not come true."""
    clause = sentence.clauses[number]
    for place in range(sentence.clauses[max(number - 1, 0)].start, hit.first):
        owned = place and sentence.words[place - 1].canon in SETS["feared"]
        if not owned or sentence.words[place].raw not in FORMS["dreads"]:
            continue
        raws = [word.raw for word in sentence.words[place + 1 : stop_of(clause, hit)]]
        goes_on = any(one in ("is", "are", "am") and two.endswith("ing") for one, two in pairwise(raws))
        return not goes_on and not _COME_TRUE & set(raws) and FEVER not in sentence.canons(clause.start, hit.last + 1)
    return False


def _dreamt(sentence: Sentence, hit: Hit) -> bool:
    """Tells whether a hit is what was dreamt ("had a dream I couldn't breathe"), and nobody woke with it."""
    raws = [word.raw for word in sentence.words[max(hit.first - _DREAM, 0) : hit.first]]
    told = [place for place, raw in enumerate(raws) if raw in FORMS["dreams"]]
    return bool(told) and not (FORMS["woken"] | _COME_TRUE) & set(raws[told[-1] :])


def _feared(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a clause says what somebody fears may come ("afraid that one day he will not wake up")."""
    clause = sentence.clauses[number]
    before = sentence.words[max(clause.start - 5, 0) : clause.start]
    while before and before[-1].raw in ("that", "one", "some", "day", ","):
        before = before[:-1]
    if not before or before[-1].canon != "fear" or FEVER in sentence.canons(0, hit.last + 1):
        return False
    said = [word.raw for word in sentence.words[max(clause.start - 3, 0) : hit.last + 1]]
    return any(raw in _TO_COME or raw.endswith("'ll") for raw in said) or ["one", "day"] in map(list, pairwise(said))


def _would_a(sentence: Sentence, clause: Clause, hit: Hit) -> bool:
    """Tells whether a clause asks what such a thing would do ("would a fever of 38.5 stop the infusion")."""
    words = sentence.words[clause.start : hit.first]
    return any(
        one.canon in ("will", "can") and two.raw in ("a", "an", "any") for one, two in pairwise(words)
    ) and not any(word.canon in SETS["somebody"] for word in words)


def _of_today(sentence: Sentence, start: int, stop: int) -> bool:
    """Tells whether a stretch says that something is so today; "in the night" is any night, "can he still" asks."""
    for place in range(start, min(stop, len(sentence.words))):
        word = sentence.words[place]
        if word.canon in ("now", "already", "since", "yesterday", "ago"):
            return True
        if word.canon == "today" and word.raw not in FORMS["any_night"]:
            return True
        if word.canon in ("still", "again") and not set(sentence.canons(place - 3, place)) & SETS["modal"]:
            return word.canon == "still"
    return False
