"""Every state in which a patient can meet the widget, and the looks in which it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.browser.chat import Chat

State = Callable[[Chat], None]
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
MIDDLE_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@dataclass(frozen=True)
class Look:
    """How a state is shown.

    Attributes:
        context: Options of the browser's context.
        data: Data attributes of the script.
        css: What the page does to its own root.
    """

    context: dict[str, Any] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    css: str = ""


LOOKS = {
    "desktop": Look(),
    "dark_phone": Look({**PHONE, "color_scheme": "dark"}),
    "phone": Look(MIDDLE_PHONE),
    "arabic": Look(MIDDLE_PHONE, {"language": "ar"}),
    "large": Look(PHONE, css="html { font-size: 200% }"),
    "contrast": Look({"forced_colors": "active"}),
    "dark_arabic": Look({"color_scheme": "dark"}, {"language": "ar"}),
}


def _say(text: str, then: str) -> State:
    def act(chat: Chat) -> None:
        chat.start()
        chat.say(text)
        chat.bubble(then).last.wait_for()

    return act


def _consent(chat: Chat) -> None:
    chat.visit().launcher.click()
    chat.panel.locator(".consent .calls a").first.wait_for()


def _unread(chat: Chat) -> None:
    chat.start()
    chat.panel.locator(".tool").nth(1).click()
    chat.door.append(chat.door.only(), **{"from": "staff", "staff": {"name": "Anna"}, "text": "I am here."})
    chat.page.locator("marrow-chat .unread").wait_for()


def _waiting(chat: Chat) -> None:
    chat.start()
    chat.door.answers.clear()
    chat.say("How long is CAR-T?")
    chat.log.locator(".typing").wait_for()


def _unfolded(chat: Chat) -> None:
    _say("both of them", "A blood and marrow transplant")(chat)
    for summary in chat.log.locator("summary").all():
        summary.click()


def _form(chat: Chat) -> None:
    _say("a person", "A person can help you")(chat)
    chat.log.locator(".card .line").click()
    chat.log.locator("form .solid").click()


def _staff(chat: Chat) -> None:
    chat.start()
    chat.door.append(
        chat.door.only(),
        **{"from": "system", "text": "Anna has joined.", "presence": "joined", "staff": {"name": "Anna"}},
    )
    chat.say("staff")
    chat.bubble("I have read your question").wait_for()


def _offline(chat: Chat) -> None:
    chat.start()
    chat.page.context.set_offline(True)
    chat.say("How long is CAR-T?")
    chat.state.locator(".calls").first.wait_for()


def _refused(chat: Chat) -> None:
    chat.start()
    chat.door.failures.append((422, {"detail": "It does not fit."}, 0))
    chat.say("my question")
    chat.log.locator(".failed").wait_for()


def _too_long(chat: Chat) -> None:
    chat.start()
    chat.say("a fever of 39 " + "and more " * 300)
    chat.log.locator(".danger").wait_for()


def _menu(chat: Chat) -> None:
    chat.start()
    chat.menu.click()
    chat.panel.locator(".menu select").wait_for()


def _delete(chat: Chat) -> None:
    _menu(chat)
    chat.panel.locator(".menu .erase").click()
    chat.panel.locator(".ask").wait_for()


def _thumb(chat: Chat) -> None:
    _say("How long is CAR-T?", "The hospital says")(chat)
    chat.log.locator(".thumb.down").last.click()
    chat.log.locator("form.word").wait_for()


def _hidden(chat: Chat) -> None:
    chat.door.redact = {"0171 5551234": ("phone", "phone number"), "Anna Schmidt": ("name", "name")}
    chat.start()
    chat.say("I am Anna Schmidt, please call 0171 5551234. How long is CAR-T?")
    chat.log.locator(".hid").wait_for()
    chat.bubble("The hospital says").wait_for()


def _ended(chat: Chat) -> None:
    chat.start()
    chat.door.failures.append((404, {"title": "No such conversation"}, 0))
    chat.say("How long is CAR-T?")
    chat.begin.wait_for()


STATES: dict[str, State] = {
    "closed": lambda chat: chat.visit().launcher.wait_for(),
    "unread": _unread,
    "consent": _consent,
    "greeting": lambda chat: chat.start(start_questions="How long?|What is it?").page.wait_for_timeout(50),
    "waiting": _waiting,
    "answers_unfolded": _unfolded,
    "readings": _say("how long does it take", "Which one do you mean?"),
    "check": _say("bleeding", "If this is happening now"),
    "danger": _say("a fever of 39", "This may need urgent care"),
    "self_harm": _say("i want to die", "Please talk to a person now"),
    "handoff": _say("a person", "A person can help you"),
    "handoff_form": _form,
    "staff": _staff,
    "offline": _offline,
    "refused": _refused,
    "too_long": _too_long,
    "menu": _menu,
    "delete": _delete,
    "thumb": _thumb,
    "hidden": _hidden,
    "ended": _ended,
}

SHOWN = {
    "desktop": list(STATES),
    "dark_phone": ["delete"],  # the others are looked at on the desktop, and then on a small dark phone, in one page
    "phone": ["consent", "answers_unfolded", "danger", "handoff_form"],
    "arabic": ["closed", "consent", "answers_unfolded", "danger", "handoff_form", "menu"],
    "large": ["closed", "consent", "answers_unfolded", "danger", "handoff_form", "menu"],
    "contrast": ["closed", "readings", "danger", "handoff_form", "menu", "thumb"],
    "dark_arabic": ["staff", "hidden", "readings"],
}
"""Which state is looked at in which look: all of them on the desktop and on a small dark phone, the richest in every look."""
