"""Messages with others beside them: who tells of danger often asks about parking in the same breath.

Few training messages are long and mixed; what learns from them must not take what stands around a danger for it, nor
lose it there. So messages are learned a second time, beside what other messages ask and tell.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

LONGEST = 110  # characters; of a question or statement beside a message
_QUESTION, _STATEMENT = "Where do we park?", "I write for my father"  # where there are no messages to draw from
_FORMS = (
    "{question} {text}",
    "{text}. {question}",
    "it's probably nothing but {text}",
    "Hello dear team, {text} thanks a lot",
    "{one}. {text}",
    "{text}. {one}. {two}",
    "{one}. {two}. {text}. {three}. {four}",
    "{one}, and {text}. {question}",
)
FORMS = len(_FORMS)


class Beside:
    """Puts harmless messages beside others.

    Args:
        harmless: Messages that tell of no danger; those longer than `LONGEST` are not used.
        draw: Chooses among them.
    """

    def __init__(self, harmless: Sequence[str], draw: random.Random) -> None:
        self._draw = draw
        short = [text for text in harmless if len(text) < LONGEST]
        self._questions = [text for text in short if "?" in text] or [_QUESTION]
        self._statements = [text for text in short if "?" not in text] or [_STATEMENT]

    def several(self, text: str, forms: int = FORMS) -> list[str]:
        """A message in as many forms, each beside messages of its own."""
        chosen = _FORMS if forms == FORMS else self._draw.sample(_FORMS, forms)
        return [self._fill(form, text) for form in chosen]

    def one(self, text: str) -> str:
        """A message in one form."""
        return self._fill(self._draw.choice(_FORMS), text)

    def _fill(self, form: str, text: str) -> str:
        said = dict(zip(("one", "two", "three", "four"), self._draw.choices(self._statements, k=4)))
        return form.format(question=self._draw.choice(self._questions), text=text, **said)


__all__ = ["FORMS", "LONGEST", "Beside"]
