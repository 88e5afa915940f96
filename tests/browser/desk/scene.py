"""A desk with some life in it: conversations of every kind, said through the real door with a scripted brain."""

from __future__ import annotations

from typing import Any

RANKING = [
    ("faq/cart_duration", 0.83), ("faq/bmt_duration", 0.11), ("faq/cart_experience", 0.03), ("topic/aftercare", 0.02),
    ("topic/cost", 0.01),
]  # fmt: skip
ANSWER = {
    "label": "faq/cart_duration", "source": "Patient guide to CAR-T, chapter 4", "owner": "Cell therapy team",
    "reviewed_on": "2026-05-02", "review_by": "2027-05-02", "state": "reviewed",
}  # fmt: skip


def understood(label: str, confidence: float, outcome: str, **more: Any) -> dict[str, Any]:
    """What a brain says that it understood."""
    others = [(name, score) for name, score in RANKING if name != label]
    ranking = [{"label": name, "confidence": score} for name, score in ((label, confidence), *others)]
    return {
        "label": label, "confidence": confidence, "outcome": outcome, "ranking": ranking, "language": "en",
        "screen": {"verdict": "none", "rule": None, "span": None}, **more,
    }  # fmt: skip


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """What the scripted brain answers."""
    text = body.get("text", body.get("choice", ""))
    if "person" in text:
        reply = {"text": "I am asking a person to join.", "label": "contact_human", "handoff": {"kind": "person_now"}}
        return {"replies": [reply], "understood": understood("contact_human", 0.97, "handoff"), "state": {}}
    if "zebra" in text:
        reply = {"text": "I am sorry, I did not understand that.", "label": "fallback"}
        return {"replies": [reply], "understood": understood("out_of_scope/other", 0.21, "fallback"), "state": {}}
    reply = {
        "text": "Most people stay in hospital for two to three weeks after the cells are given back.",
        "label": "faq/cart_duration", "answer": ANSWER,
        "buttons": [{"label": "What happens during it?", "payload": "/faq_cart_experience"}],
    }  # fmt: skip
    return {"replies": [reply], "understood": understood("faq/cart_duration", 0.83, "answer"), "state": {}}


def fill(console: Any) -> dict[str, Any]:
    """Fills a desk; gives the patients by what happened to them."""
    console.served.brain.answer = answer
    patients: dict[str, Any] = {}

    def say(name: str, *texts: str, language: str = "en") -> Any:
        patient = patients.get(name)
        if patient is None:
            patient = patients[name] = console.begin(language=language, time_zone="Asia/Kolkata")
        for text in texts:
            patient.answer_to(patient.say(text).json()["seq"])
        return patient

    down = say("disliked", "How long will I have to stay in hospital after CAR-T?")
    last = down.events()[-1]["seq"]
    down.post("feedback", seq=last, value="down", comment="I asked about the time before it, not after")
    say("unanswered", "do you have a zebra in the garden?", "and a zebra at the door?")
    say("danger", "how long does it take", "My father has a fever of 39.5 and is confused since this morning")
    say("waiting", "How long does it take for the cells to be made?", "I want to talk to a real person please")
    call = say("call back", "Wie lange dauert es?", language="de")
    call.post(
        "contact", consent=True, name="Ines", phone="+49 30 1234567", note="about cord blood", time_zone="Europe/Berlin"
    )
    long = "We live far away and my mother can only travel when my brother is at home. " * 8
    say("long", long, "هل يمكننا القدوم من بعيد؟", language="ar")
    return patients
