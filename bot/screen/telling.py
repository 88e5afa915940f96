"""Whether a danger word is told as happening: not asked about in general, not past, not over.

Like frames.py it looks only over a few words and neighbouring clauses. Longer than 300 lines because each way of
telling leans on the others: apart they could not be followed.
"""

from __future__ import annotations

from itertools import pairwise

from bot.screen.clauses import FORMS, SETS, Clause, Sentence
from bot.screen.frames import LIST_CLAUSES, clause_of, near_now, since_or_for, somebody, stop_of
from bot.screen.measure import FEVER
from bot.screen.rules import Hit

_PAST_VERBS = FORMS["past_verbs"]
_PRESENT_VERBS = FORMS["present_verbs"]
"""Forms that tell the tense of a clause."""
TODAY = frozenset({"now", "still", "again", "today"})
_ENDED = frozenset({"stopped", "disappeared", "ended", "over", "past", "away", "passed", "resolved", "settled"})
"""Forms that say that something is over, of a sentence that speaks of it as "it"."""
_NOT_OVER = frozenset({"not", "never", "no", "wont", "cannot", "still", "again"})
"""Canonical words beside which something has not ended."""
_MIGHT = frozenset({"can", "may", "will", "shall"})
_CLAIMED = 5
"""Words before a word of claiming in which the document is named that claims it."""
_OLDEST_TOLD = 33
"""Highest age that a bare "at 17" is taken for; above, it may be a temperature."""


def _is_question(sentence: Sentence, clause: Clause, hit: Hit) -> bool:
    """Tells whether a clause is built as a question, with or without its mark."""
    canons = sentence.canons(clause.start, hit.first)
    lead = [
        canon
        for canon in canons
        if canon not in ("hello", "please", "so", "and", "but", "also", "thanks", "doctor", "sir", "madam")
    ]
    if not lead:
        return False
    if lead[0] in SETS["asking_word"] or clause.opener == "ask":
        return True
    if lead[0] in ("have", "be") and lead[1:2] and lead[1] not in SETS["asked_subject"]:
        # "Have fever 39" is a statement whose writer left the subject out.
        return False
    return (
        lead[0] in SETS["auxiliary"]
        and len(lead) > 1
        and sentence.words[clause.start].raw not in ("having", "been", "being", "get")
    )


