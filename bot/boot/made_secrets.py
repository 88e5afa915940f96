"""The secrets that a project makes for itself, at its first start or its first command that needs them.

Standard library of Python 3.9 only.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from bot.boot.environments import STATE

SECRETS = STATE / "secrets.env"
_SECRETS: dict[str, Callable[[], str]] = {
    "MARROW_SECRET_KEY": lambda: secrets.token_urlsafe(32),
    "MARROW_BRAIN_TOKEN": lambda: secrets.token_urlsafe(32),
    "MARROW_CONTACT_KEY": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),  # as Fernet wants it
}


def made() -> dict[str, str]:
    """New ones, by the variable of each."""
    return {key: make() for key, make in _SECRETS.items()}


def make_secrets(file: Path = SECRETS) -> None:
    """Makes the secrets that were not set, each once; readable by this user alone."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    there = {line.partition("=")[0].strip() for line in lines}
    missing = {key: make for key, make in _SECRETS.items() if key not in there}
    if not missing:
        return
    lines = lines or ["# Made at the first start. Values in .env or the environment win."]
    lines += [f"{key}={make()}" for key, make in missing.items()]
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write("\n".join(lines) + "\n")
    os.replace(part, file)  # in one step: a start that is killed leaves no half a file behind
