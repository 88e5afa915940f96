"""Who works at the desk: accounts, their passwords' hashes, second steps and recovery codes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.errors import MarrowError
from bot.journal import audit, names
from bot.journal.staff_models import LoginAttempt, RecoveryCode, Staff, StaffSession
from bot.journal.store import Store


class NoSuchStaff(MarrowError):
    """There is no account with this address or number."""


class StaffExists(MarrowError):
    """There is an account with this address already."""


class LastAdmin(MarrowError):
    """This would leave nobody who can manage accounts."""


@dataclass(frozen=True)
class Account:
    """One account, as kept (see `bot.journal.staff_models.Staff`); its secrets stay out of what is printed."""

    id: int
    email: str
    name: str
    role: str
    created_at_ms: int
    disabled_at_ms: int | None
    single_keys: bool
    invite_until_ms: int | None
    has_password: bool
    has_second: bool
    single_subject: str | None

    @property
    def actor(self) -> str:
        """The account's name in the audit."""
        return f"staff:{self.id}"

    @property
    def first_name(self) -> str:
        """What patients see of its owner."""
        return names.first(self.name)

    @property
    def active(self) -> bool:
        """Whether it may log in."""
        return self.disabled_at_ms is None


def account_of(row: Row[Any]) -> Account:
    """Makes an account of a row that holds all columns of `Staff`."""
    return Account(
        row.id, row.email, row.name, row.role, row.created_at_ms, row.disabled_at_ms, bool(row.single_keys),
        row.invite_until_ms, row.password_hash is not None, row.second_key is not None, row.single_subject,
    )  # fmt: skip


_ALL = select(Staff.__table__)


