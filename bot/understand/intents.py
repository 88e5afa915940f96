"""How labels, intents and actions are called on the brain's side (see `bot.answer.labels` for the fixed labels)."""

from __future__ import annotations

from bot.answer import labels

FOLLOWUP = "followup/"  # helper labels: an aspect asked for without its subject; they never leave the brain
_GROUPS = ("faq_", "safety_", "topic_", "out_of_scope_", "followup_")
_OUTCOME_OF = dict.fromkeys(("nlu_fallback", "fallback", "fallback_person", "rest_missed"), "fallback")
_OUTCOME_OF |= {"clarify": "clarify", "clarify_missing": "clarify"}
_HANDOFF = frozenset({"handoff_call_back", "handoff_person_now", "contacts"})

ACTION_CONTACTS = "action_contacts"
ACTION_CALL_BACK = "action_call_back"
ACTION_PERSON_NOW = "action_person_now"
HANDOFF_ACTIONS = (ACTION_CONTACTS, ACTION_CALL_BACK, ACTION_PERSON_NOW)


def label_of(intent: str) -> str:
    """The label of an intent, a helper label (`followup/duration`), or an outcome (`clarify`, `fallback`).

    A new label that a trainer made follows the same rule as the fixed ones: its group's name, then a slash.
    """
    if intent in _HANDOFF:
        return labels.CONTACT
    if intent in _OUTCOME_OF:
        return _OUTCOME_OF[intent]
    for group in _GROUPS:
        if intent.startswith(group):
            return f"{group[:-1]}/{intent[len(group) :]}"
    return intent


def action_of(label: str) -> str:
    """The action that answers a label."""
    return ACTION_CONTACTS if label == labels.CONTACT else labels.response_of(label)


def label_of_action(action: str) -> str:
    """The label that an action answers."""
    if action in HANDOFF_ACTIONS:
        return labels.CONTACT
    return label_of(action[len("utter_") :]) if action.startswith("utter_") else action
