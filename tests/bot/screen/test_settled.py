"""What the rest of a message settles, and playing down, which settles nothing."""

from __future__ import annotations

import pytest

from bot.screen import screen

SETTLED = [
    pytest.param("day 2 he gets fever 40.1, they give toci, day 3 he eats soup. That was June.", id="dated at the end"),
    pytest.param("she collapsed in the kitchen and we ran. It was in 2019.", id="a year at the end"),
    pytest.param("it bled a lot when the line went in, they put a stitch, dry since then 2 weeks", id="dry for weeks"),
    pytest.param(
        "He came by ambulance not breathing well, icu, ward, and since 3 weeks he is home", id="home for weeks"
    ),
    pytest.param("Fever comes, fever goes, blood in the mouth. Then the marrow. Now 5 years.", id="now five years"),
    pytest.param("he had CRS on day 3, tocilizumab, all fine; when can he drive", id="treated and fine"),
    pytest.param("he is confused on day 5, icu two nights, doctors happy", id="icu and happy"),
    pytest.param("Temp 38.2 on the ward, discharged today with 36.5 and tablets", id="discharged with 36.5"),
    pytest.param("on day 4 she is shaking with chills, today is day 180, all normal", id="days later"),
    pytest.param("On day 11 fever 39.7, on day 20 home, on day 365 a cake", id="days of a story"),
    pytest.param("My father stops to speak, half of his face falls. 2012. He talks well", id="a year alone"),
    pytest.param("my son has a burning fever, leukemia. That was when he was two.", id="that was when"),
    pytest.param("My uncle drinks the bleach by mistake when he is child", id="childhood"),
    pytest.param("I bled through two pads an hour before they found the leukemia", id="before it was found"),
    pytest.param('What do you mean by "rigors"? The dictionary says only "rigor mortis"', id="a word in quotes"),
]
GOES_ON = [
    pytest.param("he is shivering. since September", id="since a month"),
    pytest.param("on day 4 he shivered, on day 60 he shivers with 39", id="days later, once more"),
    pytest.param("on day 4 she had chills, today day 9 chills again", id="days later, again"),
    pytest.param("on day 4 she was shaking with chills, it is day 6 now", id="two days later"),
    pytest.param("he has 39.2, probably nothing, he is fine", id="fine is no end"),
    pytest.param("she fainted in the shower, she is fine now", id="fine now is no end"),
    pytest.param("fever 39 since this morning. We were discharged on Tuesday.", id="discharged before it"),
    pytest.param("he got toci for fever in May, all fine. Now he has 39.", id="once more, later"),
    pytest.param("fever 38.9 and shivers. The transplant was in June.", id="the date of the transplant"),
    pytest.param("fever 39 at home. It is now two weeks since the cells", id="weeks since the cells"),
    pytest.param("he collapsed, they stitched him, fine, but he is worse again", id="worse again"),
    pytest.param("shivers and 39 today, toci was given last time and all fine", id="today"),
    pytest.param("when my child has fever 39 now, who comes", id="a child, now"),
    pytest.param('he says "I cannot breathe" and turns blue', id="in quotes, of himself"),
    pytest.param('He said platelets 4 and "bleeding in the eye", she sees only red', id="in quotes, suffered"),
]


@pytest.mark.parametrize("text", SETTLED)
def test_when_the_rest_of_a_message_settles_a_danger_then_it_is_no_alarm(text: str) -> None:
    assert screen(text).verdict in ("check", "none")


@pytest.mark.parametrize("text", GOES_ON)
def test_when_a_danger_is_played_down_or_goes_on_then_it_stays_red(text: str) -> None:
    assert screen(text).is_red
