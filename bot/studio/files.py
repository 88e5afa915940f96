"""The project's files as trainers change them: several at once or none, one change at a time, and commits in git."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import MarrowError

DOMAIN, NLU, RULES = "domain.yml", "data/nlu.yml", "data/rules.yml"
FILES = (DOMAIN, NLU, RULES)
_GIT_WITHIN_S = 60


class FilesError(MarrowError):
    """The project's files cannot be changed now."""


class Uncommitted(MarrowError):
    """Somebody has work in a file that is not committed yet."""

    def __init__(self, names: Iterable[str]) -> None:
        named = ", ".join(sorted(names))
        super().__init__(
            f"studio: {named}: somebody has changes there that are not committed; commit them, or put them away with "
            "git stash, and try again"
        )


@dataclass(frozen=True)
class Person:
    """Who changes something.

    Attributes:
        actor: Their name in the audit, such as `staff:3` or `operator`.
        name: As people read it.
        email: For the author of a commit.
    """

    actor: str
    name: str
    email: str = ""


class Files:
    """The files of one project folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.state = self.root / ".marrow" / "studio"
        self._pending = self.state / "pending.json"

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """One change at a time, over all processes of this machine; a change that was cut short is finished first."""
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._finish()
            yield

    def read(self, name: str) -> str:
        """The text of a file.

        Raises:
            FilesError: It cannot be read.
        """
        try:
            return (self.root / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FilesError(f"studio: {name} cannot be read ({error}); restore it") from error

    def write(self, texts: Mapping[str, str | None]) -> None:
        """Writes files: all of them or, when this is killed before the list of them stands, none.

        Args:
            texts: New text by name, relative to the folder; None: the file goes.

        Raises:
            FilesError: The disk refuses; nothing was changed, or the next change finishes it.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        try:
            _write(self._pending, json.dumps(dict(texts), ensure_ascii=False))
            self._finish()
        except OSError as error:
            raise FilesError(
                f"studio: the files cannot be written ({error.strerror}); make room and try again"
            ) from error

    def record(self, texts: Mapping[str, str | None], message: str, by: Person) -> str | None:
        """Writes files, and commits them in the name of a person where nobody else's work would go along.

        Args:
            texts: See `write`.
            message: Of the commit.
            by: Its author.

        Returns:
            The commit's hash; None when there is none.

        Raises:
            FilesError: See `write`.
        """
        dirty = self.dirty()
        self.write(texts)
        return None if set(dirty) & set(texts) else self._commit(list(texts), message, by)

    def _finish(self) -> None:
        if not self._pending.exists():
            return
        for name, text in json.loads(self._pending.read_text(encoding="utf-8")).items():
            if text is None:
                (self.root / name).unlink(missing_ok=True)
            else:
                _write(self.root / name, text)
        self._pending.unlink()

    # --- git ----------------------------------------------------------------------------------------------------------

    def dirty(self) -> list[str]:
        """Files in which somebody's changes are not committed; none where the folder is no checkout."""
        if not self._is_checkout():
            return []
        where = (*FILES, "tests/stories", "evaluation/sets")
        done = self._git("status", "--porcelain", "--untracked-files=all", "--", *where)
        return [line[3:] for line in done.stdout.splitlines() if line.strip()]

    def _commit(self, names: list[str], message: str, by: Person) -> str | None:
        """Commits files in the name of a person; gives the commit's hash, None where the folder is no checkout."""
        if not self._is_checkout():
            return None
        author = f"{_plain(by.name) or 'Trainer'} <{_plain(by.email) or 'studio@marrow.invalid'}>"
        added = self._git("add", "--", *names)
        done = self._git("commit", "--quiet", "--no-verify", f"--author={author}", "--message", message, "--", *names)
        if added.returncode or done.returncode:
            return None
        return self._git("rev-parse", "HEAD").stdout.strip() or None

    def _is_checkout(self) -> bool:
        done = self._git("rev-parse", "--show-toplevel")
        return done.returncode == 0 and Path(done.stdout.strip()).resolve() == self.root.resolve()

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        variables |= {"GIT_COMMITTER_NAME": "Marrow studio", "GIT_COMMITTER_EMAIL": "studio@marrow.invalid"}
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", *arguments]
        try:
            return subprocess.run(
                command,
                cwd=self.root,
                env=variables,
                capture_output=True,
                text=True,
                timeout=_GIT_WITHIN_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return subprocess.CompletedProcess(command, 1, "", "")


def _plain(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable() and sign not in "<>").strip()


def _write(file: Path, text: str) -> None:
    """Writes a file in one step, so that nobody reads half of it."""
    part = file.with_name(f".{file.name}.part")
    with part.open("w", encoding="utf-8", newline="") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    if file.exists():
        part.chmod(file.stat().st_mode & 0o777)
    os.replace(part, file)
