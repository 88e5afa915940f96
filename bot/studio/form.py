"""What a question must look like before anything else is asked of it, and what is said when it does not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from bot.answer import labels
from bot.studio.question import Question, answer_of

FEWEST = 10
"""Examples with which a new question begins."""

EXAMPLE_CHARACTERS = 500


@dataclass(frozen=True)
class Issue:
    """Something that stands in the way of a change.

    Attributes:
        kind: `collision`, `duplicate`, `grade`, `answer` or `example`.
        said: What is wrong, in a sentence.
        example: The example it is about, or empty.
        other: The colliding example, or empty.
        label: The label of that one, or empty.
        stands: Whether no reason lets it pass.
    """

    kind: str
    said: str
    example: str = ""
    other: str = ""
    label: str = ""
    stands: bool = False


def in_form(wanted: Question, there: Question | None) -> list[Issue]:
    """What is wrong with a question's name and examples, or with who changes its answer; no reason lets it pass.

    Args:
        wanted: How it should be.
        there: How it is; None for a new one.
    """

    def wrong(kind: str, said: str, example: str = "") -> Issue:
        return Issue(kind, said, example, stands=True)

    found = []
    if there is None and not labels.is_taught(wanted.label):
        found.append(
            wrong("answer", "A name is faq/ or topic/, then small letters, digits and _: topic/parking.")
        )  # fmt: skip
    if there is None and len(wanted.examples) < FEWEST:
        found.append(wrong("example", f"A new question needs {FEWEST} different examples, got {len(wanted.examples)}."))
    if not wanted.examples:
        found.append(wrong("example", "A question needs examples."))
    for example in wanted.examples:
        if len(example) > EXAMPLE_CHARACTERS:
            found.append(wrong("example", f"An example has {EXAMPLE_CHARACTERS} characters at most.", example))
        if re.search(r"\][({]", example):
            found.append(wrong("example", "An example cannot hold ]( or ]{: Rasa reads it as an entity.", example))
    if len({example.casefold() for example in wanted.examples}) < len(wanted.examples):
        counted = Counter(example.casefold() for example in wanted.examples)
        twice = [one for one in wanted.examples if counted[one.casefold()] > 1]
        before = {one.casefold() for one in there.examples} if there else set()
        if not set(map(str.casefold, twice)) <= before or len(wanted.examples) > len(there.examples if there else ()):
            found.append(wrong("duplicate", f"This example stands there twice: {twice[0]}", twice[0]))
    if there is not None and not wanted.editable and answer_of(wanted) != answer_of(there):
        found.append(wrong("answer", "Texts of safety, contacts and small talk are changed in an editor."))
    return found
