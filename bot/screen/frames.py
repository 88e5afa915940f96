"""Whether a danger word is meant: who and when, denied, or only imagined.

Each function answers one question about one hit in its clause. They look over a few words and over neighbouring clauses
of the same sentence only, so their work is bounded.
"""

from __future__ import annotations

from bot.screen.clauses import BODY, FORMS, SETS, Clause, Sentence
from bot.screen.rules import Hit

LIST_CLAUSES = 8
"""How many clauses a list may go back to the word that governs it."""
_SUBJECT, _OBJECT, _GIVER = 5, 6, 9
"""Words before and after a danger word in which the thing is looked for that it is said of."""
_LAUGHTER = 7
"""Words before a danger word in which somebody laughs until it comes."""
_GOVERNS = frozenset({"on", "under", "from", "with", "at", "over", "by"})
"""Words that join a danger word to what it is said of."""
_DOUBTS = [["wont", "say"], ["not", "say"], ["not", "think"], ["never", "say"], ["not", "mean"]]
"""Endings of a clause that deny the next one ("I wouldn't say I have a fever")."""
_DENIES = frozenset({"no", "neither", "deny", "not", "never", "nobody"})
"""Canonical words that deny what follows them."""
_LACKS = frozenset({"not", "cannot", "wont", "no", "hardly"})
"""Words of denial that may be part of a danger ("not breathe")."""
_WITHHELD = frozenset({"have", "see", "notice", "get", "feel", "come", "run", "dey"})
"""Verbs whose denial behind a symptom denies it ("temperature he doesn't have", "bleeding we have not seen")."""
_COLLECTIVE = frozenset({"of", "to", "at"})
"""Words after the "none" that answers a whole list ("none of these", "no to all three")."""
_WHOLE = frozenset({"all", "it", "this_", "both", "kind", "sort"})
"""What such a "none" is of."""
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


def index_of(canons: list[str], wanted: frozenset[str] | set[str]) -> int:
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
            asked = canon == "still" and place > 1 and canons[place - 2] in SETS["modal"]
            if not asked or canons[place - 1] not in SETS["subject"]:  # "can he still donate" asks of a time to come
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
    raws = [word.raw for word in sentence.words[max(hit.first - _LAUGHTER, 0) : hit.first]]
    if any(raw.startswith(("laugh", "giggl")) for raw in raws) and {"till", "until", "til", "hard"} & set(raws):
        return True  # "we laughed until she couldn't breathe"
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
    place = index_of(subject, SETS["place_word"])
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
    if canons[hit.first] in _LACKS and "cannot" in canons[hit.first + 1 : hit.last]:
        return True  # "he isn't having trouble waking"
    if canons[hit.first] in _LACKS and any(word.kind == "sign" for word in sentence.words[hit.first : hit.places[1]]):
        return True  # "the heart does not run, the breath ...": the denial belongs to another clause
    if "nobody" in canons[clause.start : min(clause.start + 3, hit.first)]:
        return True
    if (
        number
        and (not hit.pattern.alone or "never" in canons[clause.start - 2 : clause.start])
        and canons[clause.start - 2 : clause.start] in _DOUBTS
    ):
        return True
    if canons[max(hit.first - 1, clause.start) : hit.first] == ["nothing"]:
        return True
    nearest = [word.raw for word in sentence.words[max(hit.first - 3, 0) : hit.first] if word.raw not in ("a", "the")]
    if nearest[-2:] in (["instead", "of"], ["not", "one"]):
        return True  # "instead of a seizure he had the giggles"
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
    if (
        _denied_after(sentence, hit.last + 1)
        or _withheld(sentence, hit)
        or _none_of_list(sentence, number, hit)
        or _denied_list(sentence, number)
    ):
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
    """Tells whether a denial follows a symptom and ends there ("fever: no", "rash none for a week", "bleeding 0")."""
    words = sentence.words[place : place + 3]
    if not words:
        return False
    parted = words[0].canon in (":", "-")
    denial = words[1] if parted and len(words) > 1 else words[0]
    ends = parted or len(words) == 1 or words[1].canon in (",", "and", "/", "for", "since")
    if denial.kind == "number":
        return denial.raw == "0" and ends
    return ends and (denial.canon in ("no", "deny", "never") or denial.raw == "absent")


def _withheld(sentence: Sentence, hit: Hit) -> bool:
    """Tells whether a symptom stands in front of its denial and nothing follows ("temperature he doesn't have")."""
    words = sentence.words[hit.last + 1 : hit.last + 8]
    place = 0
    while place < len(words) and words[place].canon in SETS["withholding"]:
        place += 1
    fronted = hit.first and sentence.words[hit.first - 1].raw == "the"
    if not place and (hit.pattern.alone or len(hit.places) > 1 or not fronted):
        return False
    if place + 1 >= len(words) or words[place].canon not in ("not", "never") or words[place + 1].canon not in _WITHHELD:
        return False
    return place + 2 >= len(words) or words[place + 2].kind == "sign" or words[place + 2].canon in SETS["joiner"]


def _none_of_list(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a list ends in a denial of all of it ("fever, chills, rash: none", "... - answer is no to all")."""
    clause = sentence.clauses[number]
    if hit.pattern.rule.id == "fever_measured" or near_now(sentence, clause.start, clause.stop):
        return False
    for other in sentence.clauses[number + 1 : number + 1 + LIST_CLAUSES]:
        canons = [canon for canon in sentence.canons(other.start, other.stop) if canon not in SETS["answering"]]
        if canons[:1] and canons[0] in ("no", "neither", "deny", "nothing") and other.opener in (":", "-", '"', ","):
            if canons[1:2] and canons[1] in _COLLECTIVE and canons[2:3] and canons[2] in _WHOLE:
                return True
            listed = other.opener == ":" and len(canons) == 1 and other is not sentence.clauses[number + 1]
            return listed and not somebody(sentence, clause.start, hit.first)
        if len(canons) > 5 or other.own_subject or "yes" in canons or near_now(sentence, other.start, other.stop):
            return False
    return False


def _denied_list(sentence: Sentence, number: int) -> bool:
    """Tells whether a list stands behind a denial of all that follows ("denies everything: fever, chills, rash")."""
    for place in range(number, max(number - LIST_CLAUSES, 0), -1):
        clause, lead = sentence.clauses[place], sentence.clauses[place - 1]
        if clause.own_subject or clause.stop - clause.start > 5 or near_now(sentence, clause.start, clause.stop):
            return False
        if clause.opener in (":", "-"):
            canons = set(sentence.canons(lead.start, lead.stop))
            denied = "deny" in canons or ("no" in canons and bool({"following", "these", "this_"} & canons))
            return denied and clause.opener == ":"
        if clause.opener not in (",", "or", "and", "/"):
            return False
    return False


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
