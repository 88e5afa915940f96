"""The model in use: trained when, and only when, what it is made from has changed; never one that was altered.

Longer than 300 lines because training, promotion and what is kept share one folder of models and one false trainer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.boot import model
from bot.boot.environments import BRAIN, BootError

INPUTS = [
    "config.yml",
    "domain.yml",
    "data/nlu.yml",
    "data/rules.yml",
    "data/translations/de.yml",
    "requirements/brain.txt",
    "bot/screen/judge.py",
    "bot/screen/doubt.json",
    "bot/understand/finetuned.json",
    "bot/screen/rules/fever.yml",
    *(f"bot/understand/{name}.py" for name in model.LEARNING),
]
OTHERS = [
    "README.md",
    ".env",
    "endpoints.yml",
    "bot/door/app.py",
    "bot/answer/hours.py",
    "bot/understand/channel.py",
    "bot/understand/finetune.py",
    "bot/understand/__pycache__/ensemble.cpython-310.pyc",
    "data/.nlu.yml.swp",
    "requirements/door.txt",
    "models/current.json",
]


@pytest.fixture
def filled(project: Path) -> Path:
    """A project with every input of a model, and other files."""
    for name in (*INPUTS, *OTHERS):
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n")
    return project


@pytest.mark.parametrize("name", INPUTS)
def test_when_an_input_changes_then_the_fingerprint_does(name: str, filled: Path) -> None:
    before = model.fingerprint(filled)
    (filled / name).write_text("# other\n")

    assert model.fingerprint(filled) != before


@pytest.mark.parametrize("name", OTHERS)
def test_when_another_file_changes_then_the_fingerprint_stays(name: str, filled: Path) -> None:
    before = model.fingerprint(filled)
    (filled / name).write_text("# other\n")

    assert model.fingerprint(filled) == before


@pytest.mark.parametrize("change", ["new", "gone", "renamed", "moved text"])
def test_when_the_set_of_inputs_changes_then_the_fingerprint_does(change: str, filled: Path) -> None:
    before = model.fingerprint(filled)
    nlu = filled / "data" / "nlu.yml"
    if change == "new":
        (filled / "data" / "more.yml").write_text("")
    elif change == "gone":
        nlu.unlink()
    elif change == "renamed":
        nlu.rename(nlu.with_name("nlu2.yml"))
    else:  # the same bytes in all, cut elsewhere
        rules = filled / "data" / "rules.yml"
        whole = nlu.read_text() + rules.read_text()
        nlu.write_text(whole[:5])
        rules.write_text(whole[5:])

    assert model.fingerprint(filled) != before


def test_when_nothing_changes_then_the_fingerprint_is_the_same_twice(filled: Path) -> None:
    os.utime(filled / "domain.yml", (0, 0))

    assert model.fingerprint(filled) == model.fingerprint(filled)


# A rasa that notes each training and makes a file, or fails as the test says.
FAKE_RASA = """
echo "$@" >> "{calls}"
{fault}
mkdir -p "$3"
date +%N > "$3/candidate.tar.gz"
"""


@pytest.fixture
def calls(filled: Path) -> Path:
    return filled.parent / "trainings.txt"


@pytest.fixture
def rasa(filled: Path, script: Callable[[str, str], Path], calls: Path) -> Callable[[str], None]:
    def put(fault: str = ":") -> None:
        script(str(BRAIN.command("rasa")), FAKE_RASA.format(calls=calls, fault=fault))

    put()
    return put


def trainings(calls: Path) -> int:
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def test_when_there_is_no_model_then_there_is_none_in_use(filled: Path) -> None:
    (filled / "models" / "current.json").unlink()

    assert model.current() is None


def test_when_a_model_is_trained_then_it_is_in_use_and_not_trained_again(
    rasa: Callable[[str], None], calls: Path
) -> None:
    made = model.ensure()

    assert model.ensure() == made == model.current()
    assert trainings(calls) == 1


def test_when_an_input_has_changed_then_it_is_trained_again(
    filled: Path, rasa: Callable[[str], None], calls: Path
) -> None:
    model.ensure()
    (filled / "data" / "nlu.yml").write_text("# more examples\n")

    model.ensure()

    assert trainings(calls) == 2


def test_when_training_is_forced_then_it_is_done(rasa: Callable[[str], None], calls: Path) -> None:
    model.ensure()

    model.ensure(force=True)

    assert trainings(calls) == 2


@pytest.mark.parametrize("damage", ["altered", "cut", "gone"])
def test_when_the_file_is_not_the_one_trained_then_it_is_refused_and_trained_again(
    damage: str, rasa: Callable[[str], None], calls: Path
) -> None:
    made = model.ensure()
    if damage == "altered":
        made.write_bytes(b"x" + made.read_bytes()[1:])
    elif damage == "cut":
        made.write_bytes(made.read_bytes()[:-1])
    else:
        made.unlink()

    assert model.current() is None
    assert model.file_digest(model.ensure()) == json.loads(model.STAMP.read_text())["sha256"]
    assert trainings(calls) == 2


@pytest.mark.parametrize("stamp", ["", "{", "[]", "{}", '{"file": "x"}', '"x"', "null"])
def test_when_the_stamp_is_broken_then_there_is_no_model_in_use(stamp: str, filled: Path) -> None:
    (filled / "models" / "current.json").write_text(stamp)

    assert model.current() is None


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param("echo 'YamlException: line 3 of data/nlu.yml'; exit 1", "YamlException: line 3", id="an error"),
        pytest.param("exit 0", "", id="no model made"),
        pytest.param("kill -9 $$", "no reason was given", id="killed"),
    ],
)
def test_when_training_fails_then_one_sentence_says_so_and_the_old_model_stays(
    fault: str, told: str, filled: Path, rasa: Callable[[str], None]
) -> None:
    old = model.ensure()
    rasa(fault)
    (filled / "data" / "nlu.yml").write_text("# broken\n")

    with pytest.raises(BootError) as error:
        model.ensure()

    assert "training failed" in str(error.value)
    assert "./marrow validate" in str(error.value)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert model.current() == old


def test_when_many_were_trained_then_the_last_few_are_kept_and_the_one_in_use_is_among_them(
    filled: Path, rasa: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(f"20260101-00000{number}" for number in range(9))
    monkeypatch.setattr(model.time, "strftime", lambda form: next(names))
    for _ in range(model.KEPT + 2):
        last = model.ensure(force=True)

    kept = sorted(model.MODELS.glob("marrow-*.tar.gz"))
    assert len(kept) == model.KEPT
    assert last == model.current() == kept[-1]


def test_when_the_clock_was_set_back_then_the_model_in_use_is_kept_all_the_same(
    filled: Path, rasa: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(model.KEPT):
        (model.MODELS / f"marrow-20990101-00000{number}-00000000.tar.gz").write_bytes(b"older, dated later")

    made = model.ensure(force=True)

    assert model.current() == made


@pytest.mark.parametrize(
    ("promoted", "kept"),
    [
        pytest.param("1234567", "34567", id="one after the other"),
        pytest.param("12345161", "34561", id="back to the oldest, and away again"),
        pytest.param("123456321", "56321", id="back, step by step"),
        pytest.param("7654321", "54321", id="a clock that was set back"),
        pytest.param("1111", "1", id="the same one again"),
    ],
)
def test_when_models_are_promoted_then_the_last_five_in_use_are_kept_whatever_their_names(
    tmp_path: Path, promoted: str, kept: str
) -> None:
    candidates, folder = tmp_path / "candidates", tmp_path / "models"
    candidates.mkdir()
    folder.mkdir()
    for name in promoted:
        file = candidates / f"marrow-{name}.tar.gz"
        file.write_text(f"model {name}")
        before = model.kept(folder)
        model.promote(file, model.file_digest(file), by="Anna", fingerprint="f", folder=folder)
        if before and before[-1][0] != file.name:
            assert model.kept(folder)[-2] == before[-1]  # the way back

    assert [name for name, _ in model.kept(folder)] == [f"marrow-{name}.tar.gz" for name in kept]
    assert {file.name for file in folder.glob("*.tar.gz")} == {f"marrow-{name}.tar.gz" for name in kept}


def test_when_a_training_was_cut_short_then_its_model_goes_with_the_next_and_a_newer_one_stays(tmp_path: Path) -> None:
    old, new, made = (tmp_path / f"marrow-{name}.tar.gz" for name in ("old", "new", "made"))
    for file, at in ((old, 1_000_000_000), (new, 4_000_000_000), (made, 2_000_000_000)):
        file.write_text(file.name)
        os.utime(file, (at, at))

    model.promote(made, model.file_digest(made), by="Anna", fingerprint="f", folder=tmp_path)

    assert {file.name for file in tmp_path.glob("*.tar.gz")} == {new.name, made.name}
    assert "newer" in " ".join(model.troubles(tmp_path))


def test_when_training_runs_then_its_progress_is_told(
    rasa: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    rasa("echo 'INFO x - Starting to train component EnsembleClassifier.'")

    model.ensure()

    assert "training EnsembleClassifier" in " ".join(capfd.readouterr().err.split())


def test_when_a_process_of_the_brain_starts_then_telemetry_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "true")
    code = "import os; print(os.environ['RASA_TELEMETRY_ENABLED'], os.environ['OMP_NUM_THREADS'])"

    shown = subprocess.run(
        [sys.executable, "-c", code], env=model.brain_environment(), capture_output=True, text=True, check=True
    )

    assert shown.stdout.split() == ["false", "1"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A models' folder with two whole models, the second in use."""
    digests = {}
    for name in ("marrow-1.tar.gz", "marrow-2.tar.gz"):
        (tmp_path / name).write_text(f"the whole of {name}")
        digests[name] = model.file_digest(tmp_path / name)
    stamp = {"file": "marrow-2.tar.gz", "sha256": digests.pop("marrow-2.tar.gz"), "fingerprint": "f", "kept": digests}
    (tmp_path / "current.json").write_text(json.dumps(stamp))
    return tmp_path


