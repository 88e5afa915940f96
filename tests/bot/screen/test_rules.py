"""Every rule is held to its own examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot.screen
from bot.screen import VERDICTS, screen
from bot.screen.clauses import sentences
from bot.screen.judge import findings
from bot.screen.lexicon import LEXICON
from bot.screen.rules import ALL_RULES, Rule, RuleError, _compile, _rule, hits
from bot.screen.text import tokens

MATCHES = [pytest.param(rule, text, id=f"{rule.id}-{text[:40]}") for rule in ALL_RULES for text in rule.matches]
NEAR_MISSES = [pytest.param(rule, text, id=f"{rule.id}-{text[:40]}") for rule in ALL_RULES for text in rule.near_misses]
DOCUMENT = Path(bot.screen.__file__).parents[2] / "docs" / "screen.md"
NINE = {"fever", "crs", "neurological", "bleeding", "gvhd", "line", "immediate", "self_harm", "overdose"}


@pytest.mark.parametrize(("rule", "text"), MATCHES)
def test_when_a_message_is_an_example_of_a_rule_then_the_rule_itself_gives_its_verdict(rule: Rule, text: str) -> None:
    assert screen(text).verdict == rule.verdict
    assert (rule.id, rule.verdict) in {(finding.rule.id, finding.verdict) for finding in findings(text)}


@pytest.mark.parametrize(("rule", "text"), NEAR_MISSES)
def test_when_a_message_only_looks_like_a_rule_then_it_is_not_red_and_not_the_rules_verdict(
    rule: Rule, text: str
) -> None:
    verdict = screen(text)
    assert not verdict.is_red
    assert verdict.verdict != rule.verdict


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALL_RULES])
def test_when_a_rule_is_written_then_it_says_why_and_has_enough_examples(rule: Rule) -> None:
    assert rule.verdict in VERDICTS
    assert len(rule.source.split()) >= 2
    assert len(rule.why.split()) >= 5
    assert len(set(rule.matches)) >= 6
    assert len(set(rule.near_misses)) >= 6
    assert not set(rule.matches) & set(rule.near_misses)


def test_when_the_rules_are_read_then_every_class_of_danger_has_one() -> None:
    assert {rule.danger for rule in ALL_RULES if rule.verdict in ("emergency", "self_harm")} == NINE


def test_when_a_rule_exists_then_the_documentation_lists_it_and_no_other() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| `(\w+)` \| `rules/", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert set(rows) == {(rule.id, rule.danger, rule.verdict) for rule in ALL_RULES}


def test_when_a_rule_lacks_its_reason_then_the_error_names_file_rule_and_key() -> None:
    data = {"id": "x", "class": "fever", "verdict": "check", "source": "s", "matches": ["a"], "near_misses": ["b"]}
    with pytest.raises(RuleError, match=r"fever\.yml.*'x'.*why"):
        _rule(data, "fever.yml")


def test_when_a_wording_names_an_unknown_set_then_the_error_says_where_to_add_it() -> None:
    with pytest.raises(RuleError, match=r"@nobody_knows.*frames\.yml"):
        _compile(ALL_RULES[0], "fever @nobody_knows", False, "fever.yml: fever")


@pytest.mark.parametrize(
    ("wording", "text", "found"),
    [
        pytest.param("nose bleed", "nose is now really bleeding", True, id="three words between"),
        pytest.param("nose bleed", "nose is now really very badly bleeding", False, id="too far apart"),
        pytest.param("nose bleed", "bleeding nose", False, id="order counts"),
        pytest.param("nose & bleed", "bleeding nose", True, id="any order"),
        pytest.param("not +speak", "not speak", True, id="side by side"),
        pytest.param("not +speak", "not only speak", False, id="not side by side"),
        pytest.param("nose bleed ~1", "nose is now bleeding", False, id="own width"),
        pytest.param("nose|gum bleed", "gums are bleeding", True, id="alternatives"),
    ],
)
def test_when_a_wording_is_matched_then_order_and_distance_hold(
    wording: str, text: str, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns = _compile(ALL_RULES[0], wording, False, "here")
    table: dict[str, list[object]] = {}
    for pattern in patterns:
        for word in pattern.terms[0]:
            table.setdefault(word, []).append(pattern)
    monkeypatch.setattr("bot.screen.rules._BY_FIRST", table)
    (sentence,) = sentences(LEXICON.words(tokens(text)))
    assert bool(hits(sentence)) is found
