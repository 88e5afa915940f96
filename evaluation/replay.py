"""`./marrow replay FILE`: plays conversations through the whole bot and holds the labels answered to those given."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bot.errors import MarrowError
from evaluation.stack import Patient, running

AT_ONCE = 4  # conversations played side by side


def play(address: str, conversation: dict[str, Any]) -> dict[str, Any]:
    """Plays one conversation; gives it back with `got` and `reply` in each turn."""
    patient = Patient(address)
    patient.begin()
    turns = []
    for turn in conversation["turns"]:
        replies = patient.ask(turn["user"])
        labels = [reply["answer"]["label"] for reply in replies if reply.get("answer")]
        turns.append({**turn, "got": list(dict.fromkeys(labels)), "reply": [reply["text"] for reply in replies]})
    return {**conversation, "turns": turns}


def missed(conversation: dict[str, Any]) -> bool:
    """Whether a given label that counts is missing."""
    return any(
        turn.get("label") is not None and turn.get("score") is not False and turn["label"] not in turn["got"]
        for turn in conversation["turns"]
    )


def read(file: Path) -> Iterator[dict[str, Any]]:
    """Reads the conversations of a file.

    Raises:
        MarrowError: A line is not a conversation.
    """
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            conversation = json.loads(line)
            users = [turn["user"] for turn in conversation["turns"]]
        except (ValueError, KeyError, TypeError) as error:
            raise MarrowError(f'{file.name}, line {number}: not {{"id", "turns": [{{"user"}}]}} ({error!r})') from error
        if not all(isinstance(user, str) and user.strip() for user in users):
            raise MarrowError(f"{file.name}, line {number}: a turn without words")
        yield conversation


def main(arguments: Sequence[str]) -> int:
    """Plays a file; exit code 1 when a label is missing or a conversation broke off."""
    model_file, file = Path(arguments[0]), Path(arguments[1])
    failed = False
    try:
        conversations = list(read(file))
        with running(model_file, messages_per_minute=100_000) as stack, ThreadPoolExecutor(AT_ONCE) as pool:
            for done in pool.map(lambda one: play(stack.address, one), conversations):
                print(json.dumps(done, ensure_ascii=False), flush=True)
                failed = failed or missed(done)
    except (MarrowError, OSError) as error:
        print(f"replay: {error}", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
