"""No outcome figure without whose it is, since when, of whom and of how many, on a copy of the real answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.answer import validate
from bot.answer.facts import KINDS, MENTIONED, OUTCOME, load_facts
from bot.settings import ROOT

TODAY = date(2026, 11, 23)
FACTS = load_facts(ROOT)
OUTCOMES = [fact for fact in FACTS.values() if fact.kind == OUTCOME]


def _keys(copy: Any) -> list[str]:
    return [problem.key for problem in validate.problems(copy.root, TODAY)]


def test_when_the_real_facts_are_read_then_each_rate_is_an_outcome() -> None:
    assert {fact.key for fact in FACTS.values() if "%" in (fact.unit or "")} == {fact.key for fact in OUTCOMES}
    assert {fact.kind for fact in FACTS.values()} == set(KINDS)


@pytest.mark.parametrize("part", MENTIONED)
@pytest.mark.parametrize("fact", OUTCOMES, ids=lambda fact: fact.key)
def test_when_a_text_leaves_out_what_goes_with_its_outcome_then_it_is_named(copy: Any, fact: Any, part: str) -> None:
    words, wounded = fact.mentions[part], []

    def change(data: dict[str, Any]) -> None:
        for name, variations in data["responses"].items():
            for index, one in enumerate(variations):
                if f"{{facts.{fact.key}}}" in one["text"]:
                    one["text"] = one["text"].replace(words, f"{{facts.{fact.key}}}")
                    wounded.append(f"responses.{name}[{index}].text")

    copy.edit("domain.yml", change)

    assert wounded
    assert set(wounded) <= set(_keys(copy))


@pytest.mark.parametrize(
    ("key", "changes", "where"),
    [
        ("cart_duration", {"kind": "rumour"}, "kind"),
        ("cart_remission", {"mentions": {"whose": "ours"}}, "mentions"),
        ("cart_duration", {"mentions": {"whose": "ours"}}, "mentions"),
        ("cart_remission", {"period": "since 2015"}, "mentions.period"),
        ("cord_group_survival", {"period": None}, "mentions.period"),
        ("cord_group_survival", {"denominator": "the 16 cases of the group"}, "mentions.denominator"),
        (
            "cart_remission",
            {"mentions": dict.fromkeys(MENTIONED, "It does not say.") | {"number": "Many."}},
            "mentions.number",
        ),
    ],
    ids=[
        "unknown kind",
        "outcome with one mention",
        "mention without an outcome",
        "period named and called unsaid",
        "period not named and told",
        "other denominator",
        "number neither told nor unsaid",
    ],
)
def test_when_a_fact_and_its_mentions_disagree_then_the_key_is_named(
    copy: Any, key: str, changes: dict[str, Any], where: str
) -> None:
    copy.edit("data/facts.yml", lambda data: data["facts"][key].update(changes))

    assert f"facts.{key}.{where}" in _keys(copy)


def test_when_mentions_are_no_mapping_then_the_fact_is_named(copy: Any) -> None:
    copy.edit("data/facts.yml", lambda data: data["facts"]["cart_remission"].update(mentions="ours"))

    assert any("cart_remission.mentions" in str(problem) for problem in validate.problems(copy.root, TODAY))
