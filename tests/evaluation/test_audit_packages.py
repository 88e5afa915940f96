"""The scan for known holes fails whenever it does not know; and docs/dependencies.md is of the versions that are locked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evaluation import audit_packages
from evaluation.advisories import Advisories, AdvisoriesError
from evaluation.audit_packages import CONTROL_KNOWN, FOUND, NOT_ASKED, PASSED, main, pinned, reviewed

ROOT = Path(__file__).resolve().parents[2]
HASH = "--hash=sha256:" + "0" * 64
KNOWN = {"pyyaml": ("5.3", CONTROL_KNOWN), "jinja2": ("2.10", "CVE-2019-10906")}


def advisory(package: str, version: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"PYSEC-{name}",
        "aliases": [name],
        "modified": datetime.now(UTC).isoformat(),
        "affected": [{"package": {"name": package, "ecosystem": "PyPI"}, "versions": [version]}],
        **more,
    }


@pytest.fixture
def service() -> Iterator[Callable[..., str]]:
    """Starts vulnerability services that know what a test says, over real HTTP."""
    running: list[ThreadingHTTPServer] = []

    def start(known: dict[str, tuple[str, str]] = KNOWN, status: int = 200) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                version, name = known.get(asked["package"]["name"], ("", ""))
                found = [advisory(asked["package"]["name"], version, name)] if version == asked["version"] else []
                data = json.dumps({"vulns": found} if found else {}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/v1/query"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Callable[..., str]:
    """Writes lock files."""

    def write(*pins: str) -> str:
        file = tmp_path / "lock.txt"
        file.write_text("".join(f"{pin} {HASH}\n" for pin in pins))
        return str(file)

    return write


slow = pytest.mark.slow  # pip-audit as a process, several times


@slow
def test_when_all_packages_are_looked_at_and_nothing_is_known_of_them_then_the_scan_passes(
    service: Any, lock: Any, capsys: Any
) -> None:
    assert main(["--osv-url", service(), lock("itsdangerous==2.2.0", "jinja2==3.1.6")]) == PASSED
    assert "lock.txt: 2 packages, 0 known holes, 0 not reviewed" in capsys.readouterr().out


@slow
def test_when_a_package_has_a_known_hole_then_it_is_named_and_the_scan_fails(
    service: Any, lock: Any, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    bad = lock("itsdangerous==2.2.0", "jinja2==2.10")
    assert main(["--osv-url", service(), bad]) == FOUND
    assert "jinja2 2.10: PYSEC-CVE-2019-10906, CVE-2019-10906" in capsys.readouterr().out

    page = tmp_path / "dependencies.md"
    page.write_text("| `jinja2` | 2.10 | CVE-2019-10906 (sandbox) | why | why |\n")
    monkeypatch.setattr(audit_packages, "REVIEWED", page)
    monkeypatch.setattr(audit_packages.reviewed, "__defaults__", (page,))
    assert main(["--osv-url", service(), bad]) == PASSED, "a hole that was reviewed is no news"


@slow
@pytest.mark.parametrize("why", ["does not know the control", "answers with an error", "is not there"])
def test_when_the_service_is_of_no_use_then_the_scan_says_so_and_never_passes(
    service: Any, lock: Any, capsys: Any, why: str
) -> None:
    url = {
        "does not know the control": lambda: service(known={}),
        "answers with an error": lambda: service(status=500),
        "is not there": lambda: "http://127.0.0.1:1/v1/query",
    }[why]()
    assert main(["--osv-url", url, lock("itsdangerous==2.2.0")]) == NOT_ASKED
    assert "audit-packages:" in capsys.readouterr().err


@slow
def test_when_a_package_is_skipped_then_the_scan_does_not_pass(
    service: Any, lock: Any, capsys: Any, monkeypatch: Any
) -> None:
    real = audit_packages.pinned
    monkeypatch.setattr(audit_packages, "pinned", lambda file: real(file) | {"left-out": "1.0"})
    monkeypatch.setattr(audit_packages, "check_control", lambda service: None)
    assert main(["--osv-url", service(), lock("itsdangerous==2.2.0")]) == NOT_ASKED
    assert "1 of 2 packages were skipped, so nothing is known of them: left-out" in capsys.readouterr().err


@slow
@pytest.mark.parametrize(("age_days", "code"), [(1, PASSED), (400, NOT_ASKED)])
def test_when_a_copy_of_advisories_is_asked_then_an_old_one_never_passes(
    lock: Any, tmp_path: Path, capsys: Any, age_days: int, code: int
) -> None:
    folder = tmp_path / "advisories"
    folder.mkdir()
    at = datetime.fromtimestamp(datetime.now(UTC).timestamp() - age_days * 86_400, UTC).isoformat()
    (folder / "a.json").write_text(json.dumps(advisory("PyYAML", "5.3", CONTROL_KNOWN, modified=at)))
    assert main(["--advisories", str(folder), lock("itsdangerous==2.2.0")]) == code
    said = capsys.readouterr()
    assert "1 advisories, the newest of" in said.out
    assert ("what became known later was not looked for" in said.err) is (code == NOT_ASKED)


@pytest.mark.parametrize(
    ("version", "affected"),
    [("0.9", False), ("1.0", True), ("1.4.2", True), ("1.5", False), ("2.0", True), ("2.3", True), ("2.3.1", False)],
)
def test_when_an_advisory_names_ranges_then_they_decide(tmp_path: Path, version: str, affected: bool) -> None:
    events = [{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"last_affected": "2.3"}]
    span = {
        "package": {"name": "Some.Package", "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    found = {"id": "X-1", "modified": "2026-01-01T00:00:00Z", "affected": [span]}
    (tmp_path / "x.yaml").write_text(json.dumps(found))
    assert bool(Advisories(tmp_path).of("some-package", version)) is affected


def test_when_a_folder_holds_no_advisories_then_it_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1")
    with pytest.raises(AdvisoriesError):
        Advisories(tmp_path)


@pytest.mark.parametrize("row", sorted(reviewed()), ids=lambda row: row[0])
def test_when_a_package_was_reviewed_then_it_is_the_locked_version(row: tuple[str, str]) -> None:
    name, version = row
    assert pinned(ROOT / "requirements" / "brain.txt").get(name) == version, "look at it again, then correct the page"


def test_when_a_package_is_held_below_its_newest_by_us_then_it_was_reviewed() -> None:
    overrides = (ROOT / "requirements" / "brain.overrides.txt").read_text()
    held = set(audit_packages._PIN.findall(overrides)) - {
        pin for pin in audit_packages._PIN.findall(overrides) if pin[0] in ("aiohttp", "dnspython", "structlog-sentry")
    }
    assert {name for name, _ in held} <= {name for name, _ in reviewed()}
    assert len(reviewed()) >= 20


def test_when_the_page_is_read_then_each_row_says_why() -> None:
    rows = [line for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines() if line.startswith("| `")]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 5
        assert all(cells)
        if "CVE" in cells[2] and "fixed in this version" not in cells[2]:
            assert len(cells[4]) > 20, "why it is out of reach"
