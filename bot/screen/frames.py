"""Whether a danger word is meant: who and when, denied, or only imagined.

Each function answers one question about one hit in its clause. They look over a few words and over neighbouring clauses
of the same sentence only, so their work is bounded.
"""

from __future__ import annotations

from bot.screen.clauses import BODY, FORMS, SETS, Clause, Sentence
from bot.screen.measure import FEVER
from bot.screen.rules import Hit

LIST_CLAUSES = 8
"""How many clauses a list may go back to the word that governs it."""
_SUBJECT, _OBJECT, _GIVER = 5, 6, 9
"""Words before and after a danger word in which the thing is looked for that it is said of."""
_GOVERNS = frozenset({"on", "under", "from", "with", "at", "over", "by"})
"""Words that join a danger word to what it is said of."""
_SAID_OF = frozenset({"the", "he", "she", "we", "somebody", "there"})
_DOUBTS = [["wont", "say"], ["not", "say"], ["not", "think"]]
"""Endings of a clause that deny the next one ("I wouldn't say I have a fever")."""


_DENIES = frozenset({"no", "neither", "deny", "not", "never", "nobody"})
"""Canonical words that deny what follows them."""
_AFTER_NO = frozenset({",", "i", "he", "she", "it", "we", "nobody", "not", "no", "either", "at", "so", "thanks", "and"})
"""Words after the "no" of an answer; any other ("no thermometer", "no answer") makes it another thought."""


def clause_of(sentence: Sentence, hit: Hit) -> int:
    """Gives the index of the clause in which a hit begins."""
    for number, clause in enumerate(sentence.clauses):
        if clause.start <= hit.first < clause.stop:
            return number
    return max(len(sentence.clauses) - 1, 0)


def stop_of(clause: Clause, hit: Hit) -> int:
    """The end of a clause, moved on when the hit reaches beyond it."""
    return max(clause.stop, hit.last + 1)


def _index(canons: list[str], wanted: frozenset[str] | set[str]) -> int:
    """The first place of any wanted word, or -1."""
    for place, canon in enumerate(canons):
        if canon in wanted:
            return place
    return -1


def since_or_for(sentence: Sentence, start: int, stop: int, lasting: bool = True) -> bool:
    """Tells whether something is going on: now, still, since, and (with `lasting`) for two hours, day 5."""
    canons = sentence.canons(start, stop)
    for place, canon in enumerate(canons):
        if canon in SETS["strong_now"]:
            return True
        if (
            lasting
            and canon == "for"
            and any(word in ("hour", "minute", "day", "week") for word in canons[place + 1 : place + 4])
        ):
            return True
        if lasting and canon == "day" and place + 1 < len(canons) and canons[place + 1] == "#number":
            return True
    return False


def near_now(sentence: Sentence, start: int, stop: int) -> bool:
    """Tells whether a stretch speaks of now or of the last day or so."""
    canons = sentence.canons(start, stop)
    return any(canon in SETS["near_now"] for canon in canons) or since_or_for(sentence, start, stop)


def somebody(sentence: Sentence, start: int, stop: int) -> bool:
    """Tells whether a stretch names a person it could be happening to."""
    return any(canon in SETS["somebody"] for canon in sentence.canons(start, stop))


