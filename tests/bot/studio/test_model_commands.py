"""`./marrow model`: what counts for a promotion, whoever measures it from the command line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.journal import audit
from bot.journal.clock import Clock
from bot.journal.store import Store
from bot.studio import model_commands, replays, train, training
from bot.studio.candidate import REST
from bot.studio.candidates import Candidates
from tests.bot.studio.conftest import ANNA
from tests.bot.studio.test_candidates import candidates, change, made, ready  # noqa: F401 - a fixture
from tests.bot.studio.test_replays import say

Run = Callable[..., int]


@pytest.fixture
def run(candidates: Candidates, store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: F811
    """The command on a test's candidates, without the brain's environment."""

    @contextmanager
    def opened(_settings: Any) -> Any:
        yield store

    monkeypatch.setattr(model_commands, "opened", opened)
    monkeypatch.setattr(model_commands, "Candidates", lambda *_: candidates)
    monkeypatch.setattr(train, "brain_answers", lambda *_: {"messages": 0, "changed": []})
    return lambda *arguments: model_commands.main([str(one) for one in arguments])


@pytest.fixture
def signed(candidates: Candidates, tmp_path: Path) -> str:  # noqa: F811
    """A candidate whose changes were replayed; one is signed, another is not."""
    name = made(candidates, tmp_path).name
    changes = [change("faq/cart_outcomes", "clarify"), change("greet", "thanks")]
    candidates.update(name, **ready(candidates, replay={"messages": 2, "days": replays.DAYS, "changed": changes}))
    candidates.sign(name, REST, ANNA)
    return name


@pytest.mark.parametrize(("days", "code"), [(-1, 1), (0, 1), (1, 0), (replays.DAYS - 1, 0)])
def test_when_too_few_days_are_replayed_then_the_one_that_counts_stays_with_its_names(
    run: Run, candidates: Candidates, signed: str, days: int, code: int, capsys: pytest.CaptureFixture[str]  # noqa: F811
) -> None:  # fmt: skip
    before = candidates.one(signed).about

    assert run("replay", "--days", days, "--json") == code

    assert candidates.one(signed).about == before
    assert run("promote") == 1
    said = capsys.readouterr()
    assert "faq/cart_outcomes>clarify" in said.err
    if not code:
        assert json.loads(said.out.splitlines()[0])["counts"] is False


def test_when_enough_days_are_replayed_then_it_counts(
    run: Run, candidates: Candidates, signed: str, capsys: pytest.CaptureFixture[str]  # noqa: F811
) -> None:  # fmt: skip
    assert run("replay", "--days", replays.DAYS + 1, "--json") == 0

    about = candidates.one(signed).about
    assert (about["replay"]["days"], about["replay"]["changed"], about["signed"]) == (replays.DAYS + 1, [], {})
    assert json.loads(capsys.readouterr().out.splitlines()[0])["counts"] is True


def test_when_a_reading_changes_then_it_is_told_with_the_message_before_it(
    run: Run, candidates: Candidates, store: Store, signed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    live = candidates.models / "marrow-live.tar.gz"
    live.write_bytes(b"live")
    stamp = {"file": live.name, "sha256": hashlib.sha256(b"live").hexdigest()}
    (candidates.models / "current.json").write_text(json.dumps(stamp))
    now_ms = Clock().now_ms()
    for words in ("about cord blood", "and how long?"):
        say(store, "a", words, "faq/cord_blood_uses", at_ms=now_ms)

    def changed(_what: str, request: dict[str, Any]) -> dict[str, Any]:
        at = [one["text"] for one in request["asked"]].index("and how long?")
        assert request["asked"][at]["said"] == ((("faq/cord_blood_uses", None),),)
        return {"messages": 2, "changed": [{"at": at, "old": "clarify", "new": "faq/bmt_duration"}]}

    monkeypatch.setattr(train, "brain_answers", changed)

    assert run("replay", "--days", 1) == 0
    told = capsys.readouterr().out
    assert run("replay", "--days", 1, "--json") == 0
    line = json.loads(capsys.readouterr().out.splitlines()[1])

    assert 'and how long? (after "about cord blood")' in told
    assert (line["texts"], line["before"]) == (["and how long?"], ["about cord blood"])


def test_when_somebody_signs_then_the_audit_has_their_name(run: Run, store: Store, signed: str) -> None:
    assert run("sign", "faq/cart_outcomes>clarify", "--by", "Dr Ada Roe") == 0

    row = audit.newest(store, action="studio_sign")[0]
    assert row.detail == {"by": "operator", "change": "faq/cart_outcomes>clarify", "name": "Dr Ada Roe"}


def test_when_a_candidate_is_measured_again_then_the_job_gets_its_name(
    run: Run, signed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[tuple[str, str]] = []
    monkeypatch.setattr(training, "start", lambda by, candidate="": started.append((by.actor, candidate)))
    monkeypatch.setattr(training, "wait", lambda _told: training.Job(state=training.DONE, candidate=signed))

    assert run("measure", "--json") == 0

    assert started == [("operator", signed)]
    assert json.loads(capsys.readouterr().out)["model"] == signed
    assert run("measure", "none.tar.gz") == 1
