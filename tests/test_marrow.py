"""The file `marrow`: it starts by any Python from 3.9 up, before anything is installed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot import cli

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = sorted(next(action for action in cli.parser()._actions if action.dest == "command").choices)  # type: ignore[arg-type]


def marrow(*arguments: str, through: str = "", cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [*through.split(), str(ROOT / "marrow"), *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def runs(python: str) -> bool:
    """Whether this Python really runs (a version manager leaves names that do not)."""
    try:
        return (
            subprocess.run([python, "-c", ""], cwd=ROOT, capture_output=True, check=False, timeout=30).returncode == 0
        )
    except OSError:
        return False


def python_39() -> str:
    """A Python 3.9 of this machine, or nothing."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = ["python3.9", *map(str, versions.glob("3.9.*/bin/python3.9"))]
    return next((python for python in named if shutil.which(python) and runs(python)), "")


PYTHON_39 = python_39()
WITH_39 = pytest.mark.skipif(not PYTHON_39, reason="there is no Python 3.9 here")


@pytest.mark.parametrize(
    "through",
    [
        pytest.param("", id="by itself"),
        pytest.param("sh", id="sh"),
        pytest.param(sys.executable, id="this Python"),
        pytest.param(PYTHON_39, id="Python 3.9", marks=WITH_39),
    ],
)
def test_when_marrow_is_started_any_way_then_it_lists_its_commands(through: str, tmp_path: Path) -> None:
    shown = marrow("--help", through=through, cwd=tmp_path)

    assert shown.returncode == 0, shown.stderr
    assert all(re.search(rf"^    {command}\s", shown.stdout, re.MULTILINE) for command in COMMANDS)
    assert list(tmp_path.iterdir()) == []


def test_when_marrow_is_a_link_elsewhere_then_it_finds_its_project(tmp_path: Path) -> None:
    link = tmp_path / "marrow"
    link.symlink_to(ROOT / "marrow")

    shown = subprocess.run([str(link), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert shown.returncode == 0, shown.stderr


def test_when_the_chosen_python_does_not_run_then_another_is_found() -> None:
    assert marrow("--help", MARROW_PYTHON="/no/such/python").returncode == 0


def test_when_an_unknown_command_is_given_then_the_exit_code_reaches_the_shell() -> None:
    assert marrow("no-such-command").returncode == 2


def test_when_there_is_no_python_then_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    alone = tmp_path / "marrow"
    # without the one Python that is looked for by its full path
    alone.write_text((ROOT / "marrow").read_text().replace("/usr/bin/python3", "/no/such/python3"))

    shown = subprocess.run(
        ["/bin/sh", str(alone), "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert shown.returncode == 1
    assert shown.stderr.count("\n") == 1
    assert "Python 3.9" in shown.stderr
    assert "apt-get install python3" in shown.stderr


BEFORE_INSTALLATION = [
    *sorted((ROOT / "bot" / "boot").glob("*.py")),
    ROOT / "bot" / "cli.py",
    ROOT / "bot" / "__init__.py",
]


@pytest.mark.parametrize("file", BEFORE_INSTALLATION, ids=lambda file: file.name)
def test_when_python_39_reads_what_runs_before_the_installation_then_it_understands(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    ast.parse(source, str(file), feature_version=(3, 9))
    if PYTHON_39:
        code = "import sys; compile(open(sys.argv[1], encoding='utf-8').read(), sys.argv[1], 'exec')"
        subprocess.run([PYTHON_39, "-W", "error", "-c", code, str(file)], check=True, timeout=60)


@WITH_39
@pytest.mark.parametrize("module", ["environments", "model", "testing"])
def test_when_python_39_imports_what_runs_before_the_installation_then_it_works(module: str) -> None:
    subprocess.run(
        [PYTHON_39, "-B", "-W", "error", "-c", f"import bot.boot.{module}"], cwd=ROOT, check=True, timeout=60
    )
