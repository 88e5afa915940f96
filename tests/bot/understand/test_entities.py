"""Entities in sentences, with the names and spellings of data/nlu.yml."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

from bot.settings import ROOT
from bot.understand.entities import EntityMatcher, Found, forms_of


@pytest.fixture(scope="module")
def matcher() -> EntityMatcher:
    lines = (ROOT / "data" / "nlu.yml").read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("- lookup:"))
    data = RasaYAMLReader().reads('version: "3.1"\nnlu:\n' + "".join(lines[first:]))  # without 10,000 examples
    return EntityMatcher(forms_of(data.lookup_tables, data.entity_synonyms))


# text, and each entity in it: kind, value, words
SAID = [
    ("tell me about Samsung Medical Center", ("centre", "samsung", "Samsung Medical Center")),
    ("and the korean one?", ("centre", "samsung", "the korean one")),
    ("is AIIMS in new delhi good", ("centre", "aiims", "AIIMS"), ("centre", "aiims", "new delhi")),
    ("beijing cancer hospital", ("centre", "beijing", "beijing cancer hospital")),
    ("what about Apollo?", ("centre", "apollo", "Apollo")),
    ("chula bangkok", ("centre", "chulalongkorn", "chula"), ("centre", "chulalongkorn", "bangkok")),
    ("how long for autologous", ("transplant_kind", "autologous", "autologous")),
    ("with a half-matched donor", ("transplant_kind", "haploidentical", "half-matched")),
    ("HAPLO", ("transplant_kind", "haploidentical", "HAPLO")),
    ("from an unrelated donor", ("transplant_kind", "unrelated", "unrelated donor")),
    ("my twin, identical twin", ("transplant_kind", "syngeneic", "identical twin")),
    ("cord-blood for kids", ("transplant_kind", "cord_blood", "cord-blood")),
    ("CAR-T", ("therapy", "cart", "CAR-T")),
    ("what is car t", ("therapy", "cart", "car t")),
    ("a stem cell transplant", ("therapy", "bmt", "stem cell transplant")),
    ("survival at CR2", ("remission", "CR2", "CR2")),
    ("in cr 1", ("remission", "CR1", "cr 1")),
    ("he is not in remission", ("remission", "NR", "not in remission")),
    ("third complete remission", ("remission", "CR3", "third complete remission")),
    ("for B-ALL", ("disease", "B-ALL", "B-ALL")),
    ("severe aplastic anaemia", ("disease", "severe aplastic anemia", "severe aplastic anaemia")),
    ("please call me back", ("handoff_kind", "call_back", "call me back")),
    ("I want to talk to a person", ("handoff_kind", "person_now", "talk to a person")),
]
MISSPELT = [
    ("samsng", ("centre", "samsung", "samsng")),
    ("singapur", ("centre", "singapore", "singapur")),
    ("chulalongkron", ("centre", "chulalongkorn", "chulalongkron")),
    ("cancer hospital in beijng", ("centre", "beijing", "cancer hospital in beijng")),
    ("autolgous", ("transplant_kind", "autologous", "autolgous")),
    ("alogeneic", ("transplant_kind", "allogeneic", "alogeneic")),
    ("haploidental", ("transplant_kind", "haploidentical", "haploidental")),
    ("umbillical cord", ("transplant_kind", "cord_blood", "umbillical cord")),
    ("transplnt", ("therapy", "bmt", "transplnt")),
    ("bone marow", ("therapy", "bmt", "bone marow")),
    ("leukeamia", ("disease", "leukemia", "leukeamia")),
    ("mutiple myeloma", ("disease", "multiple myeloma", "mutiple myeloma")),
    ("second complete remision", ("remission", "CR2", "second complete remision")),
]
OVERLAPPING = [
    # the longer of two stands
    (
        "autologous transplant",
        ("transplant_kind", "autologous", "autologous transplant"),
        ("therapy", "bmt", "transplant"),
    ),
    ("acute lymphoblastic leukemia", ("disease", "B-ALL", "acute lymphoblastic leukemia")),
    ("diffuse large b cell lymphoma", ("disease", "B-cell lymphoma", "diffuse large b cell lymphoma")),
    ("hla matched unrelated", ("transplant_kind", "unrelated", "hla matched unrelated")),
    ("cancer institute hospital of jfcr", ("centre", "jfcr", "cancer institute hospital of jfcr")),
    # one place may be two kinds
    (
        "bone marrow failure",
        ("disease", "severe aplastic anemia", "bone marrow failure"),
        ("therapy", "bmt", "bone marrow"),
    ),
    # several of one kind, in order
    (
        "haplo or cord blood or allo",
        ("transplant_kind", "haploidentical", "haplo"),
        ("transplant_kind", "cord_blood", "cord blood"),
        ("transplant_kind", "allogeneic", "allo"),
    ),
]
FALSE_FRIENDS = [
    "a related donor",  # the opposite of unrelated
    "my sister is related to me",
    "plastic surgery",  # aplastic
    "his second admission",  # second remission
    "after the first readmission",
    "no permission",
    "no admission",
    "a narrow room",  # marrow
    "transparent",
    "transport from the airport",
    "elastic",
    "korean food",
    "the aims of this",
    "allergic",
    "efficiency",
    "auction",
    "tomorrow",
    "smart card",
    "call my mother",
    "complete remission",  # which one is not said
]


def _found(matcher: EntityMatcher, text: str) -> list[tuple[str, str, str]]:
    return [(one.entity, one.value, text[one.start : one.end]) for one in matcher.find(text)]


@pytest.mark.parametrize("row", SAID, ids=[row[0] for row in SAID])
def test_when_a_name_or_another_way_to_say_it_stands_there_then_its_value_is_found(row, matcher) -> None:
    text, *wanted = row
    assert _found(matcher, text) == wanted


@pytest.mark.parametrize("row", MISSPELT, ids=[row[0] for row in MISSPELT])
def test_when_a_name_is_misspelt_then_its_value_is_found(row, matcher) -> None:
    text, *wanted = row
    assert _found(matcher, text) == wanted


@pytest.mark.parametrize("row", OVERLAPPING, ids=[row[0] for row in OVERLAPPING])
def test_when_names_overlap_then_the_longer_of_a_kind_stands(row, matcher) -> None:
    text, *wanted = row
    assert sorted(_found(matcher, text)) == sorted(wanted)


@pytest.mark.parametrize("text", FALSE_FRIENDS)
def test_when_a_word_only_looks_like_a_name_then_nothing_is_found(text: str, matcher) -> None:
    assert _found(matcher, text) == []


@pytest.mark.parametrize("text", ["", "   ", "?!", "👩‍⚕️", "word " * 400, "移植"], ids=repr)
def test_when_there_is_no_name_then_nothing_is_found(text: str, matcher) -> None:
    assert matcher.find(text) == []


def test_when_names_follow_each_other_then_they_come_from_left_to_right(matcher) -> None:
    starts = [one.start for one in matcher.find("cr2 with an autologous transplant at apollo for myeloma")]
    assert starts == sorted(starts)
    assert len(starts) >= 5


def test_when_two_names_are_as_long_then_the_exact_one_stands() -> None:
    matcher = EntityMatcher({"place": {"tilburg": "tilburg", "wilburg": "w", "tilberg": "tilberg"}})
    assert matcher.find("in tilberg") == [Found("place", "tilberg", 3, 10)]
    assert matcher.find("in Tilburg") == [Found("place", "tilburg", 3, 10)]


def test_when_a_word_is_short_then_it_must_be_exact() -> None:
    matcher = EntityMatcher({"kind": {"allo": "allogeneic"}})
    assert matcher.find("hallo all alo") == []
    assert [one.value for one in matcher.find("allo")] == ["allogeneic"]


def test_when_tables_and_synonyms_are_joined_then_forms_without_synonym_stand_for_themselves() -> None:
    tables = [
        {"name": "centre", "elements": ["Samsung", "apollo"]},
        {"name": "centre", "elements": ["seoul"]},
        {"name": "disease", "elements": ["aml"]},
    ]
    assert forms_of(tables, {"samsung": "samsung", "Seoul": "samsung"}) == {
        "centre": {"Samsung": "samsung", "apollo": "apollo", "seoul": "samsung"},
        "disease": {"aml": "aml"},
    }


def test_when_a_table_names_a_file_then_the_error_says_where_to_list_its_elements() -> None:
    with pytest.raises(ValueError, match=r"data/nlu\.yml: lookup centre names a file \(centres\.txt\)"):
        forms_of([{"name": "centre", "elements": "centres.txt"}], {})
