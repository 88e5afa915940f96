"""The two environments, made from the hash-locked files by uv; uv itself comes by pip, held to its hash.

Standard library of Python 3.9 only: this runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = ROOT / ".marrow"  # environments, secrets, logs of installation; never committed
LOCKS = ROOT / "requirements"
BOOT_LOG = STATE / "install.log"


class BootError(Exception):
    """Something stands in the way of the start; its text says what and what to do."""


@dataclass(frozen=True)
class Environment:
    """One Python environment.

    Attributes:
        name: Folder under `.marrow/`, and name of its lock file.
        python: Version it needs.
        minutes: How long the first installation takes, roughly.
        packages: What is in it, for the person who waits.
    """

    name: str
    python: str
    minutes: int
    packages: str

    @property
    def folder(self) -> Path:
        """Where it is."""
        return STATE / self.name

    @property
    def executable(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    def command(self, name: str) -> Path:
        """A command installed in it."""
        return self.folder / "bin" / name


BRAIN = Environment("brain", "3.10", 2, "Rasa, spaCy and the sentence encoders")
DOOR = Environment("door", "3.12", 1, "the web server and the journal")


def say(text: str) -> None:
    """Tells the person at the terminal; standard output belongs to the commands' results."""
    print(f"marrow: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Lets one process at a time through; the system frees it when the process ends, however it ends."""
    STATE.mkdir(exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another ./marrow is at work ({name}); waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str], what: str, do: str) -> None:
    """Runs a step of the installation, its output into the log.

    Raises:
        BootError: It failed; the log's last telling line is part of the text.
    """
    STATE.mkdir(exist_ok=True)
    with BOOT_LOG.open("a") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        start = log.tell()
        # pip and uv must not be led to another interpreter or project than the one meant
        environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")}
        try:
            code = subprocess.run(command, stdout=log, stderr=log, cwd=ROOT, env=environment, check=False).returncode
        except OSError as error:
            raise BootError(f"{what} failed: {error}; {do}") from error
    if code:
        lines = [line.strip() for line in BOOT_LOG.read_bytes()[start:].decode(errors="replace").splitlines()]
        telling = [line for line in lines if line.lower().startswith(("error", "× ", "caused by", "╰─▶"))]
        reason = (telling or [line for line in lines if line] or ["no reason was given"])[0]
        raise BootError(f"{what} failed ({reason[:300]}); {do}. All of it: {BOOT_LOG.relative_to(ROOT)}")


def _uv() -> Path:
    """Gives the pinned uv, installed on first use.

    Raises:
        BootError: It cannot be installed.
    """
    lock = LOCKS / "uv.txt"
    folder = STATE / "uv"
    uv = folder / "bin" / "uv"
    stamp = folder / "stamp"
    if uv.exists() and stamp.exists() and stamp.read_text() == _digest(lock):
        return uv
    say("getting uv, the installer")
    shutil.rmtree(folder, ignore_errors=True)
    install = ["install", "--quiet", "--require-hashes", "--no-deps", "--disable-pip-version-check", "-r", str(lock)]
    help_ = "check the network and that pip and venv are there (Debian: apt-get install python3-venv), then start again"
    try:
        _run([sys.executable, "-m", "venv", str(folder)], "making an environment for uv", help_)
        _run([str(folder / "bin" / "python"), "-m", "pip", *install], "downloading uv", help_)
    except BootError:
        # Debian's own Python may lack venv but have pip
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "pip", *install, "--target", str(folder)], "downloading uv", help_)
    stamp.write_text(_digest(lock))
    return uv


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        try:
            digest.update(file.read_bytes())
        except OSError as error:
            raise BootError(
                f"{file.relative_to(ROOT)} cannot be read ({error.strerror}); restore it with git"
            ) from error
    return digest.hexdigest()


def _interpreter(uv: Path, version: str) -> str:
    """Finds the Python of a version, or lets uv bring one.

    Raises:
        BootError: There is none and none can be had.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    known = sorted(pyenv.glob(f"{version}.*/bin/python{version}")) if pyenv.is_dir() else []
    if known:
        return str(known[-1])
    found = subprocess.run(
        [str(uv), "python", "find", "--quiet", version], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if found.returncode == 0 and found.stdout.strip():
        return found.stdout.strip()
    say(f"no Python {version} on this machine; asking uv for one")
    do = f"install Python {version} (pyenv install {version}, or your system's package) and start again"
    _run([str(uv), "python", "install", "--quiet", version], f"getting Python {version}", do)
    return version


def ensure(environment: Environment, *extra: str) -> Environment:
    """Makes an environment as its lock file says; does nothing when it is so already.

    Args:
        environment: Which one.
        extra: Further lock files (by name, such as `door-test`) to be installed in it too.

    Raises:
        BootError: A lock file is broken, a Python or a download is missing.
    """
    locks = [LOCKS / f"{name}.txt" for name in (environment.name, *extra)]
    stamp = environment.folder / "stamp"
    with exclusive(environment.name):
        wanted = _digest(*locks)
        have = stamp.read_text().split() if stamp.exists() and environment.executable.exists() else []
        if wanted in have:
            return environment
        uv = _uv()
        say(f"installing {environment.name}: {environment.packages} (about {environment.minutes} min the first time)")
        began = time.monotonic()
        stamp.unlink(missing_ok=True)
        names = " ".join(str(lock.relative_to(ROOT)) for lock in locks)
        if not environment.executable.exists():
            interpreter = _interpreter(uv, environment.python)
            _run(
                [str(uv), "venv", "--quiet", "--clear", "--python", interpreter, str(environment.folder)],
                f"making the environment {environment.name}",
                f"remove {environment.folder.relative_to(ROOT)} and start again",
            )
        # bytecode now: where it cannot be kept later (PYTHONDONTWRITEBYTECODE), each start takes a minute longer
        sync = ["pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode"]
        _run(
            [str(uv), *sync, "--python", str(environment.executable), *map(str, locks)],
            f"installing {environment.name} from {names}",
            f"check the network; if {names} was edited, restore it with git; then start again",
        )
        # an environment with the test tools in it serves without them too
        stamp.write_text(" ".join({wanted, _digest(locks[0])}))
        say(f"{environment.name} is installed ({time.monotonic() - began:.0f} s)")
    return environment
