"""Answers for a vulnerability service out of a folder of advisories, where no service can be reached.

The folder is a copy of an advisory database in the OSV form (YAML or JSON files). It is served on 127.0.0.1 as OSV's
own API is, so that pip-audit asks it as it would ask the real one.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.errors import MarrowError


class AdvisoriesError(MarrowError):
    """The folder holds no advisories."""


class Advisories:
    """What is known of each package.

    Args:
        folder: Files `*.yaml` or `*.json`, at any depth.

    Raises:
        AdvisoriesError: There are none.
    """

    def __init__(self, folder: Path) -> None:
        self._of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.count = 0
        self.newest = ""
        for file in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.json")]):
            text = file.read_text(encoding="utf-8")
            # JSON is YAML too, but reading it as JSON is a hundred times faster; dates stay as they are written
            found = json.loads(text) if file.suffix == ".json" else yaml.load(text, Loader=yaml.BaseLoader)
            if not isinstance(found, dict) or "affected" not in found:
                continue
            self.count += 1
            self.newest = max(self.newest, str(found.get("modified") or found.get("published") or "")[:10])
            for name in {canonicalize_name(one["package"]["name"]) for one in found["affected"] if "package" in one}:
                self._of[name].append(found)
        if not self.count:
            raise AdvisoriesError(f"audit-packages: {folder} holds no advisories in the OSV form")

    @property
    def age_days(self) -> int:
        """Days since the newest one was changed."""
        newest = datetime.fromisoformat(self.newest).replace(tzinfo=UTC)
        return (datetime.now(UTC) - newest).days

    def of(self, name: str, version: str) -> list[dict[str, Any]]:
        """The advisories that a version of a package is affected by."""
        name = canonicalize_name(name)
        return [
            {**found, "affected": [{**one, "package": {**one["package"], "name": name}} for one in mine]}
            for found in self._of.get(name, ())
            if not found.get("withdrawn")
            and (mine := [one for one in found["affected"] if canonicalize_name(one["package"]["name"]) == name])
            and any(_affects(one, version) for one in mine)
        ]


def _affects(affected: dict[str, Any], version: str) -> bool:
    asked = Version(version)
    for listed in affected.get("versions", ()):
        with contextlib.suppress(InvalidVersion):
            if Version(listed) == asked:
                return True
    return any(
        _within(span.get("events", ()), asked) for span in affected.get("ranges", ()) if span.get("type") == "ECOSYSTEM"
    )


def _within(events: list[dict[str, str]], asked: Version) -> bool:
    inside = False
    with contextlib.suppress(InvalidVersion):
        for event in sorted(events, key=lambda each: Version(next(iter(each.values())))):
            if "introduced" in event and asked >= Version(event["introduced"]):
                inside = True
            if "fixed" in event and asked >= Version(event["fixed"]):
                inside = False
            if "last_affected" in event and asked > Version(event["last_affected"]):
                inside = False
    return inside


@contextlib.contextmanager
def served(advisories: Advisories) -> Iterator[str]:
    """Serves them as OSV does; gives the address to ask."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = advisories.of(asked["package"]["name"], asked["version"])
            data = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
