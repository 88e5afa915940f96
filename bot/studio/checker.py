"""Asks the comparer in the brain's environment, which has the encoders; it is started when needed and kept warm."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.boot import model
from bot.boot.environments import BRAIN
from bot.errors import ModelError
from bot.settings import ROOT
from bot.studio.form import Issue

ANSWER_WITHIN_S = 120
"""The first request loads encoders, and makes the vectors of examples that were never trained."""


class Comparer:
    """A client of `bot.understand.compare`: one process, which ends with its input; one request at a time.

    Args:
        root: The project's folder, from which the process runs.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, op: str, **request: Any) -> Any:
        """Sends a request and gives the answer.

        Raises:
            ModelError: The process cannot be started, died, took too long, or refused.
        """
        with self._lock:
            process = self._started()
            over = threading.Timer(ANSWER_WITHIN_S, process.kill)
            over.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(json.dumps({"op": op, **request}, ensure_ascii=False) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except (OSError, ValueError) as error:
                raise ModelError(f"studio: the check broke off ({error}); try again") from error
            finally:
                over.cancel()
            if not line:
                self._stop()
                raise ModelError("studio: the check broke off; try again, and see ./marrow validate if it stays so")
            answer = json.loads(line)
        if "error" in answer:
            raise ModelError(str(answer["error"]))
        return answer["ok"]

    def collisions(self, label: str, examples: Sequence[str], added: Sequence[str]) -> list[Issue]:
        """See `bot.studio.questions.Checker`."""
        found = self.ask(
            "collisions", label=label, examples=list(examples), added=list(added), model=str(self.model())
        )  # fmt: skip
        return [_issue(one) for one in found]

    @staticmethod
    def model() -> Path:
        """The live model.

        Raises:
            ModelError: There is none.
        """
        file = model.current()
        if file is None:
            raise ModelError("studio: there is no trained model to check against; run ./marrow train")
        return file

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._stop()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(
                    [str(BRAIN.executable), "-m", "bot.understand.compare"], cwd=self._root,
                    env=model.brain_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
                )  # fmt: skip
            except OSError as error:
                raise ModelError(f"studio: the brain's environment is not there ({error}); run ./marrow run") from error
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _issue(found: dict[str, Any]) -> Issue:
    example, other, label = str(found["example"]), str(found["other"]), str(found["label"])
    if found["same"]:
        said = f'"{example}" is an example of {label} already.'
        return Issue("duplicate", said, example, other, label)
    likeliest = f", and the model reads it as {found['likeliest']}" if found["likeliest"] != label else ""
    return Issue("collision", f'"{example}" is close to "{other}" of {label}{likeliest}.', example, other, label)
