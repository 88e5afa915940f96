"""`./marrow model`: training, reports and promotion from the command line, by the same service as the pages."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.boot.environments import BootError
from bot.errors import MarrowError
from bot.journal.clock import Clock, iso
from bot.journal.migrate import opened
from bot.journal.store import Store
from bot.settings import settings
from bot.studio import replays, train, training
from bot.studio.candidate import Candidate
from bot.studio.candidates import Candidates
from bot.studio.files import Person

Say = Callable[[dict[str, Any], str], None]
Run = Callable[[argparse.Namespace, Candidates, Store, Say], int]


def _person(given: argparse.Namespace) -> Person:
    return Person("operator", getattr(given, "by", None) or getpass.getuser())


def _train(given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    return _job(given, candidates, say, "")


def _measure(given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    return _job(given, candidates, say, candidates.one(given.model).name)


def _job(given: argparse.Namespace, candidates: Candidates, say: Say, named: str) -> int:
    training.start(_person(given), named)
    try:
        done = training.wait(lambda job: say({"step": job.step, "part": job.part}, f"{job.part:3} % {job.step}"))
    except KeyboardInterrupt:
        training.cancel()
        raise
    if done.state != training.DONE:
        raise MarrowError(f"studio: the training {done.state}: {done.said}")
    _brief(candidates.one(done.candidate), say)
    return 0


def _brief(candidate: Candidate, say: Say) -> None:
    reasons = candidate.reasons()
    about = {
        "model": candidate.name, "made_at": iso(candidate.about["made_at_ms"]), "by": candidate.about["by"],
        "may_go_live": not reasons, "reasons": reasons,
    }  # fmt: skip
    say(about, f"{candidate.name}: " + ("; ".join(reasons) or "may go live"))


def _report(given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    candidate = candidates.one(given.model)
    report = candidate.about["report"]
    if report is None:
        raise MarrowError(f"studio: {candidate.name} has no report; `./marrow model measure` makes it")
    say({"model": candidate.name, "reasons": candidate.reasons(), **report}, "\n".join(_told(candidate)))
    return 0


def _told(candidate: Candidate) -> list[str]:
    report = candidate.about["report"]
    lines = [f"model {candidate.name}", ""]
    for name, one in report["held_back"].items():
        lines.append(
            f"held-back questions, {name}: {one['right']:.1%} right of {one['count']}, {one['right_in_three']:.1%} in "
            f"three, {one['wrong_among_answered']:.1%} wrong among answered"
        )
    change = report.get("change")
    if change:
        lines.append(f"against the live model: {change['gained']} gained, {change['lost']} lost, p = {change['p']:g}")
    crossed = report["cross_validation"]
    lines.append(f"cross-validation: {crossed['right'] / crossed['count']:.1%} right of {crossed['count']} examples")
    for name, one in report["danger"].items():
        lines.append(
            f"danger, {name}: {one['caught']} of {one['count']} caught, {one['false_alarms']} false alarms among "
            f"{one['harmless']}"
        )
    tests = candidate.about["tests"]
    if tests:
        lines.append(f"conversation tests: {tests['count']}, " + ("all pass" if tests["passed"] else "some fail"))
    lines += ["", "label                            count  precision  recall"]
    for label, one in report["labels"].items():
        shares = ["-" if one[key] is None else f"{one[key]:.0%}" for key in ("precision", "recall")]
        lines.append(f"{label:32} {one['count']:5}  {shares[0]:>9}  {shares[1]:>6}")
    lines += ["", "worst confusions"]
    lines += [f"{one['count']:4} x {one['truth']} read as {one['label']}: {one['texts'][0]}" for one in report["worst"]]
    return [*lines, "", *(f"not yet: {reason}" for reason in candidate.reasons())]


def _replay(given: argparse.Namespace, candidates: Candidates, store: Store, say: Say) -> int:
    if given.days < 1:
        raise MarrowError(f"studio: --days is {given.days}; at least 1, and {replays.DAYS} to count for a promotion")
    candidate = candidates.one(given.model)
    found = replays.replay(
        store, candidates.file(candidate), candidate.now.model, now_ms=Clock().now_ms(), days=given.days,
        ask=train.brain_answers,
    )  # fmt: skip
    counts = given.days >= replays.DAYS
    if counts:
        candidate = candidates.measured(candidate.name, "replay", found, candidate.now.live)
    else:  # shown, and the replay that promotion asks for stays with its sign-offs
        candidate = replace(candidate, about={**candidate.about, "replay": found})
    say(
        {
            "messages": found["messages"], "days": found["days"], "counts": counts,
            "changed": sum(one["times"] for one in found["changed"]),
        },
        f"{found['messages']} different messages of {found['days']} days"
        + ("" if counts else f"; shown only: a promotion needs {replays.DAYS} days"),
    )  # fmt: skip
    for group in candidate.groups:
        places = [place for several in group["places"] for place in several]
        lines = list(dict.fromkeys(replays.words(store, places).values()))
        needs, first = "needs a name" if group["matters"] else "by sample", _line(lines[0]) if lines else "erased"
        say(
            {
                "change": group["key"],
                "times": group["times"],
                "matters": group["matters"],
                "texts": [one.text for one in lines],
                "before": [one.before for one in lines],
            },
            f"{group['times']:4} x {group['old']} -> {group['new']} ({needs}): {first}",
        )
    return 0


def _line(one: replays.Words) -> str:
    return one.text + (f' (after "{one.before}")' if one.before else "")


def _sign(given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    if not given.by.strip():
        raise MarrowError("studio: --by needs the name of the person who signs")
    _brief(candidates.sign(given.model, given.change, _person(given)), say)
    return 0


def _promote(given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    file = candidates.promote(given.model, _person(given))
    say({"live": file.name}, f"{file.name} is live: running brains take it within seconds")
    return 0


def _rollback(given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    file = candidates.rollback(_person(given), given.model)
    say({"live": file.name}, f"{file.name} is live again: running brains take it within seconds")
    return 0


def _list(_given: argparse.Namespace, candidates: Candidates, _store: Store, say: Say) -> int:
    live = candidates.live()
    for name, sha256 in live:
        state = "live" if name == live[-1][0] else "kept"
        say({"model": name, "state": state, "sha256": sha256}, f"{name}  {state}")
    for candidate in candidates.all():
        _brief(candidate, say)
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of the command."""
    top = argparse.ArgumentParser(prog="./marrow model", description=__doc__)
    whats = top.add_subparsers(dest="what", required=True, metavar="WHAT")

    def add(name: str, run: Run, help_: str, *, named: bool = False) -> argparse.ArgumentParser:
        made = whats.add_parser(name, help=help_, description=help_)
        made.add_argument("--json", action="store_true", help="one JSON object a line")
        if named:
            made.add_argument("model", nargs="?", default="", help="its file name; the newest when it is left out")
        made.set_defaults(run=run)
        return made

    add("list", _list, "the live model, those kept to go back to, and candidates")
    add("train", _train, "train a candidate from the files, measure it, play the tests, replay patients' messages")
    add(
        "measure", _measure, "measure a candidate, play the tests and replay again, beside what is live now", named=True
    )
    add("report", _report, "what a candidate does, beside the live model", named=True)
    replay = add("replay", _replay, "patients' last messages through a candidate and the live model", named=True)
    replay.add_argument(
        "--days", type=int, default=replays.DAYS, help=f"how far back; fewer than {replays.DAYS} are shown and not kept"
    )
    sign = add("sign", _sign, "take responsibility for a group of changed readings, by name")
    sign.add_argument("change", help="OLD>NEW as `replay` prints it, or `rest`")
    sign.add_argument("--by", required=True, help="the name of the person who signs")
    sign.add_argument("--model", default="", help="its file name; the newest when it is left out")
    add("promote", _promote, "make a candidate the live model, without a pause for patients", named=True)
    add("rollback", _rollback, "make the model before, or the one named, live again", named=True)
    return top


def main(arguments: list[str]) -> int:
    """Runs a command.

    Returns:
        0 when all is well, 1 when something stands in the way; it says what.
    """
    given = parser().parse_args(arguments)

    def say(found: dict[str, Any], words: str) -> None:
        print(json.dumps(found, ensure_ascii=False) if given.json else words, flush=True)

    try:
        with opened(settings()) as store:
            return int(given.run(given, Candidates(store, Clock().now_ms), store, say))
    except (MarrowError, BootError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
