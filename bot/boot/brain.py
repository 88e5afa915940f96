"""Starts the brain with a whole model: `python -m bot.boot.brain MODEL COMMAND ...`, in the brain's environment.

Rasa would start with a model file that was cut short meanwhile, and answer nothing. Each start, the supervisor's too,
looks again and takes the newest whole one instead. Standard library only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.boot import model
from bot.boot.environments import say


def main(arguments: list[str]) -> None:
    """Becomes the command, with `--model FILE` at its end.

    Args:
        arguments: The model that is wanted, then the command.
    """
    wanted = Path(arguments[0])
    promoted = model.promoted(wanted.parent)  # since the supervisor was started
    chosen = model.whole(promoted[0] if promoted else wanted)
    wanted = promoted[0] if promoted else wanted
    if chosen != wanted:
        say(f"{wanted.name} is broken; {chosen.name} serves in its place. ./marrow train --force makes it anew")
    os.execv(arguments[1], [*arguments[1:], "--model", str(chosen)])


if __name__ == "__main__":
    main(sys.argv[1:])
