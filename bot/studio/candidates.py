"""Trained models that are not live: their reports, sign-offs, what keeps them from going live, and the way there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.boot import model
from bot.errors import MarrowError
from bot.journal import audit
from bot.journal.store import Store
from bot.studio.files import Person

KEPT = 5
"""Candidates kept; the oldest go first."""

MATTERS = ("safety/", "faq/cart_outcomes", "faq/bmt_outcomes", "faq/bmt_survival", "faq/cart_relapse")
"""Labels, or how they begin, whose every changed reading a named person signs."""

REST = "rest"
"""Stands for all other changed readings: one person looks at a sample."""

Json = dict[str, Any]


class NoSuchModel(MarrowError):
    """There is no model of this name."""


class NotYet(MarrowError):
    """A candidate may not go live; `reasons` says why."""

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(f"studio: {name} cannot go live: " + "; ".join(reasons))


@dataclass(frozen=True)
class Candidate:
    """A trained model with what is known of it.

    Attributes:
        name: The file's name.
        about: `sha256`, `fingerprint`, `made_at_ms`, `by`, `report`, `tests`, `replay`, `signed`, `promoted_at_ms`.
    """

    name: str
    about: Json

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
        missing = ["a sample of the other changes" if key == REST else key for key in self.to_sign()]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            found.append(f"these need a name: {', '.join(missing[:3])}{more}")
        return found


def matters(outcome: str) -> bool:
    """Whether a change from or to this reading needs a named person's sign-off."""
    return outcome.startswith(MATTERS) or outcome.endswith(("_outcomes", "_survival"))


class Candidates:
    """The candidates in a folder of models.

    Args:
        store: The journal, for the audit.
        folder: The models; candidates stand in a folder of it.
        now_ms: The time.
    """

    def __init__(self, store: Store, now_ms: Callable[[], int], folder: Path = model.MODELS) -> None:
        self._store, self._now_ms = store, now_ms
        self.models = folder
        self.folder = folder / "candidates"

    def all(self) -> list[Candidate]:
        """Every candidate, the newest first."""
        found = [self._read(file) for file in sorted(self.folder.glob("*.json"), reverse=True)]
        return [one for one in found if one is not None]

    def one(self, name: str) -> Candidate:
        """A candidate by its name, or the newest one for an empty name.

        Raises:
            NoSuchModel: There is none.
        """
        for candidate in self.all():
            if name in ("", candidate.name):
                return candidate
        raise NoSuchModel(f"studio: there is no candidate {name!r}; `./marrow model list` names all")

    def file(self, candidate: Candidate) -> Path:
        """Its model file."""
        return self.folder / candidate.name

    def add(self, made: Path, fingerprint: str, by: Person) -> Candidate:
        """Takes a trained model in."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / model.name_of(fingerprint)
        os.replace(made, file)
        about = {
            "sha256": model.file_digest(file), "fingerprint": fingerprint, "made_at_ms": self._now_ms(), "by": by.name,
            "report": None, "tests": None, "replay": None, "signed": {}, "promoted_at_ms": None,
        }  # fmt: skip
        candidate = Candidate(file.name, about)
        self.write(candidate)
        self._tell(by, "studio_train", file.name, {"sha256": about["sha256"]})
        for old in self.all()[KEPT:]:
            (self.folder / old.name).unlink(missing_ok=True)
            self._about(old.name).unlink(missing_ok=True)
        return candidate

    def write(self, candidate: Candidate) -> None:
        """Keeps what is known of a candidate."""
        file = self._about(candidate.name)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(candidate.about, ensure_ascii=False), encoding="utf-8")
        os.replace(part, file)

    def update(self, name: str, **about: Any) -> Candidate:
        """Adds to what is known of a candidate."""
        there = self.one(name)
        changed = Candidate(there.name, {**there.about, **about})
        self.write(changed)
        return changed

    def sign(self, name: str, key: str, by: Person) -> Candidate:
        """A named person takes responsibility for a group of changed readings.

        Raises:
            NotYet: There is no such group.
        """
        there = self.one(name)
        if key not in (*(group["key"] for group in there.groups), REST):
            raise NotYet(there.name, [f"it has no change {key}"])
        signed = {**(there.about.get("signed") or {}), key: {"by": by.name, "at_ms": self._now_ms()}}
        self._tell(by, "studio_sign", there.name, {"change": key, "name": by.name})
        return self.update(there.name, signed=signed)

    def promote(self, name: str, by: Person) -> Path:
        """Makes a candidate the live model.

        Raises:
            NotYet: Something keeps it from going live.
            BootError: Its file is not the one that was trained.
        """
        there = self.one(name)
        reasons = there.reasons()
        if reasons:
            raise NotYet(there.name, reasons)
        file = model.promote(
            self.file(there), there.about["sha256"], by=by.name, fingerprint=there.about["fingerprint"],
            folder=self.models,
        )  # fmt: skip
        self._tell(by, "studio_promote", there.name, {"sha256": there.about["sha256"]})
        self.update(there.name, promoted_at_ms=self._now_ms())
        return file

    def live(self) -> list[tuple[str, str]]:
        """Models to go back to with their SHA-256, the live one last."""
        return model.kept(self.models)

    def rollback(self, by: Person, to: str = "") -> Path:
        """Makes an earlier model live again.

        Args:
            by: Who does it.
            to: Its name; empty: the one before.

        Raises:
            NoSuchModel: There is none to go back to.
        """
        kept = self.live()
        earlier = [one for one in kept[:-1] if to in ("", one[0])]
        if not earlier:
            raise NoSuchModel(f"studio: there is no earlier model {to!r} to go back to".replace(" ''", ""))
        name, sha256 = earlier[-1]
        file = model.promote(self.models / name, sha256, by=by.name, fingerprint="rollback", folder=self.models)
        self._tell(by, "studio_rollback", name, {"from": kept[-1][0], "sha256": sha256})
        return file

    def _about(self, name: str) -> Path:
        return self.folder / f"{name.removesuffix('.tar.gz')}.json"

    def _read(self, file: Path) -> Candidate | None:
        name = f"{file.stem}.tar.gz"
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            return Candidate(name, about) if (self.folder / name).exists() else None
        except (OSError, ValueError):
            return None

    def _tell(self, by: Person, action: str, name: str, detail: Json) -> None:
        with self._store.write() as connection:
            audit.append(
                connection, at_ms=self._now_ms(), actor=by.actor, action=action, subject=name[:64], detail=detail
            )
