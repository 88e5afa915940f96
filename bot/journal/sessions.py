"""Browsers that are logged in to the desk, and tries to log in that were in vain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from bot.journal import audit, staff
from bot.journal.staff import Account, account_of, sha256
from bot.journal.staff_models import AuditHead, LoginAttempt, Staff, StaffSession
from bot.journal.store import Store

FULL, CODE, SETUP = "full", "code", "setup"
"""How far a login has come: done; the second step's code is asked for; the second step is to be set up."""

TOUCH_MS = 30_000
"""Activity is written down no more often than this."""

WINDOW_MS = 15 * 60_000
"""Over how long tries in vain are counted."""


@dataclass(frozen=True)
class Session:
    """A browser with an account.

    Attributes:
        id_hash: The hash of what its cookie holds.
        account: Whose it is.
        step: `full`, or what is still to be done.
        created_at_ms: When it logged in.
        seen_at_ms: When it last did something.
        address: From which network address it logged in.
        browser: What the browser calls itself.
    """

    id_hash: str
    account: Account
    step: str
    created_at_ms: int
    seen_at_ms: int
    address: str
    browser: str


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: without anything being done, and in all; both in ms."""

    idle_ms: int
    absolute_ms: int


def begin(
    store: Store, token: str, number: int, step: str, *, now_ms: int, address: str, browser: str, replaces: str = ""
) -> None:
    """Begins a session under a new random id; the one it replaces ends in the same transaction."""
    with store.write() as connection:
        if replaces:
            connection.execute(delete(StaffSession).where(StaffSession.id_hash == sha256(replaces)))
        connection.execute(
            insert(StaffSession).values(
                id_hash=sha256(token), staff_id=number, step=step, created_at_ms=now_ms, seen_at_ms=now_ms,
                address=address[:64], browser=browser[:200],
            )
        )  # fmt: skip
        if step == FULL:
            staff.record(connection, now_ms, f"staff:{number}", "login", number, address=address[:64])


def find(store: Store, token: str, limits: Limits, *, now_ms: int, touch: bool) -> Session | None:
    """The session of a cookie; None when there is none, it is over, or its account is disabled.

    Args:
        store: The journal.
        token: What the cookie holds.
        limits: How long sessions last.
        now_ms: The time.
        touch: Whether this is something that a person did, and not a page that keeps itself up to date.
    """
    with store.read() as connection:
        row = connection.execute(
            select(StaffSession.__table__).where(
                StaffSession.id_hash == sha256(token),
                StaffSession.seen_at_ms > now_ms - limits.idle_ms,
                StaffSession.created_at_ms > now_ms - limits.absolute_ms,
            )
        ).one_or_none()
        if row is None:
            return None
        person = connection.execute(
            select(Staff.__table__).where(Staff.id == row.staff_id, Staff.disabled_at_ms.is_(None))
        ).one_or_none()
        if person is None:
            return None
        account = account_of(person)
    if touch and row.seen_at_ms < now_ms - TOUCH_MS:
        with store.write() as connection:
            connection.execute(
                update(StaffSession).where(StaffSession.id_hash == row.id_hash).values(seen_at_ms=now_ms)
            )
    return Session(row.id_hash, account, row.step, row.created_at_ms, row.seen_at_ms, row.address, row.browser)


def of(store: Store, number: int, limits: Limits, *, now_ms: int) -> list[Session]:
    """The live sessions of an account, the newest first."""
    account = staff.by_id(store, number)
    with store.read() as connection:
        rows = connection.execute(
            select(StaffSession.__table__)
            .where(
                StaffSession.staff_id == number,
                StaffSession.step == FULL,
                StaffSession.seen_at_ms > now_ms - limits.idle_ms,
                StaffSession.created_at_ms > now_ms - limits.absolute_ms,
            )
            .order_by(StaffSession.created_at_ms.desc())
        ).all()
    return [
        Session(row.id_hash, account, row.step, row.created_at_ms, row.seen_at_ms, row.address, row.browser)
        for row in rows
    ]


def end(store: Store, session: Session, *, now_ms: int, everywhere: bool = False) -> None:
    """Logs out: this browser, or all of the account."""
    number = session.account.id
    which = StaffSession.staff_id == number if everywhere else StaffSession.id_hash == session.id_hash
    with store.write() as connection:
        connection.execute(delete(StaffSession).where(which))
        action = "logout_everywhere" if everywhere else "logout"
        staff.record(connection, now_ms, session.account.actor, action, number)


def tidy(store: Store, limits: Limits, *, now_ms: int) -> None:
    """Takes away what is over: sessions and counted tries."""
    over = (StaffSession.seen_at_ms <= now_ms - limits.idle_ms) | (
        StaffSession.created_at_ms <= now_ms - limits.absolute_ms
    )
    with store.write() as connection:
        connection.execute(delete(StaffSession).where(over))
        connection.execute(delete(LoginAttempt).where(LoginAttempt.at_ms <= now_ms - WINDOW_MS))


def attempt(store: Store, counted: Sequence[tuple[str, int]], *, now_ms: int) -> int:
    """Counts a try to log in, before its password is looked at, so that many at once cannot slip through.

    Args:
        store: The journal.
        counted: What it counts for, such as the account and the address, each with how many may be in vain.
        now_ms: The time.

    Returns:
        0 when it may go on; else how long to wait, in ms, and then it was not counted.
    """
    with store.write() as connection:
        # One at a time, also on PostgreSQL: two that count at once would each see one try less.
        connection.execute(select(AuditHead.id).where(AuditHead.id == 1).with_for_update())
        for key, most in counted:
            of_key = (LoginAttempt.key_hash == sha256(key)) & (LoginAttempt.at_ms > now_ms - WINDOW_MS)
            tries, oldest = connection.execute(
                select(func.count(), func.min(LoginAttempt.at_ms)).where(of_key)
            ).one()  # fmt: skip
            if tries >= most:
                return int(oldest + WINDOW_MS - now_ms)
        connection.execute(insert(LoginAttempt), [{"key_hash": sha256(key), "at_ms": now_ms} for key, _ in counted])
    return 0


def refused(store: Store, number: int | None, action: str, *, now_ms: int, address: str) -> None:
    """Writes a try in vain into the audit: whose account, if there is one, and from where."""
    with store.write() as connection:
        actor = "somebody" if number is None else f"staff:{number}"
        audit.append(
            connection, at_ms=now_ms, actor="somebody", action=action, subject=actor, detail={"address": address[:64]}
        )


def succeeded(store: Store, keys: Sequence[str]) -> None:
    """Forgets the tries in vain after one that succeeded."""
    with store.write() as connection:
        connection.execute(delete(LoginAttempt).where(LoginAttempt.key_hash.in_([sha256(key) for key in keys])))
