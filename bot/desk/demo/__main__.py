"""`./marrow demo`: fills an empty journal with invented conversations, so that a newcomer sees a living desk."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.desk.demo.fill import fill, hold_to_trial, remove
from bot.desk.demo.script import Script
from bot.errors import MarrowError
from bot.journal.clock import Clock
from bot.journal.migrate import opened
from bot.journal.sealing import Box
from bot.settings import settings

MOST = 5000


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="./marrow demo",
        description=(
            "Fills the journal with invented conversations of the last weeks, or fills it anew when they are there "
            "already. A journal that holds any other conversation is left alone."
        ),
    )
    made.add_argument("--conversations", type=int, default=400, metavar="N", help=f"how many, {MOST:,} at most (400)")
    made.add_argument(
        "--days", type=int, default=42, metavar="N", help="over how many days until now, 730 at most (42)"
    )
    made.add_argument("--seed", type=int, default=1, help="another number gives other conversations (1)")
    made.add_argument("--remove", action="store_true", help="take the invented conversations away, and nothing else")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Fills or empties, and says on one line of JSON what was done."""
    given = parser().parse_args(arguments)
    if not 1 <= given.conversations <= MOST or not 1 <= given.days <= 730:
        print(f"demo: --conversations from 1 to {MOST}, --days from 1 to 730", file=sys.stderr)
        return 2
    config = settings()
    try:
        if not given.remove:
            hold_to_trial(config)
        with opened(config) as store:
            now_ms = Clock().now_ms()
            if given.remove:
                print(json.dumps({"removed": remove(store)}))
                return 0
            script = Script(config, datetime.fromtimestamp(now_ms / 1000, UTC), days=given.days, seed=given.seed)
            messages = fill(store, Box(config.contact_key), script, given.conversations, now_ms=now_ms)
            print(json.dumps({"conversations": given.conversations, "messages": messages}))
    except MarrowError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print("Log in at /desk; `./marrow staff add` makes an account. `./marrow demo --remove` ends it.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
