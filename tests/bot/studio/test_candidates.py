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
from bot.studio import keeping, replays
from bot.studio.candidate import REST, Candidate
from bot.studio.candidates import Candidates, NoSuchModel, NotYet
from tests.bot.studio.conftest import ANNA

DANGER = {"count": 100, "caught": 98}


@pytest.fixture
def candidates(store: Store, tmp_path: Path) -> Candidates:
    (tmp_path / "models").mkdir()
    return Candidates(store, lambda: 1000, tmp_path)


def made(candidates: Candidates, tmp_path: Path, name: str = "a") -> Candidate:
    file = tmp_path / f"{name}.tar.gz"
    file.write_bytes(name.encode())
    return candidates.add(file, hashlib.sha256(name.encode()).hexdigest(), ANNA)


def ready(candidates: Candidates, **changes: Any) -> dict[str, Any]:
    """What is known of a candidate that may go live, measured against what is so now."""
    now = candidates.now()
    if "changed" in (changes.get("replay") or {}):
        changes["replay"] = {"days": replays.DAYS, **changes["replay"]}
    return {
        "against": {"report": now.live, "tests": now.tests, "replay": now.live},
        "report": {"danger": {"candidate": DANGER, "live": DANGER}},
        "tests": {"passed": True, "count": 3, "failed": []},
        "replay": {"changed": [], "days": replays.DAYS},
        **changes,
    }


def change(old: str, new: str) -> dict[str, Any]:
    return {"old": old, "new": new, "times": 2, "places": [["c", 1]]}


def test_when_all_is_well_then_it_goes_live_and_the_audit_tells(
    candidates: Candidates, store: Store, tmp_path: Path
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(candidates))

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
        pytest.param({"replay": {"changed": [], "days": 0}}, "only 0 days", id="nothing replayed"),
        pytest.param({"against": {}}, "another live model (report and replay): measure it again", id="no notes"),
        pytest.param({"against": {}}, "tests have changed since they were played: measure it", id="no note of tests"),
        pytest.param({"against": {"report": "0", "replay": None}}, "(report): measure it", id="report alone"),
        pytest.param({"against": {"report": None, "replay": "0"}}, "(replay): measure it", id="replay alone"),
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
    candidates.update(name, **ready(candidates, **about))

    with pytest.raises(NotYet) as refused:
        candidates.promote(name, ANNA)

    assert said in " ".join(refused.value.reasons)
    assert model.promoted(candidates.models) is None


def test_when_changes_matter_then_each_needs_a_name_and_the_rest_one(candidates: Candidates, tmp_path: Path) -> None:
    name = made(candidates, tmp_path).name
    changes = [change("faq/cart_outcomes", "clarify"), change("safety/emergency", "greet"), change("greet", "thanks")]
    candidates.update(name, **ready(candidates, replay={"changed": changes}))
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
    candidates.update(first, **ready(candidates))
    live = candidates.promote(first, ANNA)
    second = made(candidates, tmp_path, "b").name
    candidates.update(second, **ready(candidates))
    (candidates.folder / second).write_bytes(b"something else")

    with pytest.raises(BootError, match="SHA-256"):
        candidates.promote(second, ANNA)

    assert model.promoted(candidates.models) == (live, hashlib.sha256(b"a").hexdigest())
    assert not (candidates.models / second).exists()


def test_when_a_candidate_that_was_live_is_corrupt_then_its_good_copy_stays(
    candidates: Candidates, tmp_path: Path
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(candidates))
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
        candidates.update(name, **ready(candidates))
        candidates.promote(name, ANNA)

    assert candidates.rollback(ANNA).name == names[0]
    assert [name for name, _ in candidates.live()] == [names[1], names[0]]
    assert candidates.rollback(ANNA, names[1]).name == names[1]
    with pytest.raises(NoSuchModel):
        candidates.rollback(ANNA, "none.tar.gz")


def test_when_many_are_trained_then_the_last_five_are_kept(candidates: Candidates, tmp_path: Path) -> None:
    stamp = {"file": "marrow-other.tar.gz", "sha256": hashlib.sha256(b"live").hexdigest()}  # no candidate of the studio
    (candidates.models / "marrow-other.tar.gz").write_bytes(b"live")
    (candidates.models / "current.json").write_text(json.dumps(stamp))
    for name in "abcdefg":
        made(candidates, tmp_path, name)

    assert len(candidates.all()) == 5
    assert len(list(candidates.folder.glob("*.tar.gz"))) == 5