def of_a_thing(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a danger word is said of a lifeless thing: the scanner chokes, choking on forms, a yellow bar."""
    clause = sentence.clauses[number]
    subject = sentence.canons(max(clause.start, hit.first - _SUBJECT), hit.first)
    causes = SETS["causes"] & set(sentence.canons(max(clause.start, hit.first - _OBJECT), hit.first))
    if causes:
        # "the bill gave my uncle a heart attack": who gave it stands before the verb
        subject = sentence.canons(max(clause.start, hit.first - _GIVER), hit.first)
        things = SETS["burden"] | SETS["lifeless"] if "give" in causes else SETS["burden"]
        if any(canon in things for canon in subject):
            return True
    elif _of_lifeless(subject) or _of_lifeless_before(sentence, number, hit):
        return True
    inside = {word.canon for word in sentence.words[hit.first : hit.last + 1]}
    if inside & SETS["lifeless"] and not inside & (SETS["somebody"] | BODY):
        return True
    after = sentence.canons(hit.last + 1, min(hit.last + 1 + _OBJECT, len(sentence.words)))
    if after and sentence.words[hit.last + 1].raw in FORMS["names_of_places"]:
        return True  # "the Seizure exhibition", "Collapse Bridge"
    if not after or after[0] not in _GOVERNS:
        return False
    for canon in after[1:]:
        if canon in SETS["burden"]:
            return True
        if canon in SETS["somebody"] or (canon in BODY and canon != "vision") or not canon.replace("#", "").isalnum():
            return False
    return False


def _of_lifeless(subject: list[str]) -> bool:
    """Tells whether the words before a verb end in a thing as its subject ("the battery of the tablet", "the app")."""
    place = len(subject) - 1
    while place >= 0:
        canon = subject[place]
        if "of" in subject[max(place - 2, 0) : place] and canon not in SETS["somebody"]:
            # what stands after an "of" only describes: "the battery of the tablet"
            place = max(spot for spot in range(max(place - 2, 0), place) if subject[spot] == "of") - 1
            continue
        if canon in SETS["somebody"] or canon in BODY:
            return False
        if canon in SETS["lifeless"] or canon in SETS["burden"]:
            # "in the car, unconscious": a thing at which something happens is not the one it happens to
            return not set(subject[max(place - 3, 0) : place]) & SETS["place_word"]
        place -= 1
    return False


def _of_lifeless_before(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a clause that begins with its verb goes on with a thing ("the app froze and turned blue")."""
    clause = sentence.clauses[number]
    if not number or clause.opener != "and" or hit.first - clause.start > 1 or hit.pattern.rule.verdict == "self_harm":
        return False
    verb = sentence.words[clause.start].raw
    if not (verb.endswith("ed") or verb in FORMS["past_verbs"] or verb in FORMS["event_verbs"]):
        return False
    before = sentence.clauses[number - 1]
    subject = sentence.canons(before.start, min(before.start + _SUBJECT, before.stop))
    place = _index(subject, SETS["place_word"])
    return _of_lifeless(subject if place < 0 else subject[:place])


def negated(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether the hit is denied: no fever, not bleeding, without rash, denies chest pain, "fever: no"."""
    clause = sentence.clauses[number]
    canons = sentence.canons(0, len(sentence.words))
    if any(
        canons[place] in ("no", "not", "never", "neither", "deny")
        for place in range(hit.first, hit.last)
        if place not in hit.places
    ):
        return True
    if "nobody" in canons[clause.start : min(clause.start + 3, hit.first)]:
        return True
    if number and not hit.pattern.alone and canons[clause.start - 2 : clause.start] in _DOUBTS:
        return True
    if canons[max(hit.first - 1, clause.start) : hit.first] == ["nothing"]:
        return True
    fillers = SETS["no_filler"] | SETS["not_filler"] | SETS["part"]
    if hit.pattern.rule.verdict == "self_harm":
        fillers |= SETS["intending"]
    place = hit.first - 1
    lowest = max(clause.start, hit.first - 6)
    while place >= lowest:
        canon = canons[place]
        if canon in _DENIES:
            return True
        if canon not in fillers:
            break
        place -= 1
    if _denied_after(sentence, hit.last + 1):
        return True
    if number and clause.opener in ("or", "and", ",", "/") and not clause.own_subject:
        earlier = sentence.clauses[number - 1]
        lead = sentence.canons(clause.start, hit.first)
        listed = all(canon in SETS["no_filler"] for canon in lead)
        happens_now = clause.opener != "or" and near_now(sentence, clause.start, clause.stop)
        if listed and not happens_now and hit.pattern.rule.id != "fever_measured":
            said = sentence.canons(earlier.start, earlier.stop)
            if clause.opener in ("or", "/") or _stops_short(clause, hit):
                spot = _last_negation(said)
                if spot >= 0 and all(
                    canon in SETS["no_filler"] or canon in SETS["not_filler"] or canon in BODY
                    for canon in said[spot + 1 : -1]
                ):
                    return True
                return number > 1 and _negated_list(sentence, number - 1)
    return False


def _denied_after(sentence: Sentence, place: int) -> bool:
    """Tells whether a denial follows a symptom and ends there ("fever: no", "rash none, cough none", "bleeding 0")."""
    words = sentence.words[place : place + 3]
    if not words:
        return False
    parted = words[0].canon in (":", "-")
    denial = words[1] if parted and len(words) > 1 else words[0]
    ends = parted or len(words) == 1 or words[1].canon in (",", "and", "/")
    if denial.kind == "number":
        return denial.raw == "0" and ends
    return ends and (denial.canon in ("no", "deny", "never") or denial.raw == "absent")


def denied_by_answer(sentence: Sentence, following: Sentence | None) -> bool:
    """Tells whether a question is answered in the negative by who asks it ("Fever? No. Any falls? Answer: none")."""
    if not sentence.question or following is None or following.question:
        return False
    first = sentence.words[0].canon
    if first in SETS["asking_word"] or first in ("can", "will", "shall", "may"):
        return False
    canons = following.canons(0, len(following.words))
    while canons[:1] and canons[0] in ("answer", "the", ":", "-"):
        canons = canons[1:]
    if canons[:1] not in (["no"], ["never"], ["not"], ["deny"]):
        return False
    return len(canons) == 1 or canons[1] in _AFTER_NO


def _stops_short(clause: Clause, hit: Hit) -> bool:
    """True when nothing but the listed symptom stands in the clause."""
    return clause.stop - hit.last <= 3


def _last_negation(canons: list[str], denials: frozenset[str] = _DENIES) -> int:
    """The place of the last word that denies, or -1."""
    for place in range(len(canons) - 1, -1, -1):
        if canons[place] in denials:
            return place
    return -1


def _negated_list(sentence: Sentence, number: int) -> bool:
    """Tells whether a short clause belongs to a list that began with a denial."""
    for place in range(number, max(number - LIST_CLAUSES, -1), -1):
        clause = sentence.clauses[place]
        if _last_negation(sentence.canons(clause.start, clause.stop), _DENIES - {"nobody"}) >= 0:
            return True
        if clause.own_subject or clause.opener not in (",", "or", "and", "/") or clause.stop - clause.start > 4:
            return False
    return False


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
    if any(canon in SETS["condition"] for canon in before):
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
    modal = _index(before, {"can", "may", "will", "shall"})
    if modal >= 0 and not {"help", "see", "say", "notice", "feel"} & set(before):
        between = before[modal + 1 :]
        if any(canon in SETS["starting"] for canon in between) or (
            before[modal] != "may" and all(canon in SETS["asked_subject"] for canon in between)
        ):
            return True
        if before[modal] in ("will", "can", "shall") and {"have", "be"} & set(between) and FEVER not in inside:
            return True
    after = sentence.canons(hit.last + 1, clause.stop)
    modal = _index(after[:3], {"can", "may", "will"})
    if modal >= 0 and any(canon in SETS["starting"] for canon in after[modal + 1 : modal + 4]):
        return True
    if number and not clause.opener and SETS["condition"] & set(words[clause.start - 3 : clause.start]):
        return True  # "if one day / he cannot be woken": the time stands between the condition and its clause
    return _conditional(sentence, number - 1, clause)


def _conditional(sentence: Sentence, number: int, following: Clause) -> bool:
    """Tells whether a clause without a subject continues a list that hangs on an "if"."""
    if following.opener not in ("or", "and", ",", "/"):
        return False
    if following.own_subject and following.opener != "or" and not (following.opener == "and" and sentence.question):
        return False
    for place in range(number, max(number - LIST_CLAUSES, -1), -1):
        clause = sentence.clauses[place]
        canons = sentence.canons(clause.start, clause.stop)
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
