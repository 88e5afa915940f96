"""The commands of ./marrow. Standard library of Python 3.9 only: it gets the environments ready and hands over."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Callable, Sequence

from bot.boot import model
from bot.boot.environments import BRAIN, DOOR, ROOT, BootError, Environment, ensure, say
from bot.boot.made_secrets import make_secrets

DESCRIPTION = """Marrow, a hospital's assistant on CAR-T cell therapy and transplants.

Two commands are enough: `./marrow run` starts it, `./marrow test` tests it. Each gets what it needs by itself."""

# Arguments that belong to another program are passed on as they are.
_PASSED_ON = ("rasa", "test", "evaluate", "staff", "audit", "demo", "audit-packages", "intent", "model")


def _environment() -> dict[str, str]:
    return {**model.brain_environment(), "PYTHONUNBUFFERED": "1"}


def _hand_over(environment: Environment, *arguments: str) -> int:
    """Runs Python in an environment with this terminal, and gives its exit code."""
    command = [str(environment.executable), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=_environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the process has got it too, and ends in its own way
            continue


def _run(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    ensure(BRAIN)
    _check_weights()
    # in this process's place: a signal to ./marrow is a signal to what it started
    os.chdir(ROOT)
    os.execve(str(DOOR.executable), [str(DOOR.executable), "-m", "bot.boot.serve"], _environment())


def _check_weights() -> None:
    code = "from bot.understand.encoders import check_all_weights as check; check()"
    checked = subprocess.run(
        [str(BRAIN.executable), "-c", code], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
    )
    if checked.returncode:
        last = (checked.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise BootError(last.split("WeightsError: ")[-1])


def _test(arguments: argparse.Namespace) -> int:
    from bot.boot import testing

    return testing.main(arguments.arguments)


def _train(arguments: argparse.Namespace) -> int:
    ensure(BRAIN)
    _check_weights()
    print(model.ensure(force=arguments.force))
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    ensure(BRAIN)
    code = _hand_over(DOOR, "-m", "bot.answer.validate")
    return _hand_over(BRAIN, "-m", "rasa", "data", "validate") or code


def _rasa(arguments: argparse.Namespace) -> int:
    ensure(BRAIN)
    return _hand_over(BRAIN, "-m", "rasa", *arguments.arguments)


def _screen(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    return _hand_over(DOOR, "-m", "bot.screen")


def _parse(arguments: argparse.Namespace) -> int:
    ensure(BRAIN)
    return _hand_over(BRAIN, "-m", "bot.understand.parse", str(model.ensure()))


def _journal(command: str) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        ensure(DOOR)
        named = [arguments.conversation] if command != "retain" else []
        return _hand_over(DOOR, "-m", "bot.journal.cli", command, *named)

    return run


def _replay(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    ensure(BRAIN)
    return _hand_over(DOOR, "-m", "evaluation.replay", str(model.ensure()), os.path.abspath(arguments.file))


def _evaluate(arguments: argparse.Namespace) -> int:
    if arguments.arguments[:1] == ["leaks"]:  # what the door hides needs the door's environment
        ensure(DOOR)
        return _hand_over(DOOR, "-m", "evaluation.leaks", *arguments.arguments[1:])
    ensure(BRAIN)
    return _hand_over(BRAIN, "-m", "evaluation.evaluate", *arguments.arguments)


def _staff(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    make_secrets()  # an account, or the demo, may come before the first start
    return _hand_over(DOOR, "-m", "bot.desk.commands", arguments.command, *arguments.arguments)


def _studio(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    ensure(BRAIN)
    module = {"intent": "bot.studio.commands", "model": "bot.studio.model_commands"}[arguments.command]
    return _hand_over(DOOR, "-m", module, *arguments.arguments)


def _demo(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    make_secrets()
    return _hand_over(DOOR, "-m", "bot.desk.demo", *arguments.arguments)


def _bench(arguments: argparse.Namespace) -> int:
    ensure(DOOR)
    ensure(BRAIN)
    return _hand_over(DOOR, "-m", "evaluation.bench", str(model.ensure()))


def _audit_packages(arguments: argparse.Namespace) -> int:
    ensure(DOOR, "door-test")  # pip-audit is one of the test tools
    return _hand_over(DOOR, "-m", "evaluation.audit_packages", *arguments.arguments)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(
        prog="./marrow", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], int], help_: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_, description=help_)
        command.set_defaults(run=run)
        return command

    add("run", _run, "start the assistant; installs and trains first what is missing or has changed")
    add("test", _test, "run the tests, the quick ones first; arguments: quick, or what pytest takes")
    train = add("train", _train, "train the model if anything it is made from has changed; prints its file")
    train.add_argument("--force", action="store_true", help="train in any case")
    add("validate", _validate, "check answers, facts, sources, examples and training data; exit 1 if anything is wrong")
    add("rasa", _rasa, "any stock Rasa command, such as `./marrow rasa shell nlu`")
    add("screen", _screen, "danger rules alone: messages on standard input, one JSON object a line out")
    add("parse", _parse, "understand messages on standard input by the trained model, one JSON object a line out")
    replay = add(
        "replay", _replay, "play conversations of a JSONL file through the whole bot; exit 1 if a label is missing"
    )
    replay.add_argument("file", help='lines of {"id", "turns": [{"user", "label"?, "score"?}]}')
    add(
        "evaluate",
        _evaluate,
        "measure the held-back sets, or `safety`, `languages`, `leaks`, `collisions`; --hint3, --clinc150: public data",
    )
    add("bench", _bench, "measure understanding, training, a whole message and load on this machine")
    add("retain", _journal("retain"), "erase what is older than the retention settings allow, and say how much")
    for name, what in (
        ("export", "print all that is kept of one conversation as JSON"),
        ("erase", "erase one conversation"),
    ):
        add(name, _journal(name), what).add_argument("conversation", help="its id")
    add(
        "audit-packages",
        _audit_packages,
        "look for known holes in every locked package; exit 2: nothing is known",
    )
    add("staff", _staff, "accounts of the desk: add, list, disable, reset; `./marrow staff --help` says all")
    add("audit", _staff, "`./marrow audit verify` follows the audit's chain; exit 1 when it was changed")
    add("intent", _studio, "questions: list, show, check, add, retire, undo; `./marrow intent --help` says all")
    add(
        "model",
        _studio,
        "models: train, report, replay, promote, rollback, list; `./marrow model --help` says all",
    )
    add("demo", _demo, "fill an empty journal with invented conversations, to see the desk at work; --remove ends it")
    return top


_EXPLAIN_THEMSELVES = {
    "rasa": _rasa, "evaluate": _evaluate, "staff": _staff, "audit": _staff, "demo": _demo,
    "audit-packages": _audit_packages, "intent": _studio, "model": _studio,
}  # fmt: skip
"""Commands whose `--help` is another program's."""


def main(arguments: Sequence[str]) -> int:
    """Runs a command.

    Returns:
        Its exit code: 0 when all is well.
    """
    given = list(arguments)
    if given and given[0] in _PASSED_ON and given[1:] not in (["--help"], ["-h"]):
        known = argparse.Namespace(command=given[0], arguments=given[1:])
        run = {"test": _test, **_EXPLAIN_THEMSELVES}[given[0]]
    elif given and given[0] in _EXPLAIN_THEMSELVES:
        known, run = argparse.Namespace(command=given[0], arguments=given[1:]), _EXPLAIN_THEMSELVES[given[0]]
    else:
        known = parser().parse_args(given)
        known.arguments = []
        run = known.run
    try:
        return run(known)
    except BootError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130
