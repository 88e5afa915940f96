"""Hides what would tell who a patient is, before anything is stored, sent on or logged. See docs/privacy.md.

`Redactor.redact` takes the words as typed and gives them back with placeholders such as `[phone number]`. Presidio's
analyzer runs our own recognisers, some of its own, and spaCy's names; what is clinical is kept (`keep.yml`).
"""

from bot.redact.kinds import KINDS, WITHHELD, Redacted
from bot.redact.redactor import Redactor, shared_redactor

__all__ = ["KINDS", "WITHHELD", "Redacted", "Redactor", "shared_redactor"]
