"""What happens when a process, the supervisor, or what started it dies. Real processes under a real supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.boot import serve
from bot.boot.environments import ROOT
from bot.settings import Settings

SETTINGS = Settings(secret_key="the-secret-key-of-the-tests-0123456789", brain_token="the-token-of-the-tests")

# Says what it is and what it was given, then waits to be stopped.
CHILD = """
import os, pathlib, signal, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
file = pathlib.Path(sys.argv[1])
part = file.with_suffix(".part")
part.write_text(f"{os.getpid()} {os.environ.get('MARROW_SECRET_KEY')} {os.environ.get('GIVEN')}")
part.replace(file)
time.sleep(300)
"""


def until(what: Callable[[], object], within_s: float = 20) -> None:
    ends = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Supervised:
    """A real supervisor over three small processes, in a folder with a space in its name."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
        self.folder = folder / "a place"
        self.folder.mkdir()
        shared = {"MARROW_SECRET_KEY": SETTINGS.secret_key, "GIVEN": "50% of it, or more"}
        script = self.folder / "child.py"
        script.write_text(CHILD)
        given = {
            name: ([sys.executable, str(script), str(self.file(name)), *arguments], shared)
            for name in ("door", "brain", "actions")
        }
        monkeypatch.setattr(serve, "programs", lambda settings, model_file: given)
        place = serve.Place(self.folder / "run", self.folder / "log")
        self.process = serve.start(SETTINGS, Path("model.tar.gz"), place)

    def file(self, name: str) -> Path:
        return self.folder / name

    def said(self, name: str) -> list[str]:
        return self.file(name).read_text().split(" ", 2) if self.file(name).exists() else []

    def pids(self) -> list[int]:
        until(lambda: all(self.said(name) for name in ("door", "brain", "actions")))
        return [int(self.said(name)[0]) for name in ("door", "brain", "actions")]

    def kill_all(self) -> None:
        pids = [self.process.pid, *(int(said[0]) for name in ("door", "brain", "actions") if (said := self.said(name)))]
        for pid in pids:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def supervise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def start(*arguments: str) -> Supervised:
        made.append(Supervised(tmp_path, monkeypatch, *arguments))
        return made[-1]

    yield start
    for one in made:
        one.kill_all()


@pytest.mark.slow
def test_when_it_starts_then_secrets_are_inherited_and_variables_arrive_whole(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise()
    supervised.pids()

    assert supervised.said("door")[1:] == [SETTINGS.secret_key, "50% of it, or more"]
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert SETTINGS.secret_key not in commands


@pytest.mark.slow
def test_when_a_process_is_killed_then_it_is_started_again(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise()
    door, brain, actions = supervised.pids()
    supervised.file("brain").unlink()

    os.kill(brain, signal.SIGKILL)
    until(lambda: supervised.said("brain"))

    assert supervised.pids()[1] != brain
    assert is_alive(door)
    assert is_alive(actions)


@pytest.mark.slow
def test_when_it_is_stopped_then_no_process_is_left(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise()
    pids = supervised.pids()

    serve.stop(supervised.process)

    assert supervised.process.poll() is not None
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.slow
def test_when_the_supervisor_is_killed_outright_then_no_process_is_left(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise()
    pids = supervised.pids()

    supervised.process.kill()

    until(lambda: not any(is_alive(pid) for pid in pids))


@pytest.mark.slow
def test_when_the_supervisor_is_killed_and_a_process_hangs_then_it_ends_all_the_same(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise("stubborn")
    pids = supervised.pids()

    supervised.process.kill()

    until(lambda: not any(is_alive(pid) for pid in pids))


@pytest.mark.slow
def test_when_a_process_does_not_want_to_stop_then_it_is_killed(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise("stubborn")
    pids = supervised.pids()
    began = time.monotonic()

    serve.stop(supervised.process)

    assert not any(is_alive(pid) for pid in pids)
    assert time.monotonic() - began < serve.STOP_WITHIN_S + 5


def test_when_the_supervisor_has_ended_then_waiting_for_it_ends_too() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(10)
    began = time.monotonic()

    assert not serve.wait_until_ready("http://127.0.0.1:9", ended, within_s=30)
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_when_what_started_it_is_killed_outright_then_the_whole_tree_ends(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from bot.boot import serve
from bot.settings import Settings
folder = Path({str(tmp_path)!r})
(folder / "child.py").write_text({CHILD!r})
given = {{
    name: ([sys.executable, str(folder / "child.py"), str(folder / name)], {{}})
    for name in ("door", "brain", "actions")
}}
serve.programs = lambda settings, model_file: given
process = serve.start(Settings(), Path("model"), serve.Place(folder / "run", folder / "log"))
print(process.pid, flush=True)
time.sleep(300)
"""
    starter = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    files = [tmp_path / name for name in ("door", "brain", "actions")]
    try:
        assert starter.stdout is not None
        pids = [int(starter.stdout.readline())]
        until(lambda: all(file.exists() for file in files))
        pids += [int(file.read_text().split()[0]) for file in files]

        starter.kill()

        until(lambda: not any(is_alive(pid) for pid in pids))
    finally:
        starter.kill()
        starter.communicate()
