"""`./marrow test`: gets the test tools, then runs the quick part, then the rest, each in the environment it needs.

Standard library of Python 3.9 only.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

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
# a page's test is given one more go, alone, when it failed beside another browser: two browsers and a slow disk on two
# cores stall each other for seconds. More of them at once is no stall. Nothing else is run twice: what the faults, the
# attacks and the journal's tests find at random, they found
AGAIN, AGAIN_MOST = "tests/browser/", 3
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


def _pytest(environment: Environment, title: str, *arguments: str) -> dict[str, str]:
    """Runs a part of the tests.

    Returns:
        What failed, with the reason's first lines; empty when all passed.
    """
    failed = _run(environment, title, arguments)
    if not failed or len(failed) > AGAIN_MOST or not all(name.startswith(AGAIN) for name in failed):
        return failed
    again = _run(environment, f"{title}, what failed once more and alone", list(failed))
    for name in () if again else failed:
        say(f"passed at the second time only: {name}: {failed[name]}")
    return again


def _run(environment: Environment, title: str, arguments: Sequence[str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        written = (f"--junitxml={report}", "-o", "junit_family=xunit1")  # that family names the file
        if _step(environment, f"tests: {title}", "pytest", *written, *arguments):
            return {}
        failed = failed_in(report) if report.exists() else {}
    return failed or {title: "pytest did not come to its end, see above"}


def failed_in(report: Path) -> dict[str, str]:
    """The tests that failed, by what pytest is started with to run one, each with the first lines of the reason.

    Args:
        report: What pytest's `--junitxml` wrote, of the family xunit1.
    """
    failed = {}
    for case in ElementTree.parse(report).iter("testcase"):
        for wrong in (*case.findall("failure"), *case.findall("error")):
            file, name = case.get("file", ""), case.get("name", "")
            group = case.get("classname", "").removeprefix(file.removesuffix(".py").replace("/", ".")).removeprefix(".")
            parts = (file, group, name) if case.get("classname") else (file,)  # a file that could not be read has none
            failed["::".join(filter(None, parts))] = " ".join(str(wrong.get("message")).split())[:300]
    return failed


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
    results: dict[str, bool] = {
        "ruff": _step(DOOR, "ruff", "ruff", "check", "."),
        "ruff format": _step(DOOR, "ruff format", "ruff", "format", "--check", "--quiet", "."),
        "mypy": _step(DOOR, "mypy", "mypy"),
    }
    ignored = [f"--ignore={path}" for path in BRAIN_PATHS]
    brain = _existing(BRAIN_PATHS)
    failed = _pytest(DOOR, "quick, door", "-n", "2", "-m", "not slow", *ignored, "tests")
    failed |= _pytest(BRAIN, "quick, brain", "-m", "not slow", *brain)
    if not quick_only:
        model.ensure()
        without = [] if there["chromium"] else [f"--ignore={path}" for path in BROWSER_PATHS]
        alone = [f"--ignore={path}" for path in ALONE]
        side_by_side = ("-n", "2", "--dist", "loadfile", "-m", "slow", *ignored, *without, *alone, "tests")
        failed |= _pytest(BRAIN, "slow, brain", "-m", "slow", *brain)
        failed |= _pytest(DOOR, "slow, side by side", *side_by_side)
        failed |= _pytest(DOOR, "slow, one at a time", "-m", "slow and not training", *without, *ALONE)
    if IN_CI:  # nothing may be left out there
        results.update(there)
    failed |= {name: "see above" for name, passed in results.items() if not passed}
    for name, reason in failed.items():  # again, at the end: of a long log that is what is read, and what is kept
        say(f"failed: {name}: {reason}")
    say(f"{len(failed)} failed" if failed else "all tests passed")
    return 1 if failed else 0


def _chosen(arguments: list[str]) -> int:
    """Runs chosen tests in the environment that their paths need."""
    paths = [argument for argument in arguments if argument.startswith("tests")]
    in_brain = paths and all(path.startswith(BRAIN_PATHS) for path in paths)
    return 0 if _step(BRAIN if in_brain else DOOR, "chosen tests", "pytest", *arguments) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
