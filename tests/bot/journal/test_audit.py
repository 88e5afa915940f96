"""One way into the audit, inside the transaction of what it tells of."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.journal import audit
from bot.journal.models import Audit
from bot.journal.store import Store


def test_when_a_row_is_appended_then_it_tells_who_did_what_and_when(store: Store) -> None:
    with store.write() as connection:
        audit.append(connection, at_ms=5, actor="operator", action="erase", subject="s", detail={"rows": 2})

    with store.read() as connection:
        row = connection.execute(select(Audit.__table__)).one()
    assert (row.at_ms, row.action, row.subject, row.detail) == (5, "erase", "s", {"by": "operator", "rows": 2})


def test_when_the_transaction_is_undone_then_no_row_stays(store: Store) -> None:
    def fails() -> None:
        with store.write() as connection:
            audit.append(connection, at_ms=5, actor="operator", action="erase", subject="s", detail={})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with store.read() as connection:
        assert connection.execute(select(Audit.id)).all() == []