@pytest.mark.parametrize(
    ("cut", "chosen"),
    [
        ([], "marrow-2.tar.gz"),
        (["marrow-2.tar.gz"], "marrow-1.tar.gz"),
        (["marrow-1.tar.gz"], "marrow-2.tar.gz"),
        (["marrow-1.tar.gz", "marrow-2.tar.gz"], "marrow-2.tar.gz"),
    ],
    ids=["all whole", "the one in use is cut", "an old one is cut", "nothing is whole"],
)
def test_when_a_model_was_cut_short_then_the_newest_whole_one_is_chosen(
    kept: Path, cut: list[str], chosen: str
) -> None:
    for name in cut:
        (kept / name).write_text("the wh")

    assert model.whole(kept / "marrow-2.tar.gz") == kept / chosen


def test_when_models_are_whole_then_there_is_nothing_to_tell(kept: Path) -> None:
    assert model.troubles(kept) == []
    assert model.troubles(kept / "none") == []


@pytest.mark.parametrize("name", ["marrow-2.tar.gz", "20300101-stray.tar.gz"], ids=["in use", "newest, of nobody"])
def test_when_an_archive_is_half_written_then_it_is_told(kept: Path, name: str) -> None:
    (kept / name).write_text("the wh")
    os.utime(kept / name, (2_000_000_000, 2_000_000_000))

    (told,) = model.troubles(kept)

    assert told.startswith(name)
