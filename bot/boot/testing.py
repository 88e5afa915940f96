"""`./marrow test`: gets the test tools, then runs the quick part, then the rest, each in the environment it needs.

Standard library of Python 3.9 only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.boot import model
from bot.boot.environments import BRAIN, DOOR, ROOT, Environment, ensure, say

# what needs Rasa or the weights runs in the brain's environment; everything else in the door's
BRAIN_PATHS = (
    "tests/bot/understand",
    "tests/actions",
    "tests/bot/answer/test_nlg.py",
    "tests/evaluation",
    "tests/stories",
)
CHROMIUM = "/usr/bin/chromium"
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


def _existing(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if (ROOT / path).exists()]


def _step(environment: Environment, title: str, *command: str) -> bool:
    say(title)
    variables = {**model.brain_environment(), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"}
    if environment is BRAIN:
        variables["PYTHONWARNINGS"] = "ignore"  # Rasa's own packages warn by the hundred
    done = subprocess.run([str(environment.executable), "-m", *command], cwd=ROOT, env=variables, check=False)
    return done.returncode == 0


def ensure_chromium() -> bool:
    """Gets Debian's Chromium where it is missing and can be installed; says what is left out where it cannot."""
    if Path(CHROMIUM).exists():
        return True
    if shutil.which("apt-get") and os.geteuid() == 0:
        say("installing Chromium for the browser tests")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], env=environment, **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "chromium"], env=environment, **quiet)  # type: ignore[call-overload]
    if Path(CHROMIUM).exists():
        return True
    say(f"there is no {CHROMIUM}: the browser tests are left out (Debian: apt-get install chromium)")
    return False


def main(arguments: Sequence[str]) -> int:
    """Runs the tests.

    Args:
        arguments: `quick` for the quick part alone; anything else is handed to pytest in both environments.

    Returns:
        0 when everything passed.
    """
    quick_only = list(arguments) == ["quick"]
    ensure(DOOR, "door-test")
    ensure(BRAIN, "brain-test")
    if arguments and not quick_only:
        return _chosen(list(arguments))
    results = {
        "ruff": _step(DOOR, "ruff", "ruff", "check", "."),
        "ruff format": _step(DOOR, "ruff format", "ruff", "format", "--check", "--quiet", "."),
        "mypy": _step(DOOR, "mypy", "mypy"),
    }
    ignored = [f"--ignore={path}" for path in BRAIN_PATHS]
    brain = _existing(BRAIN_PATHS)
    results["quick, door"] = _step(
        DOOR, "quick tests in the door's environment", "pytest", "-m", "not slow", *ignored, "tests"
    )
    results["quick, brain"] = _step(BRAIN, "quick tests in the brain's environment", "pytest", "-m", "not slow", *brain)
    if not quick_only:
        browser = ensure_chromium()
        if IN_CI and not browser:
            results["Chromium"] = False
        model.ensure()
        results["slow, brain"] = _step(BRAIN, "slow tests in the brain's environment", "pytest", "-m", "slow", *brain)
        without = [] if browser else ["--ignore=tests/browser"]
        results["slow, door"] = _step(
            DOOR, "slow tests in the door's environment", "pytest", "-m", "slow", *ignored, *without, "tests"
        )
    failed = [name for name, passed in results.items() if not passed]
    say(f"failed: {', '.join(failed)}" if failed else "all tests passed")
    return 1 if failed else 0


def _chosen(arguments: list[str]) -> int:
    """Runs chosen tests in the environment that their paths need."""
    paths = [argument for argument in arguments if argument.startswith("tests")]
    in_brain = paths and all(path.startswith(BRAIN_PATHS) for path in paths)
    return 0 if _step(BRAIN if in_brain else DOOR, "chosen tests", "pytest", *arguments) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
