"""Trained models that are not live: their reports, sign-offs, what keeps them from going live, and the way there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.boot import model
from bot.boot.environments import ROOT
from bot.errors import MarrowError
from bot.journal import audit
from bot.journal.store import Store
from bot.studio import keeping
from bot.studio.candidate import REST, Candidate, Json, Now
from bot.studio.files import Person

KEPT = 5
"""Candidates kept; the oldest go first, but never the live model's report."""


class NoSuchModel(MarrowError):
    """There is no model of this name."""


class NotYet(MarrowError):
    """A candidate may not go live; `reasons` says why."""

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(f"studio: {name} cannot go live: " + "; ".join(reasons))


class Candidates:
    """The candidates of a project.

    Args:
        store: The journal, for the audit.
        now_ms: The time.
        root: The project's folder; candidates stand in a folder of its models.
    """

    def __init__(self, store: Store, now_ms: Callable[[], int], root: Path = ROOT) -> None:
        self._store, self._now_ms, self._root = store, now_ms, root
        self.models = root / model.MODELS.name
        self.folder = self.models / "candidates"

    def now(self) -> Now:
        """What a candidate has to be measured against to go live."""
        tests, kept = keeping.digest(self._root), self.live()
        return Now(self.models / kept[-1][0], kept[-1][1], tests) if kept else Now(None, None, tests)

    def all(self) -> list[Candidate]:
        """Every candidate, the newest first."""
        now = self.now()
        found = [self._read(file, now) for file in sorted(self.folder.glob("*.json"), reverse=True)]
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
            "report": None, "tests": None, "replay": None, "against": {}, "signed": {}, "promoted_at_ms": None,
        }  # fmt: skip
        candidate = Candidate(file.name, about, self.now())
        self.write(candidate)
        self._tell(by, "studio_train", file.name, {"sha256": about["sha256"]})
        every, live = self.all(), self.live()[-1:]
        stay = [
            one for one in every if one.name in (candidate.name, *(name for name, _ in live))
        ]  # whatever the clock said
        for old in [one for one in every if one not in stay][KEPT - len(stay) :]:
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
        changed = replace(there, about={**there.about, **about})
        self.write(changed)
        return changed

    def measured(self, name: str, what: str, found: Json, against: str | None) -> Candidate:
        """Keeps what was measured; the names under other changed readings, or beside another live model, go.

        Args:
            name: The candidate.
            what: `report`, `tests` or `replay`.
            found: What came of it.
            against: What it was measured against: a member of `Now`, as it was when the measuring began.
        """
        about = self.one(name).about
        notes: Json = about.get("against") or {}
        more: Json = {}
        if what == "replay":
            before = (about["replay"] or {}).get("changed")
            if before != found["changed"] or notes.get(what) != against:
                more = {"signed": {}}
        return self.update(name, **{what: found}, against={**notes, what: against}, **more)

    def again(self, name: str, by: Person) -> Candidate:
        """A candidate that somebody has measured again, for the audit.

        Raises:
            NoSuchModel: There is none.
        """
        there = self.one(name)
        self._tell(by, "studio_measure", there.name, {"sha256": there.about["sha256"]})
        return there

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

    def live_confusion(self) -> list[list[str]]:
        """Truth and label of each held-back message by the live model; empty when that was never measured.

        It is in the model's own report, or in that of a candidate that was measured beside it.
        """
        live = self.now().live
        for one in self.all() if live is not None else ():
            report, beside = one.about["report"] or {}, (one.about.get("against") or {}).get("report")
            key = "confusion" if one.about["sha256"] == live else "confusion_live" if beside == live else ""
            if report.get(key):
                return [list(pair) for pair in report[key]]
        return []

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

    def _read(self, file: Path, now: Now) -> Candidate | None:
        name = f"{file.stem}.tar.gz"
        try:
            about = json.loads(file.read_text(encoding="utf-8"))
            return Candidate(name, about, now) if (self.folder / name).exists() else None
        except (OSError, ValueError):
            return None

    def _tell(self, by: Person, action: str, name: str, detail: Json) -> None:
        with self._store.write() as connection:
            audit.append(
                connection, at_ms=self._now_ms(), actor=by.actor, action=action, subject=name[:64], detail=detail
            )
