"""Hides what would tell who a patient is, before anything is stored, sent on or logged. See docs/privacy.md.

A text goes in as typed and comes back with placeholders such as `[phone number]`. Presidio's analyzer runs our own
recognisers and spaCy's names; what is clinical is kept (`keep.yml`).
"""

from bot.redact.kinds import KINDS, WITHHELD, Redacted
from bot.redact.shared import SharedRedactor, shared_redactor

__all__ = ["KINDS", "WITHHELD", "Redacted", "SharedRedactor", "shared_redactor"]