def information(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether the hit is asked or told about in general: is it common, what are the signs, I read that."""
    clause = sentence.clauses[number]
    stop = stop_of(clause, hit)
    inside = sentence.canons(clause.start, stop)
    before = sentence.canons(clause.start, hit.first)
    if since_or_for(sentence, clause.start, stop):
        return False
    person = somebody(sentence, clause.start, stop)
    value = FEVER in inside
    if value and person and not ("any" in before and _is_question(sentence, clause, hit)):
        return False
    if hit.pattern.rule.verdict == "self_harm" and hit.pattern.alone:
        return any(
            word.canon in SETS["generic"] and not word.raw.startswith("every")
            for word in sentence.words[clause.start : hit.first]
        )
    if clause.opener == "ask" and clause.start > 3 and sentence.words[clause.start].canon == "who":
        led = sentence.canons(max(clause.start - 8, 0), clause.start)
        if led[-1] in SETS["generic"] and led[-2] in ("with", "for", "about", "to") and "do" in led:
            return True  # "what would you do with someone who pulled out his line"
    if "any" in before[-3:] and _is_question(sentence, clause, hit):
        return True
    if before[:1] == ["how"] and "recognise" in before:
        return True
    owned = bool(before) and before[-1] in SETS["owner"]
    if "about" in before[-3:] and {"told", "warned", "speak", "say"} & set(before):
        return True
    if not owned and _asks_about(sentence, clause.start, hit, stop):
        return True
    if any(canon in SETS["weak_info"] for canon in inside) and not (person and "have" in before):
        return True
    if "help" not in inside and not person and any(canon in SETS["generic"] for canon in before):
        return True
    if _is_question(sentence, clause, hit):
        if not person:
            return True
        return not _asserts(sentence, clause, hit)
    if (
        number
        and not clause.own_subject
        and clause.opener in (",", "and", "or", "/", "with", '"')
        and not near_now(sentence, clause.start, stop)
    ):
        return not person and _informs(sentence, number - 1)
    return False


def _asks_about(sentence: Sentence, start: int, hit: Hit, stop: int) -> bool:
    """Tells whether a word of asking or telling governs the hit; "does not know" and words of the hit itself do not."""
    for place in (*range(start, hit.first), *range(hit.last + 1, stop)):
        unknown = place and sentence.words[place - 1].canon in ("not", "cannot", "never", "who")
        if sentence.words[place].canon in SETS["strong_info"] and not unknown:
            return True
    return False


def _informs(sentence: Sentence, number: int) -> bool:
    """Tells whether an earlier clause of the same list asks for information."""
    for place in range(number, max(number - LIST_CLAUSES, -1), -1):
        clause = sentence.clauses[place]
        canons = sentence.canons(clause.start, clause.stop)
        if since_or_for(sentence, clause.start, clause.stop) or FEVER in canons:
            return False
        if any(canon in SETS["strong_info"] or canon in SETS["weak_info"] for canon in canons):
            return True
        lead = canons[:2]
        if lead and (
            lead[0] in SETS["asking_word"]
            or (lead[0] in SETS["auxiliary"] and not somebody(sentence, clause.start, clause.stop))
        ):
            return True
        if clause.own_subject or clause.opener not in (",", "and", "or", "/"):
            return False
    return False


def _asserts(sentence: Sentence, clause: Clause, hit: Hit) -> bool:
    """Tells whether a question about a person takes the symptom for granted ("why is he shivering")."""
    before = sentence.canons(clause.start, hit.first)
    if near_now(sentence, clause.start, stop_of(clause, hit)):
        return True
    if any(canon in ("shall", "will", "can", "may") for canon in before):
        return False
    nearest = [canon for canon in before if canon not in ("the", "very", "bit", "so", "such")][-3:]
    return any(canon in SETS["somebody"] or canon in SETS["having"] for canon in nearest) or any(
        canon in SETS["somebody"] for canon in sentence.canons(hit.first, hit.last + 1)
    )


def past(sentence: Sentence, number: int, hit: Hit, earlier_past: bool) -> bool:
    """Tells whether the hit lies in the past or is over."""
    clause = sentence.clauses[number]
    stop = stop_of(clause, hit)
    if not clause.own_subject and number + 1 < len(sentence.clauses) and not sentence.clauses[number + 1].opener:
        # "The fever he had last month is over": what follows the bare noun tells its time.
        stop = max(stop, sentence.clauses[number + 1].stop)
    if not hit.pattern.rule.lasting and over(sentence, number, hit):
        return True
    here = sentence.canons(clause.start, stop)
    if "used_to" in here or here[:2] == ["before", "it"]:
        return True  # "before that 39.5 for a week"
    if number + 1 < len(sentence.clauses) and (_none_for_long(sentence, number + 1) or _dates_it(sentence, number + 1)):
        return True
    raws = [word.raw for word in sentence.words[clause.start : stop]]
    was = _was(raws) or ("cannot" in here and "could" in raws)
    if any(canon in SETS["near_now"] for canon in here) or since_or_for(sentence, clause.start, stop, lasting=False):
        return False
    spots = [place for place, canon in enumerate(here) if canon in SETS["long_past"]]
    spots += _dates(sentence, clause.start, stop)
    if (
        spots
        and not was
        and min(spots) <= 1 < hit.first - clause.start
        and not _bound_to_event(here, spots, hit, clause)
    ):
        return True  # "last year in Turkey he have fever": the time leads, and the writer has no past tense
    if not was and number and _only_a_time(sentence, number - 1):
        return True  # "2 years back, I have shiver"
    if was and _at_an_age(sentence, clause):
        return True
    if spots:
        return was or not (any(raw in _PRESENT_VERBS for raw in raws) or _bound_to_event(here, spots, hit, clause))
    if number and not was and not clause.own_subject and clause.opener in ("and", ",", "or", "because"):
        begin, earlier = sentence.clauses[max(number - 2, 0)].start, sentence.clauses[number - 1]
        dated = any(canon in SETS["long_past"] for canon in sentence.canons(begin, clause.start)) or _dates(
            sentence, begin, clause.start
        )
        if dated and _was([word.raw for word in sentence.words[earlier.start : earlier.stop]]):
            return True
    if was and FEVER not in here and _ends_at_once(sentence, number):
        return True
    if was:
        for other in sentence.clauses[max(number - LIST_CLAUSES, 0) : number + LIST_CLAUSES]:
            canons = sentence.canons(other.start, other.stop)
            if other is clause or (other.own_subject and any(canon in SETS["event"] for canon in canons)):
                continue
            if (
                any(canon in SETS["long_past"] for canon in canons)
                or _dates(sentence, other.start, other.stop)
                or _at_an_age(sentence, other)
            ):
                return not near_now(sentence, other.start, other.stop)
    return earlier_past and goes_on_in_past(sentence)


def dated_past(sentence: Sentence) -> bool:
    """Tells whether a sentence is set in a time long past ("in 2019", "years ago")."""
    whole = len(sentence.words)
    return any(canon in SETS["long_past"] for canon in sentence.canons(0, whole)) or bool(_dates(sentence, 0, whole))


def tells_of_long_ago(told: list[Sentence]) -> bool:
    """Tells whether a message holds a time long past to which what it tells may belong."""
    return any(
        dated_past(sentence) or any(_at_an_age(sentence, clause) for clause in sentence.clauses) for sentence in told
    )


def only_treatment_dated(told: list[Sentence]) -> bool:
    """Tells whether no time long past in a message is any but a treatment's ("The transplant was in June")."""
    return not any(
        _dated_for_itself(sentence) or any(_at_an_age(sentence, clause) for clause in sentence.clauses)
        for sentence in told
    )


def told_as_past(sentence: Sentence, hit: Hit) -> bool:
    """Tells whether a hit's clause is in the past tense."""
    clause = sentence.clauses[clause_of(sentence, hit)]
    return _was([word.raw for word in sentence.words[clause.start : stop_of(clause, hit)]])


def at_present(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a hit's clause itself says that it is so today: by its time, or by a verb in the present."""
    clause = sentence.clauses[number]
    stop = stop_of(clause, hit)
    if _dated_for_itself(sentence):
        # "It is 1999, I have fever": who tells the past as if it were present has to say now for a now
        return any(canon in TODAY for canon in sentence.canons(clause.start, stop))
    if near_now(sentence, clause.start, stop):
        return True
    raws = [word.raw for word in sentence.words[clause.start : stop]]
    return not _was(raws) and any(
        raw in _PRESENT_VERBS or (raw.endswith("s") and raw in FORMS["event_verbs"]) for raw in raws
    )


def today(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a hit's clause says that it is so today, against a next sentence that says it is over."""
    clause = sentence.clauses[number]
    stop = stop_of(clause, hit)
    if TODAY & set(sentence.canons(clause.start, stop)):
        return True
    return not near_now(sentence, clause.start, stop) and at_present(sentence, number, hit)


def reported(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a document says it ("the report claims a seizure", "they wrote 'patient confused'")."""
    before = [word.raw for word in sentence.words[: hit.first]]
    claims = [place for place, raw in enumerate(before) if raw in FORMS["claims"]]
    if hit.pattern.rule.verdict == "self_harm" and not any(raw in FORMS["clinical"] for raw in before):
        return False  # a person's own letter says more than the person
    if not claims or near_now(sentence, 0, len(sentence.words)):
        return False
    return any(raw in FORMS["documents"] for raw in before[max(claims[-1] - _CLAIMED, 0) : claims[-1]])


def written(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether a hit stands in what is read or written ("the leaflet says seizures"), and nothing says now.

    A red hit becomes unclear by it, no more: a form may also be what a sick person is busy with.
    """
    canons = sentence.canons(0, hit.first)
    return any(canon in SETS["writing"] for canon in canons) and not near_now(sentence, 0, len(sentence.words))


def quoted(sentence: Sentence, hit: Hit) -> bool:
    """Tells whether a hit is words in quotation marks that name nobody ("what does 'sudden confusion' mean").

    A red hit becomes unclear by it, no more.
    """
    marks = [place for place, word in enumerate(sentence.words) if word.canon == '"']
    opening, closing = sum(mark < hit.first for mark in marks), [mark for mark in marks if mark > hit.last]
    if opening % 2 == 0 or not closing:
        return False
    begin = marks[opening - 1]
    # "'bleeding in retina' and sends us home, she sees a red curtain": somebody suffers what is quoted
    named = somebody(sentence, begin, closing[0]) or somebody(sentence, closing[0], len(sentence.words))
    return not named and not near_now(sentence, 0, len(sentence.words))


def _dated_for_itself(sentence: Sentence) -> bool:
    """Tells whether a sentence is set in a time long past, and not only the treatment that it names."""
    for clause in sentence.clauses:
        canons = sentence.canons(clause.start, clause.stop)
        dated = any(canon in SETS["long_past"] for canon in canons) or _dates(sentence, clause.start, clause.stop)
        if dated and not any(canon in SETS["event"] for canon in canons):
            return True
    return False


def goes_on_in_past(sentence: Sentence) -> bool:
    """Tells whether a sentence after one set in the past goes on with that story."""
    whole = len(sentence.words)
    return _was([word.raw for word in sentence.words]) and not near_now(sentence, 0, whole)


def lately(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether the hit is dated some days or weeks back ("last week"): unclear whether it is over."""
    clause = sentence.clauses[number]
    start, stop = clause.start, stop_of(clause, hit)
    canons = sentence.canons(start, stop)
    spots = [place for place, canon in enumerate(canons) if canon in SETS["recent_past"]]
    if not spots or near_now(sentence, start, stop) or _bound_to_event(canons, spots, hit, clause):
        return False
    return not any(word.raw in _PRESENT_VERBS for word in sentence.words[start:stop])


def only_was(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether the hit is told in a bare past tense, without any time ("he had a fever")."""
    clause = sentence.clauses[number]
    raws = [word.raw for word in sentence.words[clause.start : stop_of(clause, hit)]]
    return bool({"had", "was", "were"} & set(raws)) and _was(raws) and not near_now(sentence, 0, len(sentence.words))


def still_going(sentence: Sentence, following: Sentence | None, hit: Hit) -> bool:
    """Tells whether what comes after a question says that it is happening ("It has been an hour now")."""
    stretches = [(sentence, clause.start, clause.stop) for clause in sentence.clauses if clause.start > hit.last]
    if following is not None:
        stretches += [(following, clause.start, clause.stop) for clause in following.clauses[:1]]
    for place, start, stop in stretches:
        canons = place.canons(start, stop)
        if place.question and canons[:1] and (canons[0] in _MIGHT or (canons[:2] == ["be", "it"] and "now" in canons)):
            continue  # "can it come again?" asks of a time to come, "is it the same medicine now?" of something else
        if "it" not in canons[:4] or not {"be", "have", "go", "start", "come", "keep", "not", "wont"} & set(canons):
            continue
        if _says_over(place, start, stop):
            continue  # "it is over since Monday"
        if since_or_for(place, start, stop) or {"hour", "minute"} & set(canons):
            return True
    return False


def _says_over(sentence: Sentence, start: int, stop: int) -> bool:
    """Tells whether a stretch says that something has ended."""
    canons = set(sentence.canons(start, stop))
    raws = {word.raw for word in sentence.words[start:stop]}
    return bool(canons & SETS["over"] or raws & _ENDED) and not canons & _NOT_OVER


def _was(raws: list[str]) -> bool:
    """Tells whether a clause is in the past tense ("had", "was", "collapsed"; not "have had")."""
    for place, raw in enumerate(raws):
        if raw in _PAST_VERBS and not (place and raws[place - 1] in ("have", "has", "ve", "had")):
            return True
        if (
            raw.endswith("ed")
            and len(raw) > 4
            and not (place and raws[place - 1] in ("have", "has", "is", "are", "am", "be"))
        ):
            return True
    return False


def _at_an_age(sentence: Sentence, clause: Clause) -> bool:
    """Tells whether a clause is "when I was six" or holds "at age 6", "at 17", "as a child" or "in 7th grade"."""
    raws = [word.raw for word in sentence.words[clause.start : clause.stop]]
    for place in range(1, len(raws)):
        ends = place + 1 == len(raws) or not raws[place + 1].isalnum()
        if raws[place - 1] == "at" and raws[place].isdigit() and int(raws[place]) <= _OLDEST_TOLD and ends:
            return True
    if any(raws[place - 1 : place + 1] in (["at", "age"], ["age", "of"]) for place in range(1, len(raws))):
        return True
    for place, raw in enumerate(raws):
        ahead = raws[place + 1 : place + 5]
        if raw == "as" and FORMS["once"] & set(ahead[:2]):
            return True  # "as a child", "as student"
        if raw == "in" and "grade" in ahead[1:]:
            return True  # "in the 7th grade"
    if "when" not in raws or "was" not in raws[:-1]:
        return False
    after = sentence.words[clause.start + raws.index("was") + 1]
    return after.kind == "number" or after.raw in FORMS["ages"]


def _none_for_long(sentence: Sentence, number: int) -> bool:
    """Tells whether a clause says that there was no more of it ("none for six years", "none since 2022")."""
    clause = sentence.clauses[number]
    canons = sentence.canons(clause.start, min(clause.stop, clause.start + 6))
    if canons[:1] not in (["no"], ["never"]):
        return False
    return bool({"year", "month"} & set(canons)) or _since_a_year(sentence, clause)


def _dates_it(sentence: Sentence, number: int) -> bool:
    """Tells whether a clause sets what was told before in a time long past ("but that's two years back")."""
    clause = sentence.clauses[number]
    canons = sentence.canons(clause.start, clause.stop)
    return canons[:2] == ["it", "be"] and bool(SETS["long_past"] & set(canons))


def _since_a_year(sentence: Sentence, clause: Clause) -> bool:
    """Tells whether a clause holds "since 2022"."""
    words = sentence.words[clause.start : clause.stop]
    return any(
        before.canon == "since" and word.kind == "number" and len(word.raw) == 4 and word.raw[:2] in ("19", "20")
        for before, word in pairwise(words)
    )


def _ends_at_once(sentence: Sentence, number: int) -> bool:
    """Tells whether a later clause says nothing but that it is over ("had jaundice, resolved and fine since")."""
    for clause in sentence.clauses[number + 1 : number + 1 + LIST_CLAUSES]:
        canons = sentence.canons(clause.start, clause.stop)
        if canons[:1] and canons[0] in SETS["over"] and not {"again", "still", "now", "not"} & set(canons):
            return True
        if clause.own_subject:
            return False
    return False


def _only_a_time(sentence: Sentence, number: int) -> bool:
    """Tells whether a clause is a time long past and nothing else ("2 years back,")."""
    clause = sentence.clauses[number]
    canons = sentence.canons(clause.start, clause.stop)
    return len(canons) <= 4 and any(canon in SETS["long_past"] for canon in canons)


def _dates(sentence: Sentence, start: int, stop: int) -> list[int]:
    """Places of years and of "in March" in a stretch, counted from its start."""
    found: list[int] = []
    for place in range(start, min(stop, len(sentence.words))):
        word = sentence.words[place]
        before = sentence.words[place - 1].canon if place else ""
        if (word.kind == "number" and len(word.raw) == 4 and word.raw[:2] in ("19", "20") and before != "since") or (
            (word.canon in ("month_name", "last_season") or word.raw == "may")
            and (
                before in ("in", "last", "back", "long_ago", "until")
                or sentence.words[place - 1].raw in ("was", "that")
            )
        ):
            found.append(place - start)
    return found


def _bound_to_event(canons: list[str], spots: list[int], hit: Hit, clause: Clause) -> bool:
    """True when the past time belongs to the treatment ("rash after my transplant last spring")."""
    events = [place for place, canon in enumerate(canons) if canon in SETS["event"]]
    first, last = hit.first - clause.start, hit.last - clause.start
    for spot in spots:
        near = min((abs(spot - event) for event in events), default=99)
        if near > min(abs(spot - first), abs(spot - last)):
            return False
    return bool(events)


def over_after(following: Sentence | None) -> bool:
    """Tells whether the next sentence says of it that it is over ("It went away", "That's gone since March")."""
    if following is None or following.question or not following.clauses:
        return False
    clause = following.clauses[0]
    canons = following.canons(clause.start, clause.stop)
    raws = [word.raw for word in following.words[clause.start : clause.stop]]
    if "not" in canons[:4] and {"one", "any"} & set(raws[-2:]) and "have" in canons[:5]:
        return True  # "they wrote he had a seizure. He didn't have one"
    if raws[:1] and raws[0] in FORMS["untold"] and len(raws) <= 6 and _never_happened(raws, canons):
        return True
    if canons[:1] not in (["it"], ["they"], ["all"], ["everything"]) and raws[:1] not in (["that"], ["thats"]):
        return False
    if {"was", "is", "s", "happened"} & set(raws[:3]) and (
        SETS["long_past"] & set(canons) or _dates(following, clause.start, clause.stop)
    ):
        return not near_now(following, clause.start, clause.stop)  # "That was last year"
    return _says_over(following, clause.start, clause.stop)


def _never_happened(raws: list[str], canons: list[str]) -> bool:
    """Tells whether a short sentence says that what was told before did not come about ("It never happened")."""
    return bool({"not", "never", "nothing"} & set(canons)) and bool({"happen", "happened", "occurred"} & set(raws))


def over(sentence: Sentence, number: int, hit: Hit) -> bool:
    """Tells whether the clause itself says that the symptom is over ("the fever is gone", "the bleeding stopped")."""
    clause = sentence.clauses[number]
    canons = sentence.canons(hit.last + 1, min(clause.stop, hit.last + 7))
    raws = [word.raw for word in sentence.words[hit.last + 1 : min(clause.stop, hit.last + 7)]]
    for place, (canon, raw) in enumerate(zip(canons, raws)):
        if canon in SETS["over"] or raw in ("stopped", "disappeared"):
            if {"not", "never", "no", "wont", "cannot", "still", "again"} & set(canons[: place + 3]):
                return False
            return not any(again in sentence.canons(hit.last + 1, len(sentence.words)) for again in ("again", "still"))
        if canon in SETS["somebody"]:
            return False
    return False
