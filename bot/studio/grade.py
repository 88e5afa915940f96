"""The reading grade of a text: years of school that it asks for (Flesch and Kincaid).

The tests hold every text of the project to a dictionary of syllables; here, while a trainer writes, syllables are
counted by rule, which is mostly within a grade of it, and names are not known: so it only asks for a reason.
"""

from __future__ import annotations

import re

MOST = 8.0
"""The highest grade that a patient should have to read."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_WORD = re.compile(r"\w[\w'-]*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """How many syllables an English word has, roughly."""
    lowered = re.sub(r"[^a-z]", "", word.lower())
    if not lowered:
        return 1
    count = len(_VOWELS.findall(lowered))
    if lowered.endswith("e") and not lowered.endswith(("le", "ee")) and count > 1:
        count -= 1
    if lowered.endswith(("es", "ed")) and not re.search(r"(?:[sxzt]|ch|sh|[cg]|[dt])e[sd]$", lowered) and count > 1:
        count -= 1
    if re.search(r"(?:i[aou]|eo|ua)(?!ti)", lowered) and not re.search(r"(?:tion|sion|cial|tial|cian)", lowered):
        count += 1
    return max(1, count)


def grade(text: str) -> float:
    """The grade; every line counts as a sentence, a placeholder or number as one short word; 0 of no words."""
    text = _PLACEHOLDER.sub("one", text)
    parts = [words for part in _SENTENCE.split(text) if (words := _WORD.findall(part))]
    words = [word for part in parts for word in part]
    if not words:
        return 0.0
    heard = sum(1 if any(sign.isdigit() for sign in word) or word.isupper() else syllables(word) for word in words)
    return max(0.0, round(0.39 * len(words) / len(parts) + 11.8 * heard / len(words) - 15.59, 1))
