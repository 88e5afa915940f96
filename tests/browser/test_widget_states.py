"""Every state of the widget: axe finds nothing, nothing is clipped, all there is to press is large, and a picture is taken.

The pictures lie in `results/screenshots`; they are for eyes, and no test compares them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from tests.browser.chat import Chat
from tests.browser.states import LOOKS, PHONE, SHOWN, STATES

pytestmark = pytest.mark.slow  # a real browser

PICTURES = Path(__file__).resolve().parents[2] / "results" / "screenshots"

CLIPPED = """() => [...document.querySelector("marrow-chat").shadowRoot.querySelectorAll("*")].filter((node) => {
    const box = node.getBoundingClientRect();
    const shown = box.width > 1 && box.height > 1 && node.checkVisibility() && !node.closest("svg, .hush");
    const style = getComputedStyle(node);
    return shown && style.clipPath === "none" && (box.left < -0.5 || box.right > innerWidth + 0.5
        || (node.scrollWidth > node.clientWidth + 1 && style.overflowX !== "visible" && !["TEXTAREA", "INPUT"].includes(node.tagName))
        || (node.scrollHeight > node.clientHeight + 1 && ["hidden", "clip"].includes(style.overflowY)));
}).map((node) => node.outerHTML.slice(0, 120))"""

# A checkbox is pressed by its label. Links in running words are as high, and as wide as their words.
SMALL = """() => [...document.querySelector("marrow-chat").shadowRoot.querySelectorAll(
    "button, summary, input:not([type=checkbox]), select, textarea, label.check, a")]
    .filter((node) => node.checkVisibility() && !node.closest(".hush"))
    .map((node) => [node, node.getBoundingClientRect()])
    .filter(([node, { width, height }]) => height < 43.9 || width < (node.closest("p, li .text") && node.tagName === "A" ? 24 : 43.9))
    .map(([node, { width, height }]) => `${node.outerHTML.slice(0, 100)} ${width} x ${height}`)"""


def look_at(chat: Chat, name: str) -> None:
    """Takes a picture, asks axe, and measures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    chat.page.screenshot(path=PICTURES / f"{name}.png")
    found = Axe().run(chat.page)
    wrong = [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found.response["violations"]]
    assert wrong == []
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= chat.page.viewport_size["width"]  # type: ignore[index]
    assert chat.page.evaluate(CLIPPED) == []
    assert chat.page.evaluate(SMALL) == []


SHOWS = [(look, state) for look, states in SHOWN.items() for state in states]


@pytest.mark.parametrize(
    ("context", "look", "state"),
    [pytest.param(LOOKS[look].context, look, state, id=f"{look}-{state}") for look, state in SHOWS],
    indirect=["context"],
)
def test_when_a_state_is_shown_then_axe_finds_nothing_and_nothing_is_clipped_or_small(
    chat: Chat, look: str, state: str
) -> None:
    chat.defaults = LOOKS[look].data
    if LOOKS[look].css:
        chat.page.add_init_script(
            "const sheet = new CSSStyleSheet();"
            f"sheet.replaceSync({LOOKS[look].css!r});"
            "document.adoptedStyleSheets = [sheet];"
        )
    STATES[state](chat)
    look_at(chat, f"{look}-{state}")
    if look == "desktop" and state != "delete":
        chat.page.emulate_media(color_scheme="dark")
        chat.page.set_viewport_size(PHONE["viewport"])
        chat.page.wait_for_timeout(150)  # the panel becomes a sheet
        look_at(chat, f"dark_phone-{state}")
