"""The widget's English words, read out of its scripts: what every other language must have, too."""

from __future__ import annotations

import json
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "bot" / "door" / "static"
SCRIPTS = ("widget.js", "widget/talk.js", "widget/more.js")


def english(script: str) -> dict[str, str]:
    """The words of one script, by key."""
    block = (
        (STATIC / script)
        .read_text(encoding="utf-8")
        .split("const WORDS = {\n", 1)[1]
        .split("\n  };" if "/" not in script else "\n};", 1)[0]
    )
    return {key: json.loads(value) for key, value in re.findall(r'^\s*(\w+): ("(?:[^"\\]|\\.)*"),$', block, re.M)}


def all_english() -> dict[str, str]:
    """The words of all scripts."""
    return {key: value for script in SCRIPTS for key, value in english(script).items()}
