"""The reasoning: who, when, measured, denied, over, imagined, asked about."""

from __future__ import annotations

import pytest

from bot.screen import screen

RED = [
    pytest.param("I'd come earlier but he collapsed in the kitchen", "emergency", id="come earlier"),
    pytest.param("he is fitting on the floor", "emergency", id="fitting"),
    pytest.param("he laughed at dinner and then he couldn't breathe", "emergency", id="laughed, then"),
    pytest.param("fed up, going to take the whole bottle tonight", "self_harm", id="the whole bottle"),
    pytest.param("nose bleeds, none of us can stop it", "emergency", id="none of us"),
    pytest.param("Rash: none. Bleeding: from the gums since today", "emergency", id="each its own answer"),
    pytest.param("free from pain but bleeding from the gums", "emergency", id="free from another thing"),
    pytest.param("free from pain, fever 39 since tonight", "emergency", id="free from another thing, then fever"),
    pytest.param("chills: none. fever: 38.9", "emergency", id="denial of the other"),
    pytest.param("in the chair he collapsed", "emergency", id="in a chair"),
    pytest.param("my mother fever 39 since morning", "emergency", id="second language"),
    pytest.param("he have blood from nose no stop", "emergency", id="second language bleeding"),
    pytest.param("son not wake up", "emergency", id="second language waking"),
    pytest.param("she speak strange today", "emergency", id="second language speech"),
    pytest.param("only 38.4 but I feel fine", "emergency", id="played down"),
    pytest.param("it's probably nothing, just a bit of chest pain since this morning", "emergency", id="soft words"),
    pytest.param("I don't want to bother anyone but I can't breathe", "emergency", id="does not want to bother"),
    pytest.param("lol my nose just won't stop bleeding", "emergency", id="joke"),
    pytest.param("if it gets worse whom do I call, he has 39.5 since morning", "emergency", id="condition in front"),
    pytest.param("if it gets worse whom do I call he has 39.5 since morning", "emergency", id="condition, no comma"),
    pytest.param("is fever common? my son has one now, 39", "emergency", id="question in front"),
    pytest.param("I have no rash but I am bleeding from the gums", "emergency", id="denial of something else"),
    pytest.param("not eating, fever 39", "emergency", id="denial of something else, short"),
    pytest.param("I had a fever last year and now I have 39 again", "emergency", id="past and present"),
    pytest.param(
        "is it ok to fly with a nosebleed? It has been going for an hour now",
        "emergency",
        id="told in the next sentence",
    ),
    pytest.param("what are your visiting hours? dad collapsed", "emergency", id="buried"),
    pytest.param("why is my son shivering", "emergency", id="a question that takes it for granted"),
    pytest.param("is it normal that she has a fever", "emergency", id="asks whether it is normal"),
    pytest.param("how do I cancel, I don't want to live anymore", "self_harm", id="self-harm buried"),
    pytest.param("would my parents be told if I killed myself", "self_harm", id="self-harm as a condition"),
    pytest.param("he said he would hang himself", "self_harm", id="reported intention"),
    pytest.param("I took all my pills and I can't breathe", "self_harm", id="self-harm before other danger"),
    pytest.param("my dad lies in the car unconscious", "emergency", id="a thing as a place"),
    pytest.param("I was reading the letter and my left arm got numb", "emergency", id="a paper beside a person"),
    pytest.param("Fever? No thermometer here, but he is burning hot", "emergency", id="a no that answers nothing"),
    pytest.param("I can't reach anybody, nobody helps, bleeding a lot", "emergency", id="nobody of another thing"),
    pytest.param("she cannot get free of the fever", "emergency", id="not free of it"),
    pytest.param("no fever but she cannot breathe", "emergency", id="denial, then danger"),
    pytest.param("fever went away and came back today, 39", "emergency", id="over and back"),
    pytest.param("the queue is long and he fainted", "emergency", id="a thing before a person"),
    pytest.param("in his letter he writes that he wants to end his life", "self_harm", id="a letter of one's own"),
    pytest.param("the bill was a joke, and my wife is bleeding from the nose", "emergency", id="figure beside danger"),
    pytest.param("his face went grey and blue", "emergency", id="colour of a face"),
]
NOT_RED = [
    pytest.param("Temperature he doesn't have, patience neither", id="denied behind the symptom"),
    pytest.param("he is free from fever and free from any bleeding", id="free from"),
    pytest.param("there has been no occurrence of fever or fits", id="no occurrence of"),
    pytest.param("Fever, chills, rash, bleeding: none. How can I send the form?", id="none behind a list"),
    pytest.param("Any seizure, tremor or fainting? - answer is no to all three", id="no to all"),
    pytest.param("Patient denies everything: fever, cough, melena", id="denies everything"),
    pytest.param("I never said he collapsed", id="never said"),
    pytest.param("i no dey bleed, i no dey shake", id="second language denial"),
    pytest.param("the heart not run, the breath good", id="denial in another clause"),
    pytest.param("Arsenal collapsed in the second half", id="sports"),
    pytest.param("the chair collapsed under my uncle", id="chair"),
    pytest.param("he took all his medicines by the chart", id="medicines by the chart"),
    pytest.param("Fever? None. Chills? None. Rash? None.", id="denied by the answer"),
    pytest.param("Any bleeding? Answer: no.", id="denied by a named answer"),
    pytest.param("we note the absence of fever", id="absence"),
    pytest.param("rash 0, bleeding 0, fever 0", id="denied by a zero"),
    pytest.param("on day 40 nothing, not even a mild fever", id="not even"),
    pytest.param("nobody is bleeding or choking", id="nobody with a list"),
    pytest.param("he is free of chills and free of fever", id="free of"),
    pytest.param("the fever is gone since Monday", id="good news"),
    pytest.param("temperature 36.7, no fever", id="reading in the normal range"),
    pytest.param("He had fever of 39 on day 3. That was last year.", id="dated by the next sentence"),
    pytest.param("In June I bled from the nose every night. It is over since August.", id="over since"),
    pytest.param("her seizures were scary but that's two years back", id="dated by the next clause"),
    pytest.param("The report claims he had a seizure, please correct it", id="claimed by a report"),
    pytest.param("the battery of the tablet bleeds out", id="a thing described by another"),
    pytest.param("the app froze and turned blue", id="a thing two clauses long"),
    pytest.param("we laughed until she couldn't breathe", id="laughed until"),
    pytest.param("instead of a seizure he had the giggles", id="instead of"),
    pytest.param("he collapsed as a child, once", id="as a child"),
    pytest.param("my lips went blue in the 7th grade", id="in a grade of school"),
    pytest.param("my red shirt bled in the wash", id="shirt"),
    pytest.param("not one petechia on her legs", id="not one"),
    pytest.param("row 38, seat 38.5", id="seat"),
    pytest.param("the suspense makes me breathless", id="done by a burden"),
    pytest.param("I fainted at the estimate", id="at the sight of a burden"),
    pytest.param("is the Seizure exhibition open", id="a name"),
    pytest.param("our savings are killing us and the fees bleed us dry", id="money"),
    pytest.param("no fever, chills or bleeding", id="list denied"),
    pytest.param("no rash no diarrhoea no fever since discharge", id="each denied"),
    pytest.param("she denies chest pain", id="denies"),
    pytest.param("she hasn't felt feverish or shaky at all since coming home", id="denied with or, since"),
    pytest.param("I don't have any disease or fever", id="illness and symptom denied"),
    pytest.param("platelets 160, no nose bleeds, gums pink", id="part of the body denied"),
    pytest.param("my periods are regular, no heavy bleeding", id="denied with an adjective"),
    pytest.param("our daughter had fits daily before the diet, none since 2022", id="none since a year"),
    pytest.param("had yellow eyes at day 70, liver gvhd grade 2, resolved and fine", id="resolved"),
    pytest.param("my eyes were yellow for a week in 2019. Can it come again?", id="may it come again"),
    pytest.param("they wrote he had a seizure. He didn't have one", id="denied by the next sentence"),
    pytest.param("the coffee machine is spitting blood, I mean red tea", id="a thing"),
    pytest.param("I lost a black umbrella in the toilet", id="something black in the toilet"),
    pytest.param("no one in our family had seizures", id="no one"),
    pytest.param("if he gets a fever, a rash or starts bleeding whom do we call", id="list imagined"),
    pytest.param("when he has a fever do we call the clinic or the ambulance", id="when as a condition"),
    pytest.param("I'm afraid of getting a fever when we are home", id="fear"),
    pytest.param("will my son have seizures", id="future"),
    pytest.param("fever can come after the infusion", id="can come"),
    pytest.param("back in March he had a seizure but was fine after", id="past month"),
    pytest.param("our son had a temperature of 39 last winter, he is fine now", id="past value"),
    pytest.param("I used to have nosebleeds", id="used to"),
    pytest.param("the fever went away, thank you", id="over"),
    pytest.param("what are the signs of CRS, fever and low pressure?", id="information list"),
    pytest.param("Is it normal to have a fever after CAR-T cells are infused?", id="information"),
    pytest.param("I want to understand why people get fever", id="people"),
    pytest.param("I'm confused about the difference between CAR-T and transplant", id="confused by words"),
    pytest.param("my mother does not speak English", id="language"),
    pytest.param("where is the fever clinic", id="programme"),
    pytest.param("I can't breathe with all these forms to fill", id="idiom"),
    pytest.param("", id="empty"),
    pytest.param("\u200b \n🙂", id="nothing visible"),
]
UNCLEAR = [
    "fever after car-t?",
    "a bit warm today",
    "yellow eyes?",
    "chest pain?",
    "confused after car-t",
    "I have a rash",
]


