"""Sends alerts: by e-mail, and by a signed webhook that cannot be turned against this network.

No alert holds a patient's words, name or number: it says that somebody waits, since when, and where to look.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol

import aiosmtplib
import httpx

from bot.errors import MarrowError, SettingsError
from bot.settings import Settings

TIMEOUT_S = 10.0
SIGNATURE = "Marrow-Signature"


class NotSent(MarrowError):
    """An alert did not go out."""


@dataclass(frozen=True)
class Alert:
    """Somebody waits for a person.

    Attributes:
        handle: The conversation's short name.
        kind: `person_now` or `call_back`.
        waits_since: ISO 8601, UTC.
        waits_minutes: For how long.
        number: Which alert on this wish it is, from 1.
        link: Where staff see it; it opens nothing without a login.
    """

    handle: str
    kind: str
    waits_since: str
    waits_minutes: int
    number: int
    link: str


class Channel(Protocol):
    """A way in which alerts go out."""

    async def send(self, alert: Alert) -> None:
        """Sends one.

        Raises:
            NotSent: It did not go out.
        """


def channels(settings: Settings) -> list[Channel]:
    """The ways that are set.

    Raises:
        SettingsError: One is set by halves.
    """
    found: list[Channel] = []
    if settings.alert_emails:
        if not (settings.smtp_host and settings.alert_email_from):
            raise SettingsError("MARROW_ALERT_EMAILS: needs MARROW_SMTP_HOST and MARROW_ALERT_EMAIL_FROM as well")
        found.append(Email(settings))
    if settings.alert_webhook_url:
        if not settings.alert_webhook_secret:
            raise SettingsError("MARROW_ALERT_WEBHOOK_URL: needs MARROW_ALERT_WEBHOOK_SECRET, which signs it")
        found.append(Webhook(settings))
    return found


class Email:
    """Alerts as plain mail.

    Args:
        settings: The mail server, and from and to whom.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, alert: Alert) -> None:
        """Sends one mail to all addresses."""
        given = self._settings
        what = "asked to talk to a person" if alert.kind == "person_now" else "left a number or address for a call back"
        mail = EmailMessage()
        again = "" if alert.number == 1 else " (again)"
        mail["Subject"] = f"Marrow: somebody waits for a person, {alert.waits_minutes} min{again}"
        mail["From"] = given.alert_email_from
        mail["To"] = given.alert_emails
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain=given.alert_email_from.rpartition("@")[2].strip("> ") or None)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            f"In conversation {alert.handle} somebody {what}, and nobody from the team has taken it for "
            f"{alert.waits_minutes} minutes.\n\n{alert.link}\n\nThis is alert {alert.number} of 2 on this wish.\n"
        )
        try:
            await aiosmtplib.send(
                mail,
                hostname=given.smtp_host,
                port=given.smtp_port,
                username=given.smtp_user or None,
                password=given.smtp_password or None,
                use_tls=given.smtp_security == "tls",
                start_tls=given.smtp_security == "starttls",
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"bot.desk: the mail server did not take it ({type(error).__name__}: {error})") from error


class Webhook:
    """Alerts as a signed POST.

    `Marrow-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA-256 of `SECONDS.BODY` under the secret. The address
    is looked up once, each number it has must be public, and the connection goes to the number that was looked at, so
    that a name cannot be turned to a private one in between. Redirects are not followed.

    Args:
        settings: The address, the secret, and whether private addresses are allowed.

    Raises:
        SettingsError: The address cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = httpx.URL(settings.alert_webhook_url)
        self._secret = settings.alert_webhook_secret.encode()
        self._private = settings.alert_webhook_private == "allowed"
        if self._url.scheme not in ("https", "http") or not self._url.host or self._url.userinfo:
            raise SettingsError("MARROW_ALERT_WEBHOOK_URL: needs an https address without a user name")
        if self._url.scheme == "http" and not self._private:
            raise SettingsError(
                "MARROW_ALERT_WEBHOOK_URL: must be https; http only goes with MARROW_ALERT_WEBHOOK_PRIVATE=allowed"
            )

    async def send(self, alert: Alert) -> None:
        """Sends one request; any status from 200 to 299 counts as taken."""
        body = json.dumps({"event": "handoff.waiting", **asdict(alert)}, separators=(",", ":")).encode()
        seconds = int(time.time())
        host = self._url.host
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Marrow",
            "Host": self._url.netloc.decode(),
            SIGNATURE: signature(self._secret, seconds, body),
        }
        number = await self._number(host)
        target = self._url.copy_with(host=number)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                async with httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT_S) as client:
                    # Only the head of the answer is read: its body is nobody's business here.
                    async with client.stream(
                        "POST", target, content=body, headers=headers, extensions={"sni_hostname": host}
                    ) as response:
                        status = response.status_code
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            raise NotSent(f"bot.desk: the webhook cannot be reached ({type(error).__name__})") from error
        if not 200 <= status < 300:
            raise NotSent(f"bot.desk: the webhook answered HTTP {status}")

    async def _number(self, host: str) -> str:
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NotSent(f"bot.desk: the webhook's host has no address ({error})") from error
        numbers = [str(entry[4][0]) for entry in found]
        bad = [number for number in numbers if not is_public(number)]
        if bad and not self._private:
            raise NotSent(
                f"bot.desk: the webhook's host is at {bad[0]}, which is no public address; "
                "MARROW_ALERT_WEBHOOK_PRIVATE=allowed lets it be"
            )
        return numbers[0]


def is_public(number: str) -> bool:
    """Whether a network address is one of the open internet, also behind the several ways to write one inside IPv6."""
    found = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return found.is_global and not found.is_multicast


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The signature's header for a body sent at a time."""
    signed = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"
