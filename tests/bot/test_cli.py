"""The commands of ./marrow: what they take, what they hand over, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from bot import cli
from bot.boot.environments import BRAIN, DOOR, BootError, Environment

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ["run", "test", "train", "validate", "rasa", "screen", "parse", "replay", "evaluate", "bench"]


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What was handed to an environment, instead of doing it."""
    seen: list[tuple[str, ...]] = []

    def hand_over(environment: Environment, *arguments: str) -> int:
        seen.append((environment.name, *arguments))
        return 0

    monkeypatch.setattr(cli, "ensure", lambda environment, *extra: environment)
    monkeypatch.setattr(cli, "_hand_over", hand_over)
    monkeypatch.setattr(cli, "_check_weights", lambda: None)
    monkeypatch.setattr(cli.model, "ensure", lambda force=False: Path("the-model.tar.gz"))
    return seen


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_when_help_is_asked_for_then_every_command_is_listed(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([flag])

    listed = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"\n    {command} " in listed for command in COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in ("rasa", "evaluate")])
def test_when_help_for_a_command_is_asked_for_then_it_says_what_it_does_and_does_not_do_it(
    command: str, handed: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])

    assert ended.value.code == 0
    assert f"./marrow {command}" in capsys.readouterr().out
    assert handed == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param([], "COMMAND", id="none"),
        pytest.param(["trian"], "trian", id="misspelt"),
        pytest.param(["replay"], "file", id="no file"),
        pytest.param(["run", "--fast"], "--fast", id="an unknown option"),
        pytest.param(["screen", "a message"], "a message", id="a message as an argument"),
    ],
)
def test_when_the_command_line_is_wrong_then_the_exit_code_is_2_and_the_fault_is_named(
    arguments: list[str], told: str, handed: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert handed == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="none"),
        pytest.param(["--help"], id="its help"),
        pytest.param(["train", "--help"], id="the help of one"),
        pytest.param(["test", "nlu", "--nlu", "data", "--cross-validation", "-f", "5"], id="options"),
        pytest.param(["shell", "--", "-x", "a b", "*"], id="what a shell might spoil"),
        pytest.param(["run"], id="a name that is ours too"),
    ],
)
def test_when_rasa_is_called_then_its_arguments_pass_on_untouched(
    arguments: list[str], handed: list[tuple[str, ...]]
) -> None:
    assert cli.main(["rasa", *arguments]) == 0

    assert len(handed) == 1
    assert handed[0][0] == "brain"
    assert list(handed[0][len(handed[0]) - len(arguments) :]) == arguments


def test_when_evaluate_is_called_then_its_arguments_pass_on_untouched(handed: list[tuple[str, ...]]) -> None:
    cli.main(["evaluate", "--hint3", "a folder", "--clinc150", "file.json"])

    assert handed[-1][-4:] == ("--hint3", "a folder", "--clinc150", "file.json")


def test_when_a_file_is_replayed_then_its_path_is_whole_and_the_model_goes_with_it(
    handed: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    cli.main(["replay", "talks.jsonl"])

    assert handed == [("door", "-m", "evaluation.replay", "the-model.tar.gz", str(tmp_path / "talks.jsonl"))]


@pytest.mark.parametrize(("forced", "arguments"), [(False, ["train"]), (True, ["train", "--force"])])
def test_when_it_trains_then_the_models_file_is_printed_alone(
    forced: bool,
    arguments: list[str],
    handed: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []
    monkeypatch.setattr(cli.model, "ensure", lambda force: asked.append(force) or Path("the-model.tar.gz"))

    assert cli.main(arguments) == 0

    assert asked == [forced]
    assert capsys.readouterr().out == "the-model.tar.gz\n"


def test_when_something_stands_in_the_way_then_it_is_one_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(environment: Environment, *extra: str) -> None:
        raise BootError("downloading uv failed; check the network")

    monkeypatch.setattr(cli, "ensure", fail)

    assert cli.main(["screen"]) == 1
    captured = capsys.readouterr()
    assert captured.err == "marrow: downloading uv failed; check the network\n"
    assert captured.out == ""


def test_when_it_is_interrupted_then_it_says_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(environment: Environment, *extra: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "ensure", interrupt)

    assert cli.main(["screen"]) == 130
    assert capsys.readouterr().err == "marrow: stopped\n"


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("second", [0, 1])
def test_when_one_of_two_checks_fails_then_validate_fails_but_makes_both(
    first: int, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {"door": first, "brain": second}
    seen = []
    monkeypatch.setattr(cli, "ensure", lambda environment: environment)
    monkeypatch.setattr(
        cli, "_hand_over", lambda environment, *arguments: seen.append(environment) or codes[environment.name]
    )

    assert bool(cli.main(["validate"])) == bool(first or second)
    assert seen == [DOOR, BRAIN]


class _ThisPython(Environment):
    @property
    def executable(self) -> Path:
        return Path(sys.executable)


def test_when_a_command_is_handed_over_then_its_exit_code_comes_back() -> None:
    here = _ThisPython("here", "3", 0, "")

    assert cli._hand_over(here, "-c", "import sys; sys.exit(7)") == 7


def test_when_the_terminal_interrupts_then_the_command_ends_in_its_own_way(tmp_path: Path) -> None:
    """Ctrl-C reaches both; ./marrow waits for what it started and takes its exit code."""
    child = tmp_path / "child.py"
    child.write_text(
        textwrap.dedent("""
            import signal, sys, time

            def leave(*_):
                time.sleep(0.5)
                print("tidied up", flush=True)
                sys.exit(5)

            signal.signal(signal.SIGINT, leave)
            print("ready", flush=True)
            time.sleep(60)
        """)
    )
    code = f"""
        import pathlib, sys
        from bot import cli
        from bot.boot.environments import Environment

        class Here(Environment):
            executable = pathlib.Path(sys.executable)

        sys.exit(cli._hand_over(Here("here", "3", 0, ""), {str(child)!r}))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 5
        assert process.stdout.read() == "tidied up\n"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_when_messages_are_screened_then_each_line_gives_one_object() -> None:
    if not DOOR.executable.exists():
        pytest.skip("the door is not installed yet; ./marrow test installs it")
    lines = "what is CAR-T?\nI have a fever of 39.5 and I am shaking\n"

    done = subprocess.run(
        [str(ROOT / "marrow"), "screen"], input=lines, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    got = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["text"] for one in got] == lines.splitlines()
    assert all(set(one) == {"text", "verdict", "rule", "span"} for one in got)
    assert [one["verdict"] for one in got] == ["none", "emergency"]
