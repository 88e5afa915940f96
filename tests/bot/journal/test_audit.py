"""One way into the audit, inside the transaction of what it tells of."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import insert, select

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


def rows(store, count=6):
    with store.write() as connection:
        for number in range(count):
            audit.append(
                connection, at_ms=number, actor="staff:1", action="view", subject=f"s{number}", detail={"é": [number]}
            )  # fmt: skip


def test_when_nothing_was_touched_then_the_chain_holds(store):
    assert audit.verify(store).faults == ()
    rows(store)

    found = audit.verify(store)

    assert (found.rows, found.last_id, found.faults) == (6, 6, ())
    assert audit.verify(store, known=(found.last_id, found.last_hash)).faults == ()


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("UPDATE audit SET at_ms = 99 WHERE id = 3", id="edited time"),
        pytest.param('UPDATE audit SET detail = \'{"by": "staff:2"}\' WHERE id = 3', id="edited actor"),
        pytest.param("UPDATE audit SET subject = 'other' WHERE id = 6", id="edited newest"),
        pytest.param("DELETE FROM audit WHERE id = 3", id="deleted in the middle"),
        pytest.param("DELETE FROM audit WHERE id = 1", id="deleted first"),
        pytest.param("DELETE FROM audit WHERE id > 4", id="end cut"),
        pytest.param("DELETE FROM audit", id="all deleted"),
        pytest.param("UPDATE audit SET id = 100 + id WHERE id = 2", id="moved to the end"),
        pytest.param(
            "UPDATE audit SET subject = CASE id WHEN 2 THEN 's2' ELSE 's1' END WHERE id IN (2, 3)", id="two swapped"
        ),
        pytest.param("UPDATE audit_head SET last_id = 5", id="head edited"),
        pytest.param("DELETE FROM audit_head", id="head deleted"),
        pytest.param(
            "INSERT INTO audit (id, at_ms, action, subject, detail, prev_hash, hash) "
            "VALUES (7, 7, 'view', 's', '{}', '', '')",
            id="row added behind",
        ),
    ],
)
def test_when_the_audit_was_touched_then_the_check_says_so(store, deed):
    rows(store)
    with store.write() as connection:
        connection.exec_driver_sql(deed)

    assert audit.verify(store).faults


def test_when_the_whole_chain_was_made_anew_then_only_a_head_kept_elsewhere_shows_it(store):
    rows(store)
    kept = audit.verify(store)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit")
        connection.exec_driver_sql(f"UPDATE audit_head SET last_id = 0, last_hash = '{audit.GENESIS}'")
    rows(store, 5)

    assert audit.verify(store).faults == ()
    assert audit.verify(store, known=(kept.last_id, kept.last_hash)).faults


def test_when_rows_are_taken_away_after_their_time_and_it_is_said_then_the_chain_still_holds(store):
    rows(store)
    with store.write() as connection:
        assert audit.prune(connection, before_ms=3, now_ms=9) == 3
        assert audit.prune(connection, before_ms=3, now_ms=9) == 0

    assert audit.verify(store).faults == ()
    told = audit.newest(store)[0].detail
    assert audit.verify(store, known=(told["through"], told["hash"])).faults == ()
    assert "taken away" in audit.verify(store, known=(2, "0" * 64)).faults[0]
    assert audit.newest(store)[0].action == "prune_audit"
    rows(store, 2)
    with store.write() as connection:
        # the row that told of the first time goes with the second
        assert audit.prune(connection, before_ms=10**6, now_ms=10**6) == 6
    assert audit.verify(store).faults == ()
    rows(store, 2)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE id = 10")
    assert audit.verify(store).faults


@pytest.mark.parametrize("at_once", [1, 500], ids=["row by row", "at once"])
def test_when_rows_are_put_where_others_were_taken_away_then_the_check_says_so(store, monkeypatch, at_once):
    monkeypatch.setattr(audit, "AT_ONCE", at_once)
    rows(store)
    with store.write() as connection:
        audit.prune(connection, before_ms=4, now_ms=9)
        made = {
            "id": 1, "at_ms": 0, "action": "view", "subject": "s", "detail": {"by": "x"}, "prev_hash": audit.GENESIS
        }  # fmt: skip
        connection.execute(insert(Audit).values(**made, hash=audit.digest(made)))

    assert audit.verify(store).faults == ("rows 2 to 4 are missing", *audit.verify(store).faults[1:])


def test_when_two_append_at_once_then_there_is_one_chain(store):
    def append():
        own = Store(store.url.render_as_string(hide_password=False))
        for _ in range(10):
            rows(own, 1)
        own.close()

    threads = [threading.Thread(target=append) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = audit.verify(store)
    assert (found.rows, found.faults) == (30, ())


def test_when_the_audit_is_searched_then_by_subject_who_and_what(store):
    rows(store)
    with store.write() as connection:
        audit.append(connection, at_ms=9, actor="patient", action="erase", subject="s%", detail={})

    def found(**how):
        return [row.id for row in audit.newest(store, **how)]

    assert found(subject="s1") == [2]
    assert found(subject="s%") == [7]
    assert found(actor="patient") == [7]
    assert found(action="view", before=3) == [2, 1]
    assert audit.actions(store) == ["erase", "view"]


@pytest.fixture
def slices(monkeypatch):
    """Slices of two rows, so that six are more than one goes through at once."""
    monkeypatch.setattr(audit, "AT_ONCE", 2)


def follow(store, deed):
    """Checks, and does something once, after the first slice."""
    told = []

    def between(followed, left):
        told.append((followed, left))
        if len(told) == 1:
            deed()

    return audit.verify(store, between=between), told


def prune(store, before_ms):
    with store.write() as connection:
        audit.prune(connection, before_ms=before_ms, now_ms=99)


def execute(store, statement):
    with store.write() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("deed", "followed"),
    [
        pytest.param(lambda store: rows(store, 5), 6, id="more is written"),
        pytest.param(lambda store: prune(store, 1), 6, id="some of what was followed is taken away after its time"),
        pytest.param(lambda store: prune(store, 4), 4, id="some of what is still to come, too"),
        pytest.param(lambda store: prune(store, 10**6), 2, id="all of it"),
    ],
)
def test_when_the_audit_goes_on_while_it_is_checked_then_nothing_is_wrong(store, slices, deed, followed):
    rows(store)

    found, told = follow(store, lambda: deed(store))

    assert (found.rows, found.faults) == (followed, ())
    assert told[0] == (2, 4)
    assert told[-1] == (followed, 0)


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("DELETE FROM audit WHERE id <= 4", id="the first ones deleted"),
        pytest.param("DELETE FROM audit WHERE id IN (3, 4)", id="a whole slice deleted"),
        pytest.param("DELETE FROM audit WHERE id > 2", id="the end deleted"),
        pytest.param("DELETE FROM audit", id="all deleted"),
        pytest.param("UPDATE audit SET at_ms = 9 WHERE id = 5", id="edited"),
    ],
)
def test_when_the_audit_is_touched_while_it_is_checked_then_the_check_says_so(store, slices, deed):
    rows(store)

    assert follow(store, lambda: execute(store, deed))[0].faults


def test_when_the_audit_is_checked_then_nobody_waits_for_it_and_it_can_be_stopped(store, slices):
    rows(store)
    emptied = []
    found, told = follow(store, lambda: emptied.append(store.scrub()))
    assert (emptied, told, found.faults) == ([True], [(2, 4), (4, 2), (6, 0)], ())

    def stop(_followed, _left):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        audit.verify(store, between=stop)
