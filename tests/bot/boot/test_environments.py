"""The environments: made once, made again when their lock changes, and every fault in one clear sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.boot import environments
from bot.boot.environments import DOOR, BootError, ensure, exclusive

REAL_ROOT = Path(__file__).resolve().parents[3]
Script = Callable[[str, str], Path]

# A uv that notes what it is asked, makes an environment that is a file, and fails where the test says so.
FAKE_UV = """
echo "$@" >> "{calls}"
case "$1 $2" in
  "python find") {find} ;;
  "python install") {python} ;;
  "pip sync") {sync} ;;
  venv*) for last; do :; done; mkdir -p "$last/bin"; cp /bin/true "$last/bin/python" ;;
esac
"""


@pytest.fixture
def calls(project: Path) -> Path:
    return project.parent / "calls.txt"


@pytest.fixture
def fake_uv(project: Path, script: Script, calls: Path) -> Callable[..., None]:
    """Puts a uv in place that is taken for the pinned one."""

    def put(find: str = "echo /usr/bin/python", python: str = "exit 0", sync: str = "exit 0") -> None:
        body = FAKE_UV.format(calls=calls, find=find, python=python, sync=sync)
        script(str(project / ".marrow" / "uv" / "bin" / "uv"), body)
        (project / ".marrow" / "uv" / "stamp").write_text(environments._digest(project / "requirements" / "uv.txt"))

    return put


def asked(calls: Path, what: str) -> int:
    return sum(line.startswith(what) for line in calls.read_text().splitlines()) if calls.exists() else 0


def test_when_there_is_no_environment_then_it_is_made_from_its_lock(
    project: Path, fake_uv: Callable[..., None], calls: Path
) -> None:
    fake_uv()

    ensure(DOOR)

    assert DOOR.executable.exists()
    sync = [line for line in calls.read_text().splitlines() if line.startswith("pip sync")]
    assert len(sync) == 1
    assert "--require-hashes" in sync[0]
    assert sync[0].endswith(str(project / "requirements" / "door.txt"))


def test_when_nothing_has_changed_then_nothing_is_done(fake_uv: Callable[..., None], calls: Path) -> None:
    fake_uv()
    ensure(DOOR)
    calls.unlink()

    ensure(DOOR)

    assert not calls.exists()


@pytest.mark.parametrize("lock", ["door", "door-test"])
def test_when_a_lock_has_changed_then_it_is_installed_again(
    lock: str, project: Path, fake_uv: Callable[..., None], calls: Path
) -> None:
    fake_uv()
    ensure(DOOR, "door-test")
    calls.unlink()
    with (project / "requirements" / f"{lock}.txt").open("a") as file:
        file.write("one-more==1.0\n")

    ensure(DOOR, "door-test")

    assert asked(calls, "pip sync") == 1


def test_when_the_test_tools_are_in_it_then_it_serves_without_them(fake_uv: Callable[..., None], calls: Path) -> None:
    fake_uv()
    ensure(DOOR, "door-test")
    calls.unlink()

    ensure(DOOR)

    assert not calls.exists()


def test_when_its_python_is_gone_then_it_is_made_again(fake_uv: Callable[..., None], calls: Path) -> None:
    fake_uv()
    ensure(DOOR)
    calls.unlink()
    DOOR.executable.unlink()

    ensure(DOOR)

    assert asked(calls, "venv") == asked(calls, "pip sync") == 1


def test_when_the_installation_breaks_off_then_the_next_start_does_it_again(fake_uv: Callable[..., None]) -> None:
    fake_uv(sync="echo 'error: Failed to fetch: dns error' >&2; exit 1")
    with pytest.raises(BootError):
        ensure(DOOR)
    fake_uv()

    ensure(DOOR)

    assert (DOOR.folder / "stamp").exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(
            {"sync": "echo 'error: Hash mismatch for `fastapi==1`' >&2; exit 1"},
            ["requirements/door.txt", "Hash mismatch", "restore it with git"],
            id="a broken lock",
        ),
        pytest.param(
            {"sync": "echo 'error: Request failed after 3 retries' >&2; echo '  Caused by: dns error' >&2; exit 2"},
            ["Request failed after 3 retries", "check the network", "start again"],
            id="a failed download",
        ),
        pytest.param(
            {"find": "exit 1", "python": "echo 'error: No download found for request: cpython-3.12' >&2; exit 1"},
            ["getting Python 3.12 failed", "No download found", "install Python 3.12"],
            id="a missing Python",
        ),
        pytest.param({"sync": "kill -9 $$"}, ["no reason was given", ".marrow/install.log"], id="a killed installer"),
    ],
)
def test_when_something_stands_in_the_way_then_one_sentence_says_what_and_what_to_do(
    fault: dict[str, str], told: list[str], fake_uv: Callable[..., None]
) -> None:
    fake_uv(**fault)

    with pytest.raises(BootError) as error:
        ensure(DOOR)

    assert all(part in str(error.value) for part in told), str(error.value)
    assert "\n" not in str(error.value)


def test_when_a_lock_is_missing_then_the_error_names_it(project: Path, fake_uv: Callable[..., None]) -> None:
    fake_uv()
    (project / "requirements" / "door.txt").unlink()

    with pytest.raises(BootError, match=r"requirements/door\.txt cannot be read .* restore it with git"):
        ensure(DOOR)


def test_when_a_python_is_missing_then_uv_is_asked_for_one(fake_uv: Callable[..., None], calls: Path) -> None:
    fake_uv(find="exit 1")

    ensure(DOOR)

    assert asked(calls, "python install --quiet 3.12") == 1


def test_when_pyenv_has_the_python_then_it_is_taken(
    tmp_path: Path, script: Script, fake_uv: Callable[..., None], calls: Path
) -> None:
    known = script(str(tmp_path / "no-pyenv" / "versions" / "3.12.1" / "bin" / "python3.12"), "exit 0")
    fake_uv(find="exit 1", python="exit 1")

    ensure(DOOR)

    assert f"--python {known} " in calls.read_text()


REAL_UV = REAL_ROOT / ".marrow" / "uv" / "bin" / "uv"


@pytest.mark.skipif(not REAL_UV.exists(), reason="uv is not installed yet; ./marrow test installs it")
@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        pytest.param("fastapi===\n", "door.txt", id="no longer readable"),
        pytest.param("fastapi==0.1.0\n", "--require-hashes", id="a hash taken away"),
    ],
)
def test_when_the_real_uv_meets_a_broken_lock_then_the_error_names_the_file(
    lock: str, reason: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "requirements" / "door.txt").write_text(lock)
    monkeypatch.setattr(environments, "_uv", lambda: REAL_UV)
    monkeypatch.setattr(environments, "_interpreter", lambda uv, version: sys.executable)
    monkeypatch.setenv("UV_OFFLINE", "1")

    with pytest.raises(BootError) as error:
        ensure(DOOR)

    assert "requirements/door.txt" in str(error.value)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_when_two_want_the_same_then_one_waits_for_the_other(project: Path) -> None:
    order = []

    def second() -> None:
        with exclusive("work"):
            order.append("second")

    thread = threading.Thread(target=second)
    with exclusive("work"):
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]


def test_when_the_one_at_work_is_killed_then_the_lock_is_free(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"""
        import time
        from pathlib import Path
        from bot.boot import environments
        environments.STATE = Path({str(environments.STATE)!r})
        with environments.exclusive("work"):
            print("held", flush=True)
            time.sleep(60)
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=REAL_ROOT,
        env={**os.environ, "PYTHONPATH": str(REAL_ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
        holder.wait(10)
        done = threading.Event()

        def take() -> None:
            with exclusive("work"):
                done.set()

        threading.Thread(target=take, daemon=True).start()
        assert done.wait(10)
    finally:
        holder.kill()
        holder.communicate()
