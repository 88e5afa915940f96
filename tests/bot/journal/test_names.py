"""What may stand as somebody's name, and what patients see of it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.journal import names, staff
from bot.journal.staff_models import Staff


def add(store, name):
    return staff.add(
        store, email="a@x.example", name=name, role="agent", now_ms=1, actor="operator", invite="x", invite_until_ms=9
    )


@pytest.mark.parametrize(
    ("given", "first"),
    [
        pytest.param("Anna", "Anna", id="one word"),
        pytest.param("  Anna   Lindqvist ", "Anna", id="a surname too"),
        pytest.param("Anne-Marie O\u2019Neill", "Anne-Marie", id="hyphen and apostrophe"),
        pytest.param("D'Arcy J. St. Clair", "D'Arcy", id="dots behind the first word"),
        pytest.param("प्रिया शर्मा", "प्रिया", id="Devanagari, with marks"),
        pytest.param("王伟", "王伟", id="Chinese"),
        pytest.param("محمد", "محمد", id="Arabic"),
        pytest.param("Zoe\u0308", "Zo\u00eb", id="a mark apart"),
        pytest.param("A" * 40, "A" * 40, id="as long as it may be"),
    ],
)
def test_when_a_name_is_given_then_patients_see_its_first_word_alone(store, given, first):
    made = add(store, given)

    assert made.first_name == first
    assert made.name.split()[0] == first


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \t", id="gaps"),
        pytest.param("anna@hospital.example", id="an address"),
        pytest.param("Anna anna@hospital.example", id="an address behind it"),
        pytest.param("Dr. Anna", id="a title first"),
        pytest.param("Anna2", id="a figure"),
        pytest.param("Anna 0151234567", id="a number behind it"),
        pytest.param("<b>Anna</b>", id="signs"),
        pytest.param("Anna_L", id="a line below"),
        pytest.param("-Anna", id="a hyphen first"),
        pytest.param("Anna\u202egnib", id="a sign that turns the line round"),
        pytest.param("A" * 41, id="too long"),
        pytest.param("Anna " + "L" * 60, id="too long as a whole"),
    ],
)
def test_when_it_is_no_name_then_no_account_gets_it(store, given):
    with pytest.raises(names.BadName, match="first name first"):
        add(store, given)
    assert staff.everybody(store) == []
    made = add(store, "Anna")
    with pytest.raises(names.BadName):
        staff.change(store, made.id, "staff_change", now_ms=2, actor="operator", name=given)
    assert staff.by_id(store, made.id).name == "Anna"


@pytest.mark.parametrize("kept", ["anna@hospital.example", "", "Dr. Anna"])
def test_when_an_older_account_has_no_name_to_show_then_patients_see_a_colleague(store, kept):
    made = add(store, "Anna")
    with store.write() as connection:
        connection.execute(update(Staff).values(name=kept))

    assert staff.by_id(store, made.id).first_name == "A colleague"
