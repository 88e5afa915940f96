"""The command behind `./marrow screen` and `python -m bot.screen`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from bot.screen.judge import screen


def main(argv: Sequence[str] | None = None) -> int:
    """Reads messages from standard input, one a line, and writes one JSON verdict a line.

    Args:
        argv: The arguments after the command's name; None takes those of the process.

    Returns:
        0 when every line was screened, 1 when standard input is not UTF-8 text.
    """
    parser = argparse.ArgumentParser(
        prog="marrow screen",
        description="Screens messages for danger by rules alone: UTF-8 lines on standard input, one JSON object a line "
        'out: {"text", "verdict": none|check|emergency|self_harm|personal_advice, "rule", "span"}.',
    )
    parser.parse_args(argv)
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        try:
            text = raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            print(
                f"bot.screen.cli: line {number} of standard input is not UTF-8 ({error.reason} at byte {error.start}); "
                "convert the file to UTF-8 and run again",
                file=sys.stderr,
            )
            return 1
        print(json.dumps({"text": text, **screen(text).to_json()}, ensure_ascii=False), flush=True)
    return 0
