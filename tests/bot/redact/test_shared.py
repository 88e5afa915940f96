"""The redactor of a process."""

from __future__ import annotations

import subprocess
import sys

from bot.settings import ROOT

LOADED = """
import gc
from bot.redact.known import known
from bot.redact.shared import shared_redactor
redactor = shared_redactor()
redactor.redact("")
assert known.cache_info().currsize, "the lists are still to be read"
assert gc.get_freeze_count() > 50_000, "the collector looks through all of it, and the door stands still meanwhile"
"""


def test_when_the_first_patient_writes_then_all_is_loaded_and_nothing_of_it_is_collected() -> None:
    subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, timeout=120)
