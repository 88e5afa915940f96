"""`./marrow staff` and `./marrow audit`: accounts and the audit from the command line, one JSON object a line."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any

from bot.desk.roles import ROLES
from bot.desk.vault import Vault, new_token, weakness
from bot.errors import MarrowError
from bot.journal import audit, staff
from bot.journal.clock import Clock, iso
from bot.journal.migrate import opened
from bot.journal.staff import Account, NoSuchStaff
from bot.journal.store import Store
from bot.settings import Settings, settings

ACTOR = "operator"
INVITE_MS = 72 * 3_600_000
"""How long the link is good that sets a password."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_KNOWN = re.compile(r"([0-9]+):([0-9a-f]{64})")


def address(given: Settings) -> str:
    """Where staff reach the door, without a slash at the end."""
    host = f"[{given.door_host}]" if ":" in given.door_host else given.door_host
    return (given.public_url or f"http://{host}:{given.door_port}").rstrip("/")


def invite_link(given: Settings, token: str) -> str:
    """The link that lets somebody set a password."""
    return f"{address(given)}/desk/welcome/{token}"


def _say(account: Account, **more: Any) -> None:
    said = {
        "email": account.email, "name": account.name, "role": account.role, "active": account.active,
        "password": account.has_password, "second_step": account.has_second, **more,
    }  # fmt: skip
    print(json.dumps(said, ensure_ascii=False))


def _find(store: Store, email: str) -> Account:
    row = staff.by_email(store, email)
    if row is None:
        raise NoSuchStaff(f"staff: no account for {email}; `./marrow staff list` shows those there are")
    return staff.account_of(row)


def _password(given: argparse.Namespace, name: str, email: str) -> str | None:
    if not given.password_stdin:
        return None
    password = sys.stdin.readline().rstrip("\n")
    weak = weakness(password, name, email)
    if weak:
        raise MarrowError(f"staff: this password cannot be used: {weak}")
    return password


def _add(given: argparse.Namespace, store: Store, config: Settings) -> None:
    if not _EMAIL.fullmatch(given.email.strip()):
        raise MarrowError(f"staff: {given.email!r} is no e-mail address")
    password, now_ms, token = _password(given, given.name, given.email), Clock().now_ms(), new_token()
    account = staff.add(
        store, email=given.email, name=given.name, role=given.role, now_ms=now_ms, actor=ACTOR, invite=token,
        invite_until_ms=now_ms + INVITE_MS,
    )  # fmt: skip
    _set_or_invite(store, config, account, password, token, now_ms + INVITE_MS)


def _set_or_invite(
    store: Store, config: Settings, account: Account, password: str | None, token: str, until_ms: int
) -> None:
    if password is None:
        _say(account, link=invite_link(config, token), link_until=iso(until_ms))
        return
    hashed = Vault(config.secret_key).hash(password)
    changed = staff.change(
        store, account.id, "set_password", now_ms=Clock().now_ms(), actor=ACTOR, password_hash=hashed, invite_hash=None,
        invite_until_ms=None,
    )  # fmt: skip
    _say(changed)


def _list(_given: argparse.Namespace, store: Store, _config: Settings) -> None:
    for account in staff.everybody(store):
        _say(account, since=iso(account.created_at_ms))


def _disable(given: argparse.Namespace, store: Store, _config: Settings) -> None:
    account, now_ms = _find(store, given.email), Clock().now_ms()
    _say(
        staff.change(
            store, account.id, "staff_disable", now_ms=now_ms, actor=ACTOR, ends_sessions=True, disabled_at_ms=now_ms,
            invite_hash=None, invite_until_ms=None,
        )
    )  # fmt: skip


def _reset(given: argparse.Namespace, store: Store, config: Settings) -> None:
    account, now_ms, token = _find(store, given.email), Clock().now_ms(), new_token()
    password = _password(given, account.name, account.email)
    columns: dict[str, Any] = {"role": given.role} if given.role else {}
    account = staff.reset(
        store, account.id, now_ms=now_ms, actor=ACTOR, invite=token, invite_until_ms=now_ms + INVITE_MS, **columns
    )
    _set_or_invite(store, config, account, password, token, now_ms + INVITE_MS)


def _verify(given: argparse.Namespace, store: Store, _config: Settings) -> None:
    known = _KNOWN.fullmatch(given.head) if given.head else None
    if given.head and known is None:
        raise MarrowError("audit: --head must be NUMBER:HASH, as an earlier check printed it")
    found = audit.verify(store, known=(int(known[1]), known[2]) if known else None)
    print(
        json.dumps(
            {"rows": found.rows, "head": f"{found.last_id}:{found.last_hash}", "faults": list(found.faults)},
            ensure_ascii=False,
        )
    )
    if found.faults:
        raise MarrowError("audit: the audit is not as it was written; see `faults`")


def parser() -> argparse.ArgumentParser:
    """The parser of both commands."""
    top = argparse.ArgumentParser(prog="./marrow")
    tops = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    people = tops.add_parser("staff", help="accounts of the desk").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    add = people.add_parser("add", help="make an account; prints a link that sets its password, good for 72 hours")
    add.add_argument("email")
    add.add_argument(
        "--name", required=True, help="first name, which patients see in a talk; a second word is for colleagues alone"
    )
    add.add_argument("--role", required=True, choices=sorted(ROLES))
    add.set_defaults(run=_add)
    people.add_parser("list", help="all accounts").set_defaults(run=_list)
    disable = people.add_parser("disable", help="log an account out everywhere and close it")
    disable.add_argument("email")
    disable.set_defaults(run=_disable)
    reset = people.add_parser(
        "reset", help="open an account again: no password, no second step, logged out everywhere; prints a new link"
    )
    reset.add_argument("email")
    reset.add_argument("--role", choices=sorted(ROLES), help="give it this role")
    reset.set_defaults(run=_reset)
    for one in (add, reset):
        one.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    verify = (
        tops.add_parser("audit", help="the audit")
        .add_subparsers(dest="what", required=True, metavar="WHAT")
        .add_parser("verify", help="follow the audit's chain; exit 1 when it was changed")
    )
    verify.add_argument("--head", help="NUMBER:HASH of an earlier check, which the chain must go through")
    verify.set_defaults(run=_verify)
    return top


def main(arguments: list[str]) -> int:
    """Runs a command.

    Returns:
        0 when all is well, 1 with one line on standard error when not.
    """
    given = parser().parse_args(arguments)
    try:
        config = settings()
        with opened(config) as store:
            given.run(given, store, config)
    except MarrowError as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
