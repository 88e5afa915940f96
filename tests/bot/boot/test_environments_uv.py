"""How uv itself comes: by pip, held to its hash, with or without venv."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.boot import environments
from bot.boot.environments import BootError

REAL_ROOT = Path(__file__).resolve().parents[3]
Script = Callable[[str, str], Path]


@pytest.fixture
def calls(project: Path) -> Path:
    return project.parent / "calls.txt"


# Stands for this machine's Python: makes an environment whose pip brings uv, or fails as a bare machine's does.
FAKE_PYTHON = """
case "$*" in
  "-m venv "*) {venv}; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  "-m pip "*) echo "$@" >> "{calls}"; {pip}
    case "$*" in *--target*) for last; do :; done ;; *) last=$(dirname "$(dirname "$0")") ;; esac
    mkdir -p "$last/bin"; touch "$last/bin/uv" ;;
esac
"""


@pytest.fixture
def fake_python(
    tmp_path: Path, script: Script, calls: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Puts a Python in this one's place for what comes before uv."""

    def put(venv: str = ":", pip: str = ":") -> None:
        made = script(str(tmp_path / "python"), FAKE_PYTHON.format(calls=calls, venv=venv, pip=pip))
        monkeypatch.setattr(environments.sys, "executable", str(made))

    return put


def test_when_there_is_no_uv_then_pip_brings_the_pinned_one_once(
    project: Path, calls: Path, fake_python: Callable[..., None]
) -> None:
    fake_python()

    assert environments._uv() == environments._uv() == project / ".marrow" / "uv" / "bin" / "uv"

    assert len(calls.read_text().splitlines()) == 1
    assert "--require-hashes" in calls.read_text()


def test_when_uvs_lock_has_changed_then_it_is_brought_again(
    project: Path, calls: Path, fake_python: Callable[..., None]
) -> None:
    fake_python()
    environments._uv()
    (project / "requirements" / "uv.txt").write_text("# another\n")

    environments._uv()

    assert len(calls.read_text().splitlines()) == 2


def test_when_this_python_has_no_venv_then_pip_alone_brings_uv(
    project: Path, calls: Path, fake_python: Callable[..., None]
) -> None:
    fake_python(venv="echo 'ensurepip is not available' >&2; exit 1")

    assert environments._uv().exists()
    assert f"--target {project / '.marrow' / 'uv'}" in calls.read_text()


def test_when_neither_venv_nor_pip_is_there_then_one_sentence_says_what_to_install(
    fake_python: Callable[..., None],
) -> None:
    fake_python(venv="exit 1", pip="echo 'No module named pip' >&2; exit 1;")

    with pytest.raises(BootError) as error:
        environments._uv()

    assert "No module named pip" in str(error.value)
    assert "apt-get install python3-venv" in str(error.value)