def sha256(text: str) -> str:
    """The hash under which a random secret is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def normal(email: str) -> str:
    """An address as accounts are found by."""
    return email.strip().lower()


def everybody(store: Store) -> list[Account]:
    """All accounts, by name."""
    with store.read() as connection:
        return [account_of(row) for row in connection.execute(_ALL.order_by(func.lower(Staff.name), Staff.id))]


def by_id(store: Store, number: int) -> Account:
    """One account.

    Raises:
        NoSuchStaff: There is none.
    """
    with store.read() as connection:
        return account_of(_one(connection, Staff.id == number))


def by_email(store: Store, email: str) -> Row[Any] | None:
    """The whole row of an account, secrets included, or None."""
    with store.read() as connection:
        return connection.execute(_ALL.where(Staff.email == normal(email))).one_or_none()


def row_of(store: Store, number: int) -> Row[Any]:
    """The whole row of an account, secrets included.

    Raises:
        NoSuchStaff: There is none.
    """
    with store.read() as connection:
        return _one(connection, Staff.id == number)


def by_invite(store: Store, token: str, *, now_ms: int) -> Account | None:
    """The account whose link this is, or None when it was used or is over."""
    with store.read() as connection:
        row = connection.execute(
            _ALL.where(
                Staff.invite_hash == sha256(token), Staff.invite_until_ms > now_ms, Staff.disabled_at_ms.is_(None)
            )
        ).one_or_none()
    return account_of(row) if row else None


def by_subject(store: Store, subject: str) -> Account | None:
    """The account that belongs to a name at the single sign-on, or None."""
    with store.read() as connection:
        row = connection.execute(_ALL.where(Staff.single_subject == subject)).one_or_none()
    return account_of(row) if row else None


def _one(connection: Connection, condition: Any) -> Row[Any]:
    row = connection.execute(_ALL.where(condition)).one_or_none()
    if row is None:
        raise NoSuchStaff("bot.journal: no such account; `./marrow staff list` shows those there are")
    return row


def add(
    store: Store, *, email: str, name: str, role: str, now_ms: int, actor: str, invite: str, invite_until_ms: int
) -> Account:
    """Makes an account without a password; `invite` is the secret of the link that sets one.

    Raises:
        StaffExists: The address is taken.
        BadName: Patients could not be shown this name.
    """
    name = names.checked(name)
    with store.write() as connection:
        if connection.execute(select(Staff.id).where(Staff.email == normal(email))).first():
            raise StaffExists(f"bot.journal: there is an account for {normal(email)}; reset or change that one")
        made = connection.execute(
            insert(Staff)
            .values(
                email=normal(email), name=name, role=role, created_at_ms=now_ms, invite_hash=sha256(invite),
                invite_until_ms=invite_until_ms,
            )
            .returning(Staff.id)
        ).scalar_one()  # fmt: skip
        record(connection, now_ms, actor, "staff_add", made, role=role)
        return account_of(_one(connection, Staff.id == made))


def change(
    store: Store,
    number: int,
    action: str,
    *,
    now_ms: int,
    actor: str,
    ends_sessions: bool = False,
    keep_session: str = "",
    **columns: Any,
) -> Account:
    """Changes an account, and says so in the audit, where no value is written but role and name.

    Args:
        store: The journal.
        number: Whose account.
        action: What is done, for the audit.
        now_ms: The time.
        actor: Who does it.
        ends_sessions: Whether all browsers of the account are logged out.
        keep_session: Hash of the one session that stays.
        **columns: New values.

    Raises:
        NoSuchStaff: There is no such account.
        LastAdmin: Nobody could manage accounts any more.
        BadName: Patients could not be shown this name.
    """
    if "name" in columns:
        columns["name"] = names.checked(columns["name"])
    with store.write() as connection:
        _one(connection, Staff.id == number)
        if columns:
            connection.execute(update(Staff).where(Staff.id == number).values(**columns))
        if {"role", "disabled_at_ms"} & set(columns) and not connection.execute(
            select(Staff.id).where(Staff.role == "admin", Staff.disabled_at_ms.is_(None)).limit(1)
        ).first():
            raise LastAdmin("bot.journal: this is the last admin; make another one first")
        if ends_sessions:
            ends = (StaffSession.staff_id == number) & (StaffSession.id_hash != keep_session)
            connection.execute(delete(StaffSession).where(ends))
        told = {key: columns[key] for key in ("role", "name", "email") if key in columns}
        record(connection, now_ms, actor, action, number, **told)
        return account_of(_one(connection, Staff.id == number))


def reset(
    store: Store, number: int, *, now_ms: int, actor: str, invite: str, invite_until_ms: int, **columns: Any
) -> Account:
    """Opens an account again: without password, second step or session, with a new link that sets a password.

    Raises:
        NoSuchStaff: There is no such account.
        LastAdmin: Nobody could manage accounts any more.
    """
    row = row_of(store, number)
    with store.write() as connection:
        connection.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == number))
        connection.execute(delete(LoginAttempt).where(LoginAttempt.key_hash == sha256(f"account:{row.email}")))
    return change(
        store, number, "staff_reset", now_ms=now_ms, actor=actor, ends_sessions=True, password_hash=None,
        second_key=None, disabled_at_ms=None, single_subject=None, invite_hash=sha256(invite),
        invite_until_ms=invite_until_ms, **columns,
    )  # fmt: skip


def take_step(store: Store, number: int, step: int) -> bool:
    """Marks the time step of a code as used.

    Returns:
        False when this or a later one was used before: the same code must not open twice.
    """
    with store.write() as connection:
        changed = connection.execute(
            update(Staff).where(Staff.id == number, Staff.second_step < step).values(second_step=step)
        )
        return changed.rowcount == 1


def set_recovery_codes(store: Store, number: int, hashes: Sequence[str]) -> None:
    """Replaces an account's recovery codes."""
    with store.write() as connection:
        connection.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == number))
        if hashes:
            connection.execute(insert(RecoveryCode), [{"code_hash": one, "staff_id": number} for one in hashes])


def use_recovery_code(store: Store, number: int, code_hash: str, *, now_ms: int) -> bool:
    """Uses up a recovery code; False when it is none of theirs or was used."""
    with store.write() as connection:
        changed = connection.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.code_hash == code_hash, RecoveryCode.staff_id == number, RecoveryCode.used_at_ms.is_(None)
            )
            .values(used_at_ms=now_ms)
        )
        return changed.rowcount == 1


def recovery_codes_left(store: Store, number: int) -> int:
    """How many recovery codes are unused."""
    with store.read() as connection:
        query = select(func.count()).where(RecoveryCode.staff_id == number, RecoveryCode.used_at_ms.is_(None))
        return int(connection.execute(query).scalar_one())


def record(connection: Connection, now_ms: int, actor: str, action: str, number: int, **detail: Any) -> None:
    """Writes what was done to an account into the audit."""
    audit.append(connection, at_ms=now_ms, actor=actor, action=action, subject=f"staff:{number}", detail=detail)