@pytest.mark.parametrize(("text", "verdict"), RED)
def test_when_danger_is_happening_then_the_verdict_is_red(text: str, verdict: str) -> None:
    assert screen(text).verdict == verdict


@pytest.mark.parametrize("text", NOT_RED)
def test_when_danger_is_denied_over_imagined_or_asked_about_then_the_verdict_is_not_red(text: str) -> None:
    assert not screen(text).is_red


@pytest.mark.parametrize("text", UNCLEAR)
def test_when_nobody_and_no_time_is_named_then_the_verdict_is_check(text: str) -> None:
    assert screen(text).verdict == "check"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("Hello! my nose is bleeding badly", "nose is bleeding", id="phrase"),
        pytest.param("🙂🙂 temp Ｆｅｖｅｒ now, he is hot", "temp Ｆｅｖｅｒ", id="after emoji"),
        pytest.param("he has fe\u200bver", "fe\u200bver", id="zero width inside"),
    ],
)
def test_when_danger_is_seen_then_the_span_holds_its_words(text: str, words: str) -> None:
    span = screen(text).span
    assert span is not None
    assert text[slice(*span)] in (words, words.split()[-1])


@pytest.mark.parametrize(
    "tail", ["but it's nothing", "just asking", "thanks!", "haha", "sorry to bother you", "hello", "I'm fine otherwise"]
)
def test_when_a_soft_word_follows_then_the_red_stays(tail: str) -> None:
    assert screen(f"My husband has a fever of 39 since last night, {tail}").verdict == "emergency"


def test_when_a_verdict_becomes_json_then_it_has_the_agreed_keys() -> None:
    assert screen("I have fever").to_json() == {"verdict": "emergency", "rule": "fever", "span": [7, 12]}
    assert screen("hello").to_json() == {"verdict": "none", "rule": None, "span": None}


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("no fever and no bleeding, can we fly home", True),
        ("if he gets a fever at night, whom do we call", True),
        ("he had seizures at age 1, he is 12 now and healthy", True),
        ("had nosebleeds before my transplant, none for 6 years now", True),
        ("last year in Turkey hospital he have fever 39, finish, now he healthy", True),
        ('what is meaning of word "febrile"', True),
        ("how much does it cost", False),
        ("fever 39.4 since this morning", False),
    ],
)
def test_when_all_words_of_danger_are_explained_away_then_the_verdict_says_so(text: str, explained: bool) -> None:
    verdict = screen(text)
    assert verdict.explained is explained
    assert verdict.is_red is ("since" in text)