def test_when_many_are_trained_then_the_live_model_s_report_and_the_new_one_stay(
    candidates: Candidates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(9, 0, -1))  # each name is older than the one before
    monkeypatch.setattr(model, "name_of", lambda wanted: f"marrow-{next(clock)}-{wanted[:8]}.tar.gz")
    live = made(candidates, tmp_path, "a").name
    candidates.update(live, **ready(candidates))
    candidates.promote(live, ANNA)

    for name in "bcdefgh":
        new = made(candidates, tmp_path, name).name
        assert {live, new} <= {one.name for one in candidates.all()}

    assert len(candidates.all()) == 5


def test_when_files_changed_since_a_promotion_then_a_start_keeps_the_promoted_model(
    candidates: Candidates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(candidates))
    live = candidates.promote(name, ANNA)
    monkeypatch.setattr(model, "MODELS", candidates.models)
    monkeypatch.setattr(model, "STAMP", candidates.models / "current.json")
    monkeypatch.setattr(model, "_train", lambda _wanted: pytest.fail("it was trained"))

    assert model.ensure() == live
    assert json.loads(model.STAMP.read_text())["promoted"]["by"] == "Anna Trainer"


def test_when_another_model_went_live_meanwhile_then_it_stays_out_until_it_is_measured_again(
    candidates: Candidates, tmp_path: Path
) -> None:
    names = [made(candidates, tmp_path, one).name for one in ("a", "b")]
    for name in names:
        candidates.update(name, **ready(candidates))
    candidates.promote(names[0], ANNA)

    with pytest.raises(NotYet, match="another live model"):
        candidates.promote(names[1], ANNA)

    assert candidates.one(names[0]).reasons() == []  # the live one itself
    live = hashlib.sha256(b"a").hexdigest()
    for what, found in (("report", ready(candidates)["report"]), ("replay", ready(candidates)["replay"])):
        assert candidates.one(names[1]).reasons()
        candidates.measured(names[1], what, found, live)
    candidates.promote(names[1], ANNA)


@pytest.mark.parametrize("file", [keeping.STORIES, "tests/stories/deeper/test_more.yaml", keeping.REPLAY])
def test_when_the_conversation_tests_have_changed_then_it_stays_out_until_they_are_played(
    candidates: Candidates, tmp_path: Path, file: str
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(candidates))
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("a test")

    with pytest.raises(NotYet, match="tests have changed"):
        candidates.promote(name, ANNA)

    candidates.measured(name, "tests", {"passed": True, "count": 1, "failed": []}, candidates.now().tests)
    assert candidates.one(name).reasons() == []


@pytest.mark.parametrize(
    ("changed", "live", "stays"),
    [
        pytest.param([change("greet", "thanks")], None, True, id="the same"),
        pytest.param([change("greet", "deny")], None, False, id="other readings"),
        pytest.param([change("greet", "thanks")], "1" * 64, False, id="another live model"),
    ],
)
def test_when_it_is_replayed_again_then_names_stay_only_under_the_same_changes(
    candidates: Candidates, tmp_path: Path, changed: list[dict[str, Any]], live: str | None, stays: bool
) -> None:
    name = made(candidates, tmp_path).name
    candidates.update(name, **ready(candidates, replay={"changed": [change("greet", "thanks")]}))
    candidates.sign(name, REST, ANNA)

    candidates.measured(name, "replay", {"changed": changed, "days": replays.DAYS}, live)

    assert (REST in candidates.one(name).about["signed"]) == stays


def test_when_the_live_model_s_confusions_are_asked_for_then_no_other_model_s_are_given(
    candidates: Candidates, tmp_path: Path
) -> None:
    names = [made(candidates, tmp_path, one).name for one in ("a", "b", "c")]
    assert candidates.live_confusion() == []
    report = ready(candidates)["report"]
    candidates.update(names[0], **ready(candidates, report={**report, "confusion": [["x", "y"]]}))
    candidates.promote(names[0], ANNA)
    live = candidates.now().live
    candidates.measured(names[2], "report", {**report, "confusion": [["x", "x"]]}, live)

    assert candidates.live_confusion() == [["x", "y"]]

    (candidates.folder / names[0]).unlink()  # its own report went with it
    assert candidates.live_confusion() == []
    candidates.measured(names[1], "report", {**report, "confusion_live": [["x", "z"]]}, "another one")
    assert candidates.live_confusion() == []
    candidates.measured(names[1], "report", {**report, "confusion_live": [["x", "y"]]}, live)
    assert candidates.live_confusion() == [["x", "y"]]
