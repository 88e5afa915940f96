"""A door with its desk on a real port, accounts made through the journal, and browsers that log in as each role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.desk.vault import Vault, new_token
from bot.journal import staff
from tests.bot.door.conftest import (  # noqa: F401 - fixtures
    Doors,
    Patient,
    Served,
    brain,
    brain_turn,
    doors,
    quick_hashes,
    redaction,
)

PASSWORD = "winter coat on a green hook"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Browser:
    """A browser at the desk: keeps its cookies, follows nothing by itself."""

    http: httpx.Client
    csrf: str = ""

    def get(self, path: str, **more: Any) -> httpx.Response:
        got = self.http.get(f"/desk{path}", **more)
        found = _CSRF.search(got.text) or re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', got.text)
        if found:
            self.csrf = found[1]
        return got

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return self.http.post(f"/desk{path}", data={"csrf": self.csrf, **(data or {})}, **more)

    def part(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(f"/desk{path}", headers={"HX-Request": "true"}, **more)

    def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        self.get("/login")
        got = self.post("/login", {"email": email, "password": password})
        if got.status_code == 303:
            self.get("/me")
        return got


@dataclass
class Console:
    """A running door, its journal, and ways to its desk."""

    served: Any
    opened: list[httpx.Client] = field(default_factory=list)

    @property
    def store(self) -> Any:
        return self.served.door.store

    @property
    def vault(self) -> Vault:
        return Vault(self.served.door.settings.secret_key)

    def begin(self, **body: Any) -> Any:
        return self.served.begin(**body).greeted()

    def staff(self, role: str = "agent", name: str = "Anna", email: str = "") -> staff.Account:
        """Makes an account with the password of these tests."""
        now_ms = self.served.clock.now_ms()
        made = staff.add(
            self.store, email=email or f"{name}.{role}@hospital.example", name=name, role=role, now_ms=now_ms,
            actor="operator", invite=new_token(), invite_until_ms=now_ms + 60_000,
        )  # fmt: skip
        return staff.change(
            self.store, made.id, "set_password", now_ms=now_ms, actor="operator",
            password_hash=self.vault.hash(PASSWORD), invite_hash=None,
        )  # fmt: skip

    def browser(self) -> Browser:
        made = httpx.Client(base_url=str(self.served.http.base_url), timeout=30, trust_env=False)
        self.opened.append(made)
        return Browser(made)

    def at_work(self, role: str = "agent", name: str = "Anna") -> Browser:
        """A browser that is logged in as a new person of this role."""
        account, made = self.staff(role, name), self.browser()
        assert made.log_in(account.email).headers["location"] == "/desk/inbox"
        return made


@pytest.fixture
def consoles(doors: Doors) -> Iterator[Callable[..., Console]]:  # noqa: F811
    """Starts doors whose desk asks for no second step unless the test says so."""
    made: list[Console] = []

    def start(**changed: Any) -> Console:
        made.append(Console(doors.start(**{"desk_second_step": "optional", **changed})))
        return made[-1]

    yield start
    for console in made:
        for client in console.opened:
            client.close()


@pytest.fixture
def console(consoles: Callable[..., Console]) -> Console:
    """A door with ordinary settings."""
    return consoles()
