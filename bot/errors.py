"""Named errors. Each message says where, what, what was got, and what to do next."""

from __future__ import annotations


class MarrowError(Exception):
    """Base of every error that Marrow raises on purpose; its text is meant for an operator to read."""


class SettingsError(MarrowError):
    """A setting in `.env` or the environment cannot be used."""


class AnswerError(MarrowError):
    """An answer, fact or placeholder in `domain.yml` or `data/facts.yml` cannot be used."""


class WeightsError(MarrowError):
    """A weight file is missing or is not the file that was reviewed (SHA-256)."""


class ModelError(MarrowError):
    """A trained model is missing, half written or of another version."""


class BrainError(MarrowError):
    """The brain did not answer, or answered something that is not a reply."""


class StoreError(MarrowError):
    """The journal cannot be read or written at the moment: locked, full, unreachable or of another version."""
