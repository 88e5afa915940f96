"""The redactor, loaded once."""

from __future__ import annotations

import pytest

from bot.redact.redactor import Redactor


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    """As the door has it."""
    return Redactor()
