"""What the tagger is told of each piece of a text: its form, the lists it is in, labels before it, what the rules found.

Longer than 300 lines because what is told of a piece is easier to follow in one place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache

from bot.redact.birth import DATE
from bot.redact.cased import said
from bot.redact.keep import clinical, clinical_words, kept, kept_words
from bot.redact.kinds import Span
from bot.redact.labels import alternatives, label
from bot.redact.lexicon import is_given, is_ordinary, is_surname, meaning, plain, small_words, sounds_clinical, words
from bot.redact.tokens import Token

LABELS = ("passport", "national_id", "record_number", "phone", "bank", "card", "handle", "birth", "address")
"""Groups of `labels.yml` that stand before what they tell of."""
PARTS = ("street", "unit", "locality")
"""Groups of `labels.yml` that are parts of addresses."""
SAID = ("introducers", "leads", "titles", "relations", "sign_offs")
"""Groups of `names.yml`."""
REACH = 12
"""A label counts for so many pieces behind it."""

_SCRIPTS = (
    ("\u0370", "latin"),
    ("\u0400", "greek"),
    ("\u0530", "cyrillic"),
    ("\u0590", "caucasian"),
    ("\u0600", "hebrew"),
    ("\u0780", "arabic"),
    ("\u0e00", "indic"),
    ("\u10a0", "thai"),
    ("\u1100", "caucasian"),
    ("\u1200", "hangul"),
    ("\u1e00", "indic"),
    ("\u3000", "latin"),
    ("\u3041", "cjk"),
    ("\u3400", "kana"),
    ("\uac00", "han"),
    ("\ud7b0", "hangul"),
)


_UNSPACED = ("han", "kana", "hangul", "thai")
"""Scripts whose pieces are short and say more in pairs."""


def _script(character: str) -> str:
    for limit, name in _SCRIPTS:
        if character < limit:
            return name
    return "other"


def _bucket(number: int) -> str:
    return str(number) if number <= 12 else "13-16" if number <= 16 else "17-20" if number <= 20 else "21+"


_SHAPE = (
    (re.compile(r"[0-9]"), "0"),
    (re.compile(r"[^\W\d_]"), "a"),
)


@cache
def _whole_words() -> dict[str, re.Pattern[str]]:
    """Parts of addresses as whole words: `st` is none within `stem`."""
    return {name: re.compile(rf"(?<![\w.])(?:{alternatives(name)})(?!\w)", re.IGNORECASE) for name in PARTS}


def _shape(text: str) -> str:
    """`Aa` for a word with a capital, `0000` for four digits, a sign itself."""
    first = text[0]
    if first.isdigit():
        return "0" * min(len(text), 9)
    if not first.isalpha():
        return first
    if text.islower():
        return "a" if len(text) > 2 else "a" * len(text)
    if len(text) == 1:
        return "A" if first.isupper() else "c"
    if text.isupper():
        return "AA" if len(text) > 3 else "A" * len(text)
    return "Aa" if first.isupper() and text[1:].islower() else "aA" if text.upper() != text.lower() else "w"


def _lists(word: str) -> str:
    """Which lists have a word, as letters: one string, so that their combinations count."""
    signs = ""
    if is_given(word):
        signs += "g"
    if is_surname(word):
        signs += "s"
    if is_ordinary(word):
        signs += "o"
    if word in words("places"):
        signs += "p"
    if word in kept_words():
        signs += "k"
    if word in clinical_words() or sounds_clinical(word):
        signs += "c"
    if word in small_words("english") or word in small_words("cased"):
        signs += "e"
    if word in small_words("particles"):
        signs += "d"
    if word in small_words("pinyin_surnames") or word in small_words("vietnamese_surnames"):
        signs += "v"
    return signs


def _marks(tokens: Sequence[Token], starts: Sequence[int], spans: Iterable[tuple[int, int, str]]) -> list[list[str]]:
    """For each token the names of the spans that cover it."""
    marked: list[list[str]] = [[] for _ in tokens]
    for start, end, name in spans:
        place = max(0, bisect_right(starts, start) - 1)
        if place < len(tokens) and tokens[place].end <= start:
            place += 1
        first = True
        while place < len(tokens) and tokens[place].start < end:
            if first:
                marked[place].append("^" + name)
                first = False
            if name not in marked[place]:
                marked[place].append(name)
            place += 1
    return marked


def _behind(tokens: Sequence[Token], starts: Sequence[int], ends: Iterable[tuple[int, str]]) -> list[dict[str, int]]:
    """For each token how many tokens ago a label of each name ended, up to `REACH`."""
    far: list[dict[str, int]] = [{} for _ in tokens]
    for end, name in ends:
        place = bisect_left(starts, end)
        for step, at in enumerate(far[place : place + REACH]):
            at[name] = step  # the last one is the nearest
    return far


_RUN = re.compile(r"[0-9](?:[0-9]|[ ./()-]{1,2}(?=[0-9(]))*")
_CHUNK = re.compile(r"\S+")


def _within(starts: Sequence[int], found: re.Match[str]) -> tuple[int, int]:
    """The places of the tokens that begin inside what was found: the first, and one behind the last."""
    return bisect_left(starts, found.start()), bisect_left(starts, found.end())


def _chunks(text: str, tokens: Sequence[Token], starts: Sequence[int]) -> list[str]:
    """For each token the form of what stands between two spaces: `00/00/0000`, `A00000000`."""
    forms = [""] * len(tokens)
    for found in _CHUNK.finditer(text):
        if len(found[0]) > 40 or not any(map(str.isdigit, found[0])):
            continue
        form = found[0].strip(".,;:!?()[]،。，、")
        for pattern, sign in _SHAPE:
            form = pattern.sub(sign, form)
        form = re.sub(r"a{3,}", "aa", form)
        first, end = _within(starts, found)
        forms[first:end] = [form] * (end - first)
    return forms


def _runs(text: str, tokens: Sequence[Token], starts: Sequence[int]) -> list[tuple[int, int]]:
    """For each token of digits how many digits, in how many groups, stand in one row."""
    counts = [(0, 0)] * len(tokens)
    for found in _RUN.finditer(text):
        first, end = _within(starts, found)
        groups = [token for token in tokens[first:end] if token.text[0].isdigit()]
        counts[first:end] = [(sum(len(token.text) for token in groups), len(groups))] * (end - first)
    return counts


_SENTENCE = frozenset(".!?:\n•*|>…。！？;")


def features(text: str, tokens: Sequence[Token], findings: Sequence[Span]) -> list[list[str]]:
    """What is told of each token.

    Args:
        text: The plain text.
        tokens: Its pieces.
        findings: What the rules found, before they were settled, with what was dropped as clinical.
    """
    if not tokens:
        return []
    starts = [token.start for token in tokens]
    found_by = _marks(
        tokens, starts, ((span.start, span.end, span.kind + ("!" if span.strong else "?")) for span in findings)
    )
    covered: list[tuple[int, int, str]] = [(low, high, "kept") for low, high in kept(text)]
    covered += [(low, high, "clinical") for low, high in clinical(text)]
    if any(map(str.isdigit, text)):
        covered += [(*found.span(), "date") for found in DATE.finditer(text)]
    ends: list[tuple[int, str]] = []
    for name in LABELS:
        for found in label(name).finditer(text):
            covered.append((found.start(), max(found.end(), found.start() + 1), "l:" + name))
            ends.append((found.end(), name))
    for name, pattern in _whole_words().items():
        for found in pattern.finditer(text):
            covered.append((*found.span(), "l:" + name))
            ends.append((found.end(), name))
    for name in SAID:
        for found in said()[name].finditer(text):
            ends.append((found.end(), name))
    over = _marks(tokens, starts, covered)
    far = _behind(tokens, starts, sorted(ends))
    forms = _chunks(text, tokens, starts)
    runs = _runs(text, tokens, starts)

    lowered = [plain(token.text) for token in tokens]
    shapes = [_shape(token.text) for token in tokens]
    letters = [token.text[0].isalpha() for token in tokens]
    listed = [_lists(word) if letter else "" for word, letter in zip(lowered, letters)]
    scripts = [_script(token.text[0]) if letter else "" for token, letter in zip(tokens, letters)]
    glued = [place > 0 and tokens[place - 1].end == token.start for place, token in enumerate(tokens)]
    line = [
        text.count("\n", 0 if place == 0 else tokens[place - 1].end, token.start) for place, token in enumerate(tokens)
    ]
    classes = [f"{shape}/{lists}" if letter else shape for shape, lists, letter in zip(shapes, listed, letters)]
    own: list[list[str]] = []
    for place, token in enumerate(tokens):
        these = [f"c={classes[place]}", f"s={shapes[place]}"]
        these += [f"r={name}" for name in found_by[place]]
        these += [f"v={name}" for name in over[place]]
        if not glued[place]:
            these.append("space")
        if letters[place]:
            these.append(f"script={scripts[place]}")
            these.append(f"l={listed[place]}")
            group = meaning(token.text.lower()) or meaning(lowered[place])
            if group:
                these.append(f"m={group}")
        own.append(these)
    out: list[list[str]] = []
    last = len(tokens) - 1
    for place, token in enumerate(tokens):
        word = lowered[place]
        these = [f"w={word[:24]}", *own[place]]
        if letters[place]:
            if len(word) > 3:
                these += [f"p2={word[:2]}", f"p3={word[:3]}", f"e2={word[-2:]}", f"e3={word[-3:]}", f"e4={word[-4:]}"]
            these.append(f"n={min(len(word), 9)}")
        elif token.text[0].isdigit():
            digits, groups = runs[place]
            these += [f"run={_bucket(digits)}", f"run={_bucket(digits)}/{min(groups, 5)}", f"g={min(groups, 5)}"]
            if len(token.text) <= 4:
                number = int(token.text)
                these.append(
                    "year-long-ago"
                    if 1900 <= number <= 2005
                    else "year"
                    if 2006 <= number <= 2030
                    else "month"
                    if 1 <= number <= 12
                    else "day"
                    if number <= 31
                    else "number"
                )
        if forms[place]:
            these.append(f"f={forms[place]}")
        if place == 0 or line[place]:
            these.append("line")
        elif tokens[place - 1].text in _SENTENCE:
            these.append("begins")
        if place == last:
            these.append("last")
        elif line[place + 1]:
            these.append("line-end")
        these.append(
            f"at={'0' if place == 0 else '1' if place < 3 else '2' if place < 8 else 'm' if place + 4 < last else 'e'}"
        )
        if far[place]:
            nearest = min(far[place].items(), key=lambda item: item[1])
            these.append(f"after={nearest[0]}")
            for name, step in far[place].items():
                these.append(
                    f"after={name}:{'0' if step == 0 else '1' if step == 1 else '3' if step <= 3 else '6' if step <= 6 else '12'}"
                )
        for step in (-3, -2, -1, 1, 2, 3):
            beside = place + step
            if 0 <= beside <= last:
                these.append(f"{step}w={lowered[beside][:16]}")
                if -2 <= step <= 2:
                    these += [f"{step}{name}" for name in own[beside]]
                else:
                    these.append(f"{step}c={classes[beside]}")
            elif step in (-1, 1):
                these.append(f"{step}none")
        if place > 0:
            these += [
                f"-1w0c={lowered[place - 1][:16]}|{classes[place]}",
                f"-1c0c={classes[place - 1]}|{classes[place]}",
            ]
            if place > 1:
                these.append(f"-2w-1w={lowered[place - 2][:12]}|{lowered[place - 1][:12]}")
                these.append(f"-2s-1s0s={shapes[place - 2]}|{shapes[place - 1]}|{shapes[place]}")
        if place < last:
            these += [f"0c1w={classes[place]}|{lowered[place + 1][:16]}", f"0c1c={classes[place]}|{classes[place + 1]}"]
            if scripts[place] in _UNSPACED:
                these.append(f"0w1w={word}|{lowered[place + 1][:8]}")
            if place > 0:
                these.append(f"-1s0s1s={shapes[place - 1]}|{shapes[place]}|{shapes[place + 1]}")
                these.append(f"-1w1w={lowered[place - 1][:12]}|{lowered[place + 1][:12]}")
        if place > 0 and scripts[place] in _UNSPACED:
            these.append(f"-1w0w={lowered[place - 1][:8]}|{word}")
        out.append(these)
    return out
