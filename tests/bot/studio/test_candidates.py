"""What keeps a candidate from going live, who signs for what changes, and the way live and back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the door's environment only")

from bot.boot import model
from bot.boot.environments import BootError
from bot.journal import audit
from bot.journal.store import Store
from bot.studio.candidates import REST, Candidate, Candidates, NoSuchModel, NotYet
from tests.bot.studio.conftest import ANNA

DANGER = {"count": 100, "caught": 98}


@pytest.fixture
def candidates(store: Store, tmp_path: Path) -> Candidates:
    (tmp_path / "models").mkdir()
    return Candidates(store, lambda: 1000, tmp_path / "models")


def made(candidates: Candidates, tmp_path: Path, name: str = "a") -> Candidate:
    file = tmp_path / f"{name}.tar.gz"
    file.write_bytes(name.encode())
    return candidates.add(file, hashlib.sha256(name.encode()).hexdigest(), ANNA)


def ready(**changes: Any) -> dict[str, Any]:
    return {
        "report": {"danger": {"candidate": DANGER, "live": DANGER}},
        "tests": {"passed": True, "count": 3, "failed": []},
        "replay": {"changed": []},
        **changes,
    }


def change(old: str, new: str) -> dict[str, Any]:
    return {"old": old, "new": new, "times": 2, "places": [["c", 1]]}


def test_when_all_is_well_then_it_goes_live_and_the_audit_tells(
    candidates: Candidates, store: Store, tmp_path: Path
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready())

    file = candidates.promote(name, ANNA)

    assert file.read_bytes() == b"a"
    assert model.promoted(candidates.models) == (file, hashlib.sha256(b"a").hexdigest())
    assert [row.action for row in audit.newest(store)] == ["studio_promote", "studio_train"]


@pytest.mark.parametrize(
    ("about", "said"),
    [
        pytest.param({"report": None}, "no report", id="not measured"),
        pytest.param({"tests": None}, "not run", id="tests not run"),
        pytest.param({"replay": None}, "not replayed", id="not replayed"),
        pytest.param({"tests": {"passed": False, "count": 2, "failed": ["hello"]}}, "hello", id="a broken test"),
        pytest.param(
            {"report": {"danger": {"candidate": {"count": 100, "caught": 97}, "live": DANGER}}}, "less danger",
            id="danger is seen less",
        ),
        pytest.param({"replay": {"changed": [change("faq/bmt_survival", "clarify")]}}, "need a name", id="survival"),
        pytest.param({"replay": {"changed": [change("greet", "safety/emergency")]}}, "need a name", id="danger"),
        pytest.param({"replay": {"changed": [change("greet", "thanks")]}}, "a sample of the other changes", id="others"),
    ],
)  # fmt: skip
def test_when_something_is_amiss_then_it_stays_out(
    candidates: Candidates, tmp_path: Path, about: dict[str, Any], said: str
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(**about))

    with pytest.raises(NotYet) as refused:
        candidates.promote(name, ANNA)

    assert said in " ".join(refused.value.reasons)
    assert model.promoted(candidates.models) is None


def test_when_changes_matter_then_each_needs_a_name_and_the_rest_one(candidates: Candidates, tmp_path: Path) -> None:
    name = made(candidates, tmp_path).name
    changes = [change("faq/cart_outcomes", "clarify"), change("safety/emergency", "greet"), change("greet", "thanks")]
    candidates.update(name, **ready(replay={"changed": changes}))
    assert set(candidates.one(name).to_sign()) == {"faq/cart_outcomes>clarify", "safety/emergency>greet", REST}

    for key in candidates.one(name).to_sign():
        assert candidates.one(name).reasons()
        candidates.sign(name, key, ANNA)

    assert candidates.one(name).reasons() == []
    assert candidates.one(name).about["signed"][REST]["by"] == "Anna Trainer"
    with pytest.raises(NotYet):
        candidates.sign(name, "nothing>else", ANNA)


def test_when_the_file_is_not_the_one_that_was_trained_then_the_live_one_stays(
    candidates: Candidates, tmp_path: Path
) -> None:
    first = made(candidates, tmp_path).name
    candidates.update(first, **ready())
    live = candidates.promote(first, ANNA)
    second = made(candidates, tmp_path, "b").name
    candidates.update(second, **ready())
    (candidates.folder / second).write_bytes(b"something else")

    with pytest.raises(BootError, match="SHA-256"):
        candidates.promote(second, ANNA)

    assert model.promoted(candidates.models) == (live, hashlib.sha256(b"a").hexdigest())
    assert not (candidates.models / second).exists()


def test_when_a_candidate_that_was_live_is_corrupt_then_its_good_copy_stays(
    candidates: Candidates, tmp_path: Path
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready())
    live = candidates.promote(name, ANNA)
    (candidates.folder / name).write_bytes(b"something else")

    with pytest.raises(BootError, match="SHA-256"):
        candidates.promote(name, ANNA)

    assert live.read_bytes() == b"a"
    assert candidates.live() == [(name, hashlib.sha256(b"a").hexdigest())]
    assert [file.name for file in candidates.models.iterdir() if file.name.endswith(".part")] == []


def test_when_it_goes_wrong_then_one_step_back_is_live_again(candidates: Candidates, tmp_path: Path) -> None:
    names = [made(candidates, tmp_path, one).name for one in ("a", "b")]
    for name in names:
        candidates.update(name, **ready())
        candidates.promote(name, ANNA)

    assert candidates.rollback(ANNA).name == names[0]
    assert [name for name, _ in candidates.live()] == [names[1], names[0]]
    assert candidates.rollback(ANNA, names[1]).name == names[1]
    with pytest.raises(NoSuchModel):
        candidates.rollback(ANNA, "none.tar.gz")


def test_when_many_are_trained_then_the_last_five_are_kept(candidates: Candidates, tmp_path: Path) -> None:
    for name in "abcdefg":
        made(candidates, tmp_path, name)

    assert len(candidates.all()) == 5
    assert len(list(candidates.folder.glob("*.tar.gz"))) == 5


def test_when_files_changed_since_a_promotion_then_a_start_keeps_the_promoted_model(
    candidates: Candidates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready())
    live = candidates.promote(name, ANNA)
    monkeypatch.setattr(model, "MODELS", candidates.models)
    monkeypatch.setattr(model, "STAMP", candidates.models / "current.json")
    monkeypatch.setattr(model, "_train", lambda _wanted: pytest.fail("it was trained"))

    assert model.ensure() == live
    assert json.loads(model.STAMP.read_text())["promoted"]["by"] == "Anna Trainer"
