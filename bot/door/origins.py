"""Who may talk to the door from a browser: origins of pages that may carry the widget, and names of the door itself."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from bot.errors import SettingsError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_HOST_AND_PORT = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@\s\\]+)(?::(?P<port>\d{1,5}))?")


def _listed(setting: str) -> list[str]:
    return [part.strip() for part in setting.split(",") if part.strip()]


def _plain_name(name: str) -> str | None:
    """A host's name as browsers send it: lower case, international names in ASCII; None when it is none."""
    try:
        name = name.encode("idna").decode().lower()
    except UnicodeError:
        return None
    return name if _NAME.fullmatch(name) else None


def _address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def allowed_origins(setting: str) -> frozenset[str]:
    """Reads `MARROW_ALLOWED_ORIGINS` into origins as browsers write them.

    Raises:
        SettingsError: An entry is no origin. `*` and `null` are none: any page, or a page from nowhere, could carry the
            widget then.
    """
    found = set()
    for entry in _listed(setting):
        parts = urlsplit(entry.rstrip("/"))
        try:
            port = parts.port
        except ValueError:
            port = -1
        name = parts.hostname or ""
        host = f"[{name}]" if ":" in name else _plain_name(name)
        beside = parts.path or parts.query or parts.fragment or parts.username or parts.password
        if parts.scheme not in _DEFAULT_PORTS or not host or beside or port in (-1, 0):
            raise SettingsError(
                f"MARROW_ALLOWED_ORIGINS: {entry!r} is no origin; write scheme, name and port if it is not the usual "
                "one, such as https://www.hospital.example, and name each page's origin by itself"
            )
        found.add(f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"))
    return frozenset(found)


def allowed_hosts(setting: str) -> frozenset[str]:
    """Reads `MARROW_ALLOWED_HOSTS` into names as browsers send them.

    Raises:
        SettingsError: An entry is no name.
    """
    found = set()
    for entry in _listed(setting):
        name = _plain_name(entry)
        if name is None:
            raise SettingsError(
                f"MARROW_ALLOWED_HOSTS: {entry!r} is no host's name; write it without scheme, port and path, such as "
                "chat.hospital.example"
            )
        found.add(name)
    return frozenset(found)


def trusted_proxies(setting: str) -> list[str]:
    """Reads `MARROW_TRUSTED_PROXIES`.

    Raises:
        SettingsError: An entry is no IP address or network.
    """
    found = _listed(setting)
    for entry in found:
        try:
            ipaddress.ip_network(entry)
        except ValueError as error:
            raise SettingsError(
                f"MARROW_TRUSTED_PROXIES: {entry!r} is no IP address or network ({error}); write such as 127.0.0.1 or "
                "10.0.0.0/24"
            ) from error
    return found


def is_own_host(host: str, allowed: frozenset[str]) -> bool:
    """Whether a `Host` names this door.

    A page can point a name of its own at this machine (DNS rebinding) and would then be of the door's own origin. Such
    a name has a dot; an address or a name without a dot is none that a stranger can own.

    Args:
        host: The header.
        allowed: From `allowed_hosts`.
    """
    match = _HOST_AND_PORT.fullmatch(host)
    if match is None or int(match["port"] or 1) not in range(1, 65536):
        return False
    name = match["name"].lower()
    if name.startswith("["):
        return _address(name)
    if name in allowed or name.endswith(".localhost") or _address(name):
        return True
    return "." not in name and bool(_NAME.fullmatch(name))
