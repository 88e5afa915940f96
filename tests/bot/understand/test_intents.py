"""Labels, intents and actions on the brain's side."""

from __future__ import annotations

import pytest

from bot.answer import labels
from bot.understand.intents import HANDOFF_ACTIONS, action_of, label_of, label_of_action


@pytest.mark.parametrize("label", labels.LABELS)
def test_when_a_label_becomes_an_intent_and_an_action_then_it_comes_back(label: str) -> None:
    assert label_of(labels.intent_of(label)) == label
    assert label_of_action(action_of(label)) == label
    assert label_of_action(labels.response_of(label)) == label


@pytest.mark.parametrize("label", labels.LABELS)
def test_when_a_label_is_answered_then_the_domain_knows_intent_and_action(label: str, domain) -> None:
    assert labels.intent_of(label) in domain.intents
    assert action_of(label) in domain.action_names_or_texts


@pytest.mark.parametrize(
    ("intent", "label"),
    [
        ("followup_duration", "followup/duration"),
        ("followup_more", "followup/more"),
        ("handoff_call_back", "contact_human"),
        ("handoff_person_now", "contact_human"),
        ("nlu_fallback", "fallback"),
        ("fallback_person", "fallback"),
        ("clarify", "clarify"),
        ("clarify_missing", "clarify"),
        ("faq_new_by_a_trainer", "faq/new_by_a_trainer"),
        ("", ""),
    ],
)
def test_when_an_intent_has_no_fixed_label_then_its_group_says_how_it_is_called(intent: str, label: str) -> None:
    assert label_of(intent) == label


@pytest.mark.parametrize(
    ("action", "label"),
    [
        *((action, "contact_human") for action in HANDOFF_ACTIONS),
        ("utter_contacts", "contact_human"),
        ("utter_fallback_person", "fallback"),
        ("utter_clarify_missing", "clarify"),
        ("action_listen", "action_listen"),
    ],
)
def test_when_an_action_is_no_plain_answer_then_its_label_is_what_it_does(action: str, label: str) -> None:
    assert label_of_action(action) == label


@pytest.mark.parametrize("followup", labels.FOLLOWUPS)
def test_when_a_follow_up_is_trained_then_its_aspect_is_one_of_the_grid(followup: str, catalogue) -> None:
    aspect = labels.FOLLOWUPS[followup]
    assert label_of(followup) == f"followup/{aspect or 'more'}"
    assert not aspect or [one for one in catalogue.by_label.values() if one.aspect == aspect]
