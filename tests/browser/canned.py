"""The replies of the fake door: one of every kind that the widget must show. Figures follow the real sources."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

STATE = "published by source, not yet clinically reviewed"


def _provenance(label: str) -> Json:
    return {
        "label": label,
        "source": "the hospital's FAQ page",
        "owner": "International patient office",
        "reviewed_on": "2026-11-22",
        "review_by": "2027-05-22",
        "state": STATE,
    }


def _buttons(*labels: str) -> list[Json]:
    return [{"label": label, "choice": f"signed:{label}"} for label in labels]


GREETING: Json = {
    "text": "Hello, I am Marrow, a program. Ask me about CAR-T cell therapy or a transplant. People wrote the answers.",
    "answer": {"label": "greet"},
}
DURATION: Json = {
    "text": "The hospital says that its CAR-T clinical trial takes about 6-8 weeks.",
    "answer": _provenance("faq/cart_duration"),
    "buttons": _buttons("How well does it work?", "Who can take part?", "Can it come back afterwards?"),
}
LONG: Json = {
    "text": (
        "A blood and marrow transplant takes cells that are normally found in the bone marrow, processes them, and "
        "gives them back to the same person or to another.\n\nIts goal is to give healthy marrow cells to a person "
        "after their own unhealthy marrow has been eliminated. It has been used since 1968.\n\n"
        "The hospital lists the diseases that most often benefit:\n"
        "- Leukemias\n- Severe aplastic anemia\n- Lymphomas\n- Multiple myeloma\n- Immune deficiency disorders\n\n"
        "More is on https://hospital.example/faq, or ask +13264500477 or help@hospital.example."
    ),
    "answer": _provenance("faq/bmt_what_is"),
    "buttons": _buttons("Which kinds are there?", "How long does it take?"),
}
CLARIFY: Json = {
    "text": "Which one do you mean?",
    "answer": {"label": "clarify"},
    "buttons": _buttons(
        "How long CAR-T takes",
        "How long a transplant from a donor takes",
        "How long a transplant of my own cells takes",
    ),
}
DANGER: Json = {
    "text": (
        "This may need urgent care. I can't assess you. Call the 24-hour number now: +86 10 5555 0124. With trouble "
        "breathing, confusion, a seizure or heavy bleeding call 120. Say that you had CAR-T or a transplant. "
        "Don't wait for a reply here."
    ),
    "answer": {"label": "safety/emergency"},
    "safety": "emergency",
}
SELF_HARM: Json = {
    "text": (
        "I am sorry that it is this hard. Please talk to a person now: the crisis line 988, or 120 if you are in "
        "danger. You are not alone."
    ),
    "answer": {"label": "safety/self_harm"},
    "safety": "self_harm",
}
CHECK: Json = {
    "text": "If this is happening now, do not wait for a reply here: call the 24-hour number +86 10 5555 0124 or 120.",
    "safety": "check",
}
HANDOFF: Json = {
    "text": "A person can help you. You can call or write, or leave a number and the team calls you back.",
    "answer": {"label": "contact_human"},
    "handoff": {
        "kind": "call_back",
        "phone": "+13264500477",
        "email": "help@hospital.example",
        "hours": "Mon-Fri 08:30-17:00 in Beijing (01:30-10:00 your time)",
        "open_now": False,
        "form": True,
    },
}
STAFF: Json = {
    "from": "staff",
    "name": "Li Na, patient office",
    "text": "Good morning, this is Li Na. I have read your question and am here now.",
}
FALLBACK: Json = {
    "text": "I don't have a reviewed answer to that. The team on +13264500477 can help.",
    "answer": {"label": "fallback"},
}


def reply_to(text: str) -> list[Json]:
    """Gives the replies to a message; `after_s` in the first one asks for a delay in seconds."""
    said = text.lower()
    for word, replies in {
        "/greet": [GREETING],
        "slow": [{**DURATION, "after_s": 3}],
        "fever": [DANGER],
        "die": [SELF_HARM],
        "bleeding": [DURATION, CHECK],
        "person": [HANDOFF],
        "staff": [STAFF],
        "both": [DURATION, LONG],
        "what is": [LONG],
        "how long does it": [CLARIFY],
        "how long": [DURATION],
    }.items():
        if word in said:
            return replies
    return [FALLBACK]
