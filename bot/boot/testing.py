"""`./marrow test`: gets the test tools, then runs the quick part, then the rest, each in the environment it needs.

Standard library of Python 3.9 only.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from bot.boot import model
from bot.boot.environments import BRAIN, DOOR, ROOT, Environment, ensure, say

# what needs Rasa or the weights runs in the brain's environment; everything else in the door's
BRAIN_PATHS = (
    "tests/bot/understand",
    "tests/actions",
    "tests/bot/answer/test_nlg.py",
    "tests/evaluation/test_evaluate.py",
    "tests/evaluation/test_languages.py",
    "tests/evaluation/test_model_report.py",
    "tests/evaluation/test_public.py",
    "tests/evaluation/test_safety.py",
    "tests/stories",
)
DEBIAN = (
    ("chromium", "/usr/bin/chromium", "the browser tests"),
    ("libfaketime", "/usr/lib/*/faketime/libfaketime.so.1", "the fault tests that set the clock"),
    ("postgresql", "/usr/lib/postgresql/*/bin/initdb", "the journal's tests on PostgreSQL"),
)
# what is left out of the slow part without Chromium
BROWSER_PATHS = (
    "tests/browser",
    "tests/attack/test_xss.py",
    "tests/app/test_browser.py",
    "tests/app/test_desk_story.py",
    "tests/app/test_studio_story.py",
)
# what hurts processes, or has all of them, and watches how long it takes; the rest of the slow part runs side by side
ALONE = ("tests/app", "tests/faults", "tests/attack/test_commands_brain.py")
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


def ensure_package(package: str, pattern: str, what: str) -> bool:
    """Gets a Debian package where it is missing and can be installed; says what is left out where it cannot.

    Args:
        package: Its name.
        pattern: A file of it, as a glob.
        what: The tests that need it.
    """
    if glob.glob(pattern):
        return True
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"installing {package} for {what}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", package]):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if glob.glob(pattern):
        return True
    say(f"there is no {package}: {what} are left out (Debian: apt-get install {package})")
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
    there = {package: ensure_package(package, pattern, what) for package, pattern, what in DEBIAN}
    results = {
        "ruff": _step(DOOR, "ruff", "ruff", "check", "."),
        "ruff format": _step(DOOR, "ruff format", "ruff", "format", "--check", "--quiet", "."),
        "mypy": _step(DOOR, "mypy", "mypy"),
    }
    ignored = [f"--ignore={path}" for path in BRAIN_PATHS]
    brain = _existing(BRAIN_PATHS)
    results["quick, door"] = _step(
        DOOR, "quick tests in the door's environment", "pytest", "-n", "2", "-m", "not slow", *ignored, "tests"
    )
    results["quick, brain"] = _step(BRAIN, "quick tests in the brain's environment", "pytest", "-m", "not slow", *brain)
    if not quick_only:
        model.ensure()
        results["slow, brain"] = _step(BRAIN, "slow tests in the brain's environment", "pytest", "-m", "slow", *brain)
        without = [] if there["chromium"] else [f"--ignore={path}" for path in BROWSER_PATHS]
        results["slow, side by side"] = _step(
            DOOR,
            "slow tests in the door's environment, side by side",
            *("pytest", "-n", "2", "--dist", "loadfile", "-m", "slow", *ignored, *without),
            *[f"--ignore={path}" for path in ALONE],
            "tests",
        )
        results["slow, alone"] = _step(
            DOOR,
            "slow tests in the door's environment, one at a time",
            *("pytest", "-m", "slow and not training", *without, *ALONE),
        )
    if IN_CI:  # nothing may be left out there
        results.update(there)
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
