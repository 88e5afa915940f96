"""A project of its own in a folder, so that no test touches the real environments, secrets or models."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.boot import environments, model

Script = Callable[[str, str], Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that `bot.boot` takes for its own."""
    root = tmp_path / "project"
    (root / "requirements").mkdir(parents=True)
    for name in ("uv", "door", "door-test", "brain"):
        (root / "requirements" / f"{name}.txt").write_text(f"# the lock of {name}\n")
    state, models = root / ".marrow", root / "models"
    for module in (environments, model):
        monkeypatch.setattr(module, "ROOT", root)
        monkeypatch.setattr(module, "STATE", state)
    monkeypatch.setattr(environments, "LOCKS", root / "requirements")
    monkeypatch.setattr(environments, "BOOT_LOG", state / "install.log")
    of_root = model.fingerprint
    monkeypatch.setattr(model, "fingerprint", lambda of=root: of_root(of))
    monkeypatch.setattr(model, "MODELS", models)
    monkeypatch.setattr(model, "STAMP", models / "current.json")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no-pyenv"))
    return root


@pytest.fixture
def script() -> Script:
    """Writes an executable shell script."""

    def write(path: str, body: str) -> Path:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{body}\n")
        os.chmod(file, 0o755)
        return file

    return write
