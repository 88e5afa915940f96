"""`./marrow retain`, `./marrow export ID`, `./marrow erase ID`: what an operator does with what is kept."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.errors import MarrowError
from bot.journal import contacts, conversations, retention
from bot.journal.clock import Clock
from bot.journal.export import exported
from bot.journal.migrate import opened
from bot.journal.rows import ConversationGone
from bot.journal.sealing import Box
from bot.journal.store import Store
from bot.settings import Settings, read

OPERATOR = "operator"
"""Who the audit says it was: whoever can run these commands has the whole machine."""


def _do(given: argparse.Namespace, settings: Settings, store: Store) -> dict[str, Any]:
    now_ms = Clock().now_ms()
    box = Box(settings.contact_key)
    if given.command == "retain":
        erased = retention.retain(store, settings, now_ms=now_ms, actor=OPERATOR)
        return {"erased": asdict(erased), "contacts_encrypted_anew": contacts.renew(store, box)}
    if given.command == "export":
        return exported(store, box, given.conversation, now_ms=now_ms, actor=OPERATOR)
    conversations.erase(store, given.conversation, now_ms=now_ms, actor=OPERATOR)
    return {"erased": given.conversation}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one of the three.

    Returns:
        0, or 1 with the reason on standard error.
    """
    parser = argparse.ArgumentParser(prog="./marrow", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("retain", help="erase what is older than the settings allow")
    for name, help_ in (("export", "print one conversation as JSON"), ("erase", "erase one conversation")):
        commands.add_parser(name, help=help_).add_argument("conversation", help="its id")
    given = parser.parse_args(arguments)
    try:
        settings = read()
        with opened(settings) as store:
            print(json.dumps(_do(given, settings, store), ensure_ascii=False, default=str), flush=True)
    except ConversationGone:
        print(f"{given.command}: there is no conversation with this id; it may have been erased", file=sys.stderr)
        return 1
    except MarrowError as error:
        print(f"{given.command}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
