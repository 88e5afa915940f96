"""The widget's files: its size, what it may not contain, its words in each language, and the contrast of the tokens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from bot.door.pages import languages, small
from tests.browser.chat import Chat
from tests.browser.english import SCRIPTS, all_english, english

STATIC = Path(__file__).resolve().parents[2] / "bot" / "door" / "static"
LIMIT_BYTES = 12 * 1024
OTHERS = [tag for tag in languages() if tag != "en"]


def words(tag: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "widget" / "lang" / f"{tag}.json").read_text(encoding="utf-8"))
    return found


def test_when_the_script_is_served_then_it_stays_under_12_kb() -> None:
    size = len(small(STATIC / "widget.js").gzipped)
    assert size <= LIMIT_BYTES, f"widget.js: {size:,} bytes as served, the limit is {LIMIT_BYTES:,}"


@pytest.mark.parametrize("script", SCRIPTS)
def test_when_a_script_is_written_then_nothing_in_it_is_lost_when_it_is_made_small(script: str) -> None:
    # rjsmin takes the inner one of two template literals for code and drops its spaces
    written = (STATIC / script).read_text(encoding="utf-8")
    assert re.findall(r"\$\{[^{}`]*`", written) == [], "put no template literal into another"
    served = small(STATIC / script).plain.decode()
    assert "/* " not in served
    for text in english(script).values():
        assert json.dumps(text) in served or json.dumps(text, ensure_ascii=False) in served, text


def test_when_the_languages_are_counted_then_script_and_files_agree() -> None:
    (named,) = re.findall(r"const LANGUAGES = /\^\(([a-z|]+)\)", (STATIC / "widget.js").read_text(encoding="utf-8"))
    assert named.split("|") == OTHERS
    assert {"en", "zh", "ar", "es", "ru", "fr", "de", "ja", "ko", "pt", "it", "tr"} <= set(languages())


def test_when_words_are_english_then_each_has_one_place_and_is_used() -> None:
    counted = [key for script in SCRIPTS for key in english(script)]
    assert len(counted) == len(set(counted)) > 90
    code = "".join((STATIC / script).read_text(encoding="utf-8") for script in SCRIPTS)
    families = ("danger_", "handoff_", "hide_", "size_", "word_")
    unused = [key for key in counted if not key.startswith(families) and len(re.findall(rf"\b{key}\b", code)) < 2]
    assert unused == []


@pytest.mark.parametrize("tag", OTHERS)
def test_when_the_words_are_in_another_language_then_none_is_missing_and_each_placeholder_stays(tag: str) -> None:
    theirs, ours = words(tag), all_english()
    assert list(theirs) == list(ours)
    for key, text in ours.items():
        assert theirs[key].strip() == theirs[key] != "", key
        assert sorted(re.findall(r"\{\w+\}", theirs[key])) == sorted(re.findall(r"\{\w+\}", text)), key
        if len(text) > 25:
            assert theirs[key] != text, f"{key} is still English"


def test_when_a_file_is_read_then_nothing_comes_from_another_host() -> None:
    for file in STATIC.rglob("*.*"):
        hosts = set(re.findall(r"https?://(\w[\w.-]*)", file.read_text(encoding="utf-8"))) - {"www.w3.org"}
        hosts = {host for host in hosts if not host.endswith(".example")}  # what a web editor is shown
        assert hosts == set(), f"{file.name} names {hosts}"


def test_when_the_script_is_read_then_no_text_can_become_markup() -> None:
    script = "".join(file.read_text(encoding="utf-8") for file in STATIC.rglob("*.js"))
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert sink not in script, f"a script uses {sink}; make elements and text nodes instead"


def _tokens(scheme: str) -> dict[str, str]:
    css = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--m-([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--m-([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TEXT_ON = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "accent", "warm", "danger", "ok")
        for ground in ("paper", "surface")
    ),
    *((ink, "sunk") for ink in ("ink", "ink-2")),
    ("on-fill", "fill"),
    ("on-fill", "fill-hover"),
    ("on-soft", "soft"),
    ("warm", "warm-soft"),
    ("ink", "warm-soft"),
    ("on-danger", "warm-fill"),
    ("danger", "danger-soft"),
    ("ink", "danger-soft"),
    ("on-danger", "danger-fill"),
]
EDGES_ON = [(edge, ground) for edge in ("line-strong", "focus") for ground in ("paper", "surface")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"),
    [
        *(pytest.param(*pair, 4.5, id=f"{pair[0]}_on_{pair[1]}") for pair in TEXT_ON),
        *(pytest.param(*pair, 3.0, id=f"{pair[0]}_edge_on_{pair[1]}") for pair in EDGES_ON),
    ],
)
def test_when_two_tokens_meet_then_their_contrast_is_enough(scheme: str, front: str, ground: str, least: float) -> None:
    tokens = _tokens(scheme)
    assert _contrast(tokens[front], tokens[ground]) >= least


@pytest.mark.slow  # a real browser
@pytest.mark.parametrize(
    "context",
    [
        {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
        for width in (320, 390, 768, 1280)
        for scheme in ("light", "dark")
    ],
    ids=[f"{width}_{scheme}" for width in (320, 390, 768, 1280) for scheme in ("light", "dark")],
    indirect=True,
)
def test_when_the_demo_page_is_shown_then_axe_finds_nothing_and_nothing_is_clipped(chat: Chat) -> None:
    chat.page.goto(f"{chat.door.url}/demo")
    chat.launcher.wait_for()
    found = Axe().run(chat.page)
    assert found.violations_count == 0, found.generate_report()
    assert chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
