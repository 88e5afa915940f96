"""`./marrow audit-packages`: looks for known holes in every package of the lock files, by pip-audit.

pip-audit alone passes over what the service does not know, and ends well. Here a package that was skipped, a service
that cannot be asked, or one that does not find a hole known for years in a control lock makes the scan fail.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from bot.errors import MarrowError
from bot.settings import ROOT
from evaluation.advisories import Advisories, served

LOCKS = ("door.txt", "door-test.txt", "brain.txt", "brain-test.txt", "uv.txt")
REVIEWED = ROOT / "docs" / "dependencies.md"
# A release whose hole (code run while a file is read) is in every advisory database; it is never installed.
CONTROL = "pyyaml==5.3 --hash=sha256:" + "0" * 64
CONTROL_KNOWN = "CVE-2020-1747"
STALE_AFTER_DAYS = 30
ASKS_WITHIN_S = 900

PASSED, FOUND, NOT_ASKED = 0, 1, 2

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_ROW = re.compile(r"^\| `([\w.-]+)` \| ([\w.+-]+) \| ([^|]*) \|", re.MULTILINE)


class ScanError(MarrowError):
    """The scan says nothing: a package was skipped, or the service could not be asked."""


@dataclass(frozen=True)
class Hole:
    """A known hole.

    Attributes:
        package: Its name.
        version: The locked one.
        names: The advisory's ids, such as PYSEC-… and CVE-….
        fixed_in: Versions without it, the first first; empty when there is none.
    """

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "not fixed in any version"
        return f"{self.package} {self.version}: {', '.join(self.names)} ({fixed})"


def pinned(lock: Path) -> dict[str, str]:
    """The packages of a lock file with their versions."""
    return {canonicalize_name(name): version for name, version in _PIN.findall(lock.read_text(encoding="utf-8"))}


def reviewed(page: Path = REVIEWED) -> dict[tuple[str, str], str]:
    """What docs/dependencies.md says was looked at: the cell of advisories, by package and version."""
    return {
        (canonicalize_name(name), version): names
        for name, version, names in _ROW.findall(page.read_text(encoding="utf-8"))
    }


def scan(lock: Path, service: Sequence[str]) -> list[Hole]:
    """Asks the service about every package of a lock file.

    Args:
        lock: With hashes.
        service: Arguments of pip-audit that name the service.

    Raises:
        ScanError: Not every package was looked at.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", *service]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASKS_WITHIN_S, check=False)
        told = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired as error:
        raise ScanError(f"audit-packages: {lock.name}: no answer within {ASKS_WITHIN_S} s") from error
    except (ValueError, KeyError) as error:
        reason = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        raise ScanError(
            f"audit-packages: {lock.name}: the vulnerability service could not be asked ({reason[:300]}); run it where "
            "it can be reached, or give --advisories a copy of an advisory database"
        ) from error
    wanted = pinned(lock)
    seen = {canonicalize_name(each["name"]) for each in told if "skip_reason" not in each}
    if missed := sorted(set(wanted) - seen):
        raise ScanError(
            f"audit-packages: {lock.name}: {len(missed)} of {len(wanted)} packages were skipped, so nothing is known "
            f"of them: {', '.join(missed[:10])}{' …' if len(missed) > 10 else ''}"
        )
    return [
        Hole(
            canonicalize_name(each["name"]),
            each["version"],
            (hole["id"], *hole.get("aliases", ())),
            tuple(hole.get("fix_versions", ())),
        )
        for each in told
        for hole in each["vulns"]
    ]


def check_control(service: Sequence[str]) -> None:
    """Asks about a release whose hole everybody knows.

    Raises:
        ScanError: It is not found, so what the service says of others is worth nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "control.txt"
        lock.write_text(f"{CONTROL}\n", encoding="utf-8")
        found = scan(lock, service)
    if not any(CONTROL_KNOWN in hole.names for hole in found):
        raise ScanError(f"audit-packages: the service does not know {CONTROL_KNOWN} in {CONTROL.split()[0]}")


def audit(locks: Sequence[Path], service: Sequence[str]) -> list[Hole]:
    """Says what is known of each lock; gives the holes that nobody has reviewed.

    Raises:
        ScanError: The scan says nothing.
    """
    check_control(service)
    known = reviewed()
    open_holes: dict[str, Hole] = {}
    for lock in locks:
        holes = scan(lock, service)
        unseen = [
            hole for hole in holes if not set(hole.names) & set(_names(known.get((hole.package, hole.version), "")))
        ]
        print(f"{lock.name}: {len(pinned(lock))} packages, {len(holes)} known holes, {len(unseen)} not reviewed")
        open_holes |= {str(hole): hole for hole in unseen}
    for text in open_holes:
        print(f"  {text}")
    return list(open_holes.values())


def _names(cell: str) -> list[str]:
    return re.findall(r"[A-Z]+-[\w-]+", cell)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Returns:
        0 when each package was looked at and no hole is unreviewed, 1 for an unreviewed hole, 2 when nothing is known.
    """
    parser = argparse.ArgumentParser(prog="./marrow audit-packages", description=__doc__)
    parser.add_argument(
        "--osv-url", help="a vulnerability service that speaks OSV's API; pip-audit's own choice without"
    )
    parser.add_argument(
        "--advisories", type=Path, help="a folder with an advisory database in the OSV form, to ask offline"
    )
    parser.add_argument("locks", nargs="*", type=Path, help="lock files; all of requirements/ without")
    given = parser.parse_args(arguments)
    locks = given.locks or [ROOT / "requirements" / name for name in LOCKS]
    try:
        if given.advisories is None:
            return FOUND if audit(locks, ["-s", "osv", "--osv-url", given.osv_url] if given.osv_url else []) else PASSED
        advisories = Advisories(given.advisories)
        print(f"{advisories.count} advisories, the newest of {advisories.newest}")
        with served(advisories) as address:
            found = audit(locks, ["-s", "osv", "--osv-url", address])
        if advisories.age_days > STALE_AFTER_DAYS:
            raise ScanError(
                f"audit-packages: the advisories end {advisories.age_days} days ago ({STALE_AFTER_DAYS} at most); what "
                "became known later was not looked for"
            )
        return FOUND if found else PASSED
    except MarrowError as error:
        print(error, file=sys.stderr)
        return NOT_ASKED


if __name__ == "__main__":
    sys.exit(main())
