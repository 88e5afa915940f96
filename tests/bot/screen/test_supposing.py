"""What is only imagined: conditions in every dress, cases that are talked through, fears. And what only looks like it."""

from __future__ import annotations

import pytest

from bot.screen import screen

IMAGINED = [
    pytest.param("Were my husband to develop a fever at home, whom do we ring?", id="inverted"),
    pytest.param("should it happen that he collapses in church, who comes?", id="should it happen"),
    pytest.param("In the event that my line gets infected, is it taken out?", id="in the event that"),
    pytest.param("if, and only if, he gets a fever, do we land?", id="a sign behind the if"),
    pytest.param("If on some evening he becomes confused, would he know it?", id="a time behind the if"),
    pytest.param("If tomorrow he had 39, would the surgery be off?", id="a day behind the if"),
    pytest.param("if the donor (my brother) gets a fever, is the date off?", id="brackets"),
    pytest.param("if we ring and say he is not waking up, who comes?", id="what would be said"),
    pytest.param("Let's assume the seizure happens in bed. On which side?", id="assume"),
    pytest.param("Hypothetically, he gets a fever at 3 am, do we wake the neighbour?", id="hypothetically"),
    pytest.param("A theoretical question. Temp 38.2 at night, taxi or ambulance?", id="announced"),
    pytest.param("The quiz asks: your dad has a fever at night, what first?", id="quiz"),
    pytest.param("God forbid he gets a fever on the flight, what then?", id="God forbid"),
    pytest.param("say he gets confused at home one day, who do I phone", id="say"),
    pytest.param("fever comes one night, for example. then how?", id="for example behind"),
    pytest.param("My nightmare is that she collapses and I do not hear it", id="nightmare"),
    pytest.param("what would a temp of 39 do to my cells?", id="would a"),
    pytest.param("what would you do with someone who pulled out his hickman", id="with someone who"),
    pytest.param("dreamt her catheter fell out in class lol", id="dreamt"),
    pytest.param("Dreamed last night that my line fell out in the shower", id="dreamed last night"),
    pytest.param("had a dream we couldnt breathe, creepy", id="had a dream"),
    pytest.param("afraid she may bleed during the swimming, not begun yet", id="afraid she may"),
    pytest.param("I am worried that one day he will not wake up", id="worried that one day"),
    pytest.param("in my dream he collapsed. It never happened.", id="never happened"),
]
HAPPENING = [
    pytest.param("let's say he has 39 since an hour, who do I call", id="let's say, since"),
    pytest.param("In theory all is well but he has a fever", id="in theory, but"),
    pytest.param("my fear is that he is bleeding inside, he vomits blood", id="fear of what goes on"),
    pytest.param("my worst nightmare is happening, she collapsed", id="come true"),
    pytest.param("I woke from a nightmare and cannot breathe", id="woken from a nightmare"),
    pytest.param("had a bad dream and now he is shivering", id="a dream, and now"),
    pytest.param("I'm afraid he is not waking up", id="afraid of what is"),
    pytest.param("his homework is done, he has a seizure", id="homework"),
    pytest.param("imagine, he collapsed in the shop today", id="imagine, today"),
    pytest.param("just in case: he has 39.2", id="in case of another thing"),
    pytest.param("were you told that he has a fever of 39.2?", id="were, no condition"),
    pytest.param("If you want to know, my husband collapsed in the kitchen", id="if of politeness"),
    pytest.param("he has a fever now, can he still come to the wedding", id="still, asked"),
    pytest.param("he has many problems, for example he bleeds from the gums", id="for example in front"),
    pytest.param("one day after discharge he has a fever", id="one day after"),
]


@pytest.mark.parametrize("text", IMAGINED)
def test_when_danger_is_only_imagined_then_the_verdict_is_not_red(text: str) -> None:
    assert not screen(text).is_red


@pytest.mark.parametrize("text", HAPPENING)
def test_when_danger_only_looks_imagined_then_the_verdict_is_red(text: str) -> None:
    assert screen(text).is_red
