"""The redactor of a process."""

from __future__ import annotations

import subprocess
import sys

from bot.settings import ROOT

LOADED = """
from bot.redact.known import known
from bot.redact.shared import shared_redactor
redactor = shared_redactor()
redactor.redact("")
assert known.cache_info().currsize, "the lists are still to be read"
"""


def test_when_the_first_patient_writes_then_the_lists_are_read_already() -> None:
    subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, timeout=120)
