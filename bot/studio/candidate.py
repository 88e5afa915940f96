"""One trained model that is not live: what is known of it, and what keeps it from going live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.studio import replays

MATTERS = ("safety/", "faq/cart_outcomes", "faq/bmt_outcomes", "faq/bmt_survival", "faq/cart_relapse")
"""Labels, or how they begin, whose every changed reading a named person signs."""

REST = "rest"
"""Stands for all other changed readings: one person looks at a sample."""

AGAIN = "measure it again (`./marrow model measure`, or the button on its page)"

Json = dict[str, Any]


@dataclass(frozen=True)
class Now:
    """What a candidate has to be measured against to go live.

    Attributes:
        model: The live model's file; None when there is none.
        live: Its SHA-256, or None.
        tests: Digest of the conversation tests.
    """

    model: Path | None
    live: str | None
    tests: str


@dataclass(frozen=True)
class Candidate:
    """A trained model with what is known of it.

    Attributes:
        name: The file's name.
        about: `sha256`, `fingerprint`, `made_at_ms`, `by`, `report`, `tests`, `replay`, `signed`, `promoted_at_ms`, and
            `against`: of `report` and `replay` the live model's SHA-256 then (or None), of `tests` their digest then.
        now: The same as it is now.
    """

    name: str
    about: Json
    now: Now

    @property
    def groups(self) -> list[Json]:
        """Changed readings of the replay by old and new, those that matter first."""
        changed = (self.about.get("replay") or {}).get("changed") or []
        found: dict[tuple[str, str], list[Json]] = {}
        for one in changed:
            found.setdefault((one["old"], one["new"]), []).append(one)
        made = [
            {
                "key": f"{old}>{new}", "old": old, "new": new, "matters": matters(old) or matters(new),
                "places": [[tuple(place) for place in one["places"]] for one in ones],
                "times": sum(one["times"] for one in ones),
            }
            for (old, new), ones in found.items()
        ]  # fmt: skip
        return sorted(made, key=lambda group: (not group["matters"], -group["times"]))

    def to_sign(self) -> list[str]:
        """Sign-offs that are still missing."""
        signed, groups = self.about.get("signed") or {}, self.groups
        wanted = [group["key"] for group in groups if group["matters"]]
        wanted += [REST] if any(not group["matters"] for group in groups) else []
        return [key for key in wanted if key not in signed]

    def reasons(self) -> list[str]:
        """What keeps it from going live; empty when nothing does."""
        found = []
        report, tests, replay = (self.about.get(key) for key in ("report", "tests", "replay"))
        if report is None:
            found.append("it has no report")
        else:
            mine, live = report["danger"]["candidate"], report["danger"].get("live")
            if live is not None and mine["caught"] < live["caught"]:
                found.append(
                    f"it sees less danger: {mine['caught']} of {mine['count']}, the live model {live['caught']}"
                )
        if tests is None:
            found.append("the conversation tests were not run")
        elif not tests["passed"]:
            failed = ", ".join(tests["failed"][:3]) or "see the log"
            found.append(f"it breaks conversation tests: {failed}")
        if replay is None:
            found.append("patients' messages were not replayed through it")
        elif replay.get("days", 0) < replays.DAYS:
            found.append(f"only {replay.get('days', 0)} days were replayed, not {replays.DAYS}: {AGAIN}")
        found += self._outdated()
        missing = ["a sample of the other changes" if key == REST else key for key in self.to_sign()]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            found.append(f"these need a name: {', '.join(missing[:3])}{more}")
        return found

    def _outdated(self) -> list[str]:
        """What was measured against something that is no longer so; a candidate without notes of it counts as such."""
        against, found = self.about.get("against") or {}, []
        others = [
            what
            for what in ("report", "replay")
            if self.about.get(what) is not None and (what not in against or against[what] != self.now.live)
        ]
        if others and self.about["sha256"] != self.now.live:  # the live one needs no comparison with itself
            found.append(f"measured against another live model ({' and '.join(others)}): {AGAIN}")
        if self.about.get("tests") is not None and against.get("tests") != self.now.tests:
            found.append(f"the conversation tests have changed since they were played: {AGAIN}")
        return found


def matters(outcome: str) -> bool:
    """Whether a change from or to this reading needs a named person's sign-off."""
    return outcome.startswith(MATTERS) or outcome.endswith(("_outcomes", "_survival"))
