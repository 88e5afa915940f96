"""The fixed labels, and how each is called inside Rasa.

A label (`faq/cart_duration`) is what is understood, answered, logged, reviewed and taught. Rasa's intents and actions
must not hold a slash, so inside Rasa it is the intent `faq_cart_duration` and the response `utter_faq_cart_duration`.
"""

from __future__ import annotations

import re

FAQ = (
    "faq/cart_what_is",
    "faq/cart_eligibility",
    "faq/cart_experience",
    "faq/cart_outcomes",
    "faq/cart_duration",
    "faq/cart_relapse",
    "faq/bmt_what_is",
    "faq/bmt_diseases",
    "faq/bmt_types",
    "faq/bmt_outcomes",
    "faq/bmt_survival",
    "faq/bmt_duration",
    "faq/cord_blood_uses",
    "faq/cord_blood_experience",
    "faq/cord_blood_story",
    "faq/centres_overview",
    "faq/centre_detail",
    "faq/medical_tourism_safety",
    "faq/international_support",
)
CONTACT = "contact_human"
SMALL_TALK = ("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge")
SAFETY = ("safety/emergency", "safety/self_harm", "safety/personal_advice")
TOPICS = (
    "topic/cost",
    "topic/insurance",
    "topic/visa_travel",
    "topic/accommodation",
    "topic/side_effects",
    "topic/aftercare",
    "topic/donor",
    "topic/gvhd",
    "topic/fertility",
    "topic/diet_infection",
    "topic/age_limits",
    "topic/other_diseases",
    "topic/records",
    "topic/appointment",
    "topic/privacy",
)
OUT_OF_SCOPE = ("out_of_scope/medical", "out_of_scope/other")

LABELS: tuple[str, ...] = (*FAQ, CONTACT, *SMALL_TALK, *SAFETY, *TOPICS, *OUT_OF_SCOPE)
"""Every label that Marrow came with; trainers teach more, see `is_taught`."""

OUTCOMES = ("clarify", "fallback")
"""Labels of what the bot did when it gave no answer: readings offered, or an honest miss."""

FOLLOWUPS: dict[str, str] = {
    "followup_duration": "duration",
    "followup_outcomes": "outcomes",
    "followup_experience": "experience",
    "followup_eligibility": "eligibility",
    "followup_what_is": "what_is",
    "followup_more": "",
}
"""Intents of questions without a subject of their own, and the aspect each asks for; "" asks for anything more."""

SUBJECTS = ("cart", "bmt", "cord_blood", "centres", "none")
ASPECTS = (
    "what_is",
    "eligibility",
    "experience",
    "outcomes",
    "survival",
    "duration",
    "relapse",
    "types",
    "story",
    "none",
)

REVIEWED = ("faq/", "topic/")
"""Groups that hold medical content, those that trainers made too: only their answers can be kept from patients."""

TAUGHT = re.compile(r"(faq|topic)/[a-z][a-z0-9_]{1,39}")
"""What a label looks like that a trainer made. It lives in the project's files alone."""

_LABEL_OF_INTENT = {label.replace("/", "_"): label for label in LABELS}


def intent_of(label: str) -> str:
    """The Rasa intent of a label: `faq/cart_duration` -> `faq_cart_duration`."""
    return label.replace("/", "_")


def is_taught(label: str) -> bool:
    """Whether a label is one that a trainer made: of the form of `TAUGHT`, and none of `LABELS`."""
    return label not in LABELS and TAUGHT.fullmatch(label) is not None


def label_of(intent: str) -> str | None:
    """The label of a Rasa intent; None for an intent that has none of its own (follow-ups, `nlu_fallback`)."""
    taught = intent.replace("_", "/", 1)
    return _LABEL_OF_INTENT.get(intent) or (taught if is_taught(taught) else None)


def response_of(label: str) -> str:
    """The response in `domain.yml` that answers a label: `utter_` and its intent."""
    return f"utter_{intent_of(label)}"
